// Names: a name space says where a path is looked up. It is a list of mounts; processes share one with their parent until they ask for
// their own (newns), as in Plan 9.
//
//   space frame   NamesLayout: references, number of mounts, owner, then the host address of each mount
//   mount frame   Mount, its path, and its source: what the path shows
//
// A mount shows a place of a channel's server (source: a path relative to its root) or of the kernel's own tree (source: an absolute path).
// bind looks its source up when it is called, so a mount never leads to another one, and binds cannot form a loop.
//
// Invariants
//   N1  A mount holds its channel, and never changes; refs counts the name spaces that list it. Paths are normalised.
//   N2  A name space's refs is the number of processes that use it. One that waits for a server keeps its channel by its call.
//   N3  Mounts of one path stand together, in the order in which they are searched: BEFORE, REPLACE (one at most), AFTER.
//
// Locks     kernel lock.
// Not here  Looking a path up and opening what is there: dev/lookup.ts.
import { Errno } from "../../abi/errno";
import { Frame, Limit } from "../../abi/layout";
import { MountFlag } from "../../abi/syscall";
import { bytesCopy, bytesEqual } from "../lib/bytes";
import { Vars } from "../lib/vars";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { pathHasPrefix, pathRest } from "../proc/path";
import { Process } from "../proc/process";
import { Channel, channelHold, channelUnhold } from "./channel";

/** Mounts of one name space: a bind of a union to itself ends here and not in a loop. */
const MOUNTS: u32 = 64;
/** More places than a path can be looked up in: every mount, and the kernel's tree. */
export const NAMES_PLACES: u32 = MOUNTS + 1;

const enum NamesLayout {
  REFS = 0,
  COUNT = 4,
  OWNER = 8, // uid + 1 of the process that made it with newns; 0: init's
  MOUNTS = 16,
}

@unmanaged
export class Mount {
  refs: u32;
  channel: usize; // 0: the kernel's own tree
  flags: u32; // MountFlag
  pathBytes: u32;
  sourceBytes: u32;
}

const enum MountLayout {
  PATH = 32,
  SOURCE = 1056,
}

const enum NamesVar {
  MOUNT = 0x80, // the mount that namesCandidate found, 0: none
}

/** What namesCandidate found: nothing more, a place of the kernel's own tree, or else the address of a Channel. */
export const NAMES_NONE: usize = 0;
export const NAMES_KERNEL: usize = 1;

/** An empty name space for the process; false: no memory. */
export function namesCreate(process: Process, owner: u32): bool {
  const frame = pmmAlloc(true);
  if (frame == 0) return false;
  process.names = (<usize>frame) << Frame.SHIFT;
  store<u32>(process.names, 1, NamesLayout.REFS);
  store<u32>(process.names, owner, NamesLayout.OWNER);
  return true;
}

/** The child shares its parent's name space. */
export function namesShare(child: Process, parent: Process): void {
  child.names = parent.names;
  store<u32>(child.names, load<u32>(child.names, NamesLayout.REFS) + 1, NamesLayout.REFS);
}

/** The process leaves its name space for one of its own, empty or with the same mounts. 0 or -ENOMEM and nothing has changed. */
export function namesOwn(process: Process, empty: bool): i32 {
  const old = process.names;
  if (!namesCreate(process, process.uid + 1)) return -Errno.ENOMEM;
  const names = process.names;
  const count: u32 = empty ? 0 : namesCount(old);
  for (let i: u32 = 0; i < count; i++) {
    const mount = namesAt(old, i);
    mount.refs++;
    store<u32>(slotOf(names, i), changetype<usize>(mount));
  }
  store<u32>(names, count, NamesLayout.COUNT);
  spacePut(old);
  return 0;
}

/** Drops the process's reference. */
export function namesPut(process: Process): void {
  const names = process.names;
  process.names = 0;
  if (names != 0) spacePut(names);
}

/** True if the process may change its name space: root, or a user in one of his own. */
export function namesMayChange(process: Process): bool {
  return process.uid == 0 || load<u32>(process.names, NamesLayout.OWNER) == process.uid + 1;
}

export function namesCount(names: usize): u32 {
  return load<u32>(names, NamesLayout.COUNT);
}

export function namesAt(names: usize, index: u32): Mount {
  return changetype<Mount>(<usize>load<u32>(slotOf(names, index)));
}

export function mountPath(mount: Mount): usize {
  return changetype<usize>(mount) + MountLayout.PATH;
}

export function mountSource(mount: Mount): usize {
  return changetype<usize>(mount) + MountLayout.SOURCE;
}

