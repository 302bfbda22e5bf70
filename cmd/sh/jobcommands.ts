// jobs, fg, bg, wait and kill: the commands about jobs.

import { Signal } from "../../abi/syscall";
import { consoleIsRaw, consoleRaw } from "../../lib/console";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { signalOf } from "../../lib/signals";
import { kill } from "../../lib/sys";
import { cstrIs, cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { interactive, setForeground, stagesEnded } from "./exec";
import {
  Job,
  JobState,
  jobAt,
  jobContinue,
  jobCurrent,
  jobFree,
  jobNamed,
  jobOf,
  jobShow,
  jobSignal,
  jobsPoll,
  jobWait,
  jobWaitSteady,
  processSignalled,
  processStatus,
} from "./jobs";
import { signalsPoll, signalTaken } from "./signals";

const STOPPED_STATUS: i32 = 128 + Signal.TSTP;

function noSuchJob(command: string, word: usize): i32 {
  err.text("sh: ").text(command).text(": ");
  if (load<u8>(word) != 0) err.cstr(word).text(": ");
  err.text("no such job").newline();
  return 1;
}

/** Waits for a job in the foreground, and takes the console back. Its status; a job that was stopped is kept and listed. */
export function foregroundWait(job: Job): i32 {
  if (interactive && job.group != 0) {
    setForeground(job.group);
    keysForward(job);
  }
  jobWaitSteady(job);
  if (job.state == JobState.STOPPED) {
    job.raw = consoleIsRaw(0) ? 1 : 0;
    if (interactive) setForeground(0);
    job.told = 1;
    jobShow(err, job, false);
    return STOPPED_STATUS;
  }
  if (interactive && job.group != 0) setForeground(0);
  const status = job.status;
  stagesEnded();
  jobFree(job);
  return status;
}

/** ^C and ^Z that have come while the job was being started are for it. */
function keysForward(job: Job): void {
  signalsPoll();
  if (signalTaken(Signal.INT)) jobSignal(job, Signal.INT);
  if (signalTaken(Signal.TSTP)) jobSignal(job, Signal.TSTP);
}

/** jobs [-l|-p] */
export function jobsRun(word: usize, count: i32): i32 {
  const pids = count > 0 && cstrIs(word, "-l");
  const only = count > 0 && cstrIs(word, "-p");
  if (count > (pids || only ? 1 : 0)) {
    err.text("usage: jobs [-l|-p]").newline();
    return 2;
  }
  jobsPoll();
  for (let i = 0; ; i++) {
    const job = jobAt(i);
    if (job == null) return 0;
    if (job.state == JobState.FREE || job.listed == 0) continue;
    if (only) out.dec(job.group != 0 ? job.group : job.last).newline();
    else jobShow(out, job, pids);
    job.told = 1;
    if (job.state == JobState.DONE) jobFree(job);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** fg [JOB] */
export function fgRun(word: usize, count: i32): i32 {
  jobsPoll();
  const job = count > 0 ? jobNamed(word) : jobCurrent(false);
  if (job == null) return noSuchJob("fg", count > 0 ? word : EMPTY);
  jobText(job);
  out.flush();
  if (interactive && job.group != 0) setForeground(job.group);
  if (job.raw != 0) consoleRaw(0);
  job.raw = 0;
  jobContinue(job);
  return foregroundWait(job);
}

/** bg [JOB ...] */
export function bgRun(word: usize, count: i32): i32 {
  jobsPoll();
  let status = 0;
  for (let i = 0; i < max(count, 1); i++) {
    const job = count > 0 ? jobNamed(word) : jobCurrent(false);
    if (job == null) {
      status = noSuchJob("bg", count > 0 ? word : EMPTY);
    } else if (job.state == JobState.DONE) {
      jobShow(err, job, false);
      jobFree(job);
    } else {
      if (job.state == JobState.STOPPED) jobContinue(job);
      job.told = 1;
      out.byte(0x5b).dec(job.number).text("] ");
      jobText(job);
    }
    if (count > 0) word += cstrLength(word) + 1;
  }
  return status;
}

function jobText(job: Job): void {
  out.bytes(changetype<usize>(job) + offsetof<Job>(), job.textBytes).newline();
}

/** wait [JOB|PID ...]: the status of the last one; 128 + INT when ^C ends the waiting. */
export function waitRun(word: usize, count: i32): i32 {
  let status = 0;
  if (count == 0) {
    for (let i = 0; ; i++) {
      const job = jobAt(i);
      if (job == null) return status;
      if (job.state == JobState.FREE || job.listed == 0) continue;
      status = waitFor(job, 0);
      if (status == INTERRUPTED) return 128 + Signal.INT;
    }
  }
  for (; count > 0; count--) {
    const n = cstrLength(word);
    const named = load<u8>(word) == 0x25;
    const pid = named ? 0 : <i32>parseNumber(word, n);
    if (!named && (n == 0 || parsedBytes != n)) {
      err.text("sh: wait: ").cstr(word).text(": not a process number").newline();
      return 2;
    }
    const job = named ? jobNamed(word) : jobOf(pid);
    if (job == null) {
      if (named) noSuchJob("wait", word);
      status = 127;
    } else {
      status = waitFor(job, pid);
      if (status == INTERRUPTED) return 128 + Signal.INT;
    }
    word += n + 1;
  }
  return status;
}

const INTERRUPTED = -1;

/** Waits for a job's end; its status, or that of one of its processes. A stopped job is not waited for. */
function waitFor(job: Job, pid: i32): i32 {
  if (!jobWait(job)) return INTERRUPTED;
  if (job.state == JobState.STOPPED) return STOPPED_STATUS;
  const status = pid != 0 ? processStatus(pid) : job.status;
  jobFree(job);
  return status;
}

/** kill [-SIGNAL] JOB|PID ... */
export function killRun(word: usize, count: i32): i32 {
  let signal: i32 = Signal.TERM;
  if (count > 0 && cstrIs(word, "-l")) {
    out.text("INT 2  KILL 9  TERM 15  CONT 18  STOP 19  TSTP 20").newline();
    return 0;
  }
  if (count > 1 && load<u8>(word) == 0x2d) {
    signal = signalOf(word + 1, cstrLength(word + 1));
    if (signal < 0) {
      err.text("sh: kill: ").cstr(word).text(": no such signal").newline();
      return 2;
    }
    word += cstrLength(word) + 1;
    count--;
  }
  if (count == 0) {
    err.text("usage: kill [-INT|-KILL|-TERM|-CONT|-STOP|-TSTP] PID|%JOB ...").newline();
    return 2;
  }
  let status = 0;
  for (; count > 0; count--) {
    const n = cstrLength(word);
    let r = 0;
    if (load<u8>(word) == 0x25) {
      const job = jobNamed(word);
      if (job == null) status = noSuchJob("kill", word);
      else r = jobSignal(job, signal);
    } else {
      const pid = <i32>parseNumber(word, n);
      if (n == 0 || parsedBytes != n || pid == 0) {
        err.text("sh: kill: ").cstr(word).text(": not a process number").newline();
        status = 1;
      } else {
        r = kill(pid, signal);
        if (r >= 0) processSignalled(pid, signal);
      }
    }
    if (r < 0) {
      err.text("sh: kill: ").cstr(word).text(": ").text(errnoText(r)).newline();
      status = 1;
    }
    word += n + 1;
  }
  return status;
}

const EMPTY: usize = memory.data(4);
