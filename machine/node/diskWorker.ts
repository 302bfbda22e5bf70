// The disk Worker in Node.

import { parentPort } from "node:worker_threads";
import type { StartDisk } from "../devices/disk/messages.ts";
import { serveDisk } from "../devices/disk/serve.ts";
import { openNodeStore } from "./diskStore.ts";

const port = parentPort;
if (port === null) throw new Error("diskWorker.ts runs as a worker thread only");
port.once("message", (start: StartDisk) => {
  void serveDisk(start, openNodeStore, (message) => port.postMessage(message));
});
