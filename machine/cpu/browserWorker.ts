// The CPU Worker in a browser: a dedicated module Worker whose messages are queued for serveCpu.

import { serveCpu } from "./cpu.ts";
import type { FromCpu, ToCpu } from "./messages.ts";
import { MessageQueue } from "./queue.ts";

declare const self: {
  onmessage: ((event: { data: ToCpu }) => void) | null;
  postMessage(message: FromCpu): void;
};

const queue = new MessageQueue<ToCpu>();
self.onmessage = (event) => queue.push(event.data);
void serveCpu({ post: (message) => self.postMessage(message), receive: () => queue.next() });
