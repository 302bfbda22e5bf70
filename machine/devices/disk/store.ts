// DiskStore: where a disk's bytes are kept. Stores of whole blocks, all synchronous: they run on the disk's own Worker.

/** A disk's bytes. Bytes never written read as zeros. Every method throws when the host refuses. */
export interface DiskStore {
  /** Fills all of `target` from byte `at` on. `target` may be a view of shared memory. */
  read(at: number, target: Uint8Array): void;
  write(at: number, source: Uint8Array): void;
  /** Returns when everything written so far would survive a crash of the host. */
  flush(): void;
  close(): void;
}

/** Why a store could not be opened, in a DiskReason and a sentence. */
export class DiskUnavailable extends Error {
  readonly reason: number;

  constructor(reason: number, sentence: string) {
    super(sentence);
    this.reason = reason;
  }
}
