// Node as a host: CPUs are worker threads; the display is a byte buffer on the main thread.

import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Host } from "../client/host.ts";
import type { FromCpu } from "../cpu/messages.ts";
import { startBufferDisplay } from "../devices/display/bufferDisplay.ts";
import { nodeDisk } from "./disk.ts";

// The rewriter marks the slow call of each access as unlikely. Chromium heeds that by default; Node 20 has it behind this flag, for all
// threads of the process. A Node that no longer knows the flag ignores it.
setFlagsFromString("--experimental-wasm-branch-hinting");

/** `workers` is the folder of cpuWorker.mjs and diskWorker.mjs (build/node). */
export function nodeHost(workers: URL): Host {
  return {
    startCpu(receive, failed) {
      const worker = new Worker(new URL("cpuWorker.mjs", workers), { name: "cpu" });
      worker.on("message", (message: FromCpu) => receive(message));
      worker.on("error", (error: Error) => failed(error.stack ?? error.message));
      return {
        post: (message) => worker.postMessage(message),
        terminate: async () => void (await worker.terminate()),
      };
    },
    startDisplay: ({ memory, layout }, _options, emit) =>
      startBufferDisplay(memory, layout, (error) =>
        emit({ type: "panic", text: `display: ${String(error)}` }),
      ),
    startDisk: nodeDisk(workers),
  };
}
