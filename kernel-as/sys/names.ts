// System calls of name spaces. Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts.
//
// A name space is changed by root, or by a user in one of his own (newns).
import { Errno } from "../../abi/errno";
import { Frame, Limit } from "../../abi/layout";
import { MountFlag, NewNames, OpenFlag } from "../../abi/syscall";
import { filePut } from "../dev/files";
import { lookupOpen, lookupOpened } from "../dev/lookup";
import { treeHas } from "../dev/tree";
import { Channel, channelByNumber } from "../ipc/channel";
import {
  Mount,
  mountCreate,
  mountFree,
  NAMES_KERNEL,
  NAMES_NONE,
  NAMES_PLACES,
  namesCandidate,
  namesInsert,
  namesMayChange,
  namesOwn,
  namesPlace,
  namesReach,
  namesRoom,
  namesUnmount,
} from "../ipc/names";
import { bytesCopy, bytesDecimal, bytesFind } from "../lib/bytes";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { copyError, copyIn } from "../mm/usercopy";
import { FileKind, fdFile } from "../proc/file";
import { pathNormalise } from "../proc/path";
import { currentProcess, Process, ProcessText } from "../proc/process";
import { pathArgument } from "./file";

const HASH: u8 = 35;
const SLASH: u8 = 47;

/** Mounts the channel whose client end is fd. */
export function sysMount(fd: i32, va: u32, pathBytes: u32, flags: u32): i32 {
  const process = currentProcess();
  if (!namesMayChange(process)) return -Errno.EPERM;
  if (flags > <u32>MountFlag.AFTER) return -Errno.EINVAL;
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (file.kind != FileKind.CHANNEL_CLIENT) return -Errno.EINVAL;
  const n = pathArgument(process, va, pathBytes);
  if (n < 0) return n;
  return mountSource(process, changetype<Channel>(file.a), n, 0, 0, flags);
}

export function sysUnmount(va: u32, pathBytes: u32): i32 {
  const process = currentProcess();
  if (!namesMayChange(process)) return -Errno.EPERM;
  const n = pathArgument(process, va, pathBytes);
  return n < 0 ? n : namesUnmount(process.names, process.text + ProcessText.PATH, n);
}

/**
 * Makes `to` show what `from` is now: in every place where `from` may be. "#/PATH" is the kernel's own tree and "#N/PATH" channel N, whatever
 * is mounted. May sleep: `from` is opened to see that it exists.
 */
export function sysBind(from: u32, fromBytes: u32, to: u32, toBytes: u32, flags: u32): i32 {
  const process = currentProcess();
  if (!namesMayChange(process)) return -Errno.EPERM;
  if (flags > <u32>MountFlag.AFTER) return -Errno.EINVAL;
  const given = process.text + ProcessText.SCRATCH;
  if (fromBytes == 0 || fromBytes >= <u32>Limit.PATH_BYTES)
    return fromBytes == 0 ? -Errno.ENOENT : -Errno.ENAMETOOLONG;
  const copied = copyIn(process.space!, given, from, fromBytes);
  if (copied != <i32>fromBytes) return copyError(copied);
  const frame = pmmAlloc(false);
  if (frame == 0) return -Errno.ENOMEM;
  const source = (<usize>frame) << Frame.SHIFT;
  let result: i32;
  if (load<u8>(given) == HASH) {
    bytesCopy(source, given, fromBytes);
    result = bindRoot(process, source, fromBytes, to, toBytes, flags);
  } else {
    result = bindPath(process, source, from, fromBytes, to, toBytes, flags);
  }
  pmmFree(frame);
  return result;
}

/** The caller gets a name space of its own (abi NewNames). 0 or -ENOMEM. */
export function sysNewns(flags: u32): i32 {
  if (flags > <u32>NewNames.EMPTY) return -Errno.EINVAL;
  return namesOwn(currentProcess(), flags == NewNames.EMPTY);
}

