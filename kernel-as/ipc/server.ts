// Server: the two calls of a server end. One request is served at a time: it is received, then answered.
//
// Locks     kernel lock.
import { Errno } from "../../abi/errno";
import { LinkAnswer, Message, Tag, WaitFor } from "../../abi/ipc";
import { Limit } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { Prot } from "../../abi/syscall";
import { objectGetAt, objectGetOffset } from "../mm/grant";
import { Obj } from "../mm/object";
import { Space } from "../mm/space";
import { copyCross, copyError, copyIn, copyOut, copyReady, userReachable } from "../mm/usercopy";
import { File, fdAdd, fileFree, fileGet } from "../proc/file";
import { currentProcess, Process, ProcessText } from "../proc/process";
import { processSleepBriefly, wakeAll } from "../proc/sleep";
import {
  Channel,
  channelCloseFile,
  channelFailServing,
  channelNext,
  channelNextClose,
  channelUnhold,
  requestDone,
  requestDropReceived,
  tagOpens,
} from "./channel";
import {
  LINKED,
  Place,
  Request,
  RequestSize,
  RequestState,
  requestAnswer,
  requestHeader,
  requestOf,
  SEND_AGAIN,
} from "./request";

/** Least data of an R_OK that carries a handle. */
const R_OPEN_BYTES: u32 = 4;

/**
 * Receives the next message into user memory at va; sleeps while there is none. Files that clients closed come first. Returns the tag;
 * -EPIPE when no client can ever come, -EINTR, the error of a copy to a bad buffer (the message stays).
 */
export function channelReceive(channel: Channel, va: u32): i32 {
  const process = currentProcess();
  if (channel.servingTag != 0) channelFailServing(channel, Errno.EIO); // received again without an answer
  if (channel.server != process.pid) wakeAll(changetype<usize>(channel)); // for those who wait until somebody serves
  channel.server = process.pid;
  channel.down = 0;
  while (true) {
    if (channel.irqsRaised != 0) return receiveInterrupt(channel, process.space!, va);
    if (channel.closeHead != 0) return receiveClose(channel, process.space!, va);
    if (channel.queueHead != 0) {
      const tag = receiveRequest(channel, process.space!, va);
      if (tag != 0) return tag;
      continue;
    }
    if (channel.holders == 0) return -Errno.EPIPE;
    if (!processSleepBriefly(changetype<usize>(channel), process.restless != 0))
      return -Errno.EINTR;
  }
}

/** What has come, of `want` (abi WaitFor), for one who holds a server end of the channel. */
export function channelReady(channel: Channel, want: u32): u32 {
  const message =
    channel.irqsRaised != 0 ||
    channel.closeHead != 0 ||
    channel.queueHead != 0 ||
    channel.holders == 0;
  const up = channel.server != 0 && channel.down == 0;
  return want & ((message ? WaitFor.MESSAGE : 0) | (up ? WaitFor.SERVER : 0));
}

/**
 * Answers what was received last. The reply is at va. 0; -EINVAL when there is nothing to answer or the reply is malformed, -EMSGSIZE,
 * the error of a copy from a bad buffer: then the message stays and can be answered again.
 */
export function channelReply(channel: Channel, va: u32): i32 {
  const server = currentProcess();
  if (!isServing(channel, server)) return -Errno.EINVAL;
  const head = headOf(server);
  let copied = copyIn(server.space!, head, va, Message.DATA);
  if (copied != Message.DATA) return copyError(copied);
  const tag = load<u32>(head, Message.TAG);
  const length = load<u32>(head, Message.LENGTH);
  if (tag != Tag.R_OK && tag != Tag.R_ERROR && tag != Tag.R_AGAIN && tag != Tag.R_LINK)
    return -Errno.EINVAL;
  const client = changetype<Process | null>(channel.serving);
  const limit = client === null ? <u32>Limit.PAYLOAD_BYTES : requestOf(client).limit;
  if (length > limit) return -Errno.EMSGSIZE;
  if (!answerReady(client, server.space!, va, length)) return -Errno.EFAULT;
  let result = 0; // what the client's call returns
  if (tag == Tag.R_AGAIN) {
    result = SEND_AGAIN;
  } else if (tag == Tag.R_ERROR) {
    copied = length < 4 ? 4 : copyIn(server.space!, head, va + Message.DATA, 4);
    if (copied != 4) return copyError(copied);
    result = -errorOf(length, load<i32>(head));
  } else if (tag == Tag.R_LINK) {
    result = answerLink(channel, client, server.space!, va + Message.DATA, length);
    if (result != LINKED) return result;
  } else if (client !== null) {
    result = answer(client, requestOf(client), server.space!, va, length);
    if (result == STAYS) return load<i32>(head);
  } else {
    copied = orphanHandle(channel, server.space!, head, va, length);
    if (copied < 0) return copied;
  }
  channel.serving = 0;
  channel.servingTag = 0;
  if (client !== null) requestDone(client, result);
  else answerNobody(channel, tag == Tag.R_OK ? load<u32>(head) : 0);
  return 0;
}

