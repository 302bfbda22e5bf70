// The Worker of the ping-pong floors in a browser.

import { type PingRequest, ping } from "../host/ping.ts";

self.onmessage = (event: MessageEvent<PingRequest>) => self.postMessage(ping(event.data));
