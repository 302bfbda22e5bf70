// A simple command: its words are expanded, and what the first one names is run: a function, a builtin, a script, or a program.
//
// The environment of a program is what is exported, and what the command assigns before its name.

import { Errno } from "../../abi/errno";
import { OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath, readFull } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { close, spawn, stat } from "../../lib/sys";
import { bytesAre, bytesIndex, cstrLength, isSpace } from "../../lib/text";
import { Node, NodeKind } from "./ast";
import { reason, reasonBytes, subject, subjectBytes } from "./braces";
import { Builtin, builtinFind, builtinRun, exitNow, exitShell } from "./builtins";
import { callFunction, callText } from "./call";
import { environmentExport } from "./environment";
import {
  badParameter,
  expandError,
  expandGood,
  expandReset,
  expandWord,
  fieldCount,
  fields,
  fieldsDropFirst,
  fieldsFull,
  fieldsPut,
  fieldsUsed,
} from "./expand";
import { functionFind } from "./functions";
import { foregroundWait } from "./jobcommands";
import { jobAdd, jobNew } from "./jobs";
import { localSave, localsMark, localsRestore } from "./locals";
import { xtrace } from "./options";
import { fdMap, fdMapBuild, fdOf, fdsInstall, fdsRestore } from "./redirect";
import { stackMark, stackPush, stackRelease, stackRoom } from "./stack";
import { joinGroup, stageKeepDescriptors } from "./stage";
import { substituteReset, substituteStatus } from "./substitute";
import {
  lastStatus,
  parameter,
  setLastStatus,
  value,
  valueBytes,
  varExport,
  varMake,
  varSet,
} from "./vars";

/** Says why the expander has no result. */
export function expandComplain(command: Node): void {
  err.text("sh: ");
  if (subjectBytes > 0) {
    err.bytes(subject, subjectBytes).text(": ");
    if (reasonBytes > 0) err.bytes(reason, reasonBytes).newline();
    else err.text(expandError).newline();
    return;
  }
  if (expandError.length > 0) err.text(expandError).text(": ");
  else if (badParameter) err.text("bad parameter in ");
  if (expandError.length == 0 && !badParameter) err.text("argument list too long");
  else err.bytes(command.text, command.bytes);
  err.newline();
}

/** The status for what expandComplain said. A parameter that had to be set ends a shell that reads no person's lines. */
export function expandFailed(): i32 {
  if (subjectBytes > 0) exitNow();
  return badParameter ? 2 : fieldsFull ? 126 : 1;
}

/** Runs a command with the descriptors as redirected: its status, or -pid when it was spawned. */
export function commandRun(command: Node, group: i32): i32 {
  expandReset();
  substituteReset();
  let assigns = false;
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind == NodeKind.WORD) expandWord(node.text, node.bytes, true);
    else if (node.kind == NodeKind.ASSIGN) assigns = true;
  }
  if (!expandGood()) {
    expandComplain(command);
    return expandFailed();
  }
  if (fieldCount == 0) return assignAll(command, false);
  if (xtrace) trace();
  if (!assigns) return fieldsRun(group);
  const mark = localsMark();
  const kept = stackMark();
  const bytes = fieldsUsed;
  const count = fieldCount;
  const words = stackPush(fields, bytes);
  let status = words == 0 ? 1 : assignAll(command, true);
  if (words != 0 && assigned) {
    fieldsPut(words, bytes, count);
    status = fieldsRun(group);
  }
  stackRelease(kept);
  localsRestore(mark);
  return status;
}

function trace(): void {
  out.flush();
  err.byte(0x2b);
  let word = fields;
  for (let i = 0; i < fieldCount; i++) {
    err.byte(0x20).cstr(word);
    word += cstrLength(word) + 1;
  }
  err.newline();
}

/** assignAll has done all it was asked for. */
let assigned = false;

