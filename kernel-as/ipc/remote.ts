// Remote: the file calls on files that a server keeps, as messages.
//
// Every function sleeps until the server answers and returns what it said: a count or -errno (-EPIPE: no server, -EINTR).
// Long reads and writes are several messages; an error after the first is a short count.
//
// Locks     kernel lock, dropped while asleep: the caller holds a reference on the file.
import { Errno } from "../../abi/errno";
import { Tag } from "../../abi/ipc";
import { Limit } from "../../abi/layout";
import { Stat } from "../../abi/syscall";
import { Obj } from "../mm/object";
import { File, FileKind, fileCreate, fileFree, fileGet } from "../proc/file";
import { currentProcess, Process } from "../proc/process";
import { processSleepCatching } from "../proc/sleep";
import { Channel, channelCall, channelHold, channelUnhold } from "./channel";
import { grantPut } from "./grant";
import { Place, Request, requestAnswer, requestBegin, requestOf, SEND_AGAIN } from "./request";

/** A request that is answered with R_AGAIN is sent again after this long. */
const AGAIN_NS: i64 = 5_000_000;
/** Data bytes of a message in front of what T_WRITE and T_CTL carry. */
const WRITE_HEADER: u32 = 16;
const CTL_HEADER: u32 = 4;
/** Smallest payload that is worth agreeing on: a frame. */
const PAYLOAD_UNIT: u32 = 4096;

/** The file that remoteOpen has opened. */
export function remoteOpened(process: Process): File {
  return changetype<File>(requestOf(process).file);
}

/** Opens or creates (tag) the path of n bytes in kernel memory. 0: remoteOpened() is the file, one reference. Else -errno, or LINKED. */
export function remoteOpen(
  process: Process,
  channel: Channel,
  tag: u32,
  flags: u32,
  path: usize,
  n: u32,
): i32 {
  const file = fileCreate(FileKind.REMOTE, flags);
  if (file === null) return -Errno.ENFILE;
  file.a = changetype<usize>(channel);
  file.generation = channel.generation;
  channelHold(channel);
  const request = requestBegin(process, tag, 4);
  request.header0 = flags;
  setPath(request, path, n);
  request.file = changetype<usize>(file);
  const result = call(process, channel);
  if (result >= 0) {
    file.b = load<u32>(requestAnswer(request)); // of the server of file.generation: it may be dead by now
    file.node = result >= 8 ? agreedPayload(load<u32>(requestAnswer(request), 4)) : 0;
    file.type = result >= 12 ? load<u32>(requestAnswer(request), 8) : 0;
    return 0;
  }
  if (request.file != 0) {
    fileFree(file);
    channelUnhold(channel);
  }
  return result;
}

/** What a server offered, as the kernel takes it: a multiple of PAYLOAD_UNIT up to Limit.PAYLOAD_BYTES, 0 for nothing. */
function agreedPayload(offered: u32): u32 {
  return min<u32>(offered, Limit.PAYLOAD_BYTES) & ~(PAYLOAD_UNIT - 1);
}

/** Reads n bytes at offset into user memory. */
export function remoteRead(process: Process, file: File, va: u32, n: u32, offset: u64): i32 {
  const limit = max<u32>(file.node, Limit.MESSAGE_BYTES);
  let done: u32 = 0;
  while (done < n) {
    const part = min(n - done, limit);
    const request = begin(process, file, Tag.T_READ, 16);
    request.header0 |= (<u64>part) << 32;
    request.header1 = offset + done;
    request.limit = limit;
    request.answerPlace = Place.USER;
    request.answerAt = va + done;
    request.answerRoom = part;
    const result = callFile(process, file);
    if (result < 0) return done > 0 ? <i32>done : result;
    done += <u32>result;
    if (<u32>result < part) break;
  }
  return <i32>done;
}

/** Reads at most one message of a file, or of a directory's records (from record `offset` on), to user memory (place USER) or kernel memory at `at`. */
export function remoteReadMessage(
  process: Process,
  file: File,
  place: Place,
  at: usize,
  n: u32,
  offset: u64,
): i32 {
  const part = min<u32>(n, Limit.MESSAGE_BYTES);
  const request = begin(process, file, Tag.T_READ, 16);
  request.header0 |= (<u64>part) << 32;
  request.header1 = offset;
  request.answerPlace = place;
  request.answerAt = at;
  request.answerRoom = part;
  return callFile(process, file);
}

/** Writes n bytes of user memory at offset. */
export function remoteWrite(process: Process, file: File, va: u32, n: u32, offset: u64): i32 {
  const limit = file.node != 0 ? file.node : <u32>Limit.MESSAGE_BYTES - WRITE_HEADER;
  let done: u32 = 0;
  do {
    const part = min(n - done, limit);
    const request = begin(process, file, Tag.T_WRITE, 16);
    request.header0 |= (<u64>part) << 32;
    request.header1 = offset + done;
    request.payloadPlace = Place.USER;
    request.payload = va + done;
    request.payloadBytes = part;
    let result = callFile(process, file);
    if (result >= 0)
      result = result < 4 ? -Errno.EIO : <i32>min(load<u32>(requestAnswer(request)), part);
    if (result < 0) return done > 0 ? <i32>done : result;
    done += <u32>result;
    if (<u32>result < part) break;
  } while (done < n);
  return <i32>done;
}

