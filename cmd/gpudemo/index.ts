// gpudemo: coloured boxes that bounce. Each frame draws only what changes and drains once; the end says what that cost.

import { SysInfo } from "../../abi/syscall";
import { argc, argIs, argNumber, argValue } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import {
  Found,
  framebufferClose,
  framebufferFault,
  framebufferFrame,
  framebufferOpen,
} from "../../lib/framebuffer";
import { complain, finish, help, usage } from "../../lib/program";
import { Surface, surfaceFill, surfaceNew, surfaceText } from "../../lib/surface";
import { sysinfo } from "../../lib/sys";
import { now } from "../../lib/time";

const USAGE = "gpudemo [-n FRAMES]";
const BOXES = 12;
const PAPER: u32 = 0x101828;

@unmanaged
class Box {
  x: i32;
  y: i32;
  dx: i32;
  dy: i32;
  size: i32;
  color: u32;
}
const BOX_BYTES = 24;
const boxes: usize = memory.data(288);
const COLORS: usize = memory.data<u32>([
  0xe5484d, 0xf5a524, 0xffe629, 0x46a758, 0x12a594, 0x0091ff, 0x6e56cf, 0xd6409f,
]);
const info: usize = memory.data(256, 8);
const screen: Surface = surfaceNew();

export function _start(): void {
  help(
    "gpudemo [-n FRAMES]: boxes bounce on the screen for 600 frames; prints frames and bursts at the end",
  );
  let frames: i64 = 600;
  if (argc() > 1) {
    if (argc() != 3 || !argIs(1, "-n") || !argNumber(2) || argValue < 1) usage(USAGE);
    frames = argValue;
  }
  start();
  sysinfo(info);
  const bursts = load<u64>(info, SysInfo.OWN_BURSTS);
  const burstBytes = load<u64>(info, SysInfo.OWN_BURST_BYTES);
  const began = now();
  for (let frame: i64 = 0; frame < frames; frame++) {
    for (let i = 0; i < BOXES; i++) boxMove(changetype<Box>(boxes + i * BOX_BYTES));
    for (let i = 0; i < BOXES; i++) boxDraw(changetype<Box>(boxes + i * BOX_BYTES));
    if (framebufferFrame(screen) == Found.CHANGED) drawAll();
  }
  const took = now() - began;
  sysinfo(info);
  framebufferClose(screen);
  out
    .dec(frames)
    .text(" frames in ")
    .dec(took / 1000000)
    .text(" ms, ");
  out.dec(load<u64>(info, SysInfo.OWN_BURSTS) - bursts).text(" bursts, ");
  out
    .size(load<u64>(info, SysInfo.OWN_BURST_BYTES) - burstBytes)
    .text(" sent to the display")
    .newline();
  finish(0);
}

/** The server may go, and come back: gpudemo goes on. */
export function __fault(address: i32, _access: i32, _bits: i32): i32 {
  return framebufferFault(address);
}

function start(): void {
  const r = framebufferOpen(screen);
  if (r < 0) {
    complain();
    err.text("/dev/gpu: ").text(errnoText(r)).newline();
    finish(1);
  }
  drawAll();
}

/** The paper, the words, and the boxes where they start. */
function drawAll(): void {
  surfaceFill(screen, 0, 0, screen.width, screen.height, PAPER);
  surfaceText(
    screen,
    16,
    16,
    "gpudemo: only what changes is drawn, one drain a frame",
    0xd0d8e8,
    PAPER,
  );
  for (let i = 0; i < BOXES; i++) {
    const box = changetype<Box>(boxes + i * BOX_BYTES);
    box.size = 24 + i * 4;
    box.x = (i * 97) % max(1, screen.width - box.size);
    box.y = 48 + ((i * 61) % max(1, screen.height - box.size - 48));
    box.dx = 2 + (i % 5);
    box.dy = 1 + (i % 4);
    box.color = load<u32>(COLORS + (i & 7) * 4);
  }
}

/** Erases the box where it was and moves it, away from the edges and the line of text. */
function boxMove(box: Box): void {
  surfaceFill(screen, box.x, box.y, box.size, box.size, PAPER);
  box.x += box.dx;
  box.y += box.dy;
  if (box.x < 0 || box.x + box.size > screen.width) {
    box.dx = -box.dx;
    box.x += 2 * box.dx;
  }
  if (box.y < 40 || box.y + box.size > screen.height) {
    box.dy = -box.dy;
    box.y += 2 * box.dy;
  }
}

function boxDraw(box: Box): void {
  surfaceFill(screen, box.x, box.y, box.size, box.size, box.color);
}
