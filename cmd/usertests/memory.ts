// Tests of memory: faults, mmap, munmap, mprotect, the break, the stack, what pagequery says.

import { Errno } from "../../abi/errno";
import { MemType, PteBit } from "../../abi/pte";
import { MapFlag, OpenFlag, PageInfo, Prot, SysInfo } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import {
  brk,
  close,
  isError,
  mmap,
  mprotect,
  munmap,
  pagequery,
  read,
  sysinfo,
} from "../../lib/sys";
import {
  expect,
  expectDeath,
  expectEqual,
  expectErrno,
  expectGood,
  mapPages,
  NOWHERE,
  PAGE,
  STACK_LIMIT,
} from "./check";
import { Death } from "./deaths";

const RW = Prot.READ | Prot.WRITE;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const info: usize = memory.data(256, 8);

export function faultsEndTheProgram(): void {
  expectDeath(Death.NULL_WRITE, 139, "write to address 0");
  expectDeath(Death.NULL_READ, 139, "read of address 0");
  expectDeath(Death.READ_ONLY, 139, "write to a read-only page");
  expectDeath(Death.KERNEL, 139, "write above 0xc0000000");
  expectDeath(Death.LAST_BYTE, 139, "a read across the end of a mapping");
}

export function rightsAreLoweredAtOnce(): void {
  expectDeath(Death.PROTECTED, 139, "write after mprotect took the right");
  expectDeath(Death.NO_ACCESS, 139, "read after mprotect to NONE");
  expectDeath(Death.UNMAPPED, 139, "read after munmap");
}

export function trapsEndTheProgram(): void {
  expectDeath(Death.DIVIDE, 136, "division by zero");
  expectDeath(Death.UNREACHABLE, 132, "unreachable");
  expectDeath(Death.OVERFLOW, 139, "address + offset past 4 GiB");
}

export function anonymousMemory(): void {
  const p = mapPages(3);
  expect(p >= 0x40000000 && p + 3 * PAGE <= 0xb0000000, "in the mmap area");
  expectEqual(p & (PAGE - 1), 0, "page aligned");
  for (let at = p; at < p + 3 * PAGE; at += 8) expect(load<u64>(at) == 0, "zero at first");
  for (let at = p; at < p + 3 * PAGE; at += 4) store<u32>(at, <u32>at);
  for (let at = p; at < p + 3 * PAGE; at += 4)
    expect(load<u32>(at) == <u32>at, "keeps what is stored");
  store<u64>(p + PAGE - 3, 0x1122334455667788);
  expect(load<u64>(p + PAGE - 3) == 0x1122334455667788, "an access across two pages");
  expectEqual(munmap(p, 3 * PAGE), 0, "munmap");
}

export function mmapRefuses(): void {
  expectErrno(mmap(0, 0, RW, ANON, -1, 0), Errno.EINVAL, "size 0");
  expectErrno(
    mmap(0, PAGE, RW, MapFlag.ANONYMOUS, -1, 0),
    Errno.EINVAL,
    "neither shared nor private",
  );
  expectErrno(
    mmap(0x50000001, PAGE, RW, ANON | MapFlag.FIXED, -1, 0),
    Errno.EINVAL,
    "misaligned fixed address",
  );
  expectErrno(
    mmap(0, PAGE, RW, MapFlag.PRIVATE, 63, 0),
    Errno.EBADF,
    "a descriptor that is not open",
  );
  expect(isError(mmap(0, 0xfffff000, RW, ANON, -1, 0)), "more than the address space");
  expect(isError(mmap(0, 0xffffffff, RW, ANON, -1, 0)), "a size that wraps when rounded");
  expect(
    isError(mmap(0xaffff000, 0x2000000, RW, ANON | MapFlag.FIXED, -1, 0)),
    "a fixed range past the area",
  );
  expect(
    isError(mmap(0xc0000000, PAGE, RW, ANON | MapFlag.FIXED, -1, 0)),
    "a fixed range above the program",
  );
  expect(
    isError(mmap(0xfffff000, 2 * PAGE, RW, ANON | MapFlag.FIXED, -1, 0)),
    "a fixed range that wraps",
  );
  fileRefuses(openLiteral("/bin/usertests", OpenFlag.READ));
  fileRefuses(openLiteral("/dev/gpu/fb", OpenFlag.READWRITE));
}

