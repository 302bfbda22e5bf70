// Memory calls: brk mmap munmap mprotect mmap_device sfence madvise mincore pagequery (design 6, semantics 1).
//
// Each function decodes first: every check, nothing changed. Then it performs, and undoes what it did if it must fail.
//
// Not here  Memory types, lists, revocation, A and D bits (sys/memtype.ts).
// Locks     kernel lock held on entry and on return; only sysSfence drops it in between.

import { Errno } from "../../abi/errno";
import { UserPage } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { MemType } from "../../abi/pte";
import { Advice, DeviceMapFlag, MapFlag, ObjectKind, PageInfo, Prot } from "../../abi/syscall";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { ptSlot } from "../arch/paging";
import { patIndex2M, patIndex4K, patType } from "../arch/pat";
import { cpuRecordOf, cpuSlot } from "../arch/percpu";
import { PTE_P, PTE_PS, pdeFrame2M, pteFrame } from "../arch/pte";
import { Vars } from "../lib/vars";
import { EntryFlag, mapFind } from "../mm/entry";
import { evictRange } from "../mm/evict";
import { faultWalk } from "../mm/fault";
import { mapDeviceFill, mapPlace, mapReadOnly } from "../mm/grant";
import { mapCovers, mapDeviceCount, mapInsert, mapProtect, mapRemove, mapZap } from "../mm/map";
import { Obj, objectAnon, objectCreate, objectIsRam, objectPut } from "../mm/object";
import { resourceFind } from "../mm/resource";
import { Space, spaceBrk } from "../mm/space";
import { ptLeafAt } from "../mm/table";
import { copyOut } from "../mm/usercopy";
import { MmVar, mmVar } from "../mm/vars";
import { isWanting, wantClear } from "../mm/want";
import { wcDrain, wcHead, wcOffset, wcPending, wcPost, wcRoom, wcWait, wcWake } from "../mm/wc";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import { currentProcess, processFind } from "../proc/process";

const MAP_FLAGS: u32 =
  MapFlag.SHARED |
  MapFlag.PRIVATE |
  MapFlag.FIXED |
  MapFlag.ANONYMOUS |
  MapFlag.FIXED_NOREPLACE |
  MapFlag.PREFAULT_READ |
  MapFlag.PREFAULT_WRITE;
const PROT_ALL: u32 = Prot.READ | Prot.WRITE | Prot.EXEC;
const DEVICE_FLAGS: u32 =
  DeviceMapFlag.NOCACHE | DeviceMapFlag.WRITECOMBINE | DeviceMapFlag.HUGEPAGE;
const USER_END: u32 = UserPage.STACK_TOP << 12;
/** Where results and records are put together on their way to and from programs, SCRATCH_BYTES of it: one call at a time, under the lock. */
export const SCRATCH: usize = Vars.SYS;
export const SCRATCH_BYTES: u32 = 4096;

export function mySpace(): Space {
  return changetype<Space>(changetype<usize>(currentProcess().space));
}

/** Sets the break to addr and returns it; addr 0 asks for the break. -ENOMEM: out of bounds. */
export function sysBrk(addr: u32): u32 {
  const space = mySpace();
  if (addr == 0) return space.brk;
  const error = spaceBrk(space, addr);
  return error != 0 ? <u32>error : space.brk;
}

/** Whether mmap knows what it is asked for: rights, flags, and exactly one of SHARED and PRIVATE for at least one byte. */
export function mmapIsValid(len: u32, prot: u32, flags: u32): bool {
  const sharing = flags & (MapFlag.SHARED | MapFlag.PRIVATE);
  if (sharing != MapFlag.SHARED && sharing != MapFlag.PRIVATE) return false;
  return len != 0 && (prot & ~PROT_ALL) == 0 && (flags & ~MAP_FLAGS) == 0;
}