/** The command's assignments. `around`: only while the command runs, and for its environment. */
function assignAll(command: Node, around: bool): i32 {
  assigned = false;
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind != NodeKind.ASSIGN) continue;
    expandReset();
    const name = node.flags;
    expandWord(node.text + name + 1, node.bytes - name - 1, false);
    if (!expandGood()) {
      expandComplain(command);
      return expandFailed();
    }
    if (around && !localSave(node.text, name)) {
      err.text("sh: too many variables").newline();
      return 1;
    }
    if (!varSet(node.text, name, fields, fieldsUsed - 1)) {
      err.text("sh: too many variables").newline();
      return 1;
    }
    const v = around ? varMake(node.text, name) : null;
    if (v != null) varExport(v);
  }
  assigned = true;
  return max(substituteStatus, 0);
}

/** Runs the command in the fields. */
function fieldsRun(group: i32): i32 {
  const called = functionFind(fields, cstrLength(fields));
  const builtin = called >= 0 ? Builtin.NONE : builtinFind(fields, cstrLength(fields));
  const isText = builtin == Builtin.EVAL || builtin == Builtin.DOT || builtin == Builtin.SOURCE;
  if (called >= 0 || isText) {
    const saved = fdsInstall();
    const status =
      called >= 0
        ? callFunction(called, fields, fieldCount, fieldsUsed)
        : callText(builtin != Builtin.EVAL, fields, fieldCount, fieldsUsed);
    out.flush();
    fdsRestore(saved);
    return status;
  }
  if (builtin == Builtin.EXEC) return execRun();
  if (builtin != Builtin.NONE) {
    const outFd = out.fd;
    const errFd = err.fd;
    out.fd = fdOf(1);
    err.fd = fdOf(2);
    let status = builtinRun(builtin, fields, fieldCount);
    out.flush();
    // As for a program (lib/program finish): a reader that has gone is no news, other failures are said.
    if (out.failed != 0) {
      if (out.failed != -Errno.EPIPE) {
        err.text("sh: ").cstr(fields).text(": write: ").text(errnoText(out.failed)).newline();
      }
      if (status == 0) status = 1;
    }
    err.flush();
    out.fd = outFd;
    err.fd = errFd;
    out.failed = 0;
    err.failed = 0;
    return status;
  }
  return programRun(group);
}

/** exec [COMMAND]: the shell ends with the command's status; without one its redirections stay. */
function execRun(): i32 {
  if (fieldCount == 1) {
    stageKeepDescriptors();
    return 0;
  }
  fieldsDropFirst();
  const job = jobNew(fields, cstrLength(fields));
  const pid = -programRun(0);
  if (job == null || pid <= 0) return -pid;
  jobAdd(job, pid);
  job.group = pid;
  setLastStatus(foregroundWait(job));
  exitShell();
  return lastStatus;
}

/** Starts the program or the script that the fields name: -pid, or a status after saying why not. */
function programRun(group: i32): i32 {
  environmentExport();
  scriptFound = false;
  let path: usize = fields;
  if (bytesIndex(fields, cstrLength(fields), 0x2f) < 0) {
    path = pathSearch();
    if (path == 0) return spawnFailed(-Errno.ENOENT);
  }
  const interpreter = path != fields || bytesIndex(fields, cstrLength(fields), 0x2f) >= 0;
  let pid = interpreter && isScript(path) ? scriptSpawn(path) : -1;
  if (!interpreter || !scriptFound)
    pid = spawn(path, cstrLength(path), fields, fieldsUsed, fdMap, fdMapBuild());
  if (pid < 0) return spawnFailed(pid);
  joinGroup(pid, group);
  return -pid;
}

function spawnFailed(errno: i32): i32 {
  err.text("sh: ").cstr(fields).text(": ");
  if (errno != -Errno.ENOENT) {
    err.text(errnoText(errno)).newline();
    return 126;
  }
  if (!scriptFound && isFile()) {
    err.text("programs run from the initrd and the ROM card only").newline();
    return 126;
  }
  err.text("not found").newline();
  return 127;
}

