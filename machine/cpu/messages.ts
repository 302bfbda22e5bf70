// Messages between the host's main thread and a CPU Worker, one discriminated union for each direction.

import type { Program } from "./program.ts";

export interface AttachMessage {
  readonly type: "attach";
  readonly slot: number;
  readonly memory: WebAssembly.Memory;
  readonly kernel: WebAssembly.Module;
  /** The main thread's performance.timeOrigin + performance.now() at power on, in ms. */
  readonly powerOnMs: number;
}

/** The address of a file that never changes, or the name of a content (cpu/serverFile.ts). */
export type ProgramKey = number | string;

/** Answer to "wantProgram": the compiled program, or undefined: the CPU has to make it from the file. */
export interface ProgramMessage {
  readonly type: "program";
  readonly key: ProgramKey;
  readonly program: Program | undefined;
}

/** Answer to "wantFile": the file is on the ROM card now, or why it is not. */
export interface FileMessage {
  readonly type: "file";
  readonly path: string;
  readonly failure: string | undefined;
}

export type ToCpu = AttachMessage | ProgramMessage | FileMessage;

export type FromCpu =
  | { readonly type: "attached" }
  | { readonly type: "booted" }
  /** MachineRequest kind and its arguments (abi/machine.ts). */
  | { readonly type: "request"; readonly kind: number; readonly a: number; readonly b: number }
  | { readonly type: "wantProgram"; readonly key: ProgramKey }
  /** A file that the ROM card only offers is to be run. */
  | { readonly type: "wantFile"; readonly path: string }
  | { readonly type: "madeProgram"; readonly key: ProgramKey; readonly program: Program }
  | {
      readonly type: "progress";
      readonly label: string;
      readonly done: number;
      readonly total: number;
    }
  /** The kernel itself failed: an assertion, or an engine error inside kernel code. The machine stops. */
  | { readonly type: "crashed"; readonly text: string };

export interface CpuPort {
  post(message: FromCpu): void;
  /** The next message from the main thread. */
  receive(): Promise<ToCpu>;
}
