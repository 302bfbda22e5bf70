// Channel: a queue of requests between clients (through the file calls) and one server.
//
// Invariants
//   C1  A request is in at most one place: queued in its channel, or the channel's `serving`; its process then sleeps in channelCall.
//   C2  server is the pid that received last. When that process ends, the channel is down: everything queued or being served fails
//       with EPIPE, generation grows, and calls fail at once until some process receives again. Handles of an older generation are dead.
//   C3  A REMOTE file that is closed goes to the list of closes as it is: T_CLOSE needs no memory and has no waiting client.
//   C4  holders counts client-end files, REMOTE files (open or to be closed), mounts and calls; servers counts server-end files.
//       With neither, the record is free.
//
// Locks     kernel lock. A server without work sleeps with the channel's address as its key.
// Not here  ipc_recv and ipc_reply: ipc/server.ts. The file calls as messages: ipc/remote.ts.
import { Errno } from "../../abi/errno";
import { Tag } from "../../abi/ipc";
import { Signal } from "../../abi/syscall";
import { nowNs } from "../arch/io";
import { Vars } from "../lib/vars";
import { File, fileFree } from "../proc/file";
import { Process } from "../proc/process";
import { processSleep, processSleepBriefly, processWake, timeLeft, wakeAll } from "../proc/sleep";
import { grantPut } from "./grant";
import { Request, RequestState, requestOf } from "./request";

const CHANNELS: u32 = 64;
/** Signals after which a process that catches them does not wait for ever for its server, and how long it then does. */
const INTERRUPTS: u32 = (1 << Signal.INT) | (1 << Signal.TERM);
const PATIENCE_NS: u64 = 1_000_000_000;

@unmanaged
export class Channel {
  used: u32;
  holders: u32;
  servers: u32;
  server: i32; // pid, 0 until someone has received
  down: u32;
  generation: u32;
  queueHead: usize; // Process
  queueTail: usize;
  closeHead: usize; // File
  closeTail: usize;
  serving: usize; // Process whose request was received and is not answered, 0 none
  servingTag: u32; // its tag, also after its process has gone: 0 nothing to answer
  orphan: usize; // File of a T_OPEN whose process has gone: a handle in the reply must be closed
  irqs: u32; // interrupt lines that are told to the server, one bit each
  irqsRaised: u32; // those of them that it has not been told yet
}

const enum ChannelVar {
  TABLE = 0x40,
  COUNT = 0x44,
}

export const CHANNEL_TABLE_BYTES: u32 = CHANNELS * offsetof<Channel>();

export function channelInit(table: usize): void {
  store<u32>(Vars.IPC, table, ChannelVar.TABLE);
}

export function channelCount(): u32 {
  return load<u32>(Vars.IPC, ChannelVar.COUNT);
}

/** A channel with one holder (the client end) and one server end, or null. */
export function channelCreate(): Channel | null {
  const table = load<u32>(Vars.IPC, ChannelVar.TABLE);
  for (let i: u32 = 0; i < CHANNELS; i++) {
    const channel = changetype<Channel>(table + i * offsetof<Channel>());
    if (channel.used != 0) continue;
    memory.fill(changetype<usize>(channel), 0, offsetof<Channel>());
    channel.used = 1;
    channel.holders = 1;
    channel.servers = 1;
    channel.generation = 1;
    store<u32>(Vars.IPC, channelCount() + 1, ChannelVar.COUNT);
    return channel;
  }
  return null;
}

export function channelHold(channel: Channel): void {
  channel.holders++;
}

/** Drops a client end, a mount, or a call. A server that nobody can reach any more sees the end of its channel. */
export function channelUnhold(channel: Channel): void {
  channel.holders--;
  if (channel.holders == 0) wakeAll(changetype<usize>(channel));
  freeIfUnused(channel);
}

/** Drops a server end. */
export function channelServerClose(channel: Channel): void {
  channel.servers--;
  if (channel.servers == 0) channelDown(channel);
  freeIfUnused(channel);
}

