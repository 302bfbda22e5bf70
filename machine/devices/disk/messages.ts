// Messages between the host's main thread and the disk Worker. After "start" the Worker blocks and hears no more: it is ended.

import type { DiskOffsets } from "./device.ts";
import type { FaultPlan } from "./faults.ts";

export interface StartDisk {
  readonly memory: WebAssembly.Memory;
  readonly offsets: DiskOffsets;
  /** Where the disk is kept: a name in the browser's file system; a path in Node, where none is a file that is forgotten. */
  readonly file: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly faults: FaultPlan | undefined;
}

/** The first failure of the store, or why there is no disk: a sentence for the log. */
export interface FromDisk {
  readonly type: "failed" | "unavailable";
  readonly text: string;
}
