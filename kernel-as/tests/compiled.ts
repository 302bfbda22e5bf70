// Compiled: the kernel's module for tests, from an entry of its sources: as the product's build has made it, or compiled here. Test files that
// run at the same time share one compilation.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { builtBytes } from "../../tools/build/stamp.mjs";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "build/test");
/** How long another's compilation is waited for. */
const LOCK_ATTEMPTS = 1200;
const LOCK_WAIT_MS = 100;

/** The bytes of what `entry` compiles to. What is no module of the product is kept as build/test/NAME.wasm until a source is newer. */
export function compiledBytes(entry: string, name: string): Buffer<ArrayBuffer> {
  const built = builtBytes(entry);
  if (built !== undefined) return built;
  const out = join(FOLDER, `${name}.wasm`);
  const lock = `${out}.lock`;
  mkdirSync(FOLDER, { recursive: true });
  for (let attempt = 0; isStale(out) && !compile(entry, out, lock); attempt++) {
    if (attempt === LOCK_ATTEMPTS) throw new Error(`${lock}: its process does not end`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS);
  }
  return readFileSync(out);
}

function isStale(out: string): boolean {
  if (!existsSync(out)) return true;
  const sources = ["kernel-as", "abi"].map((folder) => newest(join(ROOT, folder)));
  const changed = Math.max(...sources, statSync(join(ROOT, "asconfig.json")).mtimeMs);
  return statSync(out).mtimeMs < changed;
}

/** Newest change of a source under a folder. */
function newest(folder: string): number {
  let time = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".ts") && !name.endsWith(".test.ts"))
      time = Math.max(time, statSync(join(folder, name)).mtimeMs);
  }
  return time;
}

/** Compiles, or returns false when another test file is at it. The lock names its process: one that was killed keeps nobody. */
function compile(entry: string, out: string, lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: "wx" });
  } catch {
    if (!isHeld(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
  try {
    const part = `${out}.${process.pid}`;
    const asc = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
    // Mutants are compiled once for a few tests: what counts is the compiler's time.
    const speed = process.env["QUIRE_MUTANT"] === undefined ? [] : ["--optimizeLevel", "0"];
    const flags = [entry, "--target", "kernel", "--debug", ...speed, "--outFile", part];
    execFileSync(process.execPath, [asc, ...flags], { cwd: ROOT, stdio: "pipe" });
    renameSync(part, out);
  } finally {
    rmSync(lock, { force: true });
  }
  return true;
}

function isHeld(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Between its making and its writing a lock is empty.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
