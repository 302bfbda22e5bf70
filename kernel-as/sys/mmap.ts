// mmap: anonymous memory, an object that a file's server grants (design 7, T_MMAP), or a private copy of a file.
//
//   the server claims the request   its object is mapped, from the offset that it answers
//   it answers ENODEV               MAP_PRIVATE: memory with the file's bytes, read now; MAP_SHARED: ENODEV
//   it refuses                      its errno
//   the descriptor is a grant       its object is mapped, with no more than its rights
//
// Invariants
//   M1  A mapping allows no more than its descriptor is open for, mprotect included; one that shows an object is shared.
//
// The kernel's own files (initrd, ROM card, /tmp) cannot grant: for them a private mapping is a copy too.
import { Errno } from "../../abi/errno";
import { MapFlag, Prot } from "../../abi/syscall";
import { grantMap, mapGranted } from "../ipc/grant";
import {
  channelGrantObject,
  channelGrantOffset,
  channelGrantRights,
  channelMmap,
} from "../ipc/remote";
import { mapProtect, mapRemove } from "../mm/map";
import { objectPut } from "../mm/object";
import { isWanting, wantClear } from "../mm/want";
import { FileKind, fdFile, fileReadable, fileWritable } from "../proc/file";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import { currentProcess } from "../proc/process";
import { sysPread } from "./file";
import { mySpace, prefault, sysMmapAnonymous } from "./memory";

/** The address, or -errno in the top 4095 values. May sleep: a server is asked. Lock: held. */
export function sysMmap(addr: u32, len: u32, prot: u32, flags: u32, fd: i32, offset: i64): u32 {
  if ((flags & MapFlag.ANONYMOUS) != 0) return sysMmapAnonymous(addr, len, prot, flags);
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return <u32>-Errno.EBADF;
  const sharing = flags & (MapFlag.SHARED | MapFlag.PRIVATE);
  if (sharing != MapFlag.SHARED && sharing != MapFlag.PRIVATE) return <u32>-Errno.EINVAL;
  if (len == 0 || offset < 0 || (offset & 0xfff) != 0) return <u32>-Errno.EINVAL;
  const shared = sharing == MapFlag.SHARED;
  const writable = fileWritable(file);
  if (!fileReadable(file) || (shared && (prot & Prot.WRITE) != 0 && !writable))
    return <u32>-Errno.EACCES;
  if (file.kind == FileKind.GRANT) {
    const at = grantMap(process.space!, addr, len, prot, flags, file, offset);
    return at >= 0xfffff000 ? at : prefault(process.space!, at, (len + 4095) >> 12, flags);
  }
  const error = file.kind == FileKind.REMOTE ? channelMmap(file, prot, offset, len) : -Errno.ENODEV;
  if (error == -Errno.ENODEV && !shared) return mmapCopy(addr, len, prot, flags, fd, offset);
  if (error < 0) return <u32>error;
  const object = channelGrantObject();
  const rights = writable ? channelGrantRights() : Prot.READ;
  const va = shared
    ? mapGranted(process.space!, addr, len, prot, flags, object, channelGrantOffset(), rights)
    : <u32>-Errno.EINVAL;
  objectPut(object);
  if (va >= 0xfffff000) return va;
  return prefault(process.space!, va, (len + 4095) >> 12, flags);
}

/** Private memory that begins as bytes [offset, offset + len) of a file, zero past its end. */
function mmapCopy(addr: u32, len: u32, prot: u32, flags: u32, fd: i32, offset: i64): u32 {
  if ((prot & ~(<u32>Prot.READ | Prot.WRITE | Prot.EXEC)) != 0) return <u32>-Errno.EINVAL;
  const va = sysMmapAnonymous(addr, len, Prot.READ | Prot.WRITE, flags | MapFlag.ANONYMOUS);
  if (va >= 0xfffff000) return va;
  const space = mySpace();
  const start = va >> 12;
  const end = start + ((len + 4095) >> 12);
  let done: u32 = 0;
  while (done < len) {
    const n = sysPread(fd, va + done, len - done, offset + done);
    if (n < 0 && isWanting() && pageWait(false) == PageWait.AGAIN) continue;
    if (n < 0) {
      wantClear();
      mapRemove(space, start, end);
      return <u32>(n == -Errno.ESPIPE ? -Errno.ENODEV : n);
    }
    if (n == 0) break;
    done += n;
    pageWaitEnd();
  }
  const error = mapProtect(space, start, end, prot);
  if (error == 0) return va;
  mapRemove(space, start, end);
  return <u32>error;
}
