// The browser as a host: CPUs are dedicated module Workers, the display is a Worker that owns the OffscreenCanvas.

import type { FromCpu } from "../cpu/messages.ts";
import { startBrowserDisplay } from "../devices/gpu/client.ts";
import type { Host } from "./host.ts";

export const browserHost: Host = {
  startCpu(receive, failed) {
    const worker = new Worker(new URL("../cpu/browserWorker.ts", import.meta.url), {
      type: "module",
      name: "cpu",
    });
    worker.onmessage = (event: MessageEvent<FromCpu>) => receive(event.data);
    worker.onerror = (event) => failed(event.message || "its Worker could not be started");
    return {
      post: (message) => worker.postMessage(message),
      terminate: async () => worker.terminate(),
    };
  },
  startDisplay: startBrowserDisplay,
};
