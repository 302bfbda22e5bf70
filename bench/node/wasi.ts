// node:wasi as the reference for real programs: a temporary folder is the root, files are the standard streams.

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
import { APPS } from "../host/apps.ts";
import type { AppRun, Reference } from "../host/surroundings.ts";

/** ENOSYS of WASI: for the sockets that node:wasi does not have. */
const ENOSYS = 52;

export const nodeWasi: Reference = {
  name: "node:wasi, untranslated",
  async run(program, args, stdin): Promise<AppRun> {
    const { WASI } = await import("node:wasi"); // here, because it warns that it is experimental
    const folder = mkdtempSync(path.join(tmpdir(), "quire-bench-"));
    const disk = path.join(folder, "root");
    for (const { scriptPath, script } of APPS) {
      if (scriptPath === undefined) continue;
      mkdirSync(path.dirname(path.join(disk, scriptPath)), { recursive: true });
      writeFileSync(path.join(disk, scriptPath), script);
    }
    writeFileSync(path.join(folder, "stdin"), stdin);
    const streams = [
      openSync(path.join(folder, "stdin"), "r"),
      openSync(path.join(folder, "stdout"), "w"),
    ];
    const [input = 0, output = 1] = streams;
    try {
      const imports = WebAssembly.Module.imports(program);
      const unstable = imports.some(({ module }) => module === "wasi_unstable");
      const wasi = new WASI({
        version: unstable ? "unstable" : "preview1",
        args: [...args],
        env: { PATH: "/bin", HOME: "/", PWD: "/" },
        preopens: { "/": disk },
        stdin: input,
        stdout: output,
        stderr: output,
        returnOnExit: true,
      });
      // Through a closure: called directly, Node 20's WASI takes the engine's fast path for native functions and crashes after a while.
      const table: Record<string, WebAssembly.ImportValue> = {};
      for (const [name, value] of Object.entries(
        wasi.wasiImport as Record<string, (...args: unknown[]) => unknown>,
      )) {
        table[name] = (...args: unknown[]) => value(...args);
      }
      for (const { name } of imports) table[name] ??= (): number => ENOSYS;
      const start = performance.now();
      const instance = await WebAssembly.instantiate(program, {
        [unstable ? "wasi_unstable" : "wasi_snapshot_preview1"]: table,
      });
      const status: unknown = wasi.start(instance);
      const ms = performance.now() - start;
      const text = readFileSync(path.join(folder, "stdout"), "utf8");
      if (status !== 0)
        throw new Error(
          `${args[0]} under node:wasi ended with status ${String(status)}: ${text.slice(-300)}`,
        );
      return { ms, output: text };
    } finally {
      for (const fd of streams) closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  },
};
