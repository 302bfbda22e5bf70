// Server: the two calls of a server end. One request is served at a time: it is received, then answered.
//
// Locks     kernel lock.
import { Errno } from "../../abi/errno";
import { Message, Tag } from "../../abi/ipc";
import { Limit } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { objectGetAt, objectGetOffset } from "../mm/grant";
import { Space } from "../mm/space";
import { copyCross, copyIn, copyOut, copyReady } from "../mm/usercopy";
import { File, fileFree } from "../proc/file";
import { currentProcess, Process } from "../proc/process";
import { processSleepBriefly } from "../proc/sleep";
import {
  Channel,
  channelCloseFile,
  channelFailServing,
  channelNext,
  channelNextClose,
  channelUnhold,
  requestDone,
  tagOpens,
} from "./channel";
import {
  Place,
  Request,
  RequestSize,
  RequestState,
  requestAnswer,
  requestHeader,
  requestOf,
} from "./request";

const R_OPEN_BYTES: u32 = 4;

/**
 * Receives the next message into user memory at va (Message.BYTES); sleeps while there is none. Files that clients closed come first.
 * Returns the tag; -EPIPE when no client can ever come, -EFAULT (the message stays), -EINTR.
 */
export function channelReceive(channel: Channel, va: u32): i32 {
  const process = currentProcess();
  if (channel.servingTag != 0) channelFailServing(channel, Errno.EIO); // received again without an answer
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
    if (!processSleepBriefly(changetype<usize>(channel))) return -Errno.EINTR;
  }
}

