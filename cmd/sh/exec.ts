// The executor: runs a tree and says with which status it ended.
//
// A pipeline starts its stages from left to right. Stages that are programs are spawned; builtins that only print run in the shell once
// every program runs; other builtins of a pipeline, and a compound command in the background, run in a child `sh -c TEXT`.
// Interactive: every pipeline is a process group of its own and the foreground one gets ^C.

import { Errno } from "../../abi/errno";
import { OpenFlag, Signal } from "../../abi/syscall";
import { consoleForeground } from "../../lib/console";
import { errnoText } from "../../lib/errno";
import { openLiteral } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { close, pipe, setgroup, spawn } from "../../lib/sys";
import { cstrLength, putLiteral } from "../../lib/text";
import { Node, NodeKind } from "./ast";
import { Builtin, builtinFind, builtinPrints, builtinRun, exiting } from "./builtins";
import {
  badParameter,
  expandReset,
  expandWord,
  fieldCount,
  fields,
  fieldsFull,
  fieldsUsed,
} from "./expand";
import { jobAdd, jobWait } from "./jobs";
import { fdMap, fdMapBuild, fdOf, fdsClose, fdsReset, redirectAll } from "./redirect";
import { lastStatus, setLastBackground, setLastStatus, varSet } from "./vars";

/** The shell talks to a person: groups, ^C, job numbers. */
export let interactive = false;

export function setInteractive(on: bool): void {
  interactive = on;
}

const STAGES = 32;
const pids: usize = memory.data(128); // pid of each stage; 0: not a child, its status is in statuses
const statuses: usize = memory.data(128);
const pipeFds: usize = memory.data(8);
const shellArgv: usize = memory.data(16384);
const shellPath: usize = memory.data(16);

/** A foreground command was ended by ^C: the rest of the line is not run. */
let interrupted = false;

/** Runs a whole line. */
export function execLine(node: Node): i32 {
  interrupted = false;
  return exec(node);
}

function exec(node: Node): i32 {
  switch (node.kind) {
    case NodeKind.SEQUENCE:
      for (
        let child: Node | null = node.first;
        child != null && !exiting && !interrupted;
        child = child!.next
      )
        exec(child);
      return lastStatus;
    case NodeKind.AND: {
      const status = exec(node.first!);
      return status == 0 && !exiting && !interrupted ? exec(node.second!) : status;
    }
    case NodeKind.OR: {
      const status = exec(node.first!);
      return status != 0 && !exiting && !interrupted ? exec(node.second!) : status;
    }
    case NodeKind.BACKGROUND:
      setLastStatus(execBackground(node.first!));
      return lastStatus;
    default: {
      let status = execPipeline(node, false);
      if (status == 128 + Signal.INT && interactive) {
        interrupted = true;
        out.newline().flush();
      }
      if (node.flags & 1) status = status == 0 ? 1 : 0;
      setLastStatus(status);
      return status;
    }
  }
}

function execBackground(node: Node): i32 {
  if (node.kind == NodeKind.PIPELINE && node.flags == 0) return execPipeline(node, true);
  const input = openLiteral("/dev/null", OpenFlag.READ);
  fdsReset(max(input, 0), 1);
  const pid = spawnShell(node, 0);
  if (input >= 0) close(input);
  if (pid < 0) return 126;
  started(pid);
  return 0;
}

/** Announces a background child. */
function started(pid: i32): void {
  jobAdd(pid);
  setLastBackground(pid);
  if (interactive) err.byte(0x5b).dec(pid).byte(0x5d).newline();
}

function execPipeline(node: Node, background: bool): i32 {
  const only = node.first!;
  let stages = 0;
  for (let stage: Node | null = only; stage != null; stage = stage.next) stages++;
  if (stages > STAGES) {
    err.text("sh: a pipeline can have at most 32 commands").newline();
    return 2;
  }
  out.flush();
  let group = 0;
  let input = background ? openLiteral("/dev/null", OpenFlag.READ) : 0;
  if (input < 0) input = 0;
  let i = 0;
  for (let stage: Node | null = only; stage != null; stage = stage.next) {
    let output = 1;
    let nextInput = 0;
    if (stage.next != null) {
      const r = pipe(pipeFds);
      if (r < 0) {
        err.text("sh: pipe: ").text(errnoText(r)).newline();
        if (input > 2) close(input);
        store<i32>(pids + i * 4, 0);
        store<i32>(statuses + i * 4, 126);
        stages = i + 1;
        break;
      }
      nextInput = load<i32>(pipeFds);
      output = load<i32>(pipeFds, 4);
    }
    const pid = stageStart(stage, i, input, output, group, stages > 1 || background);
    if (pid > 0 && group == 0 && interactive) {
      group = pid;
      if (!background) consoleForeground(0, group);
    }
    if (input > 2) close(input);
    // A builtin that prints still needs its output: it runs below.
    if (output > 2 && pid >= 0) close(output);
    input = nextInput;
    i++;
  }
  printersRun(only);
  if (background) {
    for (i = 0; i < stages; i++) if (load<i32>(pids + i * 4) > 0) started(load<i32>(pids + i * 4));
    return 0;
  }
  let status = 0;
  for (i = 0; i < stages; i++) {
    const pid = load<i32>(pids + i * 4);
    status = pid > 0 ? jobWait(pid) : load<i32>(statuses + i * 4);
  }
  if (group != 0) consoleForeground(0, 0);
  return status;
}

