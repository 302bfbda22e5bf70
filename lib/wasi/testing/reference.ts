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
import { WASI } from "node:wasi";
import type { FakeOptions } from "./fakeKernel.ts";

export interface ReferenceResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runReference(
  program: WebAssembly.Module,
  options: FakeOptions,
): Promise<ReferenceResult> {
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
  const unstable = WebAssembly.Module.imports(program).some(
    (entry) => entry.module === "wasi_unstable",
  );
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
  // Sockets that node:wasi does not have: what a program without a network gets.
  const table: Record<string, WebAssembly.ImportValue> = { ...wasi.wasiImport };
  for (const { name } of WebAssembly.Module.imports(program)) table[name] ??= () => 52;
  const instance = await WebAssembly.instantiate(program, {
    [unstable ? "wasi_unstable" : "wasi_snapshot_preview1"]: table,
  });
  const status = wasi.start(instance) as unknown as number;
  for (const fd of [stdin, stdout, stderr]) closeSync(fd);
  const result = {
    status,
    stdout: readFileSync(path.join(folder, "stdout"), "utf8"),
    stderr: readFileSync(path.join(folder, "stderr"), "utf8"),
  };
  rmSync(folder, { recursive: true });
  return result;
}
