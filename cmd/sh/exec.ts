// The executor: runs a tree and says with which status it ended.
//
// A pipeline starts its stages from left to right. Stages that are programs are spawned; builtins that only print run in the shell once
// every program runs; other builtins of a pipeline, and a compound command in the background, run in a child `sh -c TEXT`.
// Interactive: every pipeline is a process group of its own and the foreground one gets ^C.

import { Errno } from "../../abi/errno";
import { OpenFlag, Signal } from "../../abi/syscall";
import { consoleForeground } from "../../lib/console";
import { errnoText } from "../../lib/errno";
import { openLiteral, openPath } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { close, pipe, read, setgroup, spawn } from "../../lib/sys";
import { bytesFind, bytesIndex, cstrLength, putLiteral } from "../../lib/text";
import { Node, NodeKind } from "./ast";
import { Builtin, builtinFind, builtinPrints, builtinRun } from "./builtins";
import { callFunction, callText } from "./call";
import { childSpawn } from "./child";
import { compoundRun, jumpReset, stopped } from "./control";
import {
  badParameter,
  expandError,
  expandGood,
  expandReset,
  expandWord,
  fieldCount,
  fields,
  fieldsFull,
  fieldsUsed,
} from "./expand";
import { functionFind } from "./functions";
import { jobAdd, jobWait } from "./jobs";
import {
  fdMap,
  fdMapBuild,
  fdOf,
  fdsClose,
  fdsInstall,
  fdsReset,
  fdsRestore,
  redirectAll,
} from "./redirect";
import { stackMark, stackRelease, stackRoom } from "./stack";
import { substituteReset, substituteStatus } from "./substitute";
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
const shellPath: usize = memory.data(16);

/** A foreground command was ended by ^C: the rest of the line is not run. */
export let interrupted = false;
/** The process group that has the console, 0: the shell itself. */
export let foreground = 0;

/** Runs a whole line. */
export function execLine(node: Node): i32 {
  interrupted = false;
  const status = exec(node);
  jumpReset();
  return status;
}