/** The pages of a reply, and those it goes to, are there: what follows does not fail for want of memory. False: the call is run again. */
function answerReady(client: Process | null, space: Space, va: u32, length: u32): bool {
  if (!copyReady(space, va, Message.DATA + length, Access.READ)) return false;
  if (client === null) return true;
  const request = requestOf(client);
  if (request.answerPlace != Place.USER) return true;
  const n = min(length, request.answerRoom);
  if (!copyReady(client.space!, <u32>request.answerAt, n, Access.WRITE)) return false;
  return copyReady(space, va, Message.DATA + length, Access.READ);
}

/** A descriptor of the grant that came with the request being served. -ENOENT: there is none. -EINVAL: nothing is being served. -EMFILE. */
export function channelTake(channel: Channel): i32 {
  const server = currentProcess();
  if (!isServing(channel, server)) return -Errno.EINVAL;
  if (channel.serving == 0) return -Errno.ENOENT;
  const sent = changetype<File | null>(requestOf(changetype<Process>(channel.serving)).sent);
  if (sent === null) return -Errno.ENOENT;
  const fd = fdAdd(server, sent, 0);
  if (fd >= 0) fileGet(sent);
  return fd;
}

/** The grant goes with the answer to the T_CTL being served. 0; -EINVAL: no T_CTL is being served. A client that is gone gets nothing. */
export function channelGive(channel: Channel, grant: File): i32 {
  if (!isServing(channel, currentProcess()) || channel.servingTag != Tag.T_CTL)
    return -Errno.EINVAL;
  if (channel.serving == 0) return 0;
  const request = requestOf(changetype<Process>(channel.serving));
  requestDropReceived(request);
  fileGet(grant);
  request.received = changetype<usize>(grant);
  return 0;
}

/** The process whose request is being served, or null: none is, nobody waits for its answer, or the client has gone. */
export function channelClient(channel: Channel): Process | null {
  if (!isServing(channel, currentProcess())) return null;
  return changetype<Process | null>(channel.serving);
}

function isServing(channel: Channel, server: Process): bool {
  return channel.servingTag != 0 && channel.server == server.pid;
}

/** The server's frame of kernel text has room for a message's head: a process that replies has no path in the making. */
function headOf(server: Process): usize {
  return requestAnswer(requestOf(server));
}

/** answer: nothing went to the client; the error for the server is in its head. */
const STAYS: i32 = i32.MIN_VALUE;

/** Bytes 0.. of the reply go to the client. Returns their number, -errno for the client, or STAYS. */
function answer(client: Process, request: Request, space: Space, va: u32, length: u32): i32 {
  const from = va + Message.DATA;
  if (request.answerPlace == Place.USER) {
    const n = min(length, request.answerRoom);
    if (n == 0) return 0;
    const copied = copyCross(client.space!, <u32>request.answerAt, space, from, n);
    if (copied == <i32>n) return copied;
    const error = copyError(copied);
    if (error == -Errno.EFAULT && userReachable(space, from, n, Access.READ)) return error;
    return stays(error);
  }
  const place = request.answerPlace == Place.KERNEL ? request.answerAt : requestAnswer(request);
  const room = request.answerPlace == Place.KERNEL ? request.answerRoom : <u32>RequestSize.ANSWER;
  const n = min(length, room);
  const copied = n == 0 ? 0 : copyIn(space, place, from, n);
  if (copied != <i32>n) return stays(copyError(copied));
  if (request.tag == Tag.T_MMAP) return grant(request, space, n);
  if (tagOpens(request.tag) && (n < R_OPEN_BYTES || load<u32>(requestAnswer(request)) == 0))
    return -Errno.EIO;
  return <i32>n;
}

/** The target of a symbolic link in the path of the request. LINKED, or the server's error: -EINVAL, that of a copy. */
function answerLink(
  channel: Channel,
  client: Process | null,
  space: Space,
  from: u32,
  length: u32,
): i32 {
  const bytes = length - LinkAnswer.TARGET;
  if (!tagFollows(channel.servingTag) || length <= <u32>LinkAnswer.TARGET) return -Errno.EINVAL;
  if (bytes >= <u32>Limit.PATH_BYTES) return -Errno.EINVAL;
  if (client === null) return LINKED;
  const place = requestAnswer(requestOf(client));
  let copied = copyIn(space, place, from, LinkAnswer.TARGET);
  if (copied != LinkAnswer.TARGET) return copyError(copied);
  store<u32>(place, bytes, 4);
  copied = copyIn(space, client.text + ProcessText.SCRATCH, from + LinkAnswer.TARGET, bytes);
  return copied == <i32>bytes ? LINKED : copyError(copied);
}

/** True for requests with a path. */
function tagFollows(tag: u32): bool {
  return (
    tagOpens(tag) ||
    tag == Tag.T_REMOVE ||
    tag == Tag.T_RENAME ||
    tag == Tag.T_SYMLINK ||
    tag == Tag.T_LINK
  );
}

function stays(error: i32): i32 {
  store<i32>(headOf(currentProcess()), error);
  return STAYS;
}

