// A stage of a pipeline: a program, a builtin, a function, an alias or a compound command, started or run with its redirections.
//
// Not here: pipes and groups (exec.ts); a command's words and what they run (command.ts).

import { err, out } from "../../lib/fmt";
import { close, setgroup } from "../../lib/sys";
import { bytesFind, bytesIndex, cstrLength } from "../../lib/text";
import { aliasActive, aliasBytes, aliasFind, aliasText } from "./alias";
import { Node, NodeKind } from "./ast";
import { Builtin, builtinFind, builtinPrints } from "./builtins";
import { textRun } from "./call";
import { childSpawn } from "./child";
import { commandRun } from "./command";
import { compoundRun } from "./control";
import { interactive, stagePid, stageStatus, stageStore } from "./exec";
import { expandReset, expandWord, fieldCount, fields } from "./expand";
import { functionFind } from "./functions";
import {
  fdMap,
  fdMapBuild,
  fdsClose,
  fdsInstall,
  fdsKeep,
  fdsReset,
  fdsRestore,
  redirectAll,
} from "./redirect";
import { stackMark, stackRelease, stackRoom } from "./stack";

/** pid of a stage that is a builtin which still has to print into its output; that is then its status. */
const PRINTER = -1;
const STAGES = 32;

/**
 * Starts stage i. Returns its pid; 0 when it is over (its status is kept); PRINTER when it is a builtin that still has to print into
 * `output`. `piped`: it is one of several or in the background, so that nothing of it may change this shell.
 */
export function stageStart(
  stage: Node,
  i: i32,
  input: i32,
  output: i32,
  group: i32,
  piped: bool,
  background: bool,
): i32 {
  stageStore(i, 0, 0);
  fdsReset(input, output);
  if (stage.kind != NodeKind.SIMPLE) return compoundStart(stage, i, group, piped);
  const alias = aliasOf(stage);
  if (alias >= 0) return aliasStart(stage, alias, i, group, piped);
  if (piped) {
    const builtin = expandName(stage);
    const prints = !background && builtin != Builtin.NONE && builtinPrints(builtin);
    if (prints) return stageStore(i, PRINTER, output);
    if (builtin != Builtin.NONE || isFunction || isNothing)
      return placed(i, textSpawn(stage.text, stage.bytes, group));
  }
  const status = redirectAll(stage) ? commandRun(stage, group) : 1;
  // A negative status is that of a process: -pid.
  if (status < 0) stageStore(i, -status, 0);
  else stageStore(i, 0, status);
  if (keepDescriptors) fdsKeep(fdsInstall());
  keepDescriptors = false;
  fdsClose();
  return stagePid(i);
}

let keepDescriptors = false;

/** `exec` without a command: its redirections stay. */
export function stageKeepDescriptors(): void {
  keepDescriptors = true;
}

/** Runs a whole list in a child shell; its pid, or 0. */
export function stageWholeStart(node: Node): i32 {
  return placed(0, textSpawn(node.text, node.bytes, 0));
}

/** A compound command: in this shell, or in a child when it is a stage of a pipeline or ( ). */
function compoundStart(stage: Node, i: i32, group: i32, piped: bool): i32 {
  if (!redirectAll(stage)) {
    fdsClose();
    return stageStore(i, 0, 1);
  }
  if (piped || stage.kind == NodeKind.SUBSHELL) {
    const inner = stage.kind == NodeKind.SUBSHELL ? stage.first! : stage;
    const bytes = inner == stage ? stage.bytes : <i32>(stage.text + stage.bytes - 1 - inner.text);
    const pid = placed(i, textSpawn(inner.text, bytes, group));
    fdsClose();
    return pid;
  }
  const saved = fdsInstall();
  const status = compoundRun(stage);
  out.flush();
  fdsRestore(saved);
  // The commands inside used the same entries.
  return stageStore(i, 0, status);
}

/** The alias that the first word of a command is, or -1. */
function aliasOf(stage: Node): i32 {
  const word = stage.first;
  if (word == null || word.kind != NodeKind.WORD) return -1;
  return aliasFind(word.text, word.bytes);
}

function aliasStart(stage: Node, alias: i32, i: i32, group: i32, piped: bool): i32 {
  const word = stage.first!;
  const rest = word.text + word.bytes;
  const restBytes = <i32>(stage.text + stage.bytes - rest);
  const n = aliasBytes(alias);
  const mark = stackMark();
  const text = stackRoom(n + restBytes + 1);
  if (text == 0) {
    err.text("sh: the command is too long").newline();
    return stageStore(i, 0, 1);
  }
  memory.copy(text, aliasText(alias), n);
  memory.copy(text + n, rest, restBytes);
  if (piped) {
    placed(i, textSpawn(text, n + restBytes, group));
  } else {
    const saved = fdsInstall();
    aliasActive(alias, true);
    const status = textRun(text, n + restBytes);
    aliasActive(alias, false);
    out.flush();
    fdsRestore(saved);
    stageStore(i, 0, status);
  }
  stackRelease(mark);
  return stagePid(i);
}

/** Runs the printing builtins of a pipeline, now that their readers run. */
export function printersRun(first: Node): void {
  let i = 0;
  for (let stage: Node | null = first; stage != null && i < STAGES; stage = stage!.next) {
    const at = i++;
    if (stagePid(at) != PRINTER) continue;
    const output = stageStatus(at);
    stageStore(at, 0, 0);
    fdsReset(0, output);
    const status = redirectAll(stage) ? commandRun(stage, 0) : 1;
    fdsClose();
    if (output > 2) close(output);
    stageStore(at, 0, status);
  }
}

let isFunction = false;
let isNothing = false;

/**
 * The builtin that a command's first word names; isFunction: a function; isNothing: there is no name, only assignments or redirections. A
 * word that runs a command is not looked into.
 */
function expandName(command: Node): i32 {
  isFunction = false;
  isNothing = true;
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind != NodeKind.WORD) continue;
    isNothing = false;
    if (bytesFind(node.text, node.bytes, "$(") >= 0) break;
    if (bytesIndex(node.text, node.bytes, 0x60) >= 0) break;
    expandReset();
    expandWord(node.text, node.bytes, true);
    if (fieldCount == 0) continue;
    isFunction = functionFind(fields, cstrLength(fields)) >= 0;
    return isFunction ? Builtin.NONE : builtinFind(fields, cstrLength(fields));
  }
  return Builtin.NONE;
}

function placed(i: i32, pid: i32): i32 {
  return pid > 0 ? stageStore(i, pid, 0) : stageStore(i, 0, 126);
}

/** Runs a text in a child shell with the descriptors of redirect.ts; its pid, or -1 after a message. */
function textSpawn(text: usize, bytes: i32, group: i32): i32 {
  const pid = childSpawn(text, bytes, fdMap, fdMapBuild());
  if (pid > 0) joinGroup(pid, group);
  return pid;
}

/** An interactive shell gives each pipeline a process group, named after its first process. */
export function joinGroup(pid: i32, group: i32): void {
  if (interactive) setgroup(pid, group);
}