/** The server's Stat, in kernel memory at dst (Stat.LONG_BYTES): a short one has no times but the last change's. 0 or -errno. */
export function remoteStat(process: Process, file: File, dst: usize): i32 {
  const request = begin(process, file, Tag.T_STAT, 4);
  request.answerPlace = Place.KERNEL;
  request.answerAt = dst;
  request.answerRoom = Stat.LONG_BYTES;
  const result = callFile(process, file);
  if (result < 0) return result;
  if (result < Stat.BYTES) return -Errno.EIO;
  if (result < Stat.LONG_BYTES) {
    store<i64>(dst, load<i64>(dst, Stat.MTIME), Stat.ATIME);
    store<i64>(dst, load<i64>(dst, Stat.MTIME), Stat.CTIME);
  }
  return 0;
}

/**
 * Sends n bytes of user memory, and a grant if there is one; the answer overwrites them, at most n bytes. remoteReceived() is the grant that
 * came with it.
 */
export function remoteCtl(process: Process, file: File, va: u32, n: u32, grant: File | null): i32 {
  if (n > <u32>Limit.MESSAGE_BYTES - CTL_HEADER) return -Errno.EMSGSIZE;
  const request = begin(process, file, Tag.T_CTL, CTL_HEADER);
  request.payloadPlace = Place.USER;
  request.payload = va;
  request.payloadBytes = n;
  request.answerPlace = Place.USER;
  request.answerAt = va;
  request.answerRoom = n;
  if (grant !== null) {
    fileGet(grant);
    request.sent = changetype<usize>(grant);
  }
  const result = callFile(process, file);
  if (grant !== null) grantPut(grant);
  request.sent = 0;
  return result;
}

/** The grant that the last remoteCtl brought, with a reference that is now the caller's, or null. */
export function remoteReceived(process: Process): File | null {
  const request = requestOf(process);
  const grant = changetype<File | null>(request.received);
  request.received = 0;
  return grant;
}

export function remoteTruncate(process: Process, file: File, size: u64): i32 {
  const request = begin(process, file, Tag.T_TRUNCATE, 16);
  request.header1 = size;
  const result = callFile(process, file);
  return min(result, 0);
}

/** Gives the server a Stat of `bytes` in kernel memory, of which it takes what can be set. 0 or -errno. */
export function remoteWstat(process: Process, file: File, st: usize, bytes: u32): i32 {
  const request = begin(process, file, Tag.T_WSTAT, 8);
  request.payloadPlace = Place.KERNEL;
  request.payload = st;
  request.payloadBytes = bytes;
  const result = callFile(process, file);
  return min(result, 0);
}

/** 0, -errno, or LINKED, as for every request with a path. */
export function remoteRemove(process: Process, channel: Channel, path: usize, n: u32): i32 {
  const request = requestBegin(process, Tag.T_REMOVE, 0);
  setPath(request, path, n);
  const result = call(process, channel);
  return min(result, 0);
}

/** T_RENAME, T_LINK and T_SYMLINK: two texts, adjacent in kernel memory. */
export function remotePair(
  process: Process,
  channel: Channel,
  tag: Tag,
  texts: usize,
  firstBytes: u32,
  secondBytes: u32,
): i32 {
  const request = requestBegin(process, tag, 4);
  request.header0 = firstBytes;
  setPath(request, texts, firstBytes + secondBytes);
  const result = call(process, channel);
  return min(result, 0);
}

/**
 * Asks the server of a REMOTE file for the object to map (T_MMAP). 0: channelGrantObject() is that object, with a reference that is
 * now the caller's, and channelGrantOffset() the byte offset in it. -ENODEV: not mappable.
 */
export function channelMmap(file: File, prot: u32, offset: u64, len: u64): i32 {
  const process = currentProcess();
  const request = begin(process, file, Tag.T_MMAP, 24);
  request.header0 |= (<u64>prot) << 32;
  request.header1 = offset;
  request.header2 = len;
  const result = callFile(process, file);
  return min(result, 0);
}

export function channelGrantObject(): usize {
  const request = requestOf(currentProcess());
  const object = request.object;
  request.object = 0;
  return object;
}

/** True if the object was taken back after the server had granted it, by the server or by its end, before it was mapped. */
export function channelGrantIsGone(object: usize): bool {
  return changetype<Obj>(object).revocations != requestOf(currentProcess()).objectRevocations;
}

/** The rights that the server grants, 0: READ and WRITE. */
export function channelGrantRights(): u32 {
  return requestOf(currentProcess()).objectRights;
}

export function channelGrantOffset(): u64 {
  return requestOf(currentProcess()).objectOffset;
}

function begin(process: Process, file: File, tag: u32, headerBytes: u32): Request {
  const request = requestBegin(process, tag, headerBytes);
  request.header0 = file.b;
  return request;
}

function setPath(request: Request, path: usize, n: u32): void {
  request.payloadPlace = Place.KERNEL;
  request.payload = path;
  request.payloadBytes = n;
}

function callFile(process: Process, file: File): i32 {
  const channel = changetype<Channel>(file.a);
  if (file.generation != channel.generation) return -Errno.EPIPE;
  return call(process, channel);
}

/** A server that says R_AGAIN keeps nobody who was interrupted: a caught signal that comes meanwhile ends the call. */
function call(process: Process, channel: Channel): i32 {
  while (true) {
    const result = channelCall(process, channel);
    if (result != SEND_AGAIN) return result;
    if (!processSleepCatching(0, AGAIN_NS)) return -Errno.EINTR;
  }
}
