// Node as a host: CPUs are worker threads; the display is a byte buffer on the main thread.

import { Worker } from "node:worker_threads";
import type { Host } from "../client/host.ts";
import type { FromCpu } from "../cpu/messages.ts";
import { startNodeDisplay } from "./display.ts";

export const nodeHost: Host = {
  startCpu(receive, failed) {
    const worker = new Worker(new URL("./cpuWorker.mjs", import.meta.url), { name: "cpu" });
    worker.on("message", (message: FromCpu) => receive(message));
    worker.on("error", (error: Error) => failed(error.stack ?? error.message));
    return {
      post: (message) => worker.postMessage(message),
      terminate: async () => void (await worker.terminate()),
    };
  },
  startDisplay: startNodeDisplay,
};
