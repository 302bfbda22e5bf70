// A simple command: its words are expanded, and what the first one names is run: a function, a builtin, a script, or a program.
//
// The environment of a program is what is exported, and what the command assigns before its name.

import { Errno } from "../../abi/errno";
import { FileType, OpenFlag, Signal, Stat } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath, readFull } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { close, kill, spawn, stat } from "../../lib/sys";
import { bytesIndex, cstrIs, cstrLength, isName, isSpace, putLiteral } from "../../lib/text";
import { absentTell } from "./absent";
import { Node, NodeKind } from "./ast";
import { reason, reasonBytes, subject, subjectBytes } from "./braces";
import { Builtin, builtinDeclares, builtinFind, builtinRun, exitNow, exitShell } from "./builtins";
import { callFunction, callText } from "./call";
import { environmentExport } from "./environment";
import { interactive } from "./exec";
import {
  badParameter,
  expandError,
  expandGood,
  expandReset,
  expandValue,
  expandWord,
  failExpand,
  fieldCount,
  fields,
  fieldsDropFirst,
  fieldsFull,
  fieldsPut,
  fieldsUsed,
} from "./expand";
import { functionFind } from "./functions";
import { foregroundWait } from "./jobcommands";
import { Job, jobAdd, jobFree, jobNew, jobWait } from "./jobs";
import { localSave, localsMark, localsRestore } from "./locals";
import { allexport, xtrace } from "./options";
import { pathFind, pathIsBin } from "./path";
import { fdMap, fdMapBuild, fdOf, fdsInstall, fdsRestore } from "./redirect";
import { signalsPoll, signalsTrap, signalTaken } from "./signals";
import { stackMark, stackPush, stackRelease, stackRoom } from "./stack";
import { joinGroup, stageKeepDescriptors } from "./stage";
import { substituteReset, substituteStatus } from "./substitute";
import { trapsForget } from "./traps";
import { typeCommand } from "./type";
import {
  lastStatus,
  parameter,
  setLastStatus,
  value,
  valueBytes,
  varComplain,
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
  let declares = false;
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind == NodeKind.ASSIGN) assigns = true;
    if (node.kind != NodeKind.WORD) continue;
    // export NAME=VALUE is an assignment too: VALUE is one field.
    if (declares && isAssignment(node)) expandValue(node.text, node.bytes);
    else expandWord(node.text, node.bytes, true);
    if (!declares && fieldCount > 0) declares = builtinDeclares(node.text, node.bytes);
  }
  if (!expandGood()) {
    expandComplain(command);
    return expandFailed();
  }
  if (fieldCount == 0) return assignAll(command, false);
  if (xtrace) trace();
  if (!assigns) return fieldsRun(group, true);
  const mark = localsMark();
  const kept = stackMark();
  const bytes = fieldsUsed;
  const count = fieldCount;
  const words = stackPush(fields, bytes);
  let status = words == 0 ? 1 : assignAll(command, true);
  if (words != 0 && assigned) {
    fieldsPut(words, bytes, count);
    status = fieldsRun(group, true);
  }
  stackRelease(kept);
  localsRestore(mark);
  return status;
}

function isAssignment(word: Node): bool {
  const equals = bytesIndex(word.text, word.bytes, 0x3d);
  for (let i = 0; i < equals; i++) if (!isName(load<u8>(word.text + i))) return false;
  return equals > 0;
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
    const from = name + node.operator; // behind = or +=
    expandValue(node.text + from, node.bytes - from);
    if (node.operator == 2) valuePrepend(node.text, name);
    if (!expandGood()) {
      expandComplain(command);
      return expandFailed();
    }
    if (
      (around && !localSave(node.text, name)) ||
      !varSet(node.text, name, fields, fieldsUsed - 1)
    ) {
      varComplain(node.text, name);
      return 1;
    }
    if (xtrace) {
      out.flush();
      err.text("+ ").bytes(node.text, from).cstr(fields).newline();
    }
    const v = around || allexport ? varMake(node.text, name) : null;
    if (v != null) varExport(v);
  }
  assigned = true;
  return max(substituteStatus, 0);
}

/** NAME+=VALUE: what NAME is now, before the value in the fields. */
function valuePrepend(name: usize, bytes: i32): void {
  parameter(name, bytes);
  const mark = stackMark();
  const both = stackRoom(valueBytes + fieldsUsed);
  if (both != 0 && valueBytes + fieldsUsed < 65536) {
    memory.copy(both, value, valueBytes);
    memory.copy(both + valueBytes, fields, fieldsUsed);
    fieldsPut(both, valueBytes + fieldsUsed, 1);
  } else failExpand("too long");
  stackRelease(mark);
}

