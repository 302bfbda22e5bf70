// NodeStore: a disk in a file of this computer. The file is sparse; past its end it reads as zeros.

import {
  closeSync,
  constants,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DiskReason } from "../../abi/disk.ts";
import { type DiskStore, DiskUnavailable } from "../devices/disk/store.ts";

/** Opens or makes `file`; without one, a file that has no name and goes when it is closed. */
export function openNodeStore(file: string | undefined): DiskStore {
  try {
    if (file === undefined) return new NodeStore(openNameless(), true);
    return new NodeStore(openSync(file, constants.O_RDWR | constants.O_CREAT, 0o644), false);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new DiskUnavailable(DiskReason.FAILED, text);
  }
}

function openNameless(): number {
  const folder = mkdtempSync(path.join(tmpdir(), "quire-disk-"));
  const file = path.join(folder, "disk.img");
  const fd = openSync(file, "w+");
  unlinkSync(file);
  rmdirSync(folder);
  return fd;
}

class NodeStore implements DiskStore {
  readonly #fd: number;
  readonly #isForgotten: boolean;

  constructor(fd: number, isForgotten: boolean) {
    this.#fd = fd;
    this.#isForgotten = isForgotten;
  }

  read(at: number, target: Uint8Array): void {
    let done = 0;
    while (done < target.length) {
      const n = readSync(this.#fd, target, done, target.length - done, at + done);
      if (n === 0) break;
      done += n;
    }
    target.fill(0, done);
  }

  write(at: number, source: Uint8Array): void {
    let done = 0;
    while (done < source.length)
      done += writeSync(this.#fd, source, done, source.length - done, at + done);
  }

  /** What nobody can read after a crash need not survive one. */
  flush(): void {
    if (!this.#isForgotten) fdatasyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
