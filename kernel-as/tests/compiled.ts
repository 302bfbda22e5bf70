// Compiled: the kernel's module for tests, from an entry of its sources. Test files that run at the same time share one compilation.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
} from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "build/test");
/** How long another's compilation is waited for. */
const LOCK_ATTEMPTS = 1200;
const LOCK_WAIT_MS = 100;

/** The bytes of what `entry` compiles to, kept as build/test/NAME.wasm until a source is newer. */
export function compiledBytes(entry: string, name: string): Buffer<ArrayBuffer> {
  const out = join(FOLDER, `${name}.wasm`);
  const lock = `${out}.lock`;
  mkdirSync(FOLDER, { recursive: true });
  for (let attempt = 0; isStale(out) && !compile(entry, out, lock); attempt++) {
    if (attempt === LOCK_ATTEMPTS) throw new Error(`${lock} was left behind; remove it`);
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

/** Compiles, or returns false when another test file is at it. */
function compile(entry: string, out: string, lock: string): boolean {
  try {
    mkdirSync(lock);
  } catch {
    return false;
  }
  try {
    const asc = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
    // Mutants are compiled once for a few tests: what counts is the compiler's time.
    const speed = process.env["QUIRE_MUTANT"] === undefined ? [] : ["--optimizeLevel", "0"];
    const flags = [entry, "--target", "kernel", "--debug", ...speed, "--outFile", `${out}.part`];
    execFileSync(process.execPath, [asc, ...flags], { cwd: ROOT, stdio: "pipe" });
    renameSync(`${out}.part`, out);
  } finally {
    rmdirSync(lock);
  }
  return true;
}
