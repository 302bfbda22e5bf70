// mmap: anonymous memory, or an object that a file's server grants (design 7, T_MMAP).
import { Errno } from "../../abi/errno";
import { MapFlag } from "../../abi/syscall";
import { channelGrantObject, channelGrantOffset, channelMmap } from "../ipc/remote";
import { mapObject } from "../mm/grant";
import { objectPut } from "../mm/object";
import { FileKind, fdFile } from "../proc/file";
import { currentProcess } from "../proc/process";
import { prefault, sysMmapAnonymous } from "./memory";

/** The address, or -errno in the top 4095 values. May sleep: a server is asked. Lock: held. */
export function sysMmap(addr: u32, len: u32, prot: u32, flags: u32, fd: i32, offset: i64): u32 {
  if ((flags & MapFlag.ANONYMOUS) != 0) return sysMmapAnonymous(addr, len, prot, flags);
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return <u32>-Errno.EBADF;
  if (len == 0 || offset < 0 || (offset & 0xfff) != 0) return <u32>-Errno.EINVAL;
  if (file.kind != FileKind.REMOTE) return <u32>-Errno.ENODEV;
  const error = channelMmap(file, prot, offset, len);
  if (error < 0) return <u32>error;
  const object = channelGrantObject();
  const va = mapObject(process.space!, addr, len, prot, flags, object, channelGrantOffset());
  objectPut(object);
  if (va >= 0xfffff000) return va;
  return prefault(process.space!, va, (len + 4095) >> 12, flags);
}
