// syscall.null, syscall.getpid, tlb.miss, fault.zero, fault.parallel, mmap.pair: what a program pays to enter the kernel.

import type { Measured } from "../host/metric.ts";
import { Rounds } from "../host/stats.ts";
import { type Context, suiteOf } from "../host/suite.ts";

const ROUNDS = 9;
const NULL_CALLS = 50_000;
const FLOOR_CALLS = 2_000_000;
const TLB_ROUNDS = 40;
const ZERO_PAGES = 512;
const ZERO_ROUNDS = 4;
const MMAP_PAIRS = 4000;
/** 48 MiB for each of two, of 256: some 10 ms of faults. */
const PARALLEL_PAGES = 12_288;
/** Whatever else the host does falls on one CPU or the other: single rounds say between 0.9 and 1.9. */
const PARALLEL_ROUNDS = 25;

/** Alternates a request to the agent with a floor; `scale` turns the answer into the metric's unit, per operation. */
async function rounds(
  context: Context,
  request: string,
  scale: (numbers: number[]) => number,
  floor: () => Promise<number>,
): Promise<{ value: number; floor: number; ratio: number; last: number[] }> {
  const agent = await context.agent();
  const taken = new Rounds();
  await agent.ask(request); // the engine optimises what it has seen
  let last: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    last = (await agent.ask(request)).numbers;
    taken.add(scale(last), await floor());
  }
  return { ...taken.result(), last };
}

/** close(-1) enters the kernel, takes its lock, finds nothing to do and leaves; getpid does not enter: it reads a word. */
async function nullCall(context: Context, request: "null" | "getpid"): Promise<Measured> {
  const { last: _, ...result } = await rounds(
    context,
    `${request} ${NULL_CALLS}`,
    ([ns = 0]) => ns / NULL_CALLS,
    () => context.floors.crossCall(FLOOR_CALLS),
  );
  return { ...result, unit: "ns", floorName: "cross-instance wasm call" };
}

async function tlbMiss(context: Context): Promise<Measured> {
  const { last, ...result } = await rounds(
    context,
    `tlb ${TLB_ROUNDS}`,
    ([first = 0, second = 0, touches = 1]) => (first - second) / touches,
    () => context.floors.crossCall(FLOOR_CALLS),
  );
  const [, , touches = 1, fills = 0, faults = 0] = last;
  if (fills < touches || faults > touches / 100) {
    throw new Error(
      `${touches} touches made ${fills} TLB fills and ${faults} faults: this does not measure a miss`,
    );
  }
  return {
    ...result,
    unit: "ns",
    floorName: "cross-instance wasm call",
    note: `${(fills / touches).toFixed(2)} fills per touch`,
  };
}

async function faultZero(context: Context): Promise<Measured> {
  const { last, ...result } = await rounds(
    context,
    `zero ${ZERO_PAGES} ${ZERO_ROUNDS}`,
    ([ns = 0, pages = 1]) => ns / pages / 1000,
    async () => (await context.floors.zeroPage(4000)) / 1000,
  );
  const [, pages = 1, faults = 0] = last;
  return {
    ...result,
    unit: "us",
    floorName: "memory.fill of 4096 bytes",
    note: `${(faults / pages).toFixed(2)} faults per page`,
  };
}

/** Pages per second of two CPUs, each in its own space, as a multiple of one's. */
async function faultParallel(context: Context): Promise<Measured> {
  const agent = await context.agent();
  await agent.ask("parallel open");
  try {
    const taken = new Rounds();
    let last: number[] = [];
    for (let i = 0; i < PARALLEL_ROUNDS + 2; i++) {
      last = (await agent.ask(`parallel ${PARALLEL_PAGES}`)).numbers;
      const [one = 0, two = 1] = last;
      // The first rounds touch memory that the host has not backed yet.
      const floor = await context.floors.zeroTwo(PARALLEL_PAGES);
      if (i >= 2) taken.add((2 * one) / two, floor);
    }
    const [one = 0, two = 0] = last;
    const { value, floor, ratio } = taken.result();
    const us = (ns: number) => (ns / PARALLEL_PAGES / 1000).toFixed(3);
    return {
      value,
      floor,
      ratio,
      unit: "x",
      floorName: "two Workers that zero pages, over one",
      note: `${us(one)} us a fault alone, ${us(two)} us beside another CPU; two Workers that only zero pages: ${floor.toFixed(2)} x`,
    };
  } finally {
    await agent.ask("parallel close");
  }
}

async function mmapPair(context: Context): Promise<Measured> {
  const agent = await context.agent();
  const { last: _, ...result } = await rounds(
    context,
    `mmap ${MMAP_PAIRS}`,
    ([ns = 0]) => ns / MMAP_PAIRS / 1000,
    async () => (2 * ((await agent.ask("null 10000")).numbers[0] ?? 0)) / 10_000 / 1000,
  );
  return { ...result, unit: "us", floorName: "two null system calls" };
}

export const calls = suiteOf({
  "syscall.null": (context) => nullCall(context, "null"),
  "syscall.getpid": (context) => nullCall(context, "getpid"),
  "tlb.miss": tlbMiss,
  "fault.zero": faultZero,
  "fault.parallel": faultParallel,
  "mmap.pair": mmapPair,
});
