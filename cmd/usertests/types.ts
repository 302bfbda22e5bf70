// Tests of memory types, /dev/patdev, revocation, prefault, advice, and A and D bits.

import { Errno } from "../../abi/errno";
import { ServerFd } from "../../abi/ipc";
import { MemType } from "../../abi/pte";
import {
  Advice,
  DeviceMapFlag,
  DirtyBit,
  MapFlag,
  MountFlag,
  OpenFlag,
  PageInfo,
  Prot,
  Signal,
  SysInfo,
} from "../../abi/syscall";
import { openLiteral, readFull } from "../../lib/files";
import {
  close,
  getpid,
  ipcPair,
  isError,
  kill,
  madvise,
  mcache,
  mdirty,
  mmap,
  mmapDevice,
  mmcheck,
  mount,
  mprotect,
  munmap,
  open,
  pagequery,
  read,
  sfence,
  sysinfo,
  unmount,
} from "../../lib/sys";
import { bytesFind, parseNumber, putDecimal, putLiteral } from "../../lib/text";
import {
  childFd,
  childFds,
  childSpawn,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  expectGood,
  mapPages,
  PAGE,
} from "./check";

const RW = Prot.READ | Prot.WRITE;
const info: usize = memory.data(256, 8);
const text: usize = memory.data(4096);
const path: usize = memory.data(64);
const fds: usize = memory.data(8);
const bits: usize = memory.data(64);
const VRAM: u64 = 0xe0000000;
/** A page of VRAM that no picture reaches. */
const SPARE: u64 = VRAM + 0x1ff0000;

/** A counter of this process, from its status file. */
function counter(name: string): i64 {
  let n = putLiteral(path, "/proc/");
  n += putDecimal(path + n, getpid());
  n += putLiteral(path + n, "/status");
  const bytes = readPath(path, n);
  const at = bytesFind(text, bytes, name);
  expect(at >= 0, name);
  const start = at + name.length + 1;
  let end = start;
  while (end < bytes && load<u8>(text + end) != 10) end++;
  return parseNumber(text + start, end - start);
}

/** The bytes of a small file at a path of n bytes, in text. */
function readPath(name: usize, n: i32): i32 {
  const fd = open(name, n, OpenFlag.READ);
  const bytes = readFull(fd, text, 4095);
  close(fd);
  return bytes;
}

function typeAt(p: usize): u32 {
  expectGood(pagequery(0, p, info), "pagequery");
  return load<u32>(info, PageInfo.MEMTYPE);
}

function row(p: usize): void {
  for (let x = 0; x < 1024; x++) store<i32>(p + x * 4, x);
}

export function typesAreCounted(): void {
  const p = mmapDevice(SPARE, PAGE, DeviceMapFlag.WRITECOMBINE);
  expect(!isError(p), "mmap_device");
  const bursts = counter("bursts");
  row(p);
  expectEqual(counter("bursts"), bursts, "WC: no burst before the drain");
  sfence();
  expectEqual(counter("bursts"), bursts + 1, "WC: one burst after it");
  expectEqual(mcache(p, PAGE, MemType.UC), 0, "mcache, with another process's alias");
  expectEqual(typeAt(p), MemType.UC, "uncached now");
  const writes = counter("uc_writes");
  sysinfo(info);
  const busWrites = load<u64>(info, SysInfo.BUS_WRITES);
  row(p);
  expectEqual(counter("uc_writes"), writes + 1024, "UC: a write for each pixel");
  expectEqual(counter("bursts"), bursts + 1, "UC: which is no burst");
  sysinfo(info);
  expect(load<u64>(info, SysInfo.BUS_WRITES) >= busWrites + 1024, "UC: but goes to the bus");
  expectErrno(mmapDevice(SPARE, PAGE, DeviceMapFlag.WRITECOMBINE), Errno.EBUSY, "the old type");
  expectEqual(mcache(p, PAGE, MemType.WC), 0, "back");
  expectErrno(mcache(p, PAGE, MemType.WB), Errno.EINVAL, "VRAM is not cacheable");
  munmap(p, PAGE);
}