/** Answers what was received last. The reply is at va. 0; -EINVAL when there is nothing to answer or it is malformed; -EFAULT. */
export function channelReply(channel: Channel, va: u32): i32 {
  const server = currentProcess();
  if (channel.servingTag == 0 || channel.server != server.pid) return -Errno.EINVAL;
  const head = headOf(server);
  if (copyIn(server.space!, head, va, Message.DATA) != Message.DATA) return -Errno.EFAULT;
  const tag = load<u32>(head, Message.TAG);
  const length = load<u32>(head, Message.LENGTH);
  if (tag != Tag.R_OK && tag != Tag.R_ERROR && tag != Tag.R_AGAIN) return -Errno.EINVAL;
  if (length > <u32>Limit.MESSAGE_BYTES) return -Errno.EMSGSIZE;
  const client = changetype<Process | null>(channel.serving);
  if (!answerReady(client, server.space!, va, length)) return -Errno.EFAULT;
  const requestTag = channel.servingTag;
  channel.serving = 0;
  channel.servingTag = 0;
  if (client === null) {
    answerNobody(channel, server.space!, va, tag, length, requestTag);
    return 0;
  }
  const request = requestOf(client);
  if (tag == Tag.R_AGAIN) requestDone(client, -Errno.EAGAIN);
  else if (tag == Tag.R_ERROR) requestDone(client, -errorOf(server.space!, va, length, head));
  else requestDone(client, answer(client, request, server.space!, va, length));
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

/** The server's frame of kernel text has room for a message's head: a process that replies has no path in the making. */
function headOf(server: Process): usize {
  return requestAnswer(requestOf(server));
}

/** Bytes 0.. of the reply go to the client. Returns their number or -errno. */
function answer(client: Process, request: Request, space: Space, va: u32, length: u32): i32 {
  if (request.answerPlace == Place.USER) {
    const n = min(length, request.answerRoom);
    if (n == 0) return 0;
    const copied = copyCross(client.space!, <u32>request.answerAt, space, va + Message.DATA, n);
    return copied == <i32>n ? <i32>n : -Errno.EFAULT;
  }
  const n = min(length, <u32>RequestSize.ANSWER);
  if (n > 0 && copyIn(space, requestAnswer(request), va + Message.DATA, n) != <i32>n)
    return -Errno.EIO;
  if (request.tag == Tag.T_MMAP) return grant(request, space, n);
  if (tagOpens(request.tag) && (n < R_OPEN_BYTES || load<u32>(requestAnswer(request)) == 0))
    return -Errno.EIO;
  return <i32>n;
}

/** The object that the server has mapped at the address in its answer, held for the client. */
function grant(request: Request, space: Space, n: u32): i32 {
  if (n < 16) return -Errno.EIO;
  const object = objectGetAt(space, load<u32>(requestAnswer(request)));
  if (object == 0) return -Errno.ENODEV;
  request.object = object;
  request.objectOffset = objectGetOffset() + load<u64>(requestAnswer(request), 8);
  return <i32>n;
}

/** The client has gone. If the answer carries a handle, the handle is closed. */
function answerNobody(
  channel: Channel,
  space: Space,
  va: u32,
  tag: u32,
  length: u32,
  requestTag: u32,
): void {
  const orphan = changetype<File | null>(channel.orphan);
  channel.orphan = 0;
  if (orphan === null) return;
  orphan.b = 0;
  if (tag == Tag.R_OK && tagOpens(requestTag) && length >= R_OPEN_BYTES) {
    // A short copy leaves the handle 0: a server that faults on its own message has no handle to close.
    copyIn(space, changetype<usize>(orphan) + offsetof<File>("b"), va + Message.DATA, R_OPEN_BYTES);
  }
  channelCloseFile(channel, orphan);
}

function errorOf(space: Space, va: u32, length: u32, head: usize): i32 {
  if (length < 4 || copyIn(space, head, va + Message.DATA, 4) != 4) return Errno.EIO;
  const errno = load<i32>(head);
  return errno > 0 && errno < 4096 ? errno : Errno.EIO;
}

/** T_INTERRUPT: the lowest line that was raised. Nobody waits for an answer. */
function receiveInterrupt(channel: Channel, space: Space, va: u32): i32 {
  const irq = ctz(channel.irqsRaised);
  const head = headOf(currentProcess());
  store<u32>(head, Tag.T_INTERRUPT, Message.TAG);
  store<u32>(head, 4, Message.LENGTH);
  store<u32>(head, irq, Message.DATA);
  if (copyOut(space, va, head, Message.DATA + 4) != Message.DATA + 4) return -Errno.EFAULT;
  channel.irqsRaised &= ~(1 << irq);
  return Tag.T_INTERRUPT;
}

function receiveClose(channel: Channel, space: Space, va: u32): i32 {
  const server = currentProcess();
  const head = headOf(server);
  store<u32>(head, Tag.T_CLOSE, Message.TAG);
  store<u32>(head, 4, Message.LENGTH);
  store<u32>(head, changetype<File>(channel.closeHead).b, Message.DATA);
  if (copyOut(space, va, head, Message.DATA + 4) != Message.DATA + 4) return -Errno.EFAULT;
  fileFree(channelNextClose(channel)!);
  channel.servingTag = Tag.T_CLOSE;
  channelUnhold(channel);
  return Tag.T_CLOSE;
}

/** Delivers the first queued request. Its tag; -EFAULT when the server's buffer is bad; 0 when the client's memory was. */
function receiveRequest(channel: Channel, space: Space, va: u32): i32 {
  const client = changetype<Process>(channel.queueHead);
  const request = requestOf(client);
  const head = headOf(currentProcess());
  store<u32>(head, request.tag, Message.TAG);
  store<u32>(head, request.headerBytes + request.payloadBytes, Message.LENGTH);
  memory.copy(head + Message.DATA, requestHeader(request), request.headerBytes);
  const headBytes = Message.DATA + request.headerBytes;
  if (copyOut(space, va, head, headBytes) != <i32>headBytes) return -Errno.EFAULT;
  const n = request.payloadBytes;
  if (n > 0 && request.payloadPlace == Place.USER) {
    if (!copyReady(client.space!, <u32>request.payload, n, Access.READ)) return -Errno.EFAULT;
  }
  if (!copyReady(space, va, headBytes + n, Access.WRITE)) return -Errno.EFAULT;
  let copied: i32 = 0;
  if (n > 0 && request.payloadPlace == Place.KERNEL) {
    copied = copyOut(space, va + headBytes, request.payload, n);
    if (copied != <i32>n) return -Errno.EFAULT;
  } else if (n > 0) {
    copied = copyCross(space, va + headBytes, client.space!, <u32>request.payload, n);
    if (copied != <i32>n) {
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
