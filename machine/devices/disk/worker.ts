// The disk Worker in the browser.

import type { FromDisk, StartDisk } from "./messages.ts";
import { openOpfs } from "./opfsStore.ts";
import { serveDisk } from "./serve.ts";

const DEFAULT_FILE = "quire-disk.img";

declare const self: {
  onmessage: ((event: { readonly data: StartDisk }) => void) | null;
  postMessage(message: FromDisk): void;
};

self.onmessage = ({ data }) => {
  void serveDisk(
    data,
    (file) => openOpfs(file ?? DEFAULT_FILE),
    (message) => self.postMessage(message),
  );
};
