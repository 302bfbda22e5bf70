// The same program under node:wasi, for comparison: a temporary folder is its "/", files are its standard streams.

import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FakeOptions } from "./fakeKernel.ts";

export type ReferenceOptions = Pick<FakeOptions, "args" | "files" | "stdin">;

export interface ReferenceResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from its instantiation to its end. */
  readonly ms: number;
}

type Call = (...args: unknown[]) => unknown;

/** ENOSYS of WASI: for the sockets that node:wasi does not have. */
const ENOSYS = 52;

/**
 * The same call, but never one of V8's fast API calls, which node:wasi offers: it allocates in them, garbage collection then moves objects
 * that the frames below still name, and the process ends with SIGSEGV (nodejs/node issues 46777 and 53087). WebAssembly makes no fast call
 * to a JavaScript function, nor does that one where it spreads its arguments.
 */
const slowly =
  (call: Call): Call =>
  (...args) =>
    call(...args);

/** Throws what the program traps with. */
export async function runReference(
  program: WebAssembly.Module,
  options: ReferenceOptions,
): Promise<ReferenceResult> {
  const { WASI } = await import("node:wasi"); // here, because it warns that it is experimental
  const folder = mkdtempSync(path.join(tmpdir(), "wasi-"));
  const disk = path.join(folder, "root");
  mkdirSync(disk);
  for (const [name, contents] of Object.entries(options.files ?? {})) {
    mkdirSync(path.dirname(path.join(disk, name)), { recursive: true });
    writeFileSync(path.join(disk, name), contents);
  }
  writeFileSync(path.join(folder, "stdin"), options.stdin ?? "");
  const stdin = openSync(path.join(folder, "stdin"), "r");
  const stdout = openSync(path.join(folder, "stdout"), "w");
  const stderr = openSync(path.join(folder, "stderr"), "w");
  try {
    const imports = WebAssembly.Module.imports(program);
    const unstable = imports.some(({ module }) => module === "wasi_unstable");
    const wasi = new WASI({
      version: unstable ? "unstable" : "preview1",
      args: [...(options.args ?? ["program"])],
      env: { PATH: "/bin", HOME: "/home", TERM: "xterm-256color", PWD: "/", USER: "root" },
      preopens: { "/": disk },
      stdin,
      stdout,
      stderr,
      returnOnExit: true,
    });
    const calls = wasi.wasiImport as Record<string, Call | undefined>;
    const table: WebAssembly.ModuleImports = {};
    for (const { name } of imports) table[name] = slowly(calls[name] ?? (() => ENOSYS));
    const start = performance.now();
    const instance = await WebAssembly.instantiate(program, {
      [unstable ? "wasi_unstable" : "wasi_snapshot_preview1"]: table,
    });
    const status = wasi.start(instance) as unknown as number;
    const ms = performance.now() - start;
    return {
      status,
      stdout: readFileSync(path.join(folder, "stdout"), "utf8"),
      stderr: readFileSync(path.join(folder, "stderr"), "utf8"),
      ms,
    };
  } finally {
    for (const fd of [stdin, stdout, stderr]) closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