/** command [-v|-V] NAME ...: NAME as if no function had its name. */
function commandCommand(group: i32): i32 {
  fieldsDropFirst();
  const asks = fieldCount > 0 && (cstrIs(fields, "-v") || cstrIs(fields, "-V"));
  if (asks) {
    fieldsDropFirst();
    const outFd = out.fd;
    out.fd = fdOf(1);
    const status = typeCommand(fields, fieldCount);
    out.flush();
    out.fd = outFd;
    return status;
  }
  if (fieldCount > 0 && cstrIs(fields, "-p")) fieldsDropFirst();
  return fieldCount > 0 ? fieldsRun(group, false) : 0;
}

/** Runs the command in the fields. */
function fieldsRun(group: i32, functions: bool): i32 {
  const called = functions ? functionFind(fields, cstrLength(fields)) : -1;
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
  if (builtin == Builtin.COMMAND || builtin == Builtin.BUILTIN) return commandCommand(group);
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

/**
 * exec [COMMAND]: nothing of the shell's text runs after it. There is no way to become another program, so the shell stays until the command
 * has ended, passes TERM on to it, and ends with its status. Without a command its redirections stay.
 */
function execRun(): i32 {
  fieldsDropFirst();
  if (fieldCount == 0) {
    stageKeepDescriptors();
    return 0;
  }
  const job = jobNew(fields, cstrLength(fields));
  const pid = -programRun(0);
  if (job == null || pid <= 0) {
    if (job != null) jobFree(job);
    exitNow();
    return -pid;
  }
  jobAdd(job, pid);
  trapsForget();
  if (interactive) {
    job.group = pid;
    setLastStatus(foregroundWait(job));
  } else {
    setLastStatus(execWait(job, pid));
  }
  exitShell();
  return lastStatus;
}

function execWait(job: Job, pid: i32): i32 {
  signalsTrap(Signal.TERM, true);
  while (!jobWait(job)) {
    signalsPoll();
    if (signalTaken(Signal.TERM)) kill(pid, Signal.TERM);
  }
  return job.status;
}

/** Starts the program or the script that the fields name: -pid, or a status after saying why not. */
function programRun(group: i32): i32 {
  environmentExport();
  const n = cstrLength(fields);
  const path = pathFind(fields, n);
  let pid = -Errno.ENOENT;
  if (path == 0) {
    if (isDirectory(fields)) pid = -Errno.EISDIR;
  } else if (!pathIsBin && isScript(path)) pid = scriptSpawn(path);
  else pid = spawn(path, cstrLength(path), fields, fieldsUsed, fdMap, fdMapBuild());
  if (pid < 0) return spawnFailed(pid);
  joinGroup(pid, group);
  return -pid;
}

function isDirectory(path: usize): bool {
  if (bytesIndex(path, cstrLength(path), 0x2f) < 0) return false;
  return stat(path, cstrLength(path), st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.DIRECTORY;
}

function spawnFailed(errno: i32): i32 {
  if (errno == -Errno.ENOENT && absentTell(fields)) return 127;
  err.text("sh: ").cstr(fields).text(": ");
  if (errno != -Errno.ENOENT) {
    err.text(errnoText(errno)).newline();
    return 126;
  }
  err.text("not found").newline();
  return 127;
}

const st: usize = memory.data(32, 8);
const HEAD_BYTES = 128;
const head: usize = memory.data(132);
let interpreterBytes = 0;
let optionStart = 0;
let optionBytes = 0;

/** A text: where its interpreter and its one argument are in `head` is then known. Without a #! the interpreter is this shell. */
function isScript(path: usize): bool {
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) return false;
  const n = readFull(fd, head, HEAD_BYTES);
  close(fd);
  if (n < 2 || load<u16>(head) != 0x2123) {
    const isText = n >= 0 && bytesIndex(head, n, 0) < 0;
    interpreterBytes = putLiteral(head, "/bin/sh");
    optionBytes = 0;
    return isText;
  }
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
  return interpreterBytes > 0;
}

/** Where the interpreter begins in `head`: /usr/bin/env and the like are looked for by their last name. */
function interpreterStart(): i32 {
  if (stat(head, interpreterBytes, st) >= 0) return 0;
  let at = interpreterBytes;
  while (at > 0 && load<u8>(head + at - 1) != 0x2f) at--;
  return at;
}

/** INTERPRETER [ARGUMENT] FILE ARG ... */
function scriptSpawn(path: usize): i32 {
  const mark = stackMark();
  const rest = cstrLength(fields) + 1;
  const n = cstrLength(path) + 1;
  const start = interpreterStart();
  const block = stackRoom(interpreterBytes + optionBytes + 2 + n + fieldsUsed);
  if (block == 0) return -Errno.E2BIG;
  const bytes = interpreterBytes - start;
  memory.copy(block, head + start, bytes);
  let at = bytes;
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
  const pid = spawn(block, bytes, block, at, fdMap, fdMapBuild());
  stackRelease(mark);
  return pid;
}