/** True if some mount of the name space shows a place of the channel. */
export function namesReach(names: usize, channel: Channel): bool {
  for (let i: u32 = 0; i < namesCount(names); i++) {
    if (namesAt(names, i).channel == changetype<usize>(channel)) return true;
  }
  return false;
}

/** A mount without a name space yet; null: no memory. channel null: the kernel's own tree. Path and source are copied. */
export function mountCreate(
  channel: Channel | null,
  path: usize,
  n: u32,
  source: usize,
  sourceBytes: u32,
  flags: u32,
): Mount | null {
  const frame = pmmAlloc(true);
  if (frame == 0) return null;
  const mount = changetype<Mount>((<usize>frame) << Frame.SHIFT);
  mount.channel = changetype<usize>(channel);
  mount.flags = flags;
  mount.pathBytes = n;
  mount.sourceBytes = sourceBytes;
  bytesCopy(mountPath(mount), path, n);
  bytesCopy(mountSource(mount), source, sourceBytes);
  if (channel !== null) channelHold(channel);
  return mount;
}

/** Gives back a mount that is in no name space. */
export function mountFree(mount: Mount): void {
  const channel = changetype<Channel | null>(mount.channel);
  pmmFree(<u32>(changetype<usize>(mount) >> Frame.SHIFT));
  if (channel !== null) channelUnhold(channel);
}

/**
 * Puts a mount into the name space. REPLACE takes the place of everything mounted exactly there; BEFORE and AFTER join it. `after`: behind that
 * mount, which is of the same path. 0, or -ENOSPC and the mount is still the caller's.
 */
export function namesInsert(names: usize, mount: Mount, after: Mount | null): i32 {
  const path = mountPath(mount);
  const n = mount.pathBytes;
  if (mount.flags == MountFlag.REPLACE) removePath(names, path, n);
  const count = namesCount(names);
  if (count == MOUNTS) return -Errno.ENOSPC;
  let index = insertionIndex(names, path, n, mount.flags);
  for (let i: u32 = 0; after !== null && i < count; i++) {
    if (namesAt(names, i) === after) index = i + 1;
  }
  const at = slotOf(names, index);
  bytesCopy(at + 4, at, (count - index) * 4);
  store<u32>(at, changetype<usize>(mount));
  store<u32>(names, count + 1, NamesLayout.COUNT);
  mount.refs++;
  return 0;
}

/** Mounts that the name space has room for. */
export function namesRoom(names: usize): u32 {
  return MOUNTS - namesCount(names);
}

/** Removes everything mounted exactly at the path. 0, or -EINVAL when there is nothing. */
export function namesUnmount(names: usize, path: usize, n: u32): i32 {
  return removePath(names, path, n) ? 0 : -Errno.EINVAL;
}

/**
 * The index-th place to look a normalised path up, best first: the mounts with the longest prefix, with what lies under them unless
 * one of them replaces it. namesPlace() then makes the path there. Never index NAMES_PLACES or more.
 */
export function namesCandidate(names: usize, path: usize, n: u32, index: u32): usize {
  let left = index;
  let level = n + 1;
  let floor: u32 = 1;
  while (true) {
    level = longestBelow(names, path, n, level);
    if (level == 0) {
      if (left == 0) return found(null);
      left--;
      break;
    }
    let replaced = false;
    for (let i: u32 = 0; i < namesCount(names); i++) {
      const mount = namesAt(names, i);
      if (!mountIs(mount, path, level) || mount.flags == MountFlag.AFTER) continue;
      if (mount.flags == MountFlag.REPLACE) replaced = true;
      if (left == 0) return found(mount);
      left--;
    }
    floor = level;
    if (replaced) break;
    floor = 1;
  }
  for (level = floor; level <= n; level++) {
    for (let i: u32 = 0; i < namesCount(names); i++) {
      const mount = namesAt(names, i);
      if (mount.flags != MountFlag.AFTER || !mountIs(mount, path, level)) continue;
      if (!pathHasPrefix(path, n, mountPath(mount), level)) continue;
      if (left == 0) return found(mount);
      left--;
    }
  }
  return NAMES_NONE;
}

/** The mount of the place that namesCandidate found last, null: the kernel's own tree as it is. */
export function namesFound(): Mount | null {
  return changetype<Mount | null>(<usize>load<u32>(Vars.IPC, NamesVar.MOUNT));
}

/**
 * Writes to dst (Limit.PATH_BYTES) the path of n bytes as it is called in the place that namesCandidate found last: absolute in the kernel's
 * tree, relative to a server's root. Its length, or -ENAMETOOLONG.
 */
