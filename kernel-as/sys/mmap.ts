// mmap: anonymous memory, an object that a file's server grants (design 7, T_MMAP), or a private copy of a file.
//
//   MAP_SHARED    the server claims the request   its object is mapped, from the offset that it answers
//                 it answers ENODEV, or refuses   its errno
//                 it has taken it back since, or ended    EPIPE
//                 the descriptor is a grant       its object is mapped, with no more than its rights
//   MAP_PRIVATE   memory with the file's bytes, read now, whatever its server could grant
//
// The kernel's own files (initrd, ROM card, /tmp) cannot grant: ENODEV. A mapping has no rights that its descriptor has not.
import { Errno } from "../../abi/errno";
import { MapFlag, Prot } from "../../abi/syscall";
import { grantMap, mapGranted } from "../ipc/grant";
import {
  channelGrantIsGone,
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
import { mmapIsValid, mySpace, prefault, sysMmapAnonymous } from "./memory";

/** The address, or -errno in the top 4095 values. May sleep: a server is asked. Lock: held. */
export function sysMmap(addr: u32, len: u32, prot: u32, flags: u32, fd: i32, offset: i64): u32 {
  if ((flags & MapFlag.ANONYMOUS) != 0) return sysMmapAnonymous(addr, len, prot, flags);
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return <u32>-Errno.EBADF;
  if (!mmapIsValid(len, prot, flags) || offset < 0 || (offset & 0xfff) != 0)
    return <u32>-Errno.EINVAL;
  if (file.kind == FileKind.GRANT) {
    const at = grantMap(process.space!, addr, len, prot, flags, file, offset);
    return at >= 0xfffff000 ? at : prefault(process.space!, at, (len + 4095) >> 12, flags);
  }
  if (!fileReadable(file)) return <u32>-Errno.EACCES;
  if ((flags & MapFlag.PRIVATE) != 0) return mmapCopy(addr, len, prot, flags, fd, offset);
  if ((prot & Prot.WRITE) != 0 && !fileWritable(file)) return <u32>-Errno.EACCES;
  if (file.kind != FileKind.REMOTE) return <u32>-Errno.ENODEV;
  const error = channelMmap(file, prot, offset, len);
  if (error < 0) return <u32>error;
  const object = channelGrantObject();
  // Nobody would take it back a second time.
  if (channelGrantIsGone(object)) {
    objectPut(object);
    return <u32>-Errno.EPIPE;
  }
  const va = mapGranted(
    process.space!,
    addr,
    len,
    prot,
    flags,
    object,
    channelGrantOffset(),
    fileWritable(file) ? channelGrantRights() : Prot.READ,
  );
  objectPut(object);
  if (va >= 0xfffff000) return va;
  return prefault(process.space!, va, (len + 4095) >> 12, flags);
}

/** Private memory that begins as bytes [offset, offset + len) of a file, zero past its end. */
function mmapCopy(addr: u32, len: u32, prot: u32, flags: u32, fd: i32, offset: i64): u32 {
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
