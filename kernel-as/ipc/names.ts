// Names: a mount table. One frame, shared by a process and its children, as in Plan 9: a mount made by one is seen by all of them.
//
//   +0 references   +4 entries in use   +128.. entries of 128 bytes: {channel, flags, path length, path}
//
// Entries of one path stand in the order in which they are searched: BEFORE, REPLACE, AFTER.
//
// Invariants
//   N1  Every entry holds its channel. Paths are normalised.
//   N2  refs is the number of processes that use the table. One that waits for a server keeps its channel by its call, not by the table.
//
// Locks     kernel lock.
import { Errno } from "../../abi/errno";
import { Frame } from "../../abi/layout";
import { MountFlag } from "../../abi/syscall";
import { bytesCopy, bytesEqual } from "../lib/bytes";
import { Vars } from "../lib/vars";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { pathHasPrefix } from "../proc/path";
import { Process } from "../proc/process";
import { Channel, channelHold, channelUnhold } from "./channel";

const enum Names {
  REFS = 0,
  COUNT = 4,
  ENTRIES = 128,
  ENTRY_BYTES = 128,
  CAPACITY = 31,
}

@unmanaged
export class Mount {
  channel: usize;
  flags: u32;
  pathBytes: u32;
}

const MOUNT_PATH: usize = offsetof<Mount>();
const MOUNT_PATH_BYTES: u32 = Names.ENTRY_BYTES - <u32>offsetof<Mount>();

const enum NamesVar {
  PREFIX = 0x80,
}

/** What namesCandidate found: nothing more, the kernel's own tree, or else the address of a Channel. */
export const NAMES_NONE: usize = 0;
export const NAMES_KERNEL: usize = 1;

/** An empty table for init; false: no memory. */
export function namesCreate(process: Process): bool {
  const frame = pmmAlloc(true);
  if (frame == 0) return false;
  process.names = (<usize>frame) << Frame.SHIFT;
  store<u32>(process.names, 1, Names.REFS);
  return true;
}

/** The child shares its parent's table. */
export function namesShare(child: Process, parent: Process): void {
  child.names = parent.names;
  store<u32>(child.names, load<u32>(child.names, Names.REFS) + 1, Names.REFS);
}

/** Drops the process's reference. */
export function namesPut(process: Process): void {
  const names = process.names;
  process.names = 0;
  if (names == 0) return;
  const refs = load<u32>(names, Names.REFS) - 1;
  store<u32>(names, refs, Names.REFS);
  if (refs != 0) return;
  for (let i = load<u32>(names, Names.COUNT); i > 0; i--) removeAt(names, i - 1);
  pmmFree(<u32>(names >> Frame.SHIFT));
}

export function namesCount(process: Process): u32 {
  return load<u32>(process.names, Names.COUNT);
}

export function namesAt(process: Process, index: u32): Mount {
  return changetype<Mount>(process.names + Names.ENTRIES + index * Names.ENTRY_BYTES);
}

export function mountPath(mount: Mount): usize {
  return changetype<usize>(mount) + MOUNT_PATH;
}

/**
 * Mounts the channel at a normalised path. REPLACE takes the place of what is mounted exactly there; BEFORE and AFTER join it.
 * 0, -EINVAL, -ENAMETOOLONG, -ENOSPC.
 */
export function namesMount(
  process: Process,
  channel: Channel,
  path: usize,
  n: u32,
  flags: u32,
): i32 {
  if (flags > <u32>MountFlag.AFTER) return -Errno.EINVAL;
  if (n > MOUNT_PATH_BYTES) return -Errno.ENAMETOOLONG;
  const names = process.names;
  if (flags == MountFlag.REPLACE) removePath(names, path, n);
  const count = load<u32>(names, Names.COUNT);
  if (count == Names.CAPACITY) return -Errno.ENOSPC;
  const index = insertionIndex(process, path, n, flags);
  const at = names + Names.ENTRIES + index * Names.ENTRY_BYTES;
  bytesCopy(at + Names.ENTRY_BYTES, at, (count - index) * Names.ENTRY_BYTES);
  store<u32>(names, count + 1, Names.COUNT);
  const mount = changetype<Mount>(at);
  mount.channel = changetype<usize>(channel);
  mount.flags = flags;
  mount.pathBytes = n;
  bytesCopy(mountPath(mount), path, n);
  channelHold(channel);
  return 0;
}

