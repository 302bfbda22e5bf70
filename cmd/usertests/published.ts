// What people publish as failing on other systems of this kind, each as a test of its own.

import { Errno } from "../../abi/errno";
import { DeviceMapFlag, MapFlag, OpenFlag, ProcessLimit, Prot, SysInfo } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import {
  brk,
  close,
  isError,
  mmap,
  mmapDevice,
  mprotect,
  munmap,
  setlimit,
  sysinfo,
} from "../../lib/sys";
import {
  expect,
  expectDeath,
  expectEqual,
  expectErrno,
  expectGood,
  mapPages,
  PAGE,
  STACK_LIMIT,
} from "./check";
import { Death } from "./deaths";
import { patdevEnd, patdevStart } from "./types";

const RW = Prot.READ | Prot.WRITE;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const VRAM: u64 = 0xe1f00000;
const info: usize = memory.data(256, 8);

/** Two MAP_SHARED mappings of one object are the same memory, whichever is written; a private copy is not. */
export function sharedMappingsSeeEachOther(): void {
  const pid = patdevStart();
  const fd = openLiteral("/dev/patdev", OpenFlag.READWRITE);
  expectGood(fd, "open");
  const p = mmap(0, 2 * PAGE, RW, MapFlag.SHARED, fd, 0);
  const q = mmap(0, 2 * PAGE, RW, MapFlag.SHARED, fd, 0);
  expect(!isError(p) && !isError(q) && p != q, "two mappings");
  for (let at: usize = 0; at < <usize>(2 * PAGE); at += 512) {
    store<u32>(p + at, <u32>at + 1);
    expectEqual(load<u32>(q + at), at + 1, "written by one, read by the other");
    store<u32>(q + at, <u32>at + 2);
    expectEqual(load<u32>(p + at), at + 2, "and the other way");
  }
  store<u64>(p + PAGE - 4, 0x1122334455667788);
  expect(load<u64>(q + PAGE - 4) == 0x1122334455667788, "over a page boundary");
  // A private mapping of a file that its server could share was that shared memory itself, and what it stored was seen by all.
  const copy = mmap(0, 2 * PAGE, RW, MapFlag.PRIVATE, fd, 0);
  expect(!isError(copy), "a private mapping");
  expectEqual(load<u32>(copy), 0x64746170, "the bytes that a read gives: patd");
  store<u32>(copy, 99);
  expectEqual(load<u32>(q), 2, "what is stored there is nobody else's");
  munmap(copy, 2 * PAGE);
  munmap(p, 2 * PAGE);
  expectEqual(load<u32>(q), 2, "the second outlives the first");
  munmap(q, 2 * PAGE);
  close(fd);
  patdevEnd(pid);
}

export function protReadIsEnforced(): void {
  expectDeath(Death.READ_ONLY, 139, "a write to memory mapped PROT_READ");
  expectDeath(
    Death.PROTECTED,
    139,
    "a write after mprotect(PROT_READ), with the translation in the TLB",
  );
  const p = mmap(0, PAGE, Prot.READ, ANON, -1, 0);
  expectEqual(load<u32>(p), 0, "it reads as zero");
  expectEqual(mprotect(p, PAGE, RW), 0, "given the right");
  store<u32>(p, 7);
  expectEqual(mprotect(p, PAGE, Prot.READ), 0, "and taken back");
  expectEqual(load<u32>(p), 7, "what was written stays");
  munmap(p, PAGE);
}

export function fixedAndHintsAreHonoured(): void {
  const hint: usize = 0x7a5c3000;
  const p = mmap(hint, 3 * PAGE, RW, ANON, -1, 0);
  expectEqual(p, hint, "a hint where nothing is");
  for (let i = 0; i < 3; i++) store<u32>(p + i * PAGE, i + 1);
  const other = mmap(hint + PAGE, PAGE, RW, ANON, -1, 0);
  expect(!isError(other) && other != hint + PAGE, "a hint over a mapping gives another place");
  expectEqual(
    mmap(hint + PAGE, PAGE, RW, ANON | MapFlag.FIXED, -1, 0),
    hint + PAGE,
    "FIXED over a mapping",
  );
  expectEqual(load<u32>(p), 1, "the page before stays");
  expectEqual(load<u32>(p + PAGE), 0, "the page itself is new");
  expectEqual(load<u32>(p + 2 * PAGE), 3, "the page after stays");
  expectErrno(
    mmap(hint + 1, PAGE, RW, ANON | MapFlag.FIXED, -1, 0),
    Errno.EINVAL,
    "FIXED, misaligned",
  );
  munmap(p, 3 * PAGE);
  munmap(other, PAGE);
}

export function stackOverflowEnds(): void {
  expectDeath(Death.STACK_OVERFLOW, 139, "a stack that grows past its limit, page by page");
  expectDeath(Death.GUARD, 139, "a step over the limit at once");
  expectDeath(
    Death.ENGINE_STACK,
    132,
    "calls without end that use no memory: a trap of the engine",
  );
}

export function nullDereferenceEnds(): void {
  expectDeath(Death.NULL_READ, 139, "a load from address 0");
  expectDeath(Death.NULL_WRITE, 139, "a store to address 0");
  expectDeath(Death.NULL_FIELD, 139, "a field of a structure at address 0");
}

function freeFrames(): i64 {
  sysinfo(info);
  return load<u32>(info, SysInfo.FREE_FRAMES);
}

export function freedMemoryIsGivenBack(): void {
  const pages = 2048;
  freeFrames(); // the page of `info` is there now
  const free = freeFrames();
  const p = mapPages(pages);
  for (let i = 0; i < pages; i++) store<u32>(p + i * PAGE, i);
  expect(freeFrames() <= free - pages, "8 MiB are taken");
  expectEqual(munmap(p, pages * PAGE), 0, "munmap");
  expectEqual(freeFrames(), free, "and given back, the tables too");
  const end = brk(0);
  const up = (end + PAGE - 1) & ~(PAGE - 1);
  expectEqual(brk(up + pages * PAGE), up + pages * PAGE, "the break goes up");
  for (let i = 0; i < pages; i++) store<u32>(up + i * PAGE, i);
  expect(freeFrames() <= free - pages, "8 MiB are taken");
  expectEqual(brk(end), end, "and down");
  expectEqual(freeFrames(), free, "everything is back");
}

export function limitsCanBeRaised(): void {
  expectEqual(setlimit(ProcessLimit.DEVICE_MAPPINGS, 10), 8, "eight device mappings");
  for (let i = 0; i < 10; i++)
    expect(
      !isError(mmapDevice(VRAM + <u64>(i * PAGE), PAGE, DeviceMapFlag.WRITECOMBINE)),
      "the tenth",
    );
  expectErrno(
    mmapDevice(VRAM + <u64>(10 * PAGE), PAGE, DeviceMapFlag.WRITECOMBINE),
    Errno.ENOSPC,
    "the eleventh",
  );
  expectEqual(setlimit(ProcessLimit.STACK_BYTES, 16 << 20), STACK_LIMIT, "a stack of 8 MiB");
  store<u32>(0xc0000000 - (16 << 20), 1);
  expectErrno(setlimit(9, 1), Errno.EINVAL, "no such limit");
}