/** Anonymous memory, private or shared. File mappings go through the file's server and mapObject. The address, or -errno. */
export function sysMmapAnonymous(addr: u32, len: u32, prot: u32, flags: u32): u32 {
  if (!mmapIsValid(len, prot, flags)) return <u32>-Errno.EINVAL;
  if (len > USER_END || (addr != 0 && addr + (len - 1) < addr)) return <u32>-Errno.ENOMEM;
  const space = mySpace();
  const pages = (len + 4095) >> 12;
  const shared = (flags & MapFlag.SHARED) != 0;
  const object = shared ? objectCreate(ObjectKind.SHARED_ANON, MemType.WB) : objectAnon();
  if (object == null) return <u32>-Errno.ENOMEM;
  if (shared) {
    object.pages = pages;
    object.owner = <u32>currentProcess().pid;
  }
  const start = mapPlace(space, addr, pages, flags, 1, 0);
  const error =
    start >= 0xfffff000
      ? <i32>start
      : mapInsert(
          space,
          start,
          start + pages,
          object,
          0,
          prot,
          MemType.WB,
          shared ? EntryFlag.SHARED : 0,
        );
  if (error != 0) {
    objectPut(changetype<usize>(object));
    return <u32>error;
  }
  return prefault(space, start << 12, pages, flags);
}

/** Unmaps [addr, addr + len). -EINVAL: addr not on a page, nothing to unmap, or past the end of user space. */
export function sysMunmap(addr: u32, len: u32): i32 {
  if (!rangeIsValid(addr, len)) return -Errno.EINVAL;
  return mapRemove(mySpace(), addr >> 12, (addr + len + 4095) >> 12);
}

/** Sets the rights of [addr, addr + len), all of it mapped (else -ENOMEM and nothing changed). -EACCES: WRITE to what was granted for reading. */
export function sysMprotect(addr: u32, len: u32, prot: u32): i32 {
  if ((prot & ~PROT_ALL) != 0) return -Errno.EINVAL;
  if (len == 0 && (addr & 4095) == 0) return 0;
  if (!rangeIsValid(addr, len)) return -Errno.EINVAL;
  const space = mySpace();
  const start = addr >> 12;
  const end = (addr + len + 4095) >> 12;
  if (!mapCovers(space, start, end)) return -Errno.ENOMEM;
  if ((prot & Prot.WRITE) != 0 && mapReadOnly(space, start, end)) return -Errno.EACCES;
  return mapProtect(space, start, end, prot);
}

/** The type that mmap_device flags ask for, or -EINVAL. */
export function deviceFlagsType(flags: u32): i32 {
  if ((flags & ~DEVICE_FLAGS) != 0) return -Errno.EINVAL;
  const both = DeviceMapFlag.NOCACHE | DeviceMapFlag.WRITECOMBINE;
  if ((flags & both) == both) return -Errno.EINVAL;
  if (flags & DeviceMapFlag.NOCACHE) return MemType.UC;
  return flags & DeviceMapFlag.WRITECOMBINE ? MemType.WC : MemType.WB;
}

/** Whether a device range may be mapped with a type. 0, or the -errno of semantics 1. */
export function deviceRangeCheck(phys: u64, size: u64, type: MemType): i32 {
  if (size == 0 || (phys & 4095) != 0) return -Errno.EINVAL;
  if (phys + size < phys) return -Errno.EOVERFLOW;
  if (phys < (<u64>mmVar(MmVar.FRAMES)) << 12) return -Errno.EACCES;
  if (phys + size > (<u64>1) << 32) return -Errno.ENXIO;
  const resource = resourceFind(<u32>(phys >> 12), <u32>((size + 4095) >> 12));
  if (resource == null) return -Errno.ENXIO;
  return type == MemType.WB && resource.cacheable == 0 ? -Errno.EINVAL : 0;
}

/** Maps a physical range of a device. Rules and errors: semantics 1. The address, or -errno. */
export function sysMmapDevice(phys: u64, size: u64, flags: u32): u32 {
  if (currentProcess().uid != 0) return <u32>-Errno.EACCES;
  const type = deviceFlagsType(flags);
  if (type < 0) return <u32>type;
  const refused = deviceRangeCheck(phys, size, <MemType>type);
  if (refused != 0) return <u32>refused;
  const space = mySpace();
  if (mapDeviceCount(space) >= space.deviceLimit) return <u32>-Errno.ENOSPC;
  const object = objectCreate(ObjectKind.DEVICE, <MemType>type);
  if (object == null) return <u32>-Errno.ENOMEM;
  object.first = <u32>(phys >> 12);
  object.pages = <u32>((size + 4095) >> 12);
  const huge = flags & DeviceMapFlag.HUGEPAGE ? EntryFlag.HUGE : 0;
  return deviceMap(space, object, huge);
}