/** A process has ended: the channels it served are down. */
export function channelServerEnded(pid: i32): void {
  const table = load<u32>(Vars.IPC, ChannelVar.TABLE);
  for (let i: u32 = 0; i < CHANNELS; i++) {
    const channel = changetype<Channel>(table + i * offsetof<Channel>());
    if (channel.used == 0 || channel.server != pid) continue;
    channelDown(channel);
    freeIfUnused(channel);
  }
}

/** An interrupt line was raised: the servers that asked for it are told once, however often it comes before they listen. */
export function channelInterrupt(irq: u32): void {
  const table = load<u32>(Vars.IPC, ChannelVar.TABLE);
  for (let i: u32 = 0; i < CHANNELS; i++) {
    const channel = changetype<Channel>(table + i * offsetof<Channel>());
    if (channel.used == 0 || (channel.irqs & (1 << irq)) == 0) continue;
    channel.irqsRaised |= 1 << irq;
    serverWake(channel);
  }
}

/** Closes a REMOTE file whose last reference is gone: T_CLOSE is queued, or nothing is to be done. The record is freed when it can. */
export function channelCloseFile(channel: Channel, file: File): void {
  if (
    file.b == 0 ||
    file.generation != channel.generation ||
    channel.down != 0 ||
    channel.servers == 0
  ) {
    fileFree(file);
    channelUnhold(channel);
    return;
  }
  file.next = 0;
  if (channel.closeTail == 0) channel.closeHead = changetype<usize>(file);
  else changetype<File>(channel.closeTail).next = changetype<usize>(file);
  channel.closeTail = changetype<usize>(file);
  serverWake(channel);
}

/** Takes the next file to close from the list, or null. */
export function channelNextClose(channel: Channel): File | null {
  const file = changetype<File | null>(channel.closeHead);
  if (file === null) return null;
  channel.closeHead = file.next;
  if (channel.closeHead == 0) channel.closeTail = 0;
  return file;
}

/**
 * Sends the process's request and sleeps until it is answered. Returns the data bytes of the reply, or -errno: what the server
 * said, -EPIPE when there is no server, -EINTR when the process has been told to end, or catches ^C and the server has not answered a while
 * after that. SEND_AGAIN: the server says to try again.
 */
export function channelCall(process: Process, channel: Channel): i32 {
  if (!requestSend(process, channel)) return -Errno.EPIPE;
  let end: u64 = 0; // of the patience with the server
  let waits = true;
  while (!requestEnded(process, waits)) {
    if ((process.pending & INTERRUPTS) == 0) {
      waits = processSleepBriefly(0, requestOf(process).roused == 0);
      continue;
    }
    if (end == 0) end = nowNs() + PATIENCE_NS;
    const left = timeLeft(end);
    waits = left > 0 && processSleep(0, left);
  }
  return requestTake(process);
}

/** First step of a call: the request stands in the queue and the server is woken. False: there is no server, and nothing has changed. */
export function requestSend(process: Process, channel: Channel): bool {
  const request = requestOf(process);
  if (channel.down != 0 || channel.servers == 0) return false;
  channelHold(channel);
  request.channel = changetype<usize>(channel);
  request.state = RequestState.QUEUED;
  request.next = 0;
  if (channel.queueTail == 0) channel.queueHead = changetype<usize>(process);
  else requestOf(changetype<Process>(channel.queueTail)).next = changetype<usize>(process);
  channel.queueTail = changetype<usize>(process);
  request.roused = serverWake(channel) ? 1 : 0;
  return true;
}

/** Second step, after each sleep: true once the request has an answer. waits false: the process waits no longer; it gets -EINTR. */
export function requestEnded(process: Process, waits: bool): bool {
  const request = requestOf(process);
  if (request.state == RequestState.DONE) return true;
  if (waits) return false;
  cancel(process, request, changetype<Channel>(request.channel));
  request.state = RequestState.DONE;
  request.result = -Errno.EINTR;
  return true;
}

/** Last step: the result. What came with an answer that is an error is dropped. */
export function requestTake(process: Process): i32 {
  const request = requestOf(process);
  const channel = changetype<Channel>(request.channel);
  request.state = RequestState.NONE;
  request.channel = 0;
  channelUnhold(channel);
  if (request.result < 0) requestDropReceived(request);
  return request.result;
}

