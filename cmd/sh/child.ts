// Child shells: `( )`, `$( )`, compound commands in pipelines and in the background run in `sh -c TEXT`. There is no fork: the text starts
// with commands that rebuild this shell's variables and functions, and the positional parameters are the child's arguments.
//
// Not passed: $! and $?; $$ is the child's own.

import { arg } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { spawn } from "../../lib/sys";
import { cstrLength, putLiteral } from "../../lib/text";
import { environmentExport } from "./environment";
import { functionBytes, functionCount, functionNameBytes, functionText } from "./functions";
import { errexit, nounset, xtrace } from "./options";
import {
  firstArgument,
  positional,
  positionals,
  VarFlag,
  Variable,
  value,
  valueBytes,
  varAt,
} from "./vars";

const ARGV_BYTES = 65536;
const argv: usize = memory.data(65536);
const path: usize = memory.data(16);
let used = 0;

/** Runs a text in a child shell with an fdmap; its pid, or -1 after a message. */
export function childSpawn(text: usize, bytes: i32, fdMap: usize, fds: i32): i32 {
  used = putLiteral(argv, "sh");
  put(0);
  used += putLiteral(argv + used, "-c");
  put(0);
  statePut();
  putBytes(text, bytes);
  put(0);
  const name = arg(firstArgument);
  putBytes(name, cstrLength(name));
  put(0);
  for (let i = 1; i <= positionals(); i++) {
    positional(i);
    putBytes(value, valueBytes);
    put(0);
  }
  if (used >= ARGV_BYTES) {
    err.text("sh: a child shell cannot take this many variables and functions").newline();
    return -1;
  }
  environmentExport();
  const pid = spawn(path, putLiteral(path, "/bin/sh"), argv, used, fdMap, fds);
  if (pid < 0) err.text("sh: /bin/sh: ").text(errnoText(pid)).newline();
  return pid < 0 ? -1 : pid;
}

function statePut(): void {
  const options = errexit || nounset || xtrace;
  if (options) {
    used += putLiteral(argv + used, "set -");
    if (errexit) put(0x65);
    if (nounset) put(0x75);
    if (xtrace) put(0x78);
    put(10);
  }
  for (let i = 0; ; i++) {
    const v: Variable | null = varAt(i);
    if (v == null) break;
    if (!(v.flags & VarFlag.SET)) continue;
    putBytes(v.name, v.nameBytes);
    put(0x3d);
    putQuoted(v.value, v.valueBytes);
    put(10);
  }
  for (let i = 0; i < functionCount(); i++) {
    if (functionNameBytes(i) == 0) continue;
    putBytes(functionText(i), functionBytes(i));
    put(10);
  }
}

function putQuoted(p: usize, n: i32): void {
  put(0x27);
  for (let i = 0; i < n; i++) {
    const c: i32 = load<u8>(p + i);
    put(c);
    if (c != 0x27) continue;
    put(0x5c);
    put(0x27);
    put(0x27);
  }
  put(0x27);
}

function putBytes(p: usize, n: i32): void {
  for (let i = 0; i < n; i++) put(load<u8>(p + i));
}

/** A text that does not fit leaves `used` at ARGV_BYTES. */
function put(c: i32): void {
  if (used < ARGV_BYTES) store<u8>(argv + used++, c);
}
