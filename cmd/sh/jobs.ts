// Jobs: pipelines that the shell has started, each with its processes. A foreground pipeline is a job too, until it ends or ^Z stops it.
//
// Invariants
//   J1  A process is in the table from its start until its job is freed; a job is freed when its end has been reported or waited for.
//   J2  A job is RUNNING while one of its processes is, else STOPPED while one is stopped, else DONE.
//   J3  A job that is listed has a number: one more than the highest in use when it was listed.

import { Errno } from "../../abi/errno";
import { Signal, WaitFlag, WaitStatus } from "../../abi/syscall";
import { err, Writer } from "../../lib/fmt";
import { kill, waitchange } from "../../lib/sys";
import { cstrLength, isDigit, parsedBytes, parseNumber } from "../../lib/text";
import { signalsEnd, signalsPoll } from "./signals";

export const enum JobState {
  FREE = 0,
  RUNNING = 1,
  STOPPED = 2,
  DONE = 3,
}

@unmanaged
export class Job {
  state: JobState;
  number: i32; // from 1, once it is listed
  group: i32; // 0: the shell's own
  last: i32; // pid of the process that was added last, 0: none
  status: i32; // of its last process
  listed: i32; // 1: in the background or stopped: `jobs` shows it
  told: i32; // 1: its state has been reported
  raw: i32; // 1: it had the console raw when it was stopped
  order: i32; // the newest listed job is the current one
  textBytes: i32;
  // TEXT_BYTES of its command follow
}

const JOBS = 48;
const TEXT_BYTES = 88;
const JOB_BYTES = 128;
const jobs: usize = memory.data(6144, 8);
const PROCESSES = 128;
const PROCESS_BYTES = 16;
const processes: usize = memory.data(2048); // {pid, job, JobState, status}
const status: usize = memory.data(4);
let orders = 0;

export function jobAt(i: i32): Job | null {
  if (i >= JOBS) return null;
  return changetype<Job>(jobs + i * JOB_BYTES);
}

/** A job without processes, or null when the table is full. The text is shortened to what the table keeps. */
export function jobNew(text: usize, bytes: i32): Job | null {
  let found: Job | null = null;
  for (let i = 0; i < JOBS && found == null; i++) {
    const job = changetype<Job>(jobs + i * JOB_BYTES);
    if (job.state == JobState.FREE) found = job;
  }
  if (found == null) return null;
  memory.fill(changetype<usize>(found), 0, JOB_BYTES);
  found.state = JobState.RUNNING;
  while (bytes > 0 && load<u8>(text + bytes - 1) <= 0x20) bytes--;
  found.textBytes = min(bytes, TEXT_BYTES);
  memory.copy(textOf(found), text, found.textBytes);
  return found;
}

/** True when there is no room for one more. */
export function jobsFull(): bool {
  for (let i = 0; i < JOBS; i++) {
    if (changetype<Job>(jobs + i * JOB_BYTES).state == JobState.FREE) return false;
  }
  return true;
}

/** Lists a job: it is in the background or stopped. */
export function jobList(job: Job): void {
  job.order = ++orders;
  if (job.listed != 0) return;
  let highest = 0;
  for (let i = 0; i < JOBS; i++) {
    const other = changetype<Job>(jobs + i * JOB_BYTES);
    if (other.state != JobState.FREE) highest = max(highest, other.number);
  }
  job.listed = 1;
  job.number = highest + 1;
}

/** Adds a process that was just started. With a full table it is started all the same, and only not waited for. */
export function jobAdd(job: Job, pid: i32): void {
  job.last = pid;
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<i32>(process) != 0) continue;
    store<i32>(process, pid);
    store<usize>(process, changetype<usize>(job), 4);
    store<i32>(process, JobState.RUNNING, 8);
    return;
  }
}

export function jobFree(job: Job): void {
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<usize>(process, 4) == changetype<usize>(job)) memory.fill(process, 0, PROCESS_BYTES);
  }
  job.state = JobState.FREE;
}

/** Waits until the job has ended or is stopped. False: a signal that ends what the shell is doing has come first. */
export function jobWait(job: Job): bool {
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<usize>(process, 4) != changetype<usize>(job)) continue;
    while (load<i32>(process, 8) == JobState.RUNNING) {
      const r = waitchange(load<i32>(process), status, WaitFlag.STOPS);
      if (r == -Errno.EINTR) {
        signalsPoll();
        if (signalsEnd()) return false;
        continue;
      }
      told(process, r);
    }
  }
  jobSettle(job);
  return true;
}

