// The Worker of the ping-pong floors in Node.

import { parentPort } from "node:worker_threads";
import { type PingRequest, ping } from "../host/ping.ts";

parentPort?.on("message", (request: PingRequest) => parentPort?.postMessage(ping(request)));
