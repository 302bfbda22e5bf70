// The host's main thread and the disk: starts the Worker that is the disk, and takes its place if it dies.

import { DiskReason, DiskStatus } from "../../../abi/disk.ts";
import { HostViews, type SharedMemory } from "../../bus/host.ts";
import { type WaitChanged, waitAsync } from "../wait.ts";
import { DiskDevice, type DiskOffsets, setStatus, stopDisk } from "./device.ts";
import type { FaultPlan } from "./faults.ts";
import type { FromDisk, StartDisk } from "./messages.ts";

export interface DiskOptions {
  readonly file?: string | undefined;
  /** The whole disk. Left out: what the file has, or room for a home and for swap that fits the RAM. */
  readonly sizeBytes?: number | undefined;
  /** How it fails, for tests. */
  readonly faults?: FaultPlan | undefined;
}

export interface DiskHandle {
  /** The machine stops soon: the store is let go of, so that another machine can have it at once. */
  release(): void;
  dispose(): void;
}

/** What the disk needs of a Worker. */
export interface DiskWorker {
  start(message: StartDisk): void;
  terminate(): void;
}

/** A machine without a disk, because its owner wants none. */
export function noDisk(memory: SharedMemory, offsets: DiskOffsets): DiskHandle {
  setStatus(new HostViews(memory), offsets.disk, DiskStatus.ABSENT, DiskReason.OFF);
  return { release: () => {}, dispose: () => {} };
}

/** Starts the disk. `log` hears sentences about what is wrong with it. */
export function startDisk(
  loaded: { readonly memory: WebAssembly.Memory; readonly layout: DiskOffsets },
  options: DiskOptions,
  makeWorker: (receive: (message: FromDisk) => void, died: (text: string) => void) => DiskWorker,
  log: (line: string) => void,
  wait: WaitChanged = waitAsync,
): DiskHandle {
  const { memory, layout } = loaded;
  const offsets = { disk: layout.disk, machine: layout.machine, ramBytes: layout.ramBytes };
  const views = new HostViews(memory);
  let stand: DiskDevice | undefined;
  const died = (text: string): void => {
    if (stand !== undefined) return;
    log(`disk: its Worker ended, all its requests fail from now on: ${text}`);
    setStatus(views, offsets.disk, DiskStatus.GONE, DiskReason.FAILED);
    stand = new DiskDevice(memory, offsets, undefined, 0, () => {});
    stand.failAll();
    void stand.run(wait);
  };
  const receive = (message: FromDisk): void => {
    const what = message.type === "failed" ? "a request failed" : "none";
    log(`disk: ${what}: ${message.text}`);
  };
  setStatus(views, offsets.disk, DiskStatus.STARTING, DiskReason.NONE);
  const worker = makeWorker(receive, died);
  const { file, sizeBytes, faults } = options;
  worker.start({ memory, offsets, file, sizeBytes, faults });
  const release = (): void => stopDisk(views, offsets.disk);
  return {
    release,
    dispose: () => {
      release();
      worker.terminate();
    },
  };
}
