// gpu.*: what a frame of gpudemo asks of the kernel and sends to the adapter, and the framebuffer by messages and by mapping.

import type { Agent } from "../host/agent.ts";
import type { Measured } from "../host/metric.ts";
import { Rounds } from "../host/stats.ts";
import { type Context, suiteOf } from "../host/suite.ts";

/** Two runs of different length: their difference has neither the program's start nor its end in it. */
const FRAMES = [20, 80] as const;
const SMALL = [320, 200] as const;
const USUAL = [1024, 768] as const;
const LARGE = [1920, 1080] as const;
const ROUNDS = 7;
const REDRAWS = 60;
const PAGE = 4096;

interface FrameCosts {
  readonly calls: number;
  readonly bursts: number;
  /** Drained by the kernel, and taken by the adapter. */
  readonly drained: number;
  readonly uploaded: number;
}

/** A frame of gpudemo in a mode. */
async function frameCosts(
  agent: Agent,
  [width, height]: readonly [number, number],
): Promise<FrameCosts> {
  await agent.ask(`screen mode ${width} ${height}`);
  const counted: number[][] = [];
  for (const frames of FRAMES) {
    const before = await counters(agent);
    const { numbers, text } = await agent.ask(`run - gpudemo -n ${frames}`);
    if (numbers[1] !== 0)
      throw new Error(`gpudemo ended with status ${numbers[1]}: ${text.slice(-300)}`);
    const after = await counters(agent);
    counted.push(after.map((value, i) => value - (before[i] ?? 0)));
  }
  const perFrame = (i: number): number =>
    ((counted[1]?.[i] ?? 0) - (counted[0]?.[i] ?? 0)) / (FRAMES[1] - FRAMES[0]);
  return {
    calls: perFrame(0),
    bursts: perFrame(1),
    drained: perFrame(2),
    uploaded: perFrame(3),
  };
}

async function counters(agent: Agent): Promise<number[]> {
  const { numbers } = await agent.ask("counters");
  return [...numbers, ...(await agent.ask("screen uploaded")).numbers];
}

/** All system calls of the machine: the program's, and the server's for the vblank. They must not grow with the picture. */
async function syscalls({ agent }: Context): Promise<Measured> {
  const small = await frameCosts(await agent(), SMALL);
  const large = await frameCosts(await agent(), LARGE);
  const usual = await frameCosts(await agent(), USUAL);
  return {
    value: usual.calls,
    unit: "calls",
    floor: small.calls,
    floorName: "the same at 320x200",
    ratio: usual.calls / small.calls,
    note: `${large.calls.toFixed(2)} calls at 1920x1080`,
  };
}

/** What was taken, what was drained, and what gpudemo stored to are three counts by three parties: all must agree. */
async function bytes({ agent }: Context): Promise<Measured> {
  const { bursts, drained, uploaded } = await frameCosts(await agent(), USUAL);
  const [from, to] = FRAMES;
  const drawn = (drawnPages(from, to) * PAGE) / (to - from);
  if (uploaded < drawn || drained !== uploaded)
    throw new Error(`drawn ${drawn}, drained ${drained}, uploaded ${uploaded} bytes a frame`);
  return {
    value: uploaded,
    unit: "bytes",
    floor: drawn,
    floorName: "pages stored to",
    ratio: uploaded / drawn,
    note: `${bursts} bursts a frame`,
  };
}

/**
 * Pages that gpudemo stores to in its frames [from, to) at 1024x768, where a row of pixels is a page: the boxes of cmd/gpudemo, told a second
 * time.
 */
function drawnPages(from: number, to: number): number {
  const [width, height] = USUAL;
  const boxes = Array.from({ length: 12 }, (_, i) => {
    const size = 24 + i * 4;
    const x = (i * 97) % (width - size);
    const y = 48 + ((i * 61) % (height - size - 48));
    return { size, x, y, dx: 2 + (i % 5), dy: 1 + (i % 4) };
  });
  let pages = 0;
  for (let frame = 0; frame < to; frame++) {
    const rows = new Set<number>();
    for (const box of boxes) {
      const before = box.y;
      box.x += box.dx;
      box.y += box.dy;
      if (box.x < 0 || box.x + box.size > width) {
        box.dx = -box.dx;
        box.x += 2 * box.dx;
      }
      if (box.y < 40 || box.y + box.size > height) {
        box.dy = -box.dy;
        box.y += 2 * box.dy;
      }
      for (let row = 0; row < box.size; row++) rows.add(before + row).add(box.y + row);
    }
    if (frame >= from) pages += rows.size;
  }
  return pages;
}

async function read({ agent }: Context): Promise<Measured> {
  const asked = await agent();
  await asked.ask("screen read 2");
  const taken = new Rounds();
  for (let i = 0; i < ROUNDS; i++) {
    const [messages = 0, mapped = 1] = (await asked.ask("screen read 4")).numbers;
    taken.add(messages / 4e6, mapped / 4e6);
  }
  return { ...taken.result(), unit: "ms", floorName: "a copy from the mapping" };
}

/** Frames a second; the ratio is floor / value: below 1 we are faster. */
async function redraw({ agent, around }: Context): Promise<Measured> {
  const asked = await agent();
  const { putImageData } = around;
  await asked.ask(`screen redraw ${REDRAWS}`);
  putImageData?.(REDRAWS);
  const taken = new Rounds();
  for (let i = 0; i < ROUNDS; i++) {
    const [ns = 1] = (await asked.ask(`screen redraw ${REDRAWS}`)).numbers;
    taken.add(ns / 1e6 / REDRAWS, (putImageData?.(REDRAWS) ?? Number.NaN) / REDRAWS);
  }
  const { value, floor, ratio } = taken.result();
  if (putImageData === undefined) return { value: 1000 / value, unit: "frames/s" };
  return {
    value: 1000 / value,
    unit: "frames/s",
    floor: 1000 / floor,
    floorName: "fill and putImageData",
    ratio,
  };
}

export const gpu = suiteOf({
  "gpu.frame.syscalls": syscalls,
  "gpu.frame.bytes": bytes,
  "gpu.read": read,
  "gpu.redraw": redraw,
});