/** Maps all of a new device object, whose reference is the entry's. The address, or -errno: then the object is gone. */
export function deviceMap(space: Space, object: Obj, flags: u32): u32 {
  const pages = object.pages;
  const type = <MemType>object.type;
  object.owner = <u32>currentProcess().pid;
  const list = object.kind == ObjectKind.SG;
  const start = mapPlace(space, 0, pages, 0, list ? 1 : 512, list ? 0 : object.first);
  let error = start >= 0xfffff000 ? <i32>start : 0;
  if (error == 0)
    error = mapInsert(
      space,
      start,
      start + pages,
      object,
      0,
      Prot.READ | Prot.WRITE,
      type,
      EntryFlag.SHARED | flags,
    );
  if (error != 0) {
    objectPut(changetype<usize>(object));
    return <u32>error;
  }
  error = mapDeviceFill(space, start, pages);
  return error != 0 ? <u32>error : start << 12;
}

/** Drains this CPU's write combining and waits until the device has what was stored before. */
export function sysSfence(): i32 {
  displayWaits(wcDrain(cpuSlot));
  return 0;
}

/**
 * Hands a rectangle of a write-combined mapping of VRAM to the display, byte for byte: `rows` runs of rowBytes, strideBytes apart, from addr.
 * Nothing else is drained: what was stored beside it comes with the next sfence. 0; -EINVAL: empty, rows overlap, or not such a mapping.
 */
export function sysMflush(addr: u32, rowBytes: u32, rows: u32, strideBytes: u32): i32 {
  if (rowBytes == 0 || rows == 0 || rows > 0xffff) return -Errno.EINVAL;
  if (rows > 1 && strideBytes < rowBytes) return -Errno.EINVAL;
  const bytes = <u64>(rows - 1) * strideBytes + rowBytes;
  if (<u64>addr + bytes > <u64>USER_END) return -Errno.EINVAL;
  const space = mySpace();
  let first = wcOffset(space, addr, <u32>bytes);
  if (first < 0) return -Errno.EINVAL;
  if (strideBytes == rowBytes) {
    wcPost(space, <u32>first, <u32>bytes);
  } else {
    for (let i: u32 = 0; i < rows; i++) {
      // More rows than the display's ring has room for: the lock is free meanwhile, and the mapping may go.
      if (displayWaits(wcRoom())) first = wcOffset(space, addr, <u32>bytes);
      if (first < 0) return -Errno.EINVAL;
      wcPost(space, <u32>first + i * strideBytes, rowBytes);
    }
  }
  wcWake();
  displayWaits(wcHead());
  return 0;
}

/** Waits until the display has taken the first `head` bursts. True: it had not, and the lock was dropped. */
function displayWaits(head: u32): bool {
  if (!wcPending(head)) return false;
  wcWake();
  kernelUnlock();
  wcWait(head);
  kernelLock();
  return true;
}

/**
 * DONTNEED: private pages go, and read as new (image pages as in the file). PAGEOUT: pages go to swap, as far as there is room. Other advice is
 * taken and changes nothing.
 */
export function sysMadvise(addr: u32, len: u32, advice: u32): i32 {
  const known = advice == Advice.NORMAL || advice == Advice.WILLNEED;
  if (!known && advice != Advice.DONTNEED && advice != Advice.PAGEOUT) return -Errno.EINVAL;
  if (len == 0 && (addr & 4095) == 0) return 0;
  if (!rangeIsValid(addr, len)) return -Errno.EINVAL;
  const space = mySpace();
  const start = addr >> 12;
  const end = (addr + len + 4095) >> 12;
  if (!mapCovers(space, start, end)) return -Errno.ENOMEM;
  if (advice == Advice.PAGEOUT) evictRange(space, start, end);
  if (advice != Advice.DONTNEED) return 0;
  for (let vpn = start; vpn < end; ) {
    const e = mapFind(space, vpn);
    if (e == null) return -Errno.ENOMEM;
    if (!objectIsRam(changetype<Obj>(e.object))) return -Errno.EINVAL;
    vpn = e.end;
  }
  return mapZap(space, start, end) ? 0 : -Errno.ENOMEM;
}

/** One byte at vec for each page of [addr, addr + len): 1 if it is resident. -ENOMEM: not all mapped. */
export function sysMincore(addr: u32, len: u32, vec: u32): i32 {
  if (!rangeIsValid(addr, len)) return -Errno.EINVAL;
  const space = mySpace();
  const start = addr >> 12;
  const end = (addr + len + 4095) >> 12;
  if (!mapCovers(space, start, end)) return -Errno.ENOMEM;
  for (let vpn = start; vpn < end; vpn++) {
    const at = ptLeafAt(space, vpn);
    store<u8>(SCRATCH, at != 0 && (load<u64>(at) & PTE_P) != 0 ? 1 : 0);
    if (copyOut(space, vec + (vpn - start), SCRATCH, 1) != 1) return -Errno.EFAULT;
  }
  return 0;
}