/** True if what could not be started is there all the same. */
function isFile(): bool {
  const n = cstrLength(fields);
  if (bytesIndex(fields, n, 0x2f) >= 0) return stat(fields, n, st) >= 0;
  return n < FOUND_BYTES - 6 && isThere(BIN, 4, n);
}

const FOUND_BYTES = 1100;
const found: usize = memory.data(1100);
const st: usize = memory.data(32, 8);
const BIN: usize = memory.data<u8>([0x2f, 0x62, 0x69, 0x6e]);
const PATH: usize = memory.data<u8>([0x50, 0x41, 0x54, 0x48]);

/** The path of a command without a slash: the name itself for /bin, where the kernel looks, else in the folders of $PATH. 0: nowhere. */
function pathSearch(): usize {
  parameter(PATH, 4);
  if (valueBytes == 0) return fields;
  const n = cstrLength(fields);
  const end = value + valueBytes;
  for (let p = value; p < end; ) {
    const bytes = max(bytesIndex(p, <i32>(end - p), 0x3a), -1);
    const dir = bytes < 0 ? <i32>(end - p) : bytes;
    if (bytesAre(p, dir, "/bin")) {
      if (p + dir >= end) return fields; // the last one: the kernel says whether it is there
      if (dir + n + 2 < FOUND_BYTES && isThere(p, dir, n)) return fields;
    } else if (dir + n + 2 < FOUND_BYTES && isThere(p, dir, n)) return found;
    p += dir + 1;
  }
  return 0;
}

function isThere(dir: usize, bytes: i32, n: i32): bool {
  memory.copy(found, dir, bytes);
  store<u8>(found + bytes, 0x2f);
  memory.copy(found + bytes + 1, fields, n + 1);
  return stat(found, bytes + 1 + n, st) >= 0;
}

const HEAD_BYTES = 128;
const head: usize = memory.data(132);
let interpreterBytes = 0;
let optionStart = 0;
let optionBytes = 0;
let scriptFound = false;

/** A text that starts with #! : where its interpreter and its one argument are is then known. */
function isScript(path: usize): bool {
  scriptFound = false;
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) return false;
  const n = readFull(fd, head, HEAD_BYTES);
  close(fd);
  if (n < 3 || load<u16>(head) != 0x2123) return false;
  let end = 2;
  while (end < n && load<u8>(head + end) != 10) end++;
  let from = 2;
  while (from < end && isSpace(load<u8>(head + from))) from++;
  let to = from;
  while (to < end && !isSpace(load<u8>(head + to))) to++;
  memory.copy(head, head + from, end - from);
  interpreterBytes = to - from;
  optionStart = to - from;
  end -= from;
  while (optionStart < end && isSpace(load<u8>(head + optionStart))) optionStart++;
  while (end > optionStart && isSpace(load<u8>(head + end - 1))) end--;
  optionBytes = end - optionStart;
  scriptFound = interpreterBytes > 0;
  return scriptFound;
}

/** INTERPRETER [ARGUMENT] FILE ARG ... */
function scriptSpawn(path: usize): i32 {
  const mark = stackMark();
  const rest = cstrLength(fields) + 1;
  const n = cstrLength(path) + 1;
  const block = stackRoom(interpreterBytes + optionBytes + 2 + n + fieldsUsed);
  if (block == 0) return -Errno.E2BIG;
  memory.copy(block, head, interpreterBytes);
  let at = interpreterBytes;
  store<u8>(block + at++, 0);
  if (optionBytes > 0) {
    memory.copy(block + at, head + optionStart, optionBytes);
    at += optionBytes;
    store<u8>(block + at++, 0);
  }
  memory.copy(block + at, path, n);
  at += n;
  memory.copy(block + at, fields + rest, fieldsUsed - rest);
  at += fieldsUsed - rest;
  const pid = spawn(block, interpreterBytes, block, at, fdMap, fdMapBuild());
  stackRelease(mark);
  return pid;
}