/** What mmap does not know is refused for files too, whoever serves them. */
function fileRefuses(fd: i32): void {
  expectErrno(mmap(0, PAGE, Prot.READ, 0, fd, 0), Errno.EINVAL, "a file, nor shared nor private");
  expectErrno(
    mmap(0, PAGE, Prot.READ, MapFlag.SHARED | MapFlag.PRIVATE, fd, 0),
    Errno.EINVAL,
    "a file, both",
  );
  expectErrno(
    mmap(0, PAGE, Prot.READ, MapFlag.SHARED | 0x80, fd, 0),
    Errno.EINVAL,
    "a file, an unknown flag",
  );
  expectErrno(mmap(0, PAGE, 9, MapFlag.SHARED, fd, 0), Errno.EINVAL, "a file, an unknown right");
  expectErrno(mmap(0, PAGE, Prot.READ, MapFlag.PRIVATE, fd, 8), Errno.EINVAL, "inside a page");
  close(fd);
}

export function mmapHonoursHints(): void {
  const hint: usize = 0x61230000;
  const p = mmap(hint, PAGE, RW, ANON, -1, 0);
  expectEqual(p, hint, "a free hint");
  const q = mmap(hint, PAGE, RW, ANON, -1, 0);
  expect(!isError(q) && q != p, "a taken hint gives another place");
  store<u32>(p, 7);
  expectErrno(
    mmap(p, PAGE, RW, ANON | MapFlag.FIXED_NOREPLACE, -1, 0),
    Errno.EEXIST,
    "FIXED_NOREPLACE over a mapping",
  );
  expectEqual(load<u32>(p), 7, "the mapping is untouched");
  expectEqual(mmap(p, PAGE, RW, ANON | MapFlag.FIXED, -1, 0), p, "FIXED over a mapping");
  expectEqual(load<u32>(p), 0, "FIXED replaces it");
}

export function mmapReusesAddresses(): void {
  const first = mapPages(4);
  munmap(first, 4 * PAGE);
  for (let i = 0; i < 300; i++) {
    const p = mapPages(4);
    expectEqual(p, first, "the same place again");
    store<u32>(p + (i & 3) * PAGE, i);
    expectEqual(munmap(p, 4 * PAGE), 0, "munmap");
  }
}

export function munmapSplits(): void {
  const p = mapPages(5);
  for (let i = 0; i < 5; i++) store<u32>(p + i * PAGE, i + 1);
  expectEqual(munmap(p + 2 * PAGE, PAGE), 0, "a hole");
  for (let i = 0; i < 5; i++)
    if (i != 2) expectEqual(load<u32>(p + i * PAGE), i + 1, "the rest stays");
  expectGood(pagequery(0, p + 2 * PAGE, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.ENTRY_END), 0, "no entry covers the hole");
  expectEqual(
    mmap(p + 2 * PAGE, PAGE, RW, ANON | MapFlag.FIXED_NOREPLACE, -1, 0),
    p + 2 * PAGE,
    "the hole is free",
  );
  expectEqual(load<u32>(p + 2 * PAGE), 0, "and zero");
  expectEqual(munmap(p, 5 * PAGE), 0, "all of it");
}

export function munmapRefuses(): void {
  const p = mapPages(1);
  expectErrno(munmap(p, 0), Errno.EINVAL, "size 0");
  expectErrno(munmap(p + 1, PAGE), Errno.EINVAL, "misaligned");
  expectErrno(munmap(0xc0000000, PAGE), Errno.EINVAL, "above the program");
  expectErrno(munmap(0xfffff000, 2 * PAGE), Errno.EINVAL, "a range that wraps");
  expectErrno(munmap(p, 0xfffff000), Errno.EINVAL, "a range past the end");
  store<u32>(p, 1);
}

export function mprotectRules(): void {
  const p = mapPages(3);
  store<u32>(p + PAGE, 5);
  expectEqual(mprotect(p + PAGE, PAGE, Prot.READ), 0, "the middle page");
  expectEqual(load<u32>(p + PAGE), 5, "still readable");
  store<u32>(p, 1);
  store<u32>(p + 2 * PAGE, 3);
  expectEqual(mprotect(p + PAGE, PAGE, RW), 0, "given back");
  store<u32>(p + PAGE, 6);
  expectErrno(mprotect(p + 1, PAGE, RW), Errno.EINVAL, "misaligned");
  expectErrno(mprotect(NOWHERE, PAGE, RW), Errno.ENOMEM, "nothing is there");
  munmap(p + PAGE, PAGE);
  expectErrno(mprotect(p, 3 * PAGE, Prot.READ), Errno.ENOMEM, "a range with a hole");
}

