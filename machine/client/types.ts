// What the page and the headless runner see of a machine: the whole interface of machine/client.

import type { DiskOptions } from "../devices/disk/client.ts";

export interface MachineOptions {
  /** Hears how far the fetching of the machine's own images is, in bytes. */
  progress?: (label: string, done: number, total: number) => void;
  /** RAM in bytes: a multiple of 4 KiB, at most 1 GiB. 64 MiB when left out. */
  ramBytes?: number;
  commandLine?: string;
  /** The display's canvas; without it frames go to a byte buffer. */
  canvas?: OffscreenCanvas;
  /** Makes a canvas in place of the first, for the 2D picture after the GPU is lost for good. */
  replaceCanvas?: () => OffscreenCanvas;
  columns: number;
  rows: number;
  /** true: use WebGPU wherever there is one; false: never; left out: unless it is only emulated in software. */
  webgpu?: boolean;
  /** false: no disk. Left out: the one that this host keeps for machines. */
  disk?: DiskOptions | false;
  /** Files that are fetched when somebody runs them; `fetch` rejects with why it cannot. */
  offers?: readonly { path: string; fetch: () => Promise<Uint8Array> }[];
  /** Files on the ROM card before power on: path as "bin/NAME". */
  files?: readonly { path: string; bytes: Uint8Array }[];
}

export type MachineEvent =
  /** What programs printed on a virtual terminal, 1 when it is not said which. */
  | { type: "output"; bytes: Uint8Array; vt?: number }
  /** The kernel log, which is also virtual terminal 4. */
  | { type: "log"; bytes: Uint8Array }
  /** Who has the screen; limit: most cells of a terminal that it can show, from now on. */
  | {
      type: "screen";
      state: "kernel" | "taking" | "server";
      limit?: { columns: number; rows: number } | undefined;
    }
  /** A program has chosen the virtual terminal that is shown. */
  | { type: "vt"; vt: number }
  | { type: "mode"; width: number; height: number; backend: "webgpu" | "2d" | "buffer" }
  | { type: "halted"; code: number }
  | { type: "panic"; text: string }
  /** Something about the machine that its owner should know; it goes on. */
  | { type: "notice"; text: string }
  | { type: "progress"; label: string; done: number; total: number };

/** A listener that returns a promise is not handed more output until it settles. */
export type MachineListener = (event: MachineEvent) => void | Promise<void>;

export interface MachineStats {
  [name: string]: number;
}

/** The files of design 9's --dump. */
export interface DumpFile {
  name: string;
  bytes: Uint8Array;
}

export interface Machine {
  on(listener: MachineListener): void;
  /** Input of a virtual terminal, 1 when left out. Resolves when the input ring has taken every byte. */
  write(bytes: Uint8Array, vt?: number): Promise<void>;
  /** The person looks at another virtual terminal: 1 to 3 have shells, 4 is the kernel log. */
  show(vt: number): void;
  resize(columns: number, rows: number): void;
  /** Puts a file on the ROM card; path as "bin/NAME". */
  addFile(path: string, bytes: Uint8Array): Promise<void>;
  stats(): MachineStats;
  dump(): Promise<DumpFile[]>;
  dispose(): void;
}