export function sharedMemoryHasTypes(): void {
  const p = mmap(0, 4 * PAGE, RW, MapFlag.SHARED | MapFlag.ANONYMOUS, -1, 0);
  store<i32>(p + PAGE, 5);
  for (let i = 0; i < 5; i++) {
    const type =
      i == 0
        ? MemType.UC
        : i == 1
          ? MemType.WC
          : i == 2
            ? MemType.WT
            : i == 3
              ? MemType.UC_MINUS
              : MemType.WB;
    expectEqual(mcache(p, 4 * PAGE, type), 0, "mcache of shared memory");
    store<i32>(p + 2 * PAGE, i);
    expectEqual(load<i32>(p + PAGE), 5, "what was stored before");
    expectEqual(load<i32>(p + 2 * PAGE), i, "and now");
    expectEqual(typeAt(p + 2 * PAGE), type, "its type");
  }
  expectErrno(mcache(p, PAGE, MemType.WC), Errno.EINVAL, "a part of it");
  const q = mapPages(1);
  expectErrno(mcache(q, PAGE, MemType.WC), Errno.EINVAL, "private memory");
}

/** Starts /srv/patdev and mounts it; its pid. */
export function patdevStart(): i32 {
  expectGood(ipcPair(fds), "ipc_pair");
  childFds();
  childFd(ServerFd.CHANNEL, load<i32>(fds, 4));
  const pid = childSpawn("/srv/patdev");
  close(load<i32>(fds, 4));
  expectGood(
    mount(load<i32>(fds), path, putLiteral(path, "/dev/patdev"), MountFlag.REPLACE),
    "mount",
  );
  close(load<i32>(fds));
  return pid;
}

export function patdevEnd(pid: i32): void {
  expectGood(unmount(path, putLiteral(path, "/dev/patdev")), "unmount");
  expectEqual(childStatus(pid), 0, "the server ends");
}

export function patdevMaps(): void {
  const pid = patdevStart();
  const fd = openLiteral("/dev/patdev", OpenFlag.READWRITE);
  expectGood(fd, "open");
  const p = mmap(0, 2 * PAGE, RW, MapFlag.SHARED, fd, 0);
  expect(!isError(p), "offset 0");
  expectEqual(typeAt(p), MemType.WC, "write-combining");
  expectErrno(mmap(0, 3 * PAGE, RW, MapFlag.SHARED, fd, 0), Errno.EINVAL, "larger than the first");
  store<i32>(p + PAGE, 1234);
  childFds();
  const child = childStart("--patdev", 0);
  expectEqual(childStatus(child), 0, "another process sees it, and answers");
  expectEqual(load<i32>(p + PAGE + 4), 4321, "its answer");
  expectEqual(typeAt(p + PAGE), MemType.WC, "the leaf says so");
  const apic = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, PAGE);
  expect(!isError(apic), "offset 4096");
  expectEqual(typeAt(apic), MemType.UC, "uncached");
  expectEqual(load<u32>(info, PageInfo.OBJECT), 5, "a list");
  expect(load<u32>(apic, 0x30) != 0xffffffff && load<u32>(apic, 0x30) != 0, "the version register");
  expectErrno(
    mmap(0, 2 * PAGE, Prot.READ, MapFlag.SHARED, fd, PAGE),
    Errno.EINVAL,
    "past the APIC",
  );
  expectErrno(mmap(0, PAGE, RW, MapFlag.SHARED, fd, 2 * PAGE), Errno.EINVAL, "any other offset");
  munmap(p, 2 * PAGE);
  munmap(apic, PAGE);
  close(fd);
  patdevEnd(pid);
}

/** The child's part of patdevMaps. */
export function patdevOther(): i32 {
  const fd = openLiteral("/dev/patdev", OpenFlag.READWRITE);
  const q = mmap(0, 2 * PAGE, RW, MapFlag.SHARED | MapFlag.PREFAULT_WRITE, fd, 0);
  if (isError(q) || load<i32>(q + PAGE) != 1234 || typeAt(q + PAGE) != MemType.WC) return 1;
  store<i32>(q + PAGE + 4, 4321);
  return 0;
}

export function deviceGone(): void {
  const pid = patdevStart();
  childFds();
  expectEqual(
    childStatus(childStart("--gone", pid)),
    139,
    "the next touch after the server's death",
  );
  expectEqual(childStatus(pid), 137, "the server is dead");
  expectGood(unmount(path, putLiteral(path, "/dev/patdev")), "unmount");
}

/** The child's part: maps the APIC through the server, ends the server, and touches it. */
export function touchGone(server: i32): i32 {
  const fd = openLiteral("/dev/patdev", OpenFlag.READWRITE);
  const apic = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, PAGE);
  if (isError(apic) || load<u32>(apic, 0x30) == 0) return 1;
  kill(server, Signal.KILL);
  // A closed channel says that the server is gone for good.
  while (read(fd, text, 1) >= 0) {}
  return load<u32>(apic, 0x30) == 0 ? 2 : 3;
}