/** Removes everything mounted exactly at the path. 0, or -EINVAL when there is nothing. */
export function namesUnmount(process: Process, path: usize, n: u32): i32 {
  return removePath(process.names, path, n) ? 0 : -Errno.EINVAL;
}

/**
 * The index-th place to look a normalised path up, best first: the mounts with the longest prefix, with what lies under them unless
 * one of them replaces it. namesPrefix() is then the length of the mount's path.
 */
export function namesCandidate(process: Process, path: usize, n: u32, index: u32): usize {
  let left = index;
  let level = n + 1;
  let floor: u32 = 0;
  while (true) {
    level = longestBelow(process, path, n, level);
    if (level == 0) {
      if (left == 0) return NAMES_KERNEL;
      left--;
      break;
    }
    let replaced = false;
    for (let i: u32 = 0; i < namesCount(process); i++) {
      const mount = namesAt(process, i);
      if (!mountIs(mount, path, level) || mount.flags == MountFlag.AFTER) continue;
      if (mount.flags == MountFlag.REPLACE) replaced = true;
      if (left == 0) return found(mount);
      left--;
    }
    floor = level;
    if (replaced) break;
    floor = 0;
  }
  for (level = max<u32>(floor, 1); level <= n; level++) {
    for (let i: u32 = 0; i < namesCount(process); i++) {
      const mount = namesAt(process, i);
      if (mount.flags != MountFlag.AFTER || !mountIs(mount, path, level)) continue;
      if (!pathHasPrefix(path, n, mountPath(mount), level)) continue;
      if (left == 0) return found(mount);
      left--;
    }
  }
  return NAMES_NONE;
}

export function namesPrefix(): u32 {
  return load<u32>(Vars.IPC, NamesVar.PREFIX);
}

function found(mount: Mount): usize {
  store<u32>(Vars.IPC, mount.pathBytes, NamesVar.PREFIX);
  return mount.channel;
}

/** Length of the longest mounted prefix of path that is shorter than `below`, 0 none. */
function longestBelow(process: Process, path: usize, n: u32, below: u32): u32 {
  let longest: u32 = 0;
  for (let i: u32 = 0; i < namesCount(process); i++) {
    const mount = namesAt(process, i);
    if (mount.pathBytes >= below || mount.pathBytes <= longest) continue;
    if (pathHasPrefix(path, n, mountPath(mount), mount.pathBytes)) longest = mount.pathBytes;
  }
  return longest;
}

function mountIs(mount: Mount, path: usize, n: u32): bool {
  return mount.pathBytes == n && bytesEqual(mountPath(mount), path, n);
}

function insertionIndex(process: Process, path: usize, n: u32, flags: u32): u32 {
  const count = namesCount(process);
  if (flags != MountFlag.BEFORE) return count;
  for (let i: u32 = 0; i < count; i++) {
    if (mountIs(namesAt(process, i), path, n)) return i;
  }
  return count;
}

function removePath(names: usize, path: usize, n: u32): bool {
  let removed = false;
  for (let i = load<u32>(names, Names.COUNT); i > 0; i--) {
    const mount = changetype<Mount>(names + Names.ENTRIES + (i - 1) * Names.ENTRY_BYTES);
    if (!mountIs(mount, path, n)) continue;
    removeAt(names, i - 1);
    removed = true;
  }
  return removed;
}

function removeAt(names: usize, index: u32): void {
  const count = load<u32>(names, Names.COUNT) - 1;
  const at = names + Names.ENTRIES + index * Names.ENTRY_BYTES;
  const channel = changetype<Channel>(load<u32>(at));
  bytesCopy(at, at + Names.ENTRY_BYTES, (count - index) * Names.ENTRY_BYTES);
  store<u32>(names, count, Names.COUNT);
  channelUnhold(channel);
}

if (Names.ENTRIES + Names.CAPACITY * Names.ENTRY_BYTES > Frame.BYTES)
  ERROR("the mount table is one frame");
