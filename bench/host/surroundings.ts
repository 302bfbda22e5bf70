// Surroundings: what a run needs from where it happens, Node or a page. Everything else of the benchmark is the same in both.

import type { MachineEvent, MachineOptions } from "../../machine/client/types.ts";
import type { Metric } from "./metric.ts";
import type { PingReply, PingRequest } from "./ping.ts";

/** What the benchmark uses of a machine. */
export interface BenchMachine {
  on(listener: (event: MachineEvent) => void): void;
  write(bytes: Uint8Array): Promise<void>;
  dispose(): void;
}

export interface PingWorker {
  ask(request: PingRequest): Promise<PingReply>;
  stop(): void;
}

export interface AppRun {
  readonly ms: number;
  readonly output: string;
}

/** A WASI program, untranslated, somewhere else than in the machine. */
export interface Reference {
  readonly name: string;
  run(program: WebAssembly.Module, args: readonly string[], stdin: string): Promise<AppRun>;
}

/** Costs of copies of address spaces. */
export interface SpaceCosts {
  /** Operations counted while a space with so many MiB resident is cloned. */
  cloneOps(mib: number, how: "shared" | "per page"): number;
  allocSteps(): number;
  /** Nanoseconds of a write that copies a page. */
  cowFault(): number;
  /** Nanoseconds of a first touch of a page that is in the swap cache. */
  cacheFault(): number;
  /** Entries that an eviction touched for each that named the page. */
  evictMappings(): number;
  swapTraffic(): SwapTraffic;
}

/** Pages for each request that wrote, and that read in order; pages read for each that was wanted, at random. */
export interface SwapTraffic {
  readonly written: number;
  readonly inOrder: number;
  readonly atRandom: number;
}

export interface Surroundings {
  /** A file by its path from the project's root. */
  file(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Powers a machine on, everything included: fetching or reading its images too. */
  boot(options: MachineOptions): Promise<BenchMachine>;
  startPing(): Promise<PingWorker>;
  readonly reference: Reference;
  /** Where the kernel's memory management can be run alone. */
  readonly spaces?: () => Promise<SpaceCosts>;
  /** Milliseconds of n times filling a picture of 1024 x 768 and putting it on a 2D canvas; only a page has one. */
  readonly putImageData?: (n: number) => number;
  /** Metrics as they are found; and what is being done, for people. */
  report(metric: Metric): void;
  status(text: string): void;
}
