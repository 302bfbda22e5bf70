// home.write: how fast a program writes a file that is kept, beside the same bytes written to the same kind of store with nothing between.

import type { Measured } from "../host/metric.ts";
import { Rounds } from "../host/stats.ts";
import { type Context, suiteOf } from "../host/suite.ts";

const ROUNDS = 7;
/** Of 64 KiB: 16 MiB. */
const CHUNKS = 256;
const MEGABYTES = (CHUNKS * 65536) / 1e6;

async function write(context: Context): Promise<Measured> {
  const agent = await context.agent();
  const taken = new Rounds();
  for (let i = 0; i < ROUNDS + 1; i++) {
    const [ns = 0] = (await agent.ask(`home ${CHUNKS}`)).numbers;
    const floor = (await context.floors.storeWrite(CHUNKS)) * CHUNKS;
    if (i > 0) taken.add(ns / 1e9, floor / 1e9); // the first round makes the files larger
  }
  const { value, floor, ratio } = taken.result();
  return {
    value: MEGABYTES / value,
    floor: MEGABYTES / floor,
    ratio,
    unit: "MB/s",
    floorName: "the disk's store, written alone",
    note: `${MEGABYTES.toFixed(1)} MB in 64 KiB writes, then durable`,
  };
}

export const home = suiteOf({ "home.write": write });
