// The helper Worker of waitThrough: blocks on behalf of a thread whose engine has no Atomics.waitAsync.

import type { WaitRequest } from "./wait.ts";

declare const self: {
  onmessage: ((event: { readonly data: WaitRequest }) => void) | null;
  postMessage(id: number): void;
};

self.onmessage = ({ data }) => {
  Atomics.wait(data.words, data.index, data.seen);
  self.postMessage(data.id);
};