/** jobWait for the foreground: what the shell is told meanwhile waits. */
export function jobWaitSteady(job: Job): void {
  while (!jobWait(job)) {}
}

/** Looks, without waiting, at every job that is not over. */
export function jobsPoll(): void {
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    const pid = load<i32>(process);
    if (pid == 0 || load<i32>(process, 8) == JobState.DONE) continue;
    const r = waitchange(pid, status, WaitFlag.STOPS | WaitFlag.POLL);
    if (r != 0 && r != -Errno.EINTR) told(process, r);
  }
  for (let i = 0; i < JOBS; i++) {
    const job = changetype<Job>(jobs + i * JOB_BYTES);
    if (job.state != JobState.FREE && job.state != JobState.DONE) jobSettle(job);
  }
}

/** Writes down what waitchange said of a process. */
function told(process: usize, result: i32): void {
  const code = result < 0 ? 127 : load<i32>(status);
  const stops = code >= WaitStatus.STOPPED;
  store<i32>(process, stops ? JobState.STOPPED : JobState.DONE, 8);
  store<i32>(process, stops ? 128 + code - WaitStatus.STOPPED : code, 12);
}

/** Sets the job's state from those of its processes (J2). */
function jobSettle(job: Job): void {
  let state = JobState.DONE;
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<usize>(process, 4) != changetype<usize>(job)) continue;
    const one: JobState = load<i32>(process, 8);
    if (one == JobState.RUNNING) state = JobState.RUNNING;
    else if (one == JobState.STOPPED && state == JobState.DONE) state = JobState.STOPPED;
    job.status = load<i32>(process, 12);
  }
  if (state != job.state) job.told = 0;
  if (state == JobState.STOPPED && job.state != state) jobList(job);
  job.state = state;
}

/** Continues a stopped job. */
export function jobContinue(job: Job): void {
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<usize>(process, 4) != changetype<usize>(job)) continue;
    if (load<i32>(process, 8) != JobState.STOPPED) continue;
    store<i32>(process, JobState.RUNNING, 8);
    if (job.group == 0) kill(load<i32>(process), Signal.CONT);
  }
  if (job.group != 0) kill(-job.group, Signal.CONT);
  job.state = JobState.RUNNING;
  job.order = ++orders;
}

/** Sends a signal to all of a job; 0 or -errno. */
export function jobSignal(job: Job, signal: i32): i32 {
  if (signal == Signal.CONT) {
    jobContinue(job);
    return 0;
  }
  if (job.group != 0) {
    const result = kill(-job.group, signal);
    for (let i = 0; i < PROCESSES; i++) {
      const process = processes + i * PROCESS_BYTES;
      if (load<usize>(process, 4) == changetype<usize>(job)) processAwaken(process, signal);
    }
    return result;
  }
  let result = -Errno.ESRCH;
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<usize>(process, 4) != changetype<usize>(job)) continue;
    result = kill(load<i32>(process), signal);
    processAwaken(process, signal);
  }
  return result;
}

/**
 * A signal was sent to a stopped process. One that ends or continues it is looked at now, by who catches it too, and its end is to be
 * waited for.
 */
function processAwaken(process: usize, signal: i32): void {
  const stops =
    signal == 0 ||
    signal == Signal.STOP ||
    signal == Signal.TSTP ||
    signal == Signal.TTIN ||
    signal == Signal.WINCH;
  if (stops || load<i32>(process, 8) != JobState.STOPPED) return;
  kill(load<i32>(process), Signal.CONT);
  store<i32>(process, JobState.RUNNING, 8);
  changetype<Job>(load<usize>(process, 4)).state = JobState.RUNNING;
}

/** `kill` has sent a signal to one process. */
export function processSignalled(pid: i32, signal: i32): void {
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<i32>(process) == pid) processAwaken(process, signal);
  }
}

/** The listed job that is the current one (`%+`), or, with `previous`, the one before it. */
export function jobCurrent(previous: bool): Job | null {
  let first: Job | null = null;
  let second: Job | null = null;
  for (let i = 0; i < JOBS; i++) {
    const job = changetype<Job>(jobs + i * JOB_BYTES);
    if (job.state == JobState.FREE || job.listed == 0) continue;
    if (first == null || isNewer(job, first)) {
      second = first;
      first = job;
    } else if (second == null || isNewer(job, second)) second = job;
  }
  return previous ? second : first;
}

