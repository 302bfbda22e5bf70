// OpfsStore: a disk in a file of the browser's origin-private file system. Only one tab can have it open at a time.
//
// The file is not made as long as the disk: that would be counted against the origin's quota at once. It grows with the highest block
// written; past its end it reads as zeros.

import { DiskReason } from "../../../abi/disk.ts";
import { HolderQuestion } from "./holder.ts";
import { type DiskStore, DiskUnavailable } from "./store.ts";

/** How long a tab that is going away, or was just reloaded, may hold the file: whoever really uses it says so at once (holder.ts). */
const LOCK_TRIES = 200;
const LOCK_PAUSE_MS = 50;

/** File System standard, 2.7: what only Workers have. Views of shared memory are allowed. */
interface SyncFile {
  read(target: Uint8Array, options: { at: number }): number;
  write(source: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}

interface WorkerFile {
  createSyncAccessHandle(): Promise<SyncFile>;
}

/** The file of machines that name none. */
export const DEFAULT_DISK = "quire-disk.img";

export async function openOpfs(name: string): Promise<DiskStore> {
  const file = await openFile(name);
  const holder = new HolderQuestion(name);
  try {
    for (let i = 0; ; i++) {
      try {
        return new OpfsStore(await file.createSyncAccessHandle());
      } catch (error) {
        if (nameOf(error) !== "NoModificationAllowedError") throw refusal(error);
        if (holder.isAnswered || i === LOCK_TRIES)
          throw new DiskUnavailable(DiskReason.LOCKED, "another tab of this browser uses it");
        holder.ask();
        await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
      }
    }
  } finally {
    holder.close();
  }
}

async function openFile(name: string): Promise<WorkerFile> {
  const storage = (globalThis.navigator as { storage?: StorageManager } | undefined)?.storage;
  if (storage?.getDirectory === undefined)
    throw new DiskUnavailable(
      DiskReason.NO_STORAGE,
      "this browser has no origin-private file system",
    );
  try {
    const directory = await storage.getDirectory();
    const file: object = await directory.getFileHandle(name, { create: true });
    if (!("createSyncAccessHandle" in file))
      throw new DiskUnavailable(DiskReason.NO_STORAGE, "this browser has no synchronous files");
    return file as WorkerFile;
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): DiskUnavailable {
  if (error instanceof DiskUnavailable) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (nameOf(error) === "QuotaExceededError")
    return new DiskUnavailable(DiskReason.QUOTA, `the browser gives it no room: ${text}`);
  return new DiskUnavailable(DiskReason.NO_STORAGE, `the browser keeps no files here: ${text}`);
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : "";
}

class OpfsStore implements DiskStore {
  readonly #file: SyncFile;

  constructor(file: SyncFile) {
    this.#file = file;
  }

  read(at: number, target: Uint8Array): void {
    const got = this.#file.read(target, { at });
    if (got < target.length) target.fill(0, got);
  }

  write(at: number, source: Uint8Array): void {
    const put = this.#file.write(source, { at });
    if (put !== source.length) throw new Error(`${put} of ${source.length} bytes were written`);
  }

  flush(): void {
    this.#file.flush();
  }

  close(): void {
    this.#file.close();
  }
}
