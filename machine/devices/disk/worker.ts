// The disk Worker in the browser.

import type { FromDisk, StartDisk } from "./messages.ts";
import { DEFAULT_DISK, openOpfs } from "./opfsStore.ts";
import { serveDisk } from "./serve.ts";

declare const self: {
  onmessage: ((event: { readonly data: StartDisk }) => void) | null;
  postMessage(message: FromDisk): void;
};

self.onmessage = ({ data }) => {
  void serveDisk(
    data,
    (file) => openOpfs(file ?? DEFAULT_DISK),
    (message) => self.postMessage(message),
  );
};
