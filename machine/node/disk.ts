// The disk in Node: a worker thread over a file. A file of the owner's is held for one machine at a time by a second file beside it.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { DiskReason, DiskStatus } from "../../abi/disk.ts";
import { HostViews } from "../bus/host.ts";
import type { Host } from "../client/host.ts";
import { noDisk, startDisk } from "../devices/disk/client.ts";
import { setStatus } from "../devices/disk/device.ts";
import type { FromDisk } from "../devices/disk/messages.ts";

export const startNodeDisk: Host["startDisk"] = (loaded, options, log) => {
  const disk = options.disk ?? {};
  if (disk === false) return noDisk(loaded.memory, loaded.layout);
  const lock = disk.file === undefined ? undefined : `${disk.file}.lock`;
  const holder = lock === undefined ? undefined : takeLock(lock);
  if (holder !== undefined) {
    const views = new HostViews(loaded.memory);
    setImmediate(() => log(`disk: none: ${disk.file} is used by process ${holder} (${lock})`)); // once somebody listens
    setStatus(views, loaded.layout.disk, DiskStatus.ABSENT, DiskReason.LOCKED);
    return { release: () => {}, dispose: () => {} };
  }
  const release = (): void => {
    if (lock !== undefined) rmSync(lock, { force: true });
  };
  process.once("exit", release);
  const handle = startDisk(loaded, disk, startWorker, log);
  return {
    ...handle,
    dispose: () => {
      handle.dispose();
      process.removeListener("exit", release);
      release();
    },
  };
};

function startWorker(
  receive: (message: FromDisk) => void,
  died: (text: string) => void,
): ReturnType<Parameters<typeof startDisk>[2]> {
  const worker = new Worker(new URL("./diskWorker.mjs", import.meta.url), { name: "disk" });
  worker.on("message", receive);
  worker.on("error", (error: Error) => died(error.message));
  worker.unref();
  return {
    start: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
}

/** Makes the lock file, or takes over one whose process has ended. The process that holds it, or undefined: it is ours now. */
function takeLock(lock: string): number | undefined {
  for (;;) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: "wx" });
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return undefined; // opening the disk itself will say why
    }
    const holder = Number(readFileSync(lock, "utf8"));
    if (isRunning(holder)) return holder;
    rmSync(lock, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
