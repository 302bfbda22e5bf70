// Child shells: `( )`, `$( )`, compound commands in pipelines and in the background run in `sh --child NUMBERS STATE -c TEXT`. There is no
// fork: STATE is commands that rebuild this shell's options, variables, aliases and functions, and the positional parameters are the child's
// arguments. NUMBERS is what no command can set: $$, $! and $?.

import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { spawn } from "../../lib/sys";
import { cstrLength, putDecimal, putLiteral } from "../../lib/text";
import { aliasBytes, aliasName, aliasText } from "./alias";
import { environmentExport } from "./environment";
import { functionBytes, functionCount, functionNameBytes, functionText } from "./functions";
import {
  allexport,
  errexit,
  guarded,
  noclobber,
  noglob,
  nounset,
  pipefail,
  xtrace,
} from "./options";
import {
  lastBackground,
  lastStatus,
  positional,
  positionals,
  positionalsStart,
  shellPid,
  VarFlag,
  Variable,
  value,
  valueBytes,
  varAt,
} from "./vars";

const ARGV_BYTES = 65536;
const argv: usize = memory.data(65536);
const path: usize = memory.data(16);
const digits: usize = memory.data(24);
let used = 0;

/** Runs a text in a child shell with an fdmap; its pid, or -1 after a message. */
export function childSpawn(text: usize, bytes: i32, fdMap: usize, fds: i32): i32 {
  used = putLiteral(argv, "sh");
  put(0);
  used += putLiteral(argv + used, "--child");
  put(0);
  putNumber(shellPid);
  put(0x2c);
  putNumber(lastBackground);
  put(0x2c);
  putNumber(lastStatus);
  put(0);
  statePut();
  put(0);
  used += putLiteral(argv + used, "-c");
  put(0);
  putBytes(text, bytes);
  put(0);
  positional(0);
  putBytes(value, valueBytes);
  put(0);
  let word = positionalsStart();
  for (let i = positionals(); i > 0; i--) {
    const n = cstrLength(word) + 1;
    putBytes(word, n);
    word += n;
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
  for (let i = 0; ; i++) {
    const v: Variable | null = varAt(i);
    if (v == null) break;
    if (!(v.flags & VarFlag.SET)) continue;
    // What is exported comes with the environment.
    if (v.flags & VarFlag.EXPORTED && !(v.flags & VarFlag.READONLY)) continue;
    if (v.flags & VarFlag.READONLY) putText("readonly ");
    putBytes(v.name, v.nameBytes);
    put(0x3d);
    putQuoted(v.value, v.valueBytes);
    put(10);
  }
  for (let i = 0; aliasName(i) != 0; i++) {
    if (load<u8>(aliasName(i)) == 0) continue;
    putText("alias ");
    putBytes(aliasName(i), cstrLength(aliasName(i)));
    put(0x3d);
    putQuoted(aliasText(i), aliasBytes(i));
    put(10);
  }
  for (let i = 0; i < functionCount(); i++) {
    if (functionNameBytes(i) == 0) continue;
    putBytes(functionText(i), functionBytes(i));
    put(10);
  }
  // A failure that somebody asks about does not end the child either.
  if (errexit && guarded == 0) putOption(0x65);
  if (allexport) putOption(0x61);
  if (nounset) putOption(0x75);
  if (noglob) putOption(0x66);
  if (noclobber) putOption(0x43);
  if (pipefail) putText("set -o pipefail\n");
  if (xtrace) putOption(0x78);
}

function putOption(letter: i32): void {
  putText("set -");
  put(letter);
  put(10);
}

function putText(literal: string): void {
  for (let i = 0; i < literal.length; i++) put(literal.charCodeAt(i));
}

function putNumber(n: i32): void {
  putBytes(digits, putDecimal(digits, n));
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
