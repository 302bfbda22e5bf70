// Services: how they are started, what happens when one ends, and what `svc` may ask for.
//
// A service that ends is started again after a while (backoff.ts). One that ends with status 0, or ABSENT (its device is not there), is not;
// nor is one that was stopped. These are not mounted any more.
//
// Between its end and the next one's first ipc_recv every call to it is EPIPE (ipc_down): nobody waits for a service that may not come.
// init itself asks no service anything, so that none can hang it.

import { Errno } from "../../abi/errno";
import { ServerFd, WaitFor } from "../../abi/ipc";
import { FdMap, Signal } from "../../abi/syscall";
import { ipcDown, ipcPair, ipcWait, kill, mount, setgroup, spawn, unmount } from "../../lib/sys";
import { bytesAre } from "../../lib/text";
import { MILLISECOND, now, SECOND } from "../../lib/time";
import { backoff } from "./backoff";
import { Service, State, serviceAt, serviceCount } from "./list";
import { more, moreBytes, moreErrno, moreNumber, said, say, sayPlain } from "./log";

const STATUS_ABSENT = 3;
/** How long services may need until they serve, at the start, and until what `svc` has asked for has come. */
const READY: i64 = 5 * SECOND;
const SETTLED: i64 = SECOND;

const argv: usize = memory.data(256);
const fds: usize = memory.data(8);
const fdmap: usize = memory.data(32);

/** Takes in children that have ended. */
let reap: () => void = () => {};

/** Starts those that belong to this boot, all at once, and waits until they serve; `reaper` takes in children that end meanwhile. */
export function servicesBoot(screen: bool, reaper: () => void): void {
  reap = reaper;
  for (let i = 0; i < serviceCount(); i++) {
    const s = serviceAt(i);
    if (s.manual == 0 && (s.screen == 0 || screen)) serviceStart(s);
  }
  const last = now() + READY;
  for (let i = 0; i < serviceCount(); i++) {
    const s = serviceAt(i);
    awaitSettled(s, last);
  }
  sayPlain("servers mounted:");
  let mounted = 0;
  for (let i = 0; i < serviceCount(); i++) {
    const s = serviceAt(i);
    if (s.state != State.RUNNING || s.mountBytes == 0) continue;
    more(" ");
    moreBytes(s.mount, s.mountBytes);
    mounted++;
  }
  if (mounted == 0) more(" none");
  said();
}

/** What `svc` has asked for is on its way: waits for it, so that whoever asked finds it done. */
export function serviceSettle(s: Service): void {
  awaitSettled(s, now() + SETTLED);
}

/** Waits until a service that was told to end has ended, and one that runs serves; until `last` at most. */
function awaitSettled(s: Service, last: i64): void {
  for (let left = last - now(); left > 0; left = last - now()) {
    const ends = s.state == State.STOPPING || s.state == State.RESTARTING;
    if (!ends && (s.state != State.RUNNING || s.mountBytes == 0)) return;
    const come = ends
      ? ipcWait(-1, WaitFor.CHILD, left)
      : ipcWait(s.end, WaitFor.SERVER | WaitFor.CHILD, left);
    if (come < 0 || (come & WaitFor.SERVER) != 0) return;
    if ((come & WaitFor.CHILD) != 0) reap();
  }
}

/** True if a service that runs is mounted there. */
export function servicesServe(path: string): bool {
  for (let i = 0; i < serviceCount(); i++) {
    const s = serviceAt(i);
    if (s.state == State.RUNNING && bytesAre(s.mount, s.mountBytes, path)) return true;
  }
  return false;
}

/** Starts those whose time has come. Ns until the next one's, -1: none waits. */
export function servicesDue(): i64 {
  const time = now();
  let next: i64 = -1;
  for (let i = 0; i < serviceCount(); i++) {
    const s = serviceAt(i);
    if (s.due == 0) continue;
    if (s.due <= time) again(s);
    if (s.due != 0 && (next < 0 || s.due - time < next)) next = s.due - time;
  }
  return next < 0 ? -1 : max<i64>(next, 0);
}

