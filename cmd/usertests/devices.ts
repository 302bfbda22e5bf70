// Tests of device memory: mmap_device as root and not, and the files of srv/gpu.

import { DisplayReg, DisplayValue, FbInfo } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { MemType } from "../../abi/pte";
import {
  DeviceMapFlag,
  MapFlag,
  OpenFlag,
  PageInfo,
  Prot,
  Signal,
  SysInfo,
} from "../../abi/syscall";
import { ctlText } from "../../lib/ctl";
import { openLiteral, readFile } from "../../lib/files";
import {
  close,
  getuid,
  isError,
  kill,
  mmap,
  mmapDevice,
  mprotect,
  munmap,
  nanosleep,
  pagequery,
  pread,
  pwrite,
  setuid,
  sysinfo,
} from "../../lib/sys";
import { bytesFind, hexDigit, parseHex } from "../../lib/text";
import {
  childFds,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  expectGood,
  PAGE,
} from "./check";
import { Death, die } from "./deaths";

const text: usize = memory.data(8193);
const info: usize = memory.data(256, 8);
const fb: usize = memory.data(48);
const fbAfter: usize = memory.data(48);
const LAPIC: u64 = 0xfee00000;
const ECAM: u64 = 0xb0000000;
const NC = DeviceMapFlag.NOCACHE;
const WC = DeviceMapFlag.WRITECOMBINE;
/** Device mappings that a process may have. */
const HELD = 8;
/** No kind of Death: the program goes on and returns. */
const NO_MISTAKE = 99;

/** The address of the display's BAR, from /proc/pci. */
function barOf(name: string): u64 {
  const n = readFile("/proc/pci", text, 8192);
  const device = bytesFind(text, n, "1234:1111");
  expect(device >= 0, "the display is in /proc/pci");
  const at = device + bytesFind(text + device, n - device, name);
  let run = 0;
  for (let i = at + 4; i < n; i++) {
    run = hexDigit(load<u8>(text + i)) >= 0 ? run + 1 : 0;
    if (run == 6) return parseHex(text + i - 5, n - i + 5);
  }
  expect(false, "the BAR is in /proc/pci");
  return 0;
}

export function deviceMappingsRefuse(): void {
  const vram = barOf("BAR0");
  expectErrno(mmapDevice(vram, 0, WC), Errno.EINVAL, "size 0");
  expectErrno(mmapDevice(vram + 1, PAGE, WC), Errno.EINVAL, "misaligned");
  expectErrno(mmapDevice(vram, PAGE, NC | WC), Errno.EINVAL, "two types");
  expectErrno(mmapDevice(vram, PAGE, 8), Errno.EINVAL, "an unknown flag");
  expectErrno(mmapDevice(0xfffffffffffff000, 2 * PAGE, NC), Errno.EOVERFLOW, "a range that wraps");
  expectErrno(mmapDevice(0x200000, PAGE, NC), Errno.EACCES, "RAM");
  expectErrno(mmapDevice(0, PAGE, NC), Errno.EACCES, "page 0");
  expectErrno(mmapDevice(0x100000, PAGE, NC), Errno.EACCES, "the kernel");
  expectErrno(mmapDevice(0xfd000000, PAGE, NC), Errno.ENXIO, "no device");
  expect(isError(mmapDevice(vram, 0x40000000, WC)), "past the end of the BAR");
  expect(isError(mmapDevice(vram, PAGE, 0)), "write-back of VRAM");
}

