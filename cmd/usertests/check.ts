// What a test says: the first thing that is not as it should be ends the test's process with status 1 and a line.

import { FdMap, MapFlag, OpenFlag, Prot } from "../../abi/syscall";
import { errnoName } from "../../lib/errno";
import { openLiteral } from "../../lib/files";
import { out } from "../../lib/fmt";
import { finish } from "../../lib/program";
import { close, isError, mmap, spawn, wait } from "../../lib/sys";
import { putDecimal, putLiteral } from "../../lib/text";

export const PAGE: i32 = 4096;
/** The stack of a program may grow to this many bytes. */
export const STACK_LIMIT: usize = 8 << 20;
/** An address that nothing maps. */
export const NOWHERE: usize = 0xaff00000;
export const waitStatus: usize = memory.data(4);

/** Ends the test unless the condition holds. */
export function expect(condition: bool, what: string): void {
  if (condition) return;
  out.text("  not so: ").text(what).newline();
  finish(1);
}

export function expectEqual(actual: i64, expected: i64, what: string): void {
  if (actual == expected) return;
  out.text("  ").text(what).text(": got ").dec(actual).text(", expected ").dec(expected).newline();
  finish(1);
}

/** The call must fail with exactly this errno. */
export function expectErrno(result: i64, errno: i32, what: string): void {
  if (<i32>result == -errno) return;
  out.text("  ").text(what).text(": got ");
  const r = <i32>result;
  if (r < 0 && r > -4096) out.text(errnoName(r));
  else out.dec(r);
  out.text(", expected ").text(errnoName(errno)).newline();
  finish(1);
}

/** The call must not fail. */
export function expectGood(result: i64, what: string): i32 {
  const r = <i32>result;
  if (r >= 0 || r < -4095) return r;
  out.text("  ").text(what).text(": ").text(errnoName(r)).newline();
  finish(1);
  return r;
}

/** Private anonymous memory that may be read and written. */
export function mapPages(pages: i32): usize {
  const p = mmap(
    0,
    pages * PAGE,
    Prot.READ | Prot.WRITE,
    MapFlag.PRIVATE | MapFlag.ANONYMOUS,
    -1,
    0,
  );
  expect(!isError(p), "mmap of anonymous memory");
  return p;
}

const argv: usize = memory.data(256);
const fdmap: usize = memory.data(64);
const path: usize = memory.data(64);
let fdmapCount = 0;

/** Starts building the descriptors of the next child: 0 and 1 as here, 2 silent. */
export function childFds(): void {
  const silent = openLiteral("/dev/null", OpenFlag.WRITE);
  expectGood(silent, "open /dev/null");
  childFdsSame();
  childFd(2, silent);
}

/** The descriptors of the next child: 0, 1 and 2 as here. */
export function childFdsSame(): void {
  fdmapCount = 0;
  childFd(0, 0);
  childFd(1, 1);
  childFd(2, 2);
}

export function childFd(child: i32, parent: i32): void {
  for (let i = 0; i < fdmapCount; i++) {
    if (load<i32>(fdmap + i * FdMap.BYTES) == child) {
      store<i32>(fdmap + i * FdMap.BYTES, parent, FdMap.PARENT);
      return;
    }
  }
  store<i32>(fdmap + fdmapCount * FdMap.BYTES, child, FdMap.CHILD);
  store<i32>(fdmap + fdmapCount * FdMap.BYTES, parent, FdMap.PARENT);
  fdmapCount++;
}

/** Starts `usertests MODE NUMBER` with the descriptors built by childFds(); its pid. */
export function childStart(mode: string, number: i32): i32 {
  let n = putLiteral(argv, "usertests");
  store<u8>(argv + n++, 0);
  n += putLiteral(argv + n, mode);
  store<u8>(argv + n++, 0);
  n += putDecimal(argv + n, number);
  store<u8>(argv + n++, 0);
  return expectGood(
    spawn(path, putLiteral(path, "/bin/usertests"), argv, n, fdmap, fdmapCount),
    "spawn",
  );
}

/** Starts another program without arguments, with the descriptors built by childFds(); its pid. */
export function childSpawn(program: string): i32 {
  const n = putLiteral(argv, program);
  store<u8>(argv + n, 0);
  return expectGood(
    spawn(path, putLiteral(path, program), argv, n + 1, fdmap, fdmapCount),
    "spawn",
  );
}

/** Waits for a child; its status. */
export function childStatus(pid: i32): i32 {
  expectEqual(wait(pid, waitStatus), pid, "wait");
  return load<i32>(waitStatus);
}

/** A child that makes mistake `kind` (deaths.ts) must end with this status. */
export function expectDeath(kind: i32, status: i32, what: string): void {
  childFds();
  expectEqual(childStatus(childStart("--die", kind)), status, what);
}

/** Closes both ends of a pair of descriptors stored at p. */
export function closePair(p: usize): void {
  close(load<i32>(p));
  close(load<i32>(p, 4));
}
