// The executor: runs a tree and says with which status it ended.
//
// A pipeline starts its stages from left to right. Stages that are programs are spawned; builtins that only print run in the shell once
// every program runs; other builtins of a pipeline, and a compound command in the background, run in a child `sh -c TEXT`.
// Interactive: every pipeline is a process group of its own, and the foreground one gets ^C and ^Z. While the shell itself runs
// commands its own group is the foreground, so that ^C reaches it; at the prompt none is, and the keys are the editor's.
//
// Not here: what one stage does; that is stage.ts. What becomes of the processes: jobs.ts.

import { OpenFlag, Signal } from "../../abi/syscall";
import { consoleForeground } from "../../lib/console";
import { errnoText } from "../../lib/errno";
import { openLiteral } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { close, getpid, pipe, setgroup } from "../../lib/sys";
import { now } from "../../lib/time";
import { Node, NodeKind, PipeFlag } from "./ast";
import { exiting, exitNow } from "./builtins";
import { textRun } from "./call";
import { jumpReset, stopped } from "./control";
import { foregroundWait } from "./jobcommands";
import { Job, jobAdd, jobList, jobNew, jobsFull, processStatus } from "./jobs";
import { errexit, guardBegin, guardEnd, guarded, guardReset, noexec, pipefail } from "./options";
import { fdsReset } from "./redirect";
import { signalsInteractive } from "./signals";
import { printersRun, stageStart, stageWholeStart } from "./stage";
import { trapFailed, trapsDue } from "./traps";
import { lastStatus, setLastBackground, setLastStatus } from "./vars";

/** The shell talks to a person: groups, ^C, job numbers. */
export let interactive = false;

export function setInteractive(): void {
  interactive = true;
  signalsInteractive();
  // The group that reads the console must be the foreground one before and after the change.
  consoleForeground(0, getpid());
  setgroup(0, 0);
}

const STAGES = 32;
const pids: usize = memory.data(128); // pid of each stage; 0: not a child, its status is in statuses
const statuses: usize = memory.data(128);
const pipeFds: usize = memory.data(8);

/** ^C or ^Z: the rest of the line is not run. */
export let interrupted = false;
/** The process group that has the console, 0: the shell itself. */
export let foreground = 0;

/** Gives the console to a group; 0: to the shell's own. */
export function setForeground(group: i32): void {
  foreground = group;
  consoleForeground(0, group != 0 ? group : getpid());
}

/** Runs a whole line. */
export function execLine(node: Node): i32 {
  lineBegin();
  const status = exec(node);
  lineEnd();
  return status;
}

/** Runs a text that nobody has typed as if it were a line. */
export function execText(text: usize, bytes: i32): i32 {
  lineBegin();
  const status = textRun(text, bytes);
  lineEnd();
  return status;
}

function lineBegin(): void {
  interrupted = false;
  guardReset();
  if (interactive) setForeground(0);
}

function lineEnd(): void {
  jumpReset();
  out.flush();
  if (interactive) consoleForeground(0, 0);
}

export function exec(node: Node): i32 {
  switch (node.kind) {
    case NodeKind.SEQUENCE:
      for (let child: Node | null = node.first; child != null && !stopped(); child = child!.next)
        exec(child);
      return lastStatus;
    case NodeKind.AND: {
      const status = execGuarded(node.first!);
      return status == 0 && !stopped() ? exec(node.second!) : status;
    }
    case NodeKind.OR: {
      const status = execGuarded(node.first!);
      return status != 0 && !stopped() ? exec(node.second!) : status;
    }
    case NodeKind.BACKGROUND:
      setLastStatus(execBackground(node.first!));
      return lastStatus;
    default:
      return execCommand(node);
  }
}

/** Runs a condition: its failure is an answer, and does not end a shell with -e. */
export function execGuarded(node: Node): i32 {
  guardBegin();
  const status = exec(node);
  guardEnd();
  return status;
}

function execCommand(node: Node): i32 {
  if (trapsDue()) return interrupt(128 + Signal.INT);
  if (exiting) return lastStatus; // the trap's text did
  if (noexec && !interactive) return 0;
  const negated = (node.flags & PipeFlag.NOT) != 0;
  const timed = (node.flags & PipeFlag.TIMED) != 0;
  const began = timed ? now() : 0;
  if (negated) guardBegin();
  let status = execPipeline(node, false);
  if (negated) guardEnd();
  if (timed) timeShow(now() - began);
  if (interactive && !interrupted) {
    if (status == 128 + Signal.INT || status == 128 + Signal.TSTP) return interrupt(status);
  }
  if (negated) status = status == 0 ? 1 : 0;
  setLastStatus(status);
  if (trapsDue()) return interrupt(128 + Signal.INT);
  if (exiting) return lastStatus;
  if (status != 0 && !negated && guarded == 0 && !stopped()) {
    trapFailed();
    if (errexit) exitNow();
  }
  return status;
}