/** Ends the process's request with a result and wakes it. */
export function requestDone(process: Process, result: i32): void {
  const request = requestOf(process);
  request.result = result;
  request.state = RequestState.DONE;
  processWake(process);
}

/** Takes the first queued request's process, or null. */
export function channelNext(channel: Channel): Process | null {
  const process = changetype<Process | null>(channel.queueHead);
  if (process === null) return null;
  const request = requestOf(process);
  channel.queueHead = request.next;
  if (channel.queueHead == 0) channel.queueTail = 0;
  request.next = 0;
  return process;
}

/** Whatever is being served fails with the error; its process is woken. */
export function channelFailServing(channel: Channel, errno: i32): void {
  const process = changetype<Process | null>(channel.serving);
  channel.serving = 0;
  channel.servingTag = 0;
  if (process !== null) requestDone(process, -errno);
  const orphan = changetype<File | null>(channel.orphan);
  channel.orphan = 0;
  if (orphan === null) return;
  fileFree(orphan);
  channelUnhold(channel);
}

function channelDown(channel: Channel): void {
  channel.down = 1;
  channel.server = 0;
  channel.irqs = 0;
  channel.irqsRaised = 0;
  channel.generation++;
  channel.holders++; // keeps the record while lists are emptied
  channelFailServing(channel, Errno.EPIPE);
  for (let process = channelNext(channel); process !== null; process = channelNext(channel)) {
    requestDone(process, -Errno.EPIPE);
  }
  for (let file = channelNextClose(channel); file !== null; file = channelNextClose(channel)) {
    fileFree(file);
    channelUnhold(channel);
  }
  channel.holders--;
}

/** The process stops waiting for its answer. An open that the server already works on may still yield a handle: it is closed then. */
function cancel(process: Process, request: Request, channel: Channel): void {
  if (request.state == RequestState.QUEUED) unlink(process, request, channel);
  if (request.state != RequestState.SERVING) return;
  channel.serving = 0;
  if (request.file == 0) return;
  channel.orphan = request.file;
  request.file = 0; // the caller sees that its File, with its hold on the channel, has been taken
}

function unlink(process: Process, request: Request, channel: Channel): void {
  let previous: Process | null = null;
  for (let at = channel.queueHead; at != 0; ) {
    const other = changetype<Process>(at);
    if (other === process) {
      if (previous === null) channel.queueHead = request.next;
      else requestOf(previous).next = request.next;
      if (channel.queueTail == at) channel.queueTail = changetype<usize>(previous);
      return;
    }
    previous = other;
    at = requestOf(other).next;
  }
}

/** Drops the grant of a reply that nobody takes. */
export function requestDropReceived(request: Request): void {
  if (request.received != 0) grantPut(changetype<File>(request.received));
  request.received = 0;
}

/** The channel with this number (from 1), or null. */
export function channelByNumber(number: u32): Channel | null {
  if (number == 0 || number > CHANNELS) return null;
  const at = load<u32>(Vars.IPC, ChannelVar.TABLE) + (number - 1) * offsetof<Channel>();
  return changetype<Channel>(at).used == 0 ? null : changetype<Channel>(at);
}

export function channelNumber(channel: Channel): u32 {
  const table = load<u32>(Vars.IPC, ChannelVar.TABLE);
  return (<u32>changetype<usize>(channel) - table) / <u32>offsetof<Channel>() + 1;
}

/** A server end says that nobody serves: whoever waits fails with EPIPE, and so does every call until some process receives. */
export function channelReset(channel: Channel): void {
  channelDown(channel);
}

function serverWake(channel: Channel): bool {
  return wakeAll(changetype<usize>(channel));
}

function freeIfUnused(channel: Channel): void {
  if (channel.used == 0 || channel.holders != 0 || channel.servers != 0) return;
  channel.used = 0;
  store<u32>(Vars.IPC, channelCount() - 1, ChannelVar.COUNT);
}

/** True for tags whose R_OK carries a new handle. */
export function tagOpens(tag: u32): bool {
  return tag == Tag.T_OPEN || tag == Tag.T_CREATE;
}
