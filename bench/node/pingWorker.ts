// The Worker of the ping-pong and store floors in Node.

import { parentPort } from "node:worker_threads";
import type { DiskStore } from "../../machine/devices/disk/store.ts";
import { openNodeStore } from "../../machine/node/diskStore.ts";
import { type PingRequest, ping, writeStore } from "../host/ping.ts";

let store: DiskStore | undefined;

parentPort?.on("message", (request: PingRequest) => {
  if (request.mode !== "store") {
    parentPort?.postMessage(ping(request));
    return;
  }
  store ??= openNodeStore(undefined);
  parentPort?.postMessage(writeStore(store, request));
});
