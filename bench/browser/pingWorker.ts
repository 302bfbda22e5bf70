// The Worker of the ping-pong and store floors in a browser.

import { openOpfs } from "../../machine/devices/disk/opfsStore.ts";
import type { DiskStore } from "../../machine/devices/disk/store.ts";
import { type PingRequest, ping, writeStore } from "../host/ping.ts";

let store: DiskStore | undefined;

self.onmessage = async ({ data }: MessageEvent<PingRequest>) => {
  if (data.mode !== "store") {
    self.postMessage(ping(data));
    return;
  }
  store ??= await openOpfs("quire-bench.img");
  self.postMessage(writeStore(store, data));
};
