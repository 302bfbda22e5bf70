// The browser as a host: CPUs are dedicated module Workers, the display is a Worker that owns the OffscreenCanvas.

import { DiskState, DiskStatus } from "../../abi/disk.ts";
import { HostViews } from "../bus/host.ts";
import type { FromCpu } from "../cpu/messages.ts";
import { type DiskWorker, noDisk, startDisk } from "../devices/disk/client.ts";
import { answerForDisk } from "../devices/disk/holder.ts";
import type { FromDisk } from "../devices/disk/messages.ts";
import { DEFAULT_DISK } from "../devices/disk/opfsStore.ts";
import { startBrowserDisplay } from "../devices/gpu/client.ts";
import { hasWaitAsync, type WaitChanged, waitAsync, waitThrough } from "../devices/wait.ts";
import type { Host } from "./host.ts";

/** CPU Workers that have been started and belong to no machine yet. */
const ready: Worker[] = [];

/** Starts CPU Workers for the next machine, while its images are still being fetched. */
export function startCpusAhead(count: number): void {
  while (ready.length < count) ready.push(startCpuWorker());
}

function startCpuWorker(): Worker {
  return new Worker(new URL("../cpu/browserWorker.ts", import.meta.url), {
    type: "module",
    name: "cpu",
  });
}

export const browserHost: Host = {
  startCpu(receive, failed) {
    const worker = ready.shift() ?? startCpuWorker();
    worker.onmessage = (event: MessageEvent<FromCpu>) => receive(event.data);
    worker.onerror = (event) => failed(event.message || "its Worker could not be started");
    return {
      post: (message) => worker.postMessage(message),
      terminate: async () => worker.terminate(),
    };
  },
  startDisplay: startBrowserDisplay,
  startDisk(loaded, options, log) {
    if (options.disk === false) return noDisk(loaded.memory, loaded.layout);
    const { disk, layout, memory } = { disk: options.disk ?? {}, ...loaded };
    const views = new HostViews(memory);
    const isOurs = (): boolean =>
      views.load(layout.disk + DiskState.STATUS) === DiskStatus.READY &&
      views.load(layout.disk + DiskState.STOP) === 0;
    const stopAnswering = answerForDisk(disk.file ?? DEFAULT_DISK, isOurs);
    const handle = startDisk(loaded, disk, startWorker, log, makeWait());
    // A Worker that sleeps is ended two seconds after its page (Chromium), and the next page would wait for the file that long. A page that
    // may be shown again keeps it.
    const leave = (event: Event): void => {
      if (!("persisted" in event && event.persisted === true)) handle.release();
    };
    addEventListener("pagehide", leave);
    return {
      ...handle,
      dispose: () => {
        removeEventListener("pagehide", leave);
        stopAnswering();
        handle.dispose();
      },
    };
  },
};

function startWorker(
  receive: (message: FromDisk) => void,
  died: (text: string) => void,
): DiskWorker {
  const worker = new Worker(new URL("../devices/disk/worker.ts", import.meta.url), {
    type: "module",
    name: "disk",
  });
  worker.onmessage = (event: MessageEvent<FromDisk>) => receive(event.data);
  worker.onerror = (event) => died(event.message || "it could not be started");
  return {
    start: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}

/** For the main thread, when it stands in for a disk that died. */
function makeWait(): WaitChanged {
  if (hasWaitAsync()) return waitAsync;
  let through: WaitChanged | undefined;
  return (words, index, seen) => {
    through ??= waitThrough(
      new Worker(new URL("../devices/waitWorker.ts", import.meta.url), {
        type: "module",
        name: "wait",
      }),
    );
    return through(words, index, seen);
  };
}
