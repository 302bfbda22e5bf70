// Tests of the program's own fault handler: this program exports __fault, which does what `mode` says.

import { Errno } from "../../abi/errno";
import { Access } from "../../abi/mmu";
import { FaultBit } from "../../abi/pte";
import { MapFlag, OpenFlag, Prot, Signal } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import { close, exit, isError, kill, mmap, mprotect, munmap, nanosleep, read } from "../../lib/sys";
import {
  childFds,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  mapPages,
  PAGE,
} from "./check";
import { drawerFault, drawsOn } from "./screen";

export const enum Mode {
  NONE = 0, // let the program end
  MAP = 1, // map a page there
  UNPROTECT = 2,
  NESTED = 3, // a bad access of its own
  SPIN = 4, // never answers, without touching memory
  SPIN_MEMORY = 5,
  RECURSE = 6, // until the engine's stack is used up
  EXIT = 7,
  TRAP = 8,
  COUNT = 9, // answers "again" without repairing, a few times
}

const RW = Prot.READ | Prot.WRITE;
const FRESH: usize = 0x60000000;
let mode: i32 = Mode.NONE;
let calls = 0;
let lastAddress: u32 = 0;
let lastAccess = 0;
let lastBits = 0;
let sink = 0;
const word: usize = memory.data(8);

/** The kernel calls this for every bad access of this program. */
export function __fault(address: u32, access: i32, bits: i32): i32 {
  if (drawsOn) return drawerFault(address);
  calls++;
  lastAddress = address;
  lastAccess = access;
  lastBits = bits;
  const page = address & ~4095;
  switch (mode) {
    case Mode.MAP:
      return isError(
        mmap(page, PAGE, RW, MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED, -1, 0),
      )
        ? 0
        : 1;
    case Mode.UNPROTECT:
      return mprotect(page, PAGE, RW) == 0 ? 1 : 0;
    case Mode.NESTED:
      store<u32>(0x70000000, 1);
      return 1;
    case Mode.SPIN:
      for (;;) {}
    case Mode.SPIN_MEMORY:
      for (;;) store<u32>(word, load<u32>(word) + 1);
    case Mode.RECURSE:
      return recurse(1);
    case Mode.EXIT:
      exit(33);
      break;
    case Mode.TRAP:
      unreachable();
      break;
    case Mode.COUNT:
      return calls < 5 ? 1 : 0;
  }
  return 0;
}

function recurse(n: i32): i32 {
  store<i32>(word, n);
  return recurse(n + 1) + load<i32>(word);
}

export function handlerRepairs(): void {
  mode = Mode.MAP;
  store<u32>(FRESH + 8, 7);
  expectEqual(load<u32>(FRESH + 8), 7, "the store was done after the repair");
  expectEqual(calls, 1, "one question");
  expectEqual(lastAddress, <u32>FRESH + 8, "its address");
  expectEqual(lastAccess, Access.WRITE, "a write");
  expectEqual(lastBits, FaultBit.W | FaultBit.U, "not present, write, user");
  sink = load<i32>(FRESH + 5 * PAGE + 2);
  expectEqual(lastAccess, Access.READ, "a read");
  // An emulator's or a collector's address space grows page by page: across two pages, and by the engine's bulk calls.
  store<u64>(FRESH + 10 * PAGE - 4, 0x1122334455667788);
  expectEqual(load<u64>(FRESH + 10 * PAGE - 4), 0x1122334455667788, "across two pages");
  memory.fill(FRESH + 20 * PAGE + 5, 0x5a, 3 * PAGE);
  memory.copy(FRESH + 30 * PAGE + 1, FRESH + 20 * PAGE + 5, 3 * PAGE);
  expectEqual(load<u8>(FRESH + 33 * PAGE), 0x5a, "fill and copy");
  for (let i = 40; i < 140; i++) store<i32>(FRESH + i * PAGE, i);
  for (let i = 40; i < 140; i++) expectEqual(load<i32>(FRESH + i * PAGE), i, "a hundred pages");
  // System calls do not ask: they say EFAULT.
  const before = calls;
  const fd = openLiteral("/dev/zero", OpenFlag.READ);
  expectErrno(read(fd, FRESH + 200 * PAGE, 8), Errno.EFAULT, "read");
  close(fd);
  expectEqual(calls, before, "a call's bad pointer is not a bad access");
  munmap(FRESH, 256 * PAGE);
}

export function handlerIsAWriteBarrier(): void {
  const p = mapPages(8);
  for (let i = 0; i < 8; i++) store<i32>(p + i * PAGE, i);
  mprotect(p, 8 * PAGE, Prot.READ);
  mode = Mode.UNPROTECT;
  for (let i = 0; i < 8; i += 2) {
    store<i32>(p + i * PAGE, 100 + i);
    store<i32>(p + i * PAGE + 4, 200 + i);
  }
  expectEqual(calls, 4, "one question for each page that was written");
  expectEqual(lastBits, FaultBit.P | FaultBit.W | FaultBit.U, "protection, write, user");
  for (let i = 0; i < 8; i++)
    expectEqual(load<i32>(p + i * PAGE), (i & 1) == 0 ? 100 + i : i, "value");
}

export function handlerCanFail(): void {
  expectEnd(Mode.NONE, 139, "a handler that says no");
  expectEnd(Mode.NESTED, 139, "a bad access in the handler");
  expectEnd(Mode.COUNT, 139, "asked again while nothing was repaired");
  expectEnd(Mode.EXIT, 33, "exit in the handler");
  expectEnd(Mode.TRAP, 132, "a trap in the handler");
  expectEnd(Mode.RECURSE, 132, "recursion without end in the handler");
  killed(Mode.SPIN_MEMORY);
  killed(Mode.SPIN);
}

function expectEnd(kind: i32, status: i32, what: string): void {
  childFds();
  expectEqual(childStatus(childStart("--fault", kind)), status, what);
}

function killed(kind: i32): void {
  childFds();
  const pid = childStart("--fault", kind);
  nanosleep(20000000);
  expect(kill(pid, Signal.KILL) == 0, "kill");
  expectEqual(childStatus(pid), 137, "killed in its handler");
}

/** The child's part: a bad access with a handler that does `kind`. */
export function faultWith(kind: i32): i32 {
  mode = kind;
  store<u32>(FRESH, 1);
  return 1;
}