export function privateFileMappings(): void {
  const fd = openLiteral("/bin/usertests", OpenFlag.READ);
  const p = mmap(0, 2 * PAGE, RW, MapFlag.PRIVATE, fd, 0);
  expect(!isError(p), "a private mapping of a kernel file");
  expectEqual(load<u32>(p), 0x6d736100, "the file's first bytes");
  store<u32>(p, 1);
  const q = mmap(0, PAGE, Prot.READ, MapFlag.PRIVATE, fd, 0);
  expectEqual(load<u32>(q), 0x6d736100, "a copy");
  expectErrno(mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, 0), Errno.ENODEV, "shared");
  const console = openLiteral("/dev/console", OpenFlag.READ);
  expectErrno(mmap(0, PAGE, Prot.READ, MapFlag.PRIVATE, console, 0), Errno.ENODEV, "the console");
  close(console);
  close(fd);
  filesRights();
}

/** A mapping has no rights that its descriptor has not, then or later. */
function filesRights(): void {
  const fd = openLiteral("/dev/gpu/fb", OpenFlag.READ);
  expectErrno(
    mmap(0, PAGE, RW, MapFlag.SHARED, fd, 0),
    Errno.EACCES,
    "to write what was opened to read",
  );
  const p = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, 0);
  expect(!isError(p), "to read it");
  expectErrno(mprotect(p, PAGE, RW), Errno.EACCES, "and write it later");
  const copy = mmap(0, PAGE, RW, MapFlag.PRIVATE, fd, 0);
  expect(!isError(copy), "to write a copy of it");
  store<i32>(copy, ~load<i32>(p));
  munmap(copy, PAGE);
  munmap(p, PAGE);
  close(fd);
  const sink = openLiteral("/dev/gpu/fb", OpenFlag.WRITE);
  expectErrno(
    mmap(0, PAGE, Prot.READ, MapFlag.SHARED, sink, 0),
    Errno.EACCES,
    "to read what was opened to write",
  );
  expectErrno(mmap(0, PAGE, Prot.READ, MapFlag.PRIVATE, sink, 0), Errno.EACCES, "a copy of it");
  close(sink);
}

export function dirtyBits(): void {
  const p = mapPages(4);
  store<i32>(p, 1);
  const touched = load<i32>(p + PAGE);
  expectEqual(touched, 0, "a new page");
  expectEqual(mdirty(p, 4 * PAGE, bits, DirtyBit.ACCESSED | DirtyBit.DIRTY), 0, "mdirty");
  expectBits(7, 3, 0);
  expectEqual(mdirty(p, 4 * PAGE, bits, 0), 0, "after clearing");
  expectBits(1, 1, 0);
  store<i32>(p + PAGE, 2);
  expectEqual(load<i32>(p), 1, "the value");
  expectEqual(mdirty(p, 4 * PAGE, bits, DirtyBit.DIRTY), 0, "after touching both");
  expectBits(3, 7, 0);
  store<i32>(p + PAGE, 3);
  expectEqual(mdirty(p, 4 * PAGE, bits, 0), 0, "written again");
  expectBits(3, 7, 0);
  expectErrno(mdirty(p, 4 * PAGE, 0x70000000, 0), Errno.EFAULT, "a bad vector");
  expectErrno(mdirty(p + 1, PAGE, bits, 0), Errno.EINVAL, "misaligned");
  expectErrno(mdirty(0x70000000, PAGE, bits, 0), Errno.ENOMEM, "nothing is there");
}

function expectBits(first: i32, second: i32, third: i32): void {
  expectEqual(load<u8>(bits), first, "bits of the first page");
  expectEqual(load<u8>(bits, 1), second, "bits of the second page");
  expectEqual(load<u8>(bits, 2), third, "bits of the third page");
}

export function prefaultAndAdvice(): void {
  counter("faults");
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.PREFAULT_WRITE;
  const p = mmap(0, 64 * PAGE, RW, flags, -1, 0);
  expect(!isError(p), "prefault");
  const faults = counter("faults");
  for (let i = 0; i < 64; i++) store<i32>(p + i * PAGE, i);
  expectEqual(counter("faults"), faults, "no fault after a prefault");
  sysinfo(info);
  const free = load<u32>(info, SysInfo.FREE_FRAMES);
  expectEqual(madvise(p, 64 * PAGE, Advice.DONTNEED), 0, "madvise");
  sysinfo(info);
  expect(load<u32>(info, SysInfo.FREE_FRAMES) >= free + 64, "64 frames are free again");
  expectEqual(load<i32>(p + 5 * PAGE), 0, "and read as new");
  expectErrno(
    mmap(0, PAGE, Prot.READ, flags, -1, 0),
    Errno.EACCES,
    "a dirty page that is read-only",
  );
  expectEqual(mmcheck(), 0, "every invariant holds");
}
