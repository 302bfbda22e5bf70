// The CPU Worker in Node: a worker thread whose messages are queued for serveCpu.

import { parentPort } from "node:worker_threads";
import { serveCpu } from "./cpu.ts";
import type { ToCpu } from "./messages.ts";
import { MessageQueue } from "./queue.ts";

const port = parentPort;
if (port === null) throw new Error("nodeWorker.ts runs as a worker thread only");
const queue = new MessageQueue<ToCpu>();
port.on("message", (message: ToCpu) => queue.push(message));
void serveCpu({ post: (message) => port.postMessage(message), receive: () => queue.next() });