export function exec(node: Node): i32 {
  switch (node.kind) {
    case NodeKind.SEQUENCE:
      for (let child: Node | null = node.first; child != null && !stopped(); child = child!.next)
        exec(child);
      return lastStatus;
    case NodeKind.AND: {
      const status = exec(node.first!);
      return status == 0 && !stopped() ? exec(node.second!) : status;
    }
    case NodeKind.OR: {
      const status = exec(node.first!);
      return status != 0 && !stopped() ? exec(node.second!) : status;
    }
    case NodeKind.BACKGROUND:
      setLastStatus(execBackground(node.first!));
      return lastStatus;
    default: {
      let status = execPipeline(node, false);
      if (status == 128 + Signal.INT && interactive && !interrupted) {
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
      if (!background) {
        foreground = group;
        consoleForeground(0, group);
      }
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
  if (group != 0) {
    foreground = 0;
    consoleForeground(0, 0);
  }
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
  if (stage.kind != NodeKind.SIMPLE) return compoundStart(stage, i, group, piped);
  if (piped) {
    const builtin = expandName(stage);
    if (builtin != Builtin.NONE && builtinPrints(builtin)) {
      store<i32>(pids + i * 4, PRINTER);
      store<i32>(statuses + i * 4, output);
      return PRINTER;
    }
    if (builtin != Builtin.NONE || isFunction) return placed(i, spawnShell(stage, group));
  }
  const status = redirectAll(stage) ? simpleRun(stage, i, group) : 1;
  fdsClose();
  if (status >= 0) store<i32>(statuses + i * 4, status);
  return load<i32>(pids + i * 4);
}

/** A compound command: in this shell, or in a child when it is a stage of a pipeline or ( ). */
function compoundStart(stage: Node, i: i32, group: i32, piped: bool): i32 {
  if (!redirectAll(stage)) {
    fdsClose();
    store<i32>(statuses + i * 4, 1);
    return 0;
  }
  if (piped || stage.kind == NodeKind.SUBSHELL) {
    const inner = stage.kind == NodeKind.SUBSHELL ? stage.first! : stage;
    const bytes = inner == stage ? stage.bytes : <i32>(stage.text + stage.bytes - 1 - inner.text);
    const pid = placed(i, spawnText(inner.text, bytes, group));
    fdsClose();
    return pid;
  }
  const saved = fdsInstall();
  const status = compoundRun(stage);
  out.flush();
  fdsRestore(saved);
  // The commands inside used the same entries.
  store<i32>(pids + i * 4, 0);
  store<i32>(statuses + i * 4, status);
  return 0;
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

let isFunction = false;

/** The builtin that a command's first word names; isFunction: a function. A word that runs a command is not looked into. */
function expandName(command: Node): i32 {
  isFunction = false;
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind != NodeKind.WORD) continue;
    if (bytesFind(node.text, node.bytes, "$(") >= 0) break;
    expandReset();
    expandWord(node.text, node.bytes, true);
    if (fieldCount == 0) continue;
    isFunction = functionFind(fields, cstrLength(fields)) >= 0;
    return isFunction ? Builtin.NONE : builtinFind(fields, cstrLength(fields));
  }
  return Builtin.NONE;
}

/** Says why the expander has no result. */
export function expandComplain(command: Node): void {
  err.text("sh: ");
  if (expandError.length > 0) err.text(expandError).text(": ");
  else if (badParameter) err.text("bad parameter in ");
  if (expandError.length == 0 && !badParameter) err.text("argument list too long");
  else err.bytes(command.text, command.bytes);
  err.newline();
}

/** Runs one command with the descriptors as redirected: its status, or -1 when it was spawned (its pid is in pids). */
function simpleRun(command: Node, i: i32, group: i32): i32 {
  expandReset();
  substituteReset();
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind == NodeKind.WORD) expandWord(node.text, node.bytes, true);
  }
  if (!expandGood()) {
    expandComplain(command);
    return badParameter ? 2 : fieldsFull ? 126 : 1;
  }
  if (fieldCount == 0) return assignAll(command);
  const called = functionFind(fields, cstrLength(fields));
  const builtin = called >= 0 ? Builtin.NONE : builtinFind(fields, cstrLength(fields));
  if (called >= 0 || builtin == Builtin.EVAL || builtin == Builtin.DOT) {
    const saved = fdsInstall();
    const status =
      called >= 0
        ? callFunction(called, fields, fieldCount, fieldsUsed)
        : callText(builtin == Builtin.DOT, fields, fieldCount, fieldsUsed);
    out.flush();
    fdsRestore(saved);
    store<i32>(pids + i * 4, 0);
    return status;
  }
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
  const text = scriptText(fields);
  if (text != 0) return scriptRun(text, i, group);
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

const head: usize = memory.data(8);

/** A path of a text that starts with #! : its address; 0 for anything else. */
function scriptText(name: usize): usize {
  if (bytesIndex(name, cstrLength(name), 0x2f) < 0) return 0;
  const fd = openPath(name, OpenFlag.READ);
  if (fd < 0) return 0;
  const n = read(fd, head, 2);
  close(fd);
  return n == 2 && load<u16>(head) == 0x2123 ? name : 0;
}

/** Runs a script in a child shell: sh FILE ARG ... */
function scriptRun(name: usize, i: i32, group: i32): i32 {
  const mark = stackMark();
  const block = stackRoom(fieldsUsed + 3);
  if (block == 0) return 126;
  store<u32>(block, 0x00006873); // sh
  memory.copy(block + 3, name, fieldsUsed);
  const pid = spawn(
    shellPath,
    putLiteral(shellPath, "/bin/sh"),
    block,
    fieldsUsed + 3,
    fdMap,
    fdMapBuild(),
  );
  stackRelease(mark);
  if (pid < 0) return spawnFailed(fields, pid);
  joinGroup(pid, group);
  return placed(i, pid) > 0 ? -1 : 126;
}

function assignAll(command: Node): i32 {
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind != NodeKind.ASSIGN) continue;
    expandReset();
    const name = node.flags;
    expandWord(node.text + name + 1, node.bytes - name - 1, false);
    if (!expandGood()) {
      expandComplain(command);
      return badParameter ? 2 : 1;
    }
    if (!varSet(node.text, name, fields, fieldsUsed - 1)) {
      err.text("sh: too many variables").newline();
      return 1;
    }
  }
  return max(substituteStatus, 0);
}

/** Runs a node's source in a child shell with the descriptors of redirect.ts; its pid, or -1 after a message. */
function spawnShell(node: Node, group: i32): i32 {
  return spawnText(node.text, node.bytes, group);
}

function spawnText(text: usize, bytes: i32, group: i32): i32 {
  const pid = childSpawn(text, bytes, fdMap, fdMapBuild());
  if (pid > 0) joinGroup(pid, group);
  return pid;
}
