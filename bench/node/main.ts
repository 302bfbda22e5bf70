// bench in Node: what tools/bench.mjs runs. Prints the table on standard output, or with --json one object there and the table's lines
// on standard error as they come.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { QuireMachine } from "../../machine/client/machine.ts";
import type { MachineOptions } from "../../machine/client/types.ts";
import { unpackSystem } from "../../machine/cpu/translations.ts";
import { nodeHost } from "../../machine/node/host.ts";
import type { Metric } from "../host/metric.ts";
import type { PingReply, PingRequest } from "../host/ping.ts";
import { runAll } from "../host/run.ts";
import type { BenchMachine, PingWorker, SpaceCosts, Surroundings } from "../host/surroundings.ts";
import { tableRow } from "../host/table.ts";
import { nodeWasi } from "./wasi.ts";

export interface HostFacts {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly cores: number;
  readonly browser?: string;
}

export interface Report {
  readonly host: HostFacts;
  readonly metrics: readonly Metric[];
}

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

export function hostFacts(): HostFacts {
  const all = cpus();
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
  };
}

export async function benchNode(
  prefix: string,
  report: (metric: Metric) => void,
  status: (text: string) => void,
): Promise<Report> {
  const around: Surroundings = {
    file,
    boot,
    startPing,
    reference: nodeWasi,
    spaces,
    report,
    status,
  };
  return { host: hostFacts(), metrics: await runAll(around, prefix) };
}

export { tableRow };

async function file(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(readFileSync(path.join(root, name)));
}

async function boot(options: MachineOptions): Promise<BenchMachine> {
  const kernel = await WebAssembly.compile(await file("build/kernel.wasm"));
  const system = unpackSystem(await file("build/system.bin"));
  return new QuireMachine({ kernel, system }, options, nodeHost);
}

async function spaces(): Promise<SpaceCosts> {
  return (await import("./spaces.ts")).spaceCosts;
}

async function startPing(): Promise<PingWorker> {
  const worker = new Worker(new URL("./benchWorker.mjs", import.meta.url));
  return {
    ask: (request: PingRequest) =>
      new Promise<PingReply>((resolve, reject) => {
        worker.once("error", reject);
        worker.once("message", (reply: PingReply) => {
          worker.off("error", reject);
          resolve(reply);
        });
        worker.postMessage(request);
      }),
    stop: () => void worker.terminate(),
  };
}