/** The walk of addr in a process's tables as PageInfo at info; pid 0 is the caller. -ESRCH, -EACCES (another user's), -EFAULT. */
export function sysPagequery(pid: i32, addr: u32, info: u32): i32 {
  const me = currentProcess();
  const other = pid == 0 ? me : processFind(pid);
  if (other == null || changetype<usize>(other.space) == 0) return -Errno.ESRCH;
  if (me.uid != 0 && other.uid != me.uid) return -Errno.EACCES;
  const space = changetype<Space>(changetype<usize>(other.space));
  memory.fill(SCRATCH, 0, PageInfo.BYTES);
  fillPageInfo(space, addr, SCRATCH);
  return copyOut(mySpace(), info, SCRATCH, PageInfo.BYTES) == PageInfo.BYTES ? 0 : -Errno.EFAULT;
}

function fillPageInfo(space: Space, addr: u32, out: usize): void {
  const va = <u64>addr;
  store<u64>(out, u64.MAX_VALUE, PageInfo.PA);
  store<u64>(out, (<u64>space.root) << 12, PageInfo.CR3);
  const e = mapFind(space, addr >> 12);
  if (e != null) {
    const object = changetype<Obj>(e.object);
    store<u32>(out, e.start << 12, PageInfo.ENTRY_START);
    store<u32>(out, e.end << 12, PageInfo.ENTRY_END);
    store<u32>(out, e.prot, PageInfo.PROT);
    store<u32>(out, object.kind, PageInfo.OBJECT);
    store<u32>(out, e.flags & EntryFlag.SHARED ? 1 : 0, PageInfo.SHARED);
    store<u32>(out, e.type, PageInfo.MEMTYPE);
  }
  const pat = cpuRecordOf(cpuSlot).pat;
  let table = (<u64>space.root) << 12;
  for (let level: u32 = 4; level > 0; level--) {
    const entry = load<u64>(ptSlot(table, va, <u64>(3 + 9 * level)));
    store<u64>(out + <usize>((4 - level) << 3), entry, PageInfo.PML4E);
    if (!(entry & PTE_P)) return;
    table = entry;
    const large = level == 2 && (entry & PTE_PS) != 0;
    if (!large && level != 1) continue;
    const index = large ? patIndex2M(entry) : patIndex4K(entry);
    const frame = large ? pdeFrame2M(entry) : pteFrame(entry);
    store<u64>(out, ((<u64>frame) << 12) + (va & (large ? 0x1fffff : 0xfff)), PageInfo.PA);
    store<u32>(out, level, PageInfo.LEVEL);
    store<u32>(out, index, PageInfo.PAT_INDEX);
    store<u32>(out, patType(pat, index), PageInfo.MEMTYPE);
    store<u32>(out, large ? 0x200000 : 0x1000, PageInfo.PAGE_BYTES);
    return;
  }
}

/** A page-aligned start, at least one byte, an end within user space without overflow. */
export function rangeIsValid(addr: u32, len: u32): bool {
  return (addr & 4095) == 0 && len != 0 && addr < USER_END && len <= USER_END - addr;
}

/**
 * What PREFAULT_READ and PREFAULT_WRITE ask for, on pages that were just mapped at va: every page takes no fault afterwards, and is dirty
 * for WRITE; with less memory than pages the first are swapped out again. va, or -ENOMEM or -EACCES: then the mapping is gone. May sleep.
 */
export function prefault(space: Space, va: u32, pages: u32, flags: u32): u32 {
  if (!(flags & (MapFlag.PREFAULT_READ | MapFlag.PREFAULT_WRITE))) return va;
  const access = flags & MapFlag.PREFAULT_WRITE ? Access.WRITE : Access.READ;
  const start = va >> 12;
  for (let vpn = start; vpn < start + pages; vpn++) {
    while (faultWalk(space, vpn << 12, access) == 0) {
      const refused = !isWanting();
      if (!refused && pageWait(false) == PageWait.AGAIN) continue;
      wantClear();
      mapRemove(space, start, start + pages);
      return <u32>(refused ? -Errno.EACCES : -Errno.ENOMEM);
    }
    pageWaitEnd();
  }
  return va;
}