const PRINTER = -1;

/**
 * Starts stage i. Returns its pid; 0 when it is over (its status is in statuses); PRINTER when it is a builtin that still has to
 * print into `output`, which is then in statuses.
 */
function stageStart(stage: Node, i: i32, input: i32, output: i32, group: i32, piped: bool): i32 {
  store<i32>(pids + i * 4, 0);
  fdsReset(input, output);
  if (piped) {
    const builtin = expandName(stage);
    if (builtin != Builtin.NONE && builtinPrints(builtin)) {
      store<i32>(pids + i * 4, PRINTER);
      store<i32>(statuses + i * 4, output);
      return PRINTER;
    }
    if (builtin != Builtin.NONE) return placed(i, spawnShell(stage, group));
  }
  const status = redirectAll(stage) ? simpleRun(stage, i, group) : 1;
  fdsClose();
  if (status >= 0) store<i32>(statuses + i * 4, status);
  return load<i32>(pids + i * 4);
}

/** Runs the printing builtins of a pipeline, now that their readers run. */
function printersRun(first: Node): void {
  let i = 0;
  for (let stage: Node | null = first; stage != null; stage = stage.next) {
    const at = i++;
    if (at >= STAGES || load<i32>(pids + at * 4) != PRINTER) continue;
    const output = load<i32>(statuses + at * 4);
    store<i32>(pids + at * 4, 0);
    fdsReset(0, output);
    const status = redirectAll(stage) ? simpleRun(stage, at, 0) : 1;
    fdsClose();
    if (output > 2) close(output);
    store<i32>(statuses + at * 4, status);
  }
}

/** The builtin that a command's first word names. */
function expandName(command: Node): i32 {
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind != NodeKind.WORD) continue;
    expandReset();
    expandWord(node.text, node.bytes, true);
    if (fieldCount > 0) return builtinFind(fields, cstrLength(fields));
  }
  return Builtin.NONE;
}

/** Runs one command with the descriptors as redirected: its status, or -1 when it was spawned (its pid is in pids). */
function simpleRun(command: Node, i: i32, group: i32): i32 {
  expandReset();
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind == NodeKind.WORD) expandWord(node.text, node.bytes, true);
  }
  if (badParameter) {
    err.text("sh: bad parameter in ").bytes(command.text, command.bytes).newline();
    return 2;
  }
  if (fieldsFull) {
    err.text("sh: argument list too long").newline();
    return 126;
  }
  if (fieldCount == 0) return assignAll(command);
  const builtin = builtinFind(fields, cstrLength(fields));
  if (builtin != Builtin.NONE) {
    const outFd = out.fd;
    const errFd = err.fd;
    out.fd = fdOf(1);
    err.fd = fdOf(2);
    const status = builtinRun(builtin, fields, fieldCount);
    out.flush();
    err.flush();
    out.fd = outFd;
    err.fd = errFd;
    out.failed = 0;
    err.failed = 0;
    return status;
  }
  const pid = spawn(fields, cstrLength(fields), fields, fieldsUsed, fdMap, fdMapBuild());
  if (pid < 0) return spawnFailed(fields, pid);
  joinGroup(pid, group);
  return placed(i, pid) > 0 ? -1 : 126;
}

function placed(i: i32, pid: i32): i32 {
  if (pid < 0) {
    store<i32>(statuses + i * 4, 126);
    return 0;
  }
  store<i32>(pids + i * 4, pid);
  return pid;
}

/** An interactive shell gives each pipeline a process group, named after its first process. */
function joinGroup(pid: i32, group: i32): void {
  if (interactive) setgroup(pid, group);
}

function spawnFailed(name: usize, errno: i32): i32 {
  err.text("sh: ").cstr(name).text(": ");
  if (errno == -Errno.ENOENT) {
    err.text("not found").newline();
    return 127;
  }
  err.text(errnoText(errno)).newline();
  return 126;
}

function assignAll(command: Node): i32 {
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind != NodeKind.ASSIGN) continue;
    expandReset();
    const name = node.flags;
    expandWord(node.text + name + 1, node.bytes - name - 1, false);
    if (!varSet(node.text, name, fields, fieldsUsed - 1)) {
      err.text("sh: too many variables").newline();
      return 1;
    }
  }
  return 0;
}

/** Runs a node's source in a child shell with the descriptors of redirect.ts; its pid, or -1 after a message. */
function spawnShell(node: Node, group: i32): i32 {
  let n = putLiteral(shellArgv, "sh");
  store<u8>(shellArgv + n++, 0);
  n += putLiteral(shellArgv + n, "-c");
  store<u8>(shellArgv + n++, 0);
  if (n + node.bytes + 1 > 16384) {
    err.text("sh: argument list too long").newline();
    return -1;
  }
  memory.copy(shellArgv + n, node.text, node.bytes);
  n += node.bytes;
  store<u8>(shellArgv + n++, 0);
  const pid = spawn(shellPath, putLiteral(shellPath, "/bin/sh"), shellArgv, n, fdMap, fdMapBuild());
  if (pid < 0) {
    err.text("sh: /bin/sh: ").text(errnoText(pid)).newline();
    return -1;
  }
  joinGroup(pid, group);
  return pid;
}