export function namesPlace(path: usize, n: u32, dst: usize): i32 {
  const mount = namesFound();
  if (mount === null) {
    bytesCopy(dst, path, n);
    return <i32>n;
  }
  const rest = pathRest(n, mount.pathBytes);
  const left = n - rest;
  // "/" in front of the rest: not after nothing, and not after the root, which ends with one.
  const source = mountSource(mount);
  let at = mount.sourceBytes;
  const slash = at > 0 && left > 0 && load<u8>(source + at - 1) != 47;
  if (at + left + (slash ? 1 : 0) >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
  bytesCopy(dst, source, at);
  if (slash) store<u8>(dst + at++, 47);
  bytesCopy(dst + at, path + rest, left);
  return <i32>(at + left);
}

/** True if a mount lies below the path: the path is a directory even if nobody serves it. */
export function namesBelow(names: usize, path: usize, n: u32): bool {
  for (let i: u32 = 0; i < namesCount(names); i++) {
    if (mountIsBelow(namesAt(names, i), path, n)) return true;
  }
  return false;
}

/** True if the mount's path goes on past `path`. */
export function mountIsBelow(mount: Mount, path: usize, n: u32): bool {
  return mount.pathBytes > n && pathHasPrefix(mountPath(mount), mount.pathBytes, path, n);
}

function found(mount: Mount | null): usize {
  store<u32>(Vars.IPC, changetype<usize>(mount), NamesVar.MOUNT);
  return mount === null || mount.channel == 0 ? NAMES_KERNEL : mount.channel;
}

/** Length of the longest mounted prefix of path that is shorter than `below`, 0 none. */
function longestBelow(names: usize, path: usize, n: u32, below: u32): u32 {
  let longest: u32 = 0;
  for (let i: u32 = 0; i < namesCount(names); i++) {
    const mount = namesAt(names, i);
    if (mount.pathBytes >= below || mount.pathBytes <= longest) continue;
    if (pathHasPrefix(path, n, mountPath(mount), mount.pathBytes)) longest = mount.pathBytes;
  }
  return longest;
}

/** True if the mount's path is the first n bytes of path. */
function mountIs(mount: Mount, path: usize, n: u32): bool {
  return mount.pathBytes == n && bytesEqual(mountPath(mount), path, n);
}

/** Where a new mount goes: BEFORE in front of its path's others, REPLACE behind those, AFTER behind all of them (N3). */
function insertionIndex(names: usize, path: usize, n: u32, flags: u32): u32 {
  const count = namesCount(names);
  let index = count;
  for (let i = count; i > 0; i--) {
    if (!mountIs(namesAt(names, i - 1), path, n)) continue;
    if (flags != MountFlag.BEFORE) return i;
    index = i - 1;
  }
  return index;
}

function removePath(names: usize, path: usize, n: u32): bool {
  let removed = false;
  for (let i = namesCount(names); i > 0; i--) {
    const mount = namesAt(names, i - 1);
    if (!mountIs(mount, path, n)) continue;
    removeAt(names, i - 1);
    removed = true;
  }
  return removed;
}

function removeAt(names: usize, index: u32): void {
  const count = namesCount(names) - 1;
  const mount = namesAt(names, index);
  bytesCopy(slotOf(names, index), slotOf(names, index + 1), (count - index) * 4);
  store<u32>(names, count, NamesLayout.COUNT);
  mountPut(mount);
}

function mountPut(mount: Mount): void {
  mount.refs--;
  if (mount.refs == 0) mountFree(mount);
}

function spacePut(names: usize): void {
  const refs = load<u32>(names, NamesLayout.REFS) - 1;
  store<u32>(names, refs, NamesLayout.REFS);
  if (refs != 0) return;
  for (let i = namesCount(names); i > 0; i--) removeAt(names, i - 1);
  pmmFree(<u32>(names >> Frame.SHIFT));
}

function slotOf(names: usize, index: u32): usize {
  return names + NamesLayout.MOUNTS + <usize>(index << 2);
}

if (MountLayout.SOURCE != MountLayout.PATH + Limit.PATH_BYTES)
  ERROR("a mount's path has PATH_BYTES");
if (MountLayout.SOURCE + Limit.PATH_BYTES > Frame.BYTES) ERROR("a mount is one frame");
if (offsetof<Mount>() > <usize>MountLayout.PATH) ERROR("Mount runs into its path");
if (NamesLayout.MOUNTS + MOUNTS * 4 > Frame.BYTES) ERROR("the list of mounts is one frame");
