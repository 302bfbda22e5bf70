// MemoryStore: a disk that is forgotten with the machine. For tests, and it can start from another's bytes.

import type { DiskStore } from "./store.ts";

const BLOCK = 4096;

export class MemoryStore implements DiskStore {
  readonly #blocks = new Map<number, Uint8Array>();

  read(at: number, target: Uint8Array): void {
    for (let done = 0; done < target.length; done += BLOCK) {
      const block = this.#blocks.get((at + done) / BLOCK);
      const part = target.subarray(done, done + BLOCK);
      if (block === undefined) part.fill(0);
      else part.set(block.subarray(0, part.length));
    }
  }

  write(at: number, source: Uint8Array): void {
    for (let done = 0; done < source.length; done += BLOCK) {
      const block = new Uint8Array(BLOCK);
      block.set(source.subarray(done, done + BLOCK));
      this.#blocks.set((at + done) / BLOCK, block);
    }
  }

  flush(): void {}

  close(): void {}
}
