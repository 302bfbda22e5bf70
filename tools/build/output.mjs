// output: writes a built file so that another run of the build, or a machine that boots meanwhile, never sees half of it.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Leaves a file alone that has these bytes already; else replaces it in one step. */
export function writeOutput(file, bytes) {
  const contents = Buffer.from(bytes);
  if (existsSync(file) && readFileSync(file).equals(contents)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}.new`;
  writeFileSync(fresh, contents);
  renameSync(fresh, file);
}