/** bind "#...": source holds the text. */
function bindRoot(
  process: Process,
  source: usize,
  sourceBytes: u32,
  to: u32,
  toBytes: u32,
  flags: u32,
): i32 {
  const slash = <u32>bytesFind(source, sourceBytes, SLASH);
  const left = sourceBytes - slash;
  let channel: Channel | null = null;
  if (slash > 1) {
    const number = bytesDecimal(source + 1, slash - 1);
    channel = channelByNumber(max(number, 0));
    if (channel === null) return -Errno.ENOENT;
    if (process.uid != 0 && !namesReach(process.names, channel)) return -Errno.EPERM;
  } else if (left == 0) {
    return -Errno.ENOENT;
  }
  // Relative to the channel's root: the normalised path without its slash. The kernel's own tree keeps it.
  const place = source + Limit.PATH_BYTES;
  const n = left == 0 ? 1 : pathNormalise(place, place, 0, source + slash, left);
  if (n < 0) return n;
  const target = pathArgument(process, to, toBytes);
  if (target < 0) return target;
  const skip: u32 = channel === null ? 0 : 1;
  return mountSource(process, channel, target, place + skip, n - skip, flags);
}

/** bind of a path: everywhere it may be found now, in that order. */
function bindPath(
  process: Process,
  source: usize,
  from: u32,
  fromBytes: u32,
  to: u32,
  toBytes: u32,
  flags: u32,
): i32 {
  const path = process.text + ProcessText.PATH;
  const n = pathArgument(process, from, fromBytes);
  if (n < 0) return n;
  const error = lookupOpen(process, n, OpenFlag.READ);
  if (error < 0) return error;
  filePut(lookupOpened(process));
  const sourceBytes = process.pathBytes;
  bytesCopy(source, path, sourceBytes);
  const target = pathArgument(process, to, toBytes);
  if (target < 0) return target;
  return mountPlaces(process, source, sourceBytes, target, flags);
}

/** Mounts every place of the path at source (of the kernel's tree: if it is there) over the path in PATH. All of them or none. */
function mountPlaces(process: Process, source: usize, n: u32, target: u32, flags: u32): i32 {
  const names = process.names;
  const path = process.text + ProcessText.PATH;
  const place = source + Limit.PATH_BYTES;
  const list = source + 2 * Limit.PATH_BYTES; // the mounts in the making
  let count: u32 = 0;
  let error: i32 = 0;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const where = namesCandidate(names, source, n, i);
    if (where == NAMES_NONE) break;
    const bytes = namesPlace(source, n, place);
    if (bytes >= 0 && where == NAMES_KERNEL && !treeHas(place, bytes)) continue;
    const channel = changetype<Channel | null>(where == NAMES_KERNEL ? 0 : where);
    const how = flags == MountFlag.REPLACE && count > 0 ? <u32>MountFlag.AFTER : flags;
    if (bytes < 0) {
      error = bytes;
      break;
    }
    const mount = mountCreate(channel, path, target, place, bytes, how);
    if (mount === null) {
      error = -Errno.ENOMEM;
      break;
    }
    store<u32>(list + (count << 2), changetype<usize>(mount));
    count++;
  }
  if (error == 0 && count > namesRoom(names)) error = -Errno.ENOSPC;
  let last: Mount | null = null;
  for (let i: u32 = 0; i < count; i++) {
    const mount = changetype<Mount>(<usize>load<u32>(list + (i << 2)));
    if (error != 0) {
      mountFree(mount);
      continue;
    }
    namesInsert(names, mount, flags == MountFlag.BEFORE ? last : null);
    last = mount;
  }
  return error;
}

/** Mounts one source over the path of n bytes in PATH. 0, -ENOMEM, -ENOSPC. */
function mountSource(
  process: Process,
  channel: Channel | null,
  n: u32,
  source: usize,
  sourceBytes: u32,
  flags: u32,
): i32 {
  const path = process.text + ProcessText.PATH;
  const mount = mountCreate(channel, path, n, source, sourceBytes, flags);
  if (mount === null) return -Errno.ENOMEM;
  const error = namesInsert(process.names, mount, null);
  if (error != 0) mountFree(mount);
  return error;
}