export function deviceMappingsHaveTypes(): void {
  const lapic = mmapDevice(LAPIC, PAGE, NC);
  expect(!isError(lapic), "the local APIC page");
  expect(load<u32>(lapic, 0x30) != 0xffffffff, "its version reads through a pointer");
  expectGood(pagequery(0, lapic, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.MEMTYPE), MemType.UC, "uncached");
  expectEqual(load<u32>(info, PageInfo.PAT_INDEX), 3, "PAT entry 3");
  expectErrno(mmapDevice(LAPIC, PAGE, WC), Errno.EBUSY, "the same page with another type");
  const ecam = mmapDevice(ECAM + (2 << 15), PAGE, NC);
  expect(!isError(ecam), "configuration space of slot 2");
  expectEqual(load<u32>(ecam), 0x11111234, "whose id is the display's");
  expectEqual(load<u32>(ecam, 0x10) & ~15, barOf("BAR0"), "and whose BAR0 is where VRAM is");
  expectErrno(mmapDevice(ECAM, 0x101000, NC), Errno.ENXIO, "past the bus");
  munmap(ecam, PAGE);
  const registers = mmapDevice(barOf("BAR2"), PAGE, NC);
  expect(!isError(registers), "the display's registers");
  expectEqual(load<u16>(registers, DisplayReg.DISPI), DisplayValue.DISPI_ID, "DISPI id");
  expectEqual(load<u32>(registers, DisplayReg.EXT_ID), DisplayValue.EXT_ID, "the extension's");
  expectEqual(
    load<u32>(registers, DisplayReg.BYTE_ORDER),
    DisplayValue.LITTLE_ENDIAN,
    "byte order",
  );
  expectErrno(mmapDevice(barOf("BAR2"), PAGE, WC), Errno.EBUSY, "srv/gpu has them uncached");
  munmap(registers, PAGE);
  expectEqual(munmap(lapic, PAGE), 0, "munmap");
  const vram = barOf("BAR0");
  const p = mmapDevice(vram, 0x400000, WC | DeviceMapFlag.HUGEPAGE);
  expect(!isError(p), "VRAM");
  expectEqual(p & 0x1fffff, <i64>vram & 0x1fffff, "the phase of the address");
  expectGood(pagequery(0, p + 0x200123, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.LEVEL), 2, "a 2 MiB leaf");
  expectEqual(load<u32>(info, PageInfo.MEMTYPE), MemType.WC, "write-combining");
  expectEqual(load<u32>(info, PageInfo.PAT_INDEX), 6, "PAT entry 6");
  expectEqual(<i64>load<u64>(info, PageInfo.PA), <i64>vram + 0x200123, "physical address");
  expectEqual(munmap(p + 0x1000, PAGE), 0, "a hole of 4 KiB");
  expectGood(pagequery(0, p, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.LEVEL), 1, "the large leaf is split");
  expectEqual(load<u32>(info, PageInfo.MEMTYPE), MemType.WC, "and keeps its type");
  expectErrno(mmapDevice(vram, PAGE, NC), Errno.EBUSY, "VRAM with another type");
  expectEqual(munmap(p, 0x400000), 0, "munmap");
}

export function deviceMappingsAreCounted(): void {
  const vram = barOf("BAR0");
  for (let i = 0; i < 8; i++)
    expect(!isError(mmapDevice(vram + <u64>(i * 4096), PAGE, WC)), "eight mappings");
  expectErrno(mmapDevice(vram + 8 * 4096, PAGE, WC), Errno.ENOSPC, "the ninth");
}

export function deviceMappingsLeaveNothing(): void {
  const vram = barOf("BAR0");
  const first = mmapDevice(vram, 0x201000, WC | DeviceMapFlag.HUGEPAGE);
  expect(!isError(first), "VRAM");
  munmap(first, 0x201000);
  for (let i = 0; i < 200; i++) {
    const p = mmapDevice(vram, 0x201000, WC | DeviceMapFlag.HUGEPAGE);
    expectEqual(p, first, "the same place again");
    expectEqual(munmap(p, 0x201000), 0, "munmap");
  }
  endsAndLeavesNothing(NO_MISTAKE, 0, "exit");
  endsAndLeavesNothing(Death.NULL_WRITE, 139, "a fault");
  endsAndLeavesNothing(Death.UNREACHABLE, 132, "a trap");
  endsAndLeavesNothing(Death.SLEEP, 137, "kill, asleep");
  endsAndLeavesNothing(Death.SPIN_MEMORY, 137, "kill, running");
  endsAndLeavesNothing(Death.SPIN, 137, "its Worker terminated");
}

/** A child maps as many devices as it may and ends: its reservations and objects are gone with it. */
function endsAndLeavesNothing(kind: i32, status: i32, how: string): void {
  sysinfo(info);
  const ranges = load<u32>(info, SysInfo.MEMTYPE_RANGES);
  const objects = load<u32>(info, SysInfo.OBJECTS);
  childFds();
  const pid = childStart("--hold", kind);
  if (status == 137) {
    do {
      nanosleep(1000000);
      sysinfo(info);
    } while (load<u32>(info, SysInfo.MEMTYPE_RANGES) < ranges + HELD);
    nanosleep(5000000);
    expectEqual(kill(pid, Signal.KILL), 0, how);
  }
  expectEqual(childStatus(pid), status, how);
  sysinfo(info);
  expectEqual(load<u32>(info, SysInfo.MEMTYPE_RANGES), ranges, how);
  expectEqual(load<u32>(info, SysInfo.OBJECTS), objects, how);
}

/** The child's part: eight mappings, VRAM stored to and not drained, then the mistake `kind`. */
export function holdDevices(kind: i32): i32 {
  const vram = barOf("BAR0") + 0x1e00000;
  for (let i = 0; i < HELD; i++) {
    const p = mmapDevice(vram + <u64>(i * 0x3000), 0x3000, WC);
    if (isError(p)) return 1;
    store<u32>(p, 1);
    munmap(p + 0x1000, PAGE);
  }
  die(kind);
  return 0;
}

