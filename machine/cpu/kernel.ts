// KernelExports: the typed view of what a CPU Worker calls in its kernel instance. Host offsets are u32 and come back signed: use >>> 0.

export interface KernelExports {
  cpuAttach(slot: number): void;
  boot(): void;
  kernelThread(): number;
  cpuIdle(): number;
  execOpen(which: ExecFile): number;
  execFile(): number;
  execFileBytes(): number;
  execKey(): number;
  execRead(offset: number): number;
  execStore(va: number, bytes: number): number;
  execTable(count: number): number;
  execCommit(
    which: ExecFile,
    memoryMinPages: number,
    memoryMaxPages: number,
    count: number,
  ): number;
  textBuffer(): number;
  execFail(errno: number, textBytes: number): void;
  userEnter(): void;
  userHandler(present: number): void;
  userLeave(kind: number, status: number, textBytes: number): void;
}

/** execOpen's answer for a program that execRead reads. */
export const EXEC_READ = 1;

export const enum ExecFile {
  PROGRAM = 0,
  WASI_LIBRARY = 1,
}

/** Bytes of a CPU's text buffer. */
export const TEXT_BYTES = 4096;

/** The kernel's exports whose names start with `prefix`, under their names without it: what a program imports. */
export function exportsByPrefix(
  exports: WebAssembly.Exports,
  prefix: string,
): Record<string, WebAssembly.ExportValue> {
  const result: Record<string, WebAssembly.ExportValue> = {};
  for (const [name, value] of Object.entries(exports)) {
    if (name.startsWith(prefix)) result[name.slice(prefix.length)] = value;
  }
  return result;
}