/** The object that the server has mapped at the address in its answer, held for the client. */
function grant(request: Request, space: Space, n: u32): i32 {
  if (n < 16) return -Errno.EIO;
  const rights = load<u32>(requestAnswer(request), 4);
  if ((rights & ~(<u32>Prot.READ | Prot.WRITE)) != 0) return -Errno.EIO;
  const object = objectGetAt(space, load<u32>(requestAnswer(request)));
  if (object == 0) return -Errno.ENODEV;
  request.object = object;
  request.objectRights = rights;
  request.objectRevocations = changetype<Obj>(object).revocations;
  request.objectOffset = objectGetOffset() + load<u64>(requestAnswer(request), 8);
  return <i32>n;
}

/** The handle in an R_OK whose client has gone, left in head; 0: it carries none. 0, or the error of a copy. */
function orphanHandle(channel: Channel, space: Space, head: usize, va: u32, length: u32): i32 {
  store<u32>(head, 0);
  if (channel.orphan == 0 || !tagOpens(channel.servingTag) || length < R_OPEN_BYTES) return 0;
  const copied = copyIn(space, head, va + Message.DATA, R_OPEN_BYTES);
  return copied == <i32>R_OPEN_BYTES ? 0 : copyError(copied);
}

/** The client has gone. If the answer carried a handle, the handle is closed. */
function answerNobody(channel: Channel, handle: u32): void {
  const orphan = changetype<File | null>(channel.orphan);
  channel.orphan = 0;
  if (orphan === null) return;
  orphan.b = handle;
  channelCloseFile(channel, orphan);
}

function errorOf(length: u32, errno: i32): i32 {
  return length >= 4 && errno > 0 && errno < 4096 ? errno : Errno.EIO;
}

/** T_INTERRUPT: the lowest line that was raised. Nobody waits for an answer. */
function receiveInterrupt(channel: Channel, space: Space, va: u32): i32 {
  const irq = ctz(channel.irqsRaised);
  const head = headOf(currentProcess());
  store<u32>(head, Tag.T_INTERRUPT, Message.TAG);
  store<u32>(head, 4, Message.LENGTH);
  store<u32>(head, irq, Message.DATA);
  const copied = copyOut(space, va, head, Message.DATA + 4);
  if (copied != Message.DATA + 4) return copyError(copied);
  channel.irqsRaised &= ~(1 << irq);
  return Tag.T_INTERRUPT;
}

function receiveClose(channel: Channel, space: Space, va: u32): i32 {
  const server = currentProcess();
  const head = headOf(server);
  store<u32>(head, Tag.T_CLOSE, Message.TAG);
  store<u32>(head, 4, Message.LENGTH);
  store<u32>(head, changetype<File>(channel.closeHead).b, Message.DATA);
  const copied = copyOut(space, va, head, Message.DATA + 4);
  if (copied != Message.DATA + 4) return copyError(copied);
  fileFree(channelNextClose(channel)!);
  channel.servingTag = Tag.T_CLOSE;
  channelUnhold(channel);
  return Tag.T_CLOSE;
}

/** Delivers the first queued request. Its tag; the error of a copy when the server's buffer is bad; 0 when the client's memory was. */
function receiveRequest(channel: Channel, space: Space, va: u32): i32 {
  const client = changetype<Process>(channel.queueHead);
  const request = requestOf(client);
  const head = headOf(currentProcess());
  store<u32>(head, request.tag, Message.TAG);
  store<u32>(head, request.headerBytes + request.payloadBytes, Message.LENGTH);
  memory.copy(head + Message.DATA, requestHeader(request), request.headerBytes);
  const headBytes = Message.DATA + request.headerBytes;
  let copied = copyOut(space, va, head, headBytes);
  if (copied != <i32>headBytes) return copyError(copied);
  const n = request.payloadBytes;
  const to = va + headBytes;
  if (n > 0 && request.payloadPlace == Place.USER) {
    if (!copyReady(client.space!, <u32>request.payload, n, Access.READ)) return -Errno.EFAULT;
  }
  if (!copyReady(space, va, headBytes + n, Access.WRITE)) return -Errno.EFAULT;
  if (n > 0 && request.payloadPlace == Place.KERNEL) {
    copied = copyOut(space, to, request.payload, n);
    if (copied != <i32>n) return copyError(copied);
  } else if (n > 0) {
    copied = copyCross(space, to, client.space!, <u32>request.payload, n);
    if (copied != <i32>n) {
      const error = copyError(copied);
      if (error != -Errno.EFAULT || !userReachable(space, to, n, Access.WRITE)) return error;
      channelNext(channel);
      requestDone(client, -Errno.EFAULT);
      return 0;
    }
  }
  channelNext(channel);
  request.state = RequestState.SERVING;
  channel.serving = changetype<usize>(client);
  channel.servingTag = request.tag;
  return <i32>request.tag;
}

if (Message.DATA + RequestSize.HEADER > RequestSize.ANSWER) {
  ERROR("a message's head does not fit where servers build it");
}