/** What `time` says: seconds. */
function timeShow(ns: i64): void {
  out.flush();
  const ms = ns / 1000000;
  err.dec(ms / 1000).byte(0x2e);
  if (ms % 1000 < 100) err.byte(0x30);
  if (ms % 1000 < 10) err.byte(0x30);
  err.dec(ms % 1000).text(" s\n");
}

function interrupt(status: i32): i32 {
  interrupted = true;
  setLastStatus(status);
  return status;
}

function execBackground(node: Node): i32 {
  if (node.kind == NodeKind.PIPELINE && node.flags == 0) return execPipeline(node, true);
  return execStages(node, 0, true);
}

function execPipeline(node: Node, background: bool): i32 {
  let stages = 0;
  for (let stage: Node | null = node.first; stage != null; stage = stage!.next) stages++;
  if (stages <= STAGES) return execStages(node, stages, background);
  err.text("sh: a pipeline can have at most 32 commands").newline();
  return 2;
}

/** Runs the stages of a pipeline; with 0 of them the node itself, whatever it is, in a child shell. */
function execStages(node: Node, stages: i32, background: bool): i32 {
  if (jobsFull()) {
    err.text("sh: too many jobs").newline();
    return 126;
  }
  out.flush();
  let input = background ? openLiteral("/dev/null", OpenFlag.READ) : 0;
  if (input < 0) input = 0;
  if (stages == 0) {
    fdsReset(input, 1);
    const whole = started(null, node, stageWholeStart(node));
    if (input > 2) close(input);
    return inBackground(whole);
  }
  let job: Job | null = null;
  let i = 0;
  for (let stage: Node | null = node.first; stage != null; stage = stage!.next) {
    let output = 1;
    let nextInput = 0;
    if (stage.next != null) {
      const r = pipe(pipeFds);
      if (r < 0) {
        err.text("sh: pipe: ").text(errnoText(r)).newline();
        if (input > 2) close(input);
        stageStore(i, 0, 126);
        stages = i + 1;
        break;
      }
      nextInput = load<i32>(pipeFds);
      output = load<i32>(pipeFds, 4);
    }
    const isPiped = stages > 1 || background;
    const group = job == null ? 0 : job.group;
    const pid = stageStart(stage, i, input, output, group, isPiped, background);
    if (pid > 0) {
      if (job == null && interactive && !background) setForeground(pid);
      job = started(job, node, pid);
    }
    if (input > 2) close(input);
    // A builtin that prints still needs its output: it runs below.
    if (output > 2 && pid >= 0) close(output);
    input = nextInput;
    i++;
  }
  printersRun(node.first!);
  stageCount = stages;
  return background ? inBackground(job) : inForeground(job, stages);
}

/** Notes a process of a pipeline's job, which the first one makes. */
function started(job: Job | null, node: Node, pid: i32): Job | null {
  if (pid <= 0) return job;
  if (job == null) {
    job = jobNew(node.text, node.bytes);
    if (job == null) return null;
    if (interactive) job.group = pid;
  }
  jobAdd(job, pid);
  return job;
}

/** Announces a background job, by its number and its last process. */
function inBackground(job: Job | null): i32 {
  if (job == null) return stageStatus(0);
  jobList(job);
  job.told = 1;
  setLastBackground(job.last);
  if (interactive) err.byte(0x5b).dec(job.number).text("] ").dec(job.last).newline();
  return 0;
}

function inForeground(job: Job | null, stages: i32): i32 {
  if (job != null && foregroundWait(job) == 128 + Signal.TSTP) return 128 + Signal.TSTP;
  let status = stageStatus(stages - 1);
  for (let i = stages - 2; i >= 0 && status == 0 && pipefail; i--) status = stageStatus(i);
  return status;
}

let stageCount = 0;

/** The processes of a pipeline have ended, and are about to be forgotten: their statuses become those of the stages. */
export function stagesEnded(): void {
  for (let i = 0; i < stageCount; i++) {
    if (stagePid(i) > 0) stageStore(i, stagePid(i), processStatus(stagePid(i)));
  }
}

/** What became of stage i: the pid of its process, or 0 and its status. Returns the pid. */
export function stageStore(i: i32, pid: i32, status: i32): i32 {
  store<i32>(pids + i * 4, pid);
  store<i32>(statuses + i * 4, status);
  return pid;
}

export function stagePid(i: i32): i32 {
  return load<i32>(pids + i * 4);
}

export function stageStatus(i: i32): i32 {
  return load<i32>(statuses + i * 4);
}