/** A stopped job comes before one that runs; then the later one. */
function isNewer(a: Job, b: Job): bool {
  const stopped = a.state == JobState.STOPPED;
  if (stopped != (b.state == JobState.STOPPED)) return stopped;
  return a.order > b.order;
}

/** The job that `%n`, `%+`, `%%`, `%-`, `%TEXT` or a bare number names, or null. */
export function jobNamed(word: usize): Job | null {
  let n = cstrLength(word);
  let p = word;
  if (n > 0 && load<u8>(p) == 0x25) {
    p++;
    n--;
  }
  if (n == 0 || (n == 1 && (load<u8>(p) == 0x2b || load<u8>(p) == 0x25))) return jobCurrent(false);
  if (n == 1 && load<u8>(p) == 0x2d) return jobCurrent(true);
  const number = isDigit(load<u8>(p)) ? <i32>parseNumber(p, n) : 0;
  const byNumber = number > 0 && parsedBytes == n;
  for (let i = 0; i < JOBS; i++) {
    const job = changetype<Job>(jobs + i * JOB_BYTES);
    if (job.state == JobState.FREE || job.listed == 0) continue;
    if (byNumber ? job.number == number : startsWith(job, p, n)) return job;
  }
  return null;
}

function startsWith(job: Job, p: usize, n: i32): bool {
  return n <= job.textBytes && memory.compare(textOf(job), p, n) == 0;
}

/** The job that a process belongs to, or null. */
export function jobOf(pid: i32): Job | null {
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<i32>(process) == pid) return changetype<Job>(load<usize>(process, 4));
  }
  return null;
}

/** The status of one process of a job that is over. */
export function processStatus(pid: i32): i32 {
  for (let i = 0; i < PROCESSES; i++) {
    const process = processes + i * PROCESS_BYTES;
    if (load<i32>(process) == pid) return load<i32>(process, 12);
  }
  return 127;
}

/** "[1]+  Stopped     command" */
export function jobShow(writer: Writer, job: Job, pids: bool): void {
  writer.byte(0x5b).dec(job.number).byte(0x5d);
  writer.byte(job === jobCurrent(false) ? 0x2b : job === jobCurrent(true) ? 0x2d : 0x20).spaces(2);
  const column = writer.column;
  if (pids && job.group != 0) writer.dec(job.group).byte(0x20);
  if (job.state == JobState.RUNNING) writer.text("Running");
  else if (job.state == JobState.STOPPED) writer.text("Stopped");
  else if (job.status == 0) writer.text("Done");
  else if (job.status > 128 && job.status < 160)
    writer.text("Ended by ").text(signalName(job.status - 128));
  else writer.text("Exit ").dec(job.status);
  writer
    .spaces(max(column + 20 - writer.column, 1))
    .bytes(textOf(job), job.textBytes)
    .newline();
}

function signalName(signal: i32): string {
  switch (signal) {
    case Signal.INT:
      return "INT";
    case Signal.KILL:
      return "KILL";
    case Signal.TERM:
      return "TERM";
    case Signal.SEGV:
      return "SEGV";
    case Signal.FPE:
      return "FPE";
    case Signal.ILL:
      return "ILL";
  }
  return "a signal";
}

/** Before a prompt: says what has changed in the background, and forgets what is over. */
export function jobsReport(): void {
  jobsPoll();
  for (let i = 0; i < JOBS; i++) {
    const job = changetype<Job>(jobs + i * JOB_BYTES);
    if (
      job.listed == 0 ||
      job.state == JobState.FREE ||
      job.state == JobState.RUNNING ||
      job.told != 0
    )
      continue;
    job.told = 1;
    jobShow(err, job, false);
    if (job.state == JobState.DONE) jobFree(job);
  }
}

/** Jobs that are stopped. */
export function jobsStopped(): i32 {
  let count = 0;
  for (let i = 0; i < JOBS; i++) {
    if (changetype<Job>(jobs + i * JOB_BYTES).state == JobState.STOPPED) count++;
  }
  return count;
}

/** The shell ends: whoever is stopped would be so for ever. */
export function jobsEnd(): void {
  for (let i = 0; i < JOBS; i++) {
    const job = changetype<Job>(jobs + i * JOB_BYTES);
    if (job.state == JobState.STOPPED) jobSignal(job, Signal.TERM);
  }
}

function textOf(job: Job): usize {
  return changetype<usize>(job) + offsetof<Job>();
}

if (<i32>offsetof<Job>() + TEXT_BYTES > JOB_BYTES) ERROR("a job's text runs into the next job");
