// Tests of shootdown with programs that really run elsewhere: loops that never call the kernel are stopped by what another process does to
// memory that they share, and what they still store arrives in nobody else's memory. The server is this program again (`usertests
// --shoot-serve 0`), its file can be mapped and taken back.

import { Errno } from "../../abi/errno";
import { ServerFd } from "../../abi/ipc";
import { MemType } from "../../abi/pte";
import { MapFlag, MountFlag, OpenFlag, Prot, Signal } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import { Server, serve } from "../../lib/server";
import {
  close,
  ctl,
  ipcPair,
  isError,
  kill,
  mcache,
  mmap,
  mmcheck,
  mount,
  mrevoke,
  munmap,
  nanosleep,
  unmount,
  waitpoll,
} from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import {
  childFd,
  childFds,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectGood,
  mapPages,
  PAGE,
  waitStatus,
} from "./check";

const RW = Prot.READ | Prot.WRITE;
/** Pages of the shared memory: in the first a word for each loop says that it runs, the rest is what loops use. */
const PAGES = 5;
/** Kinds of loops (tightLoop). */
const KINDS = 5;
const ROUNDS = 4;
/** Rounds of a loop before it says that it runs: the engine has optimised it by then. */
const WARM = 3000000;
const TAKEN = 139;
const fds: usize = memory.data(8);
const path: usize = memory.data(64);
const pids: usize = memory.data(64);

class ShootServer extends Server {
  memory: usize = 0;

  open(_path: usize, _bytes: i32, _flags: i32): i32 {
    return 1;
  }

  map(_handle: i32, _prot: i32, offset: u64, _length: u64): i32 {
    if (this.memory == 0) {
      this.memory = mmap(0, PAGES * PAGE, RW, MapFlag.SHARED | MapFlag.ANONYMOUS, -1, 0);
    }
    this.mapAddress = this.memory;
    this.mapOffset = offset;
    return 0;
  }

  /** u: uncached; c: write-combining; b: write-back; r: taken back, the next mapping is of new memory. */
  control(_handle: i32, text: usize, _bytes: i32, _answer: usize): i32 {
    const what = load<u8>(text);
    if (what == 0x75) return mcache(this.memory, PAGES * PAGE, MemType.UC);
    if (what == 0x63) return mcache(this.memory, PAGES * PAGE, MemType.WC);
    if (what == 0x62) return mcache(this.memory, PAGES * PAGE, MemType.WB);
    const r = mrevoke(this.memory, 0);
    munmap(this.memory, PAGES * PAGE);
    this.memory = 0;
    return r;
  }
}

/** The child's part: the server. */
export function shootServe(): i32 {
  return serve(new ShootServer()) == -Errno.EPIPE ? 0 : 1;
}

/** The child's part: a loop without a call. Only the end of its memory ends it. */
export function tightLoop(kind: i32): i32 {
  const p = mapShared();
  if (isError(p)) return 1;
  loop(kind, p + PAGE, WARM);
  atomic.store<i32>(p + kind * 4, 1);
  loop(kind, p + PAGE, i32.MAX_VALUE);
  for (;;) loop(kind, p + PAGE, i32.MAX_VALUE);
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 2;
}

/** The result is used: a loop without a use is no loop. */
let sink: u32 = 0;

function loop(kind: i32, p: usize, n: i32): void {
  switch (kind) {
    case 0:
      return loadOne(p, n);
    case 1:
      return storeOne(p, n);
    case 2:
      return loadBytes(p, n);
    case 3:
      return storeAll(p, n);
    default:
      return copyWords(p, n);
  }
}

/** The form that an engine would like to hoist: nothing in it changes. */
function loadOne(p: usize, n: i32): void {
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) sum += load<u32>(p, 64);
  sink += sum;
}

function storeOne(p: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<u32>(p, 0xdead, 128);
}

function loadBytes(p: usize, n: i32): void {
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) sum += load<u8>(p + ((i * 61) & 0x3fff));
  sink += sum;
}

function storeAll(p: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<u64>(p + ((i * 72) & 0x3ff8), 0xdeaddeaddead);
}

function copyWords(p: usize, n: i32): void {
  for (let i = 0; i < n; i++)
    store<f64>(p + 2 * PAGE + ((i * 8) & 0xff8), load<f64>(p + ((i * 8) & 0xff8)));
}

export function loopsAreStopped(): void {
  const server = shootStart();
  for (let round = 0; round < ROUNDS; round++) {
    const fd = openLiteral("/shoot/memory", OpenFlag.READWRITE);
    expectGood(fd, "open");
    const p = mapShared();
    expect(!isError(p), "mmap");
    for (let kind = 0; kind < KINDS; kind++) {
      childFds();
      store<i32>(pids + kind * 4, childStart("--tight", kind));
    }
    for (let kind = 0; kind < KINDS; kind++) {
      while (atomic.load<i32>(p + kind * 4) == 0) nanosleep(1000000);
    }
    // Other types, while they run: each access of theirs goes to the kernel, and then no longer.
    if (round & 1) {
      expectEqual(ctl(fd, path, putLiteral(path, "u")), 0, "uncached");
      expectEqual(ctl(fd, path, putLiteral(path, "c")), 0, "write-combining");
      expectEqual(ctl(fd, path, putLiteral(path, "b")), 0, "write-back");
    }
    munmap(p, PAGES * PAGE);
    expectEqual(ctl(fd, path, putLiteral(path, "r")), 0, "taken back");
    // The frames are somebody else's as soon as all have stopped: new memory is zero and stays as its owner left it.
    const fresh = mapPages(64);
    for (let i = 0; i < 64 * PAGE; i += 64) {
      expectEqual(load<u64>(fresh + i), 0, "new memory");
      store<u64>(fresh + i, i + 1);
    }
    for (let kind = 0; kind < KINDS; kind++)
      expectEqual(ended(load<i32>(pids + kind * 4)), TAKEN, "a loop whose memory is gone");
    for (let i = 0; i < 64 * PAGE; i += 64) expectEqual(load<u64>(fresh + i), i + 1, "own memory");
    munmap(fresh, 64 * PAGE);
    close(fd);
    expectEqual(mmcheck(), 0, "mmcheck");
  }
  expectGood(unmount(path, putLiteral(path, "/shoot")), "unmount");
  expectEqual(childStatus(server), 0, "the server ends");
}

/** The status of a child that must end; one that does not within some ten seconds is killed, and then the status says so. */
function ended(pid: i32): i32 {
  for (let i = 0; i < 2000; i++) {
    if (waitpoll(pid, waitStatus) == pid) return load<i32>(waitStatus);
    nanosleep(5000000);
  }
  kill(pid, Signal.KILL);
  return childStatus(pid);
}

function mapShared(): usize {
  const fd = openLiteral("/shoot/memory", OpenFlag.READWRITE);
  if (fd < 0) return fd;
  const p = mmap(0, PAGES * PAGE, RW, MapFlag.SHARED, fd, 0);
  close(fd);
  return p;
}

function shootStart(): i32 {
  expectGood(ipcPair(fds), "ipc_pair");
  childFds();
  childFd(ServerFd.CHANNEL, load<i32>(fds, 4));
  const pid = childStart("--shoot-serve", 0);
  close(load<i32>(fds, 4));
  expectGood(mount(load<i32>(fds), path, putLiteral(path, "/shoot"), MountFlag.REPLACE), "mount");
  close(load<i32>(fds));
  return pid;
}
