// ipc.awake, ipc.parked: a read of eight bytes that a server in another process answers.
// ipc.payload: a read of 64 KiB in one message, beside the same in messages of 4 KiB.

import type { Measured } from "../host/metric.ts";
import { Rounds } from "../host/stats.ts";
import { type Context, suiteOf } from "../host/suite.ts";

const ROUNDS = 7;
const AWAKE_TRIPS = 2000;
const PARKED_TRIPS = 100;
const PAYLOAD_READS = 200;
const SPIN_PINGS = 20_000;
const PARK_PINGS = 1000;

async function trips(
  context: Context,
  request: string,
  count: number,
  floor: () => Promise<number>,
) {
  const agent = await context.agent();
  await agent.ask("ipc open");
  try {
    await agent.ask(request);
    await floor();
    const taken = new Rounds();
    for (let i = 0; i < ROUNDS; i++) {
      const [ns = 0] = (await agent.ask(request)).numbers;
      taken.add(ns / count / 1000, (await floor()) / 1000);
    }
    return taken.result();
  } finally {
    await agent.ask("ipc close");
  }
}

async function awake(context: Context): Promise<Measured> {
  const result = await trips(context, `ipc awake ${AWAKE_TRIPS}`, AWAKE_TRIPS, () =>
    context.floors.pingPong("spin", SPIN_PINGS),
  );
  return { ...result, unit: "us", floorName: "Atomics ping-pong, spinning" };
}

async function parked(context: Context): Promise<Measured> {
  const result = await trips(context, `ipc parked ${PARKED_TRIPS}`, PARKED_TRIPS, () =>
    context.floors.pingPong("park", PARK_PINGS),
  );
  return { ...result, unit: "us", floorName: "Atomics ping-pong, parked" };
}

async function payload(context: Context): Promise<Measured> {
  const agent = await context.agent();
  await agent.ask("ipc open");
  try {
    const taken = new Rounds();
    for (let i = 0; i < ROUNDS; i++) {
      const { numbers } = await agent.ask(`ipc payload ${PAYLOAD_READS}`);
      const [large = 0, small = 0] = numbers.map((ns) => ns / PAYLOAD_READS / 1000);
      taken.add(large, small);
    }
    return { ...taken.result(), unit: "us", floorName: "the same in messages of 4 KiB" };
  } finally {
    await agent.ask("ipc close");
  }
}

export const ipc = suiteOf({
  "ipc.awake": awake,
  "ipc.parked": parked,
  "ipc.payload": payload,
});