/** A child of init ended. False: it is no service. */
export function serviceEnded(pid: i32, status: i32): bool {
  for (let i = 0; i < serviceCount(); i++) {
    const s = serviceAt(i);
    if (s.pid != pid) continue;
    s.pid = 0;
    s.lastStatus = status;
    if (s.end >= 0) ipcDown(s.end);
    say("");
    moreBytes(s.program, s.programBytes);
    more(" ended with status ");
    moreNumber(status);
    plan(s, status);
    said();
    if (s.state == State.RESTARTING) again(s);
    return true;
  }
  return false;
}

/** `svc start`: 0, or -EBUSY when it runs. */
export function serviceWantStart(s: Service): i32 {
  if (s.pid != 0) return -Errno.EBUSY;
  s.backoff = 0;
  s.due = 0;
  return serviceStart(s) ? 0 : -Errno.EIO;
}

/** `svc stop`: 0, or -EBUSY when it neither runs nor waits. */
export function serviceWantStop(s: Service): i32 {
  if (s.pid != 0) {
    s.state = State.STOPPING;
    kill(s.pid, Signal.TERM);
    return 0;
  }
  if (s.due == 0) return -Errno.EBUSY;
  s.due = 0;
  s.state = State.STOPPED;
  leaveMount(s);
  return 0;
}

/** `svc restart`: now, whatever it does. */
export function serviceWantRestart(s: Service): i32 {
  if (s.pid == 0) return serviceWantStart(s);
  s.state = State.RESTARTING;
  kill(s.pid, Signal.TERM);
  return 0;
}

/** What becomes of a service that has just ended; the rest of the line about it. */
function plan(s: Service, status: i32): void {
  if (s.state == State.RESTARTING) {
    more("; restarting");
    return;
  }
  if (s.state == State.STOPPING || status == 0 || status == STATUS_ABSENT) {
    s.state = s.state == State.STOPPING ? State.STOPPED : status == 0 ? State.ENDED : State.ABSENT;
    leaveMount(s);
    return;
  }
  wait(s, now() - s.started);
  more("; restarting in ");
  moreNumber(s.backoff / MILLISECOND);
  more(" ms");
}

function wait(s: Service, lived: i64): void {
  s.state = State.WAITING;
  s.backoff = backoff(s.backoff, lived);
  s.due = now() + s.backoff;
}

function again(s: Service): void {
  s.due = 0;
  // It is said before: whoever finds the service back has what the log says of it behind him.
  say("starting ");
  moreBytes(s.program, s.programBytes);
  more(" again");
  said();
  if (serviceStart(s)) s.restarts++;
}

/** Spawns the service with its channel's server end as descriptor 3, and mounts the other end. False: said why, and it waits. */
function serviceStart(s: Service): bool {
  let r = s.mountBytes == 0 ? 0 : channelOf(s);
  if (r >= 0) r = spawnService(s);
  if (r < 0) {
    say("");
    moreBytes(s.program, s.programBytes);
    more(": ");
    moreErrno(r);
    said();
    wait(s, 0);
    return false;
  }
  s.pid = r;
  s.started = now();
  s.state = State.RUNNING;
  setgroup(r, 0);
  return true;
}

/** Makes the channel at the first start, and mounts it if it is not. */
function channelOf(s: Service): i32 {
  if (s.end < 0) {
    const r = ipcPair(fds);
    if (r < 0) return r;
    s.client = load<i32>(fds);
    s.end = load<i32>(fds, 4);
  }
  if (s.state == State.WAITING || s.state == State.RESTARTING) return 0;
  return mount(s.client, s.mount, s.mountBytes, s.flags);
}

function spawnService(s: Service): i32 {
  const n = s.end < 0 ? 3 : 4;
  for (let fd = 0; fd < n; fd++) {
    store<i32>(fdmap + fd * FdMap.BYTES, fd, FdMap.CHILD);
    store<i32>(fdmap + fd * FdMap.BYTES, fd == ServerFd.CHANNEL ? s.end : fd, FdMap.PARENT);
  }
  const bytes = min(s.programBytes, 255);
  memory.copy(argv, s.program, bytes);
  store<u8>(argv + bytes, 0);
  return spawn(s.program, s.programBytes, argv, bytes + 1, fdmap, n);
}

function leaveMount(s: Service): void {
  if (s.mountBytes != 0) unmount(s.mount, s.mountBytes);
}
