// Children that run in the background: their pids and, once they have ended, their statuses.
//
// Invariants
//   J1  A pid is in the table at most once, from its start until `wait` or the prompt has reported it.

import { wait, waitpoll } from "../../lib/sys";

const JOBS = 64;
const JOB_BYTES = 12;
const jobs: usize = memory.data(768); // {pid, ended, status}
const status: usize = memory.data(4);

/** Remembers a background child. With a full table the child is only no longer reported. */
export function jobAdd(pid: i32): void {
  for (let i = 0; i < JOBS; i++) {
    const job = jobs + i * JOB_BYTES;
    if (load<i32>(job) != 0) continue;
    store<i32>(job, pid);
    store<i32>(job, 0, 4);
    return;
  }
}

/** Waits for one child and returns its status; a child of the background that ends meanwhile is kept. */
export function jobWait(pid: i32): i32 {
  const job = jobFind(pid);
  if (job != 0 && load<i32>(job, 4) != 0) {
    store<i32>(job, 0);
    return load<i32>(job, 8);
  }
  const r = wait(pid, status);
  if (job != 0) store<i32>(job, 0);
  return r < 0 ? 127 : load<i32>(status);
}

/** Waits for every background child; the status of the last one. */
export function jobWaitAll(): i32 {
  let last = 0;
  for (let i = 0; i < JOBS; i++) {
    const pid = load<i32>(jobs + i * JOB_BYTES);
    if (pid != 0) last = jobWait(pid);
  }
  return last;
}

/** Looks, without waiting, for a background child that has ended and forgets it: its pid with the status in endedStatus, or 0. */
export function jobEnded(): i32 {
  for (let i = 0; i < JOBS; i++) {
    const job = jobs + i * JOB_BYTES;
    const pid = load<i32>(job);
    if (pid == 0 || waitpoll(pid, status) != pid) continue;
    store<i32>(job, 0);
    endedStatus = load<i32>(status);
    return pid;
  }
  return 0;
}

export let endedStatus: i32 = 0;

function jobFind(pid: i32): usize {
  for (let i = 0; i < JOBS; i++) {
    const job = jobs + i * JOB_BYTES;
    if (load<i32>(job) == pid) return job;
  }
  return 0;
}