export function breakIsExact(): void {
  const start = brk(0);
  expect(!isError(start) && start > 0, "brk(0)");
  expectEqual(brk(start + 10), start + 10, "ten bytes more");
  for (let i = 0; i < 10; i++) store<u8>(start + i, 0x40 + i);
  expectEqual(brk(start + 10 + 5 * PAGE), start + 10 + 5 * PAGE, "five pages more");
  for (let i = 0; i < 10; i++)
    expectEqual(load<u8>(start + i), 0x40 + i, "the page in use is kept");
  store<u8>(start + 5 * PAGE, 9);
  expectEqual(brk(start + 3), start + 3, "back to three bytes");
  for (let i = 0; i < 3; i++)
    expectEqual(load<u8>(start + i), 0x40 + i, "bytes below the break are kept");
  expectEqual(brk(0), start + 3, "brk(0) says so");
  expectEqual(brk(start + 6 * PAGE), start + 6 * PAGE, "up again");
  expectEqual(load<u8>(start + 5 * PAGE), 0, "new pages are zero");
  expect(brk(0x40000001) != 0x40000001, "past the end of the heap");
  expectEqual(brk(0), start + 6 * PAGE, "a refused break changes nothing");
  expectEqual(brk(start), start, "back to the start");
}

export function memoryGrow(): void {
  const pages = memory.size();
  expectEqual(memory.grow(2), pages, "grow returns the old size");
  expectEqual(memory.size(), pages + 2, "size");
  const at = (<usize>pages) << 16;
  expectEqual(load<u64>(at + 131064), 0, "zero");
  store<u64>(at + 131064, 42);
  expectEqual(load<u64>(at + 131064), 42, "writable to the last byte");
  expectEqual(memory.grow(65536), -1, "grow by 4 GiB fails");
}

export function stackGrows(): void {
  const lowest = 0xc0000000 - STACK_LIMIT;
  // A read() into untouched stack, far below the top: usercopy grows the stack as the program's own access would.
  const fd = openLiteral("/dev/zero", OpenFlag.READ);
  expectEqual(read(fd, 0xbff00ff0, 40000), 40000, "read into untouched stack");
  close(fd);
  store<u32>(0xbffffffc, 1);
  store<u32>(lowest, 2);
  expectEqual(load<u32>(lowest), 2, "the lowest word");
  expectEqual(load<u32>(lowest + PAGE), 0, "a page in between is zero");
  expectGood(pagequery(0, lowest, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.ENTRY_END), 0xc0000000, "the stack ends at 0xc0000000");
  expectDeath(Death.GUARD, 139, "below the stack's limit");
}

export function memoryIsOnDemand(): void {
  sysinfo(info);
  const before = load<u32>(info, SysInfo.FREE_FRAMES);
  const bytes: usize = 16 << 20;
  const p = mapPages(4096);
  store<u8>(p, 1);
  store<u8>(p + bytes / 2, 1);
  store<u8>(p + bytes - 1, 1);
  sysinfo(info);
  const used = before - load<u32>(info, SysInfo.FREE_FRAMES);
  expect(used < 64, "three touched pages of 16 MiB cost a few frames");
  munmap(p, bytes);
}

export function pagequeryTells(): void {
  const p = mapPages(1);
  expectGood(pagequery(0, p, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.LEVEL), 0, "an untouched page is not present");
  expectEqual(load<u32>(info, PageInfo.ENTRY_START), <u32>p, "its entry");
  store<u32>(p, 1);
  expectGood(pagequery(0, p + 123, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.LEVEL), 1, "a 4 KiB leaf");
  expectEqual(load<u32>(info, PageInfo.MEMTYPE), MemType.WB, "write-back");
  const pte = load<u64>(info, PageInfo.PTE);
  expect(
    ((pte >> PteBit.P) & 1) == 1 && ((pte >> PteBit.RW) & 1) == 1 && ((pte >> PteBit.US) & 1) == 1,
    "P RW US",
  );
  expect(((pte >> PteBit.A) & 1) == 1 && ((pte >> PteBit.D) & 1) == 1, "A and D after a store");
  expectEqual(
    <i64>load<u64>(info, PageInfo.PA),
    <i64>(pte & 0xffffffffff000) + 123,
    "physical address",
  );
  expectErrno(pagequery(9999, p, info), Errno.ESRCH, "no such process");
}