export function onlyRootMapsDevices(): void {
  childFds();
  expectEqual(childStatus(childStart("--user", 0)), 0, "as another user");
}

/** The child's part: status 0 when a user that is not root is refused. */
export function asUser(): i32 {
  const vram = barOf("BAR0");
  expectEqual(getuid(), 0, "root at first");
  expectEqual(setuid(1000), 0, "setuid");
  expectEqual(getuid(), 1000, "getuid");
  expectErrno(mmapDevice(vram, PAGE, WC), Errno.EACCES, "mmap_device");
  expectErrno(setuid(0), Errno.EPERM, "back to root");
  const own = openLiteral("/dev/gpu/fb", OpenFlag.READWRITE);
  expectEqual(ctlText(own, "take"), 0, "a view is anybody's to take");
  expectEqual(ctlText(own, "show"), 0, "and to show");
  expectErrno(ctlText(own, "show 0"), Errno.EPERM, "another's is not");
  expectErrno(ctlText(own, "revoke 0"), Errno.EPERM, "nor to take back");
  expectErrno(ctlText(own, "vt 2"), Errno.EPERM, "nor to switch terminals");
  expectEqual(ctlText(own, "drop"), 0, "drop");
  expectErrno(ctlText(own, "show"), Errno.EPERM, "the base view is root's to show");
  return 0;
}

export function gpuFiles(): void {
  const fd = openLiteral("/dev/gpu/info", OpenFlag.READ);
  expectGood(fd, "open info");
  expectEqual(pread(fd, fb, 100, 0), FbInfo.BYTES, "info is one FbInfo");
  const stride = load<u32>(fb, FbInfo.STRIDE);
  const height = load<u32>(fb, FbInfo.HEIGHT);
  expect(
    load<u32>(fb, FbInfo.BPP) == 32 && stride >= load<u32>(fb, FbInfo.WIDTH) * 4,
    "a stride in bytes",
  );
  expectErrno(openLiteral("/dev/gpu/other", OpenFlag.READ), Errno.ENOENT, "another name");
  const ctl = openLiteral("/dev/gpu/ctl", OpenFlag.WRITE);
  expectGood(ctl, "open ctl");
  expectErrno(ctlText(ctl, "mode 8000x8000"), Errno.EINVAL, "too large a mode");
  expectErrno(ctlText(ctl, "mode 0x0"), Errno.EINVAL, "an empty mode");
  expectErrno(ctlText(ctl, "nonsense"), Errno.EINVAL, "an unknown word");
  expectEqual(pread(fd, fbAfter, FbInfo.BYTES, 0), FbInfo.BYTES, "info again");
  expect(memory.compare(fb, fbAfter, FbInfo.BYTES) == 0, "nothing has changed");
  const pixels = openLiteral("/dev/gpu/fb", OpenFlag.READWRITE);
  expectGood(pixels, "open fb");
  const last: i64 = <i64>stride * height - 4;
  const p = mmap(0, stride * height, Prot.READ | Prot.WRITE, MapFlag.SHARED, pixels, 0);
  expect(!isError(p), "mmap of fb");
  expectGood(pread(pixels, text, 4, last), "the last pixel");
  expectEqual(load<u32>(text), load<u32>(p + <usize>last), "both ways");
  expectEqual(pwrite(pixels, text, 4, last), 4, "written back");
  expectEqual(pread(pixels, text, 100, last), 4, "short at the end");
  expectEqual(pread(pixels, text, 4, last + 4), 0, "nothing past it");
  expectGood(pagequery(0, p, info), "pagequery");
  expectEqual(load<u32>(info, PageInfo.MEMTYPE), MemType.WC, "mapped write-combining");
  munmap(p, stride * height);
  close(pixels);
  const reader = openLiteral("/dev/gpu/fb", OpenFlag.READ);
  const rw = Prot.READ | Prot.WRITE;
  expectErrno(mmap(0, PAGE, rw, MapFlag.SHARED, reader, 0), Errno.EACCES, "open for reading only");
  const seen = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, reader, 0);
  expect(!isError(seen), "mmap to read");
  expectErrno(mprotect(seen, PAGE, rw), Errno.EACCES, "nor afterwards");
  const copy = mmap(0, PAGE, rw, MapFlag.PRIVATE, reader, 0);
  expect(!isError(copy), "private");
  expectEqual(load<u32>(copy), load<u32>(seen), "its bytes");
  store<u32>(copy, ~load<u32>(seen));
  expect(load<u32>(copy) != load<u32>(seen), "and from then on its own");
  munmap(copy, PAGE);
  munmap(seen, PAGE);
  close(reader);
  close(ctl);
  close(fd);
}
