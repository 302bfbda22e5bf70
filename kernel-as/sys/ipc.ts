// System calls of channels and grants. Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts.
import { Errno } from "../../abi/errno";
import { Client, WaitFor } from "../../abi/ipc";
import { Limit } from "../../abi/layout";
import { Irq } from "../../abi/machine";
import { Access } from "../../abi/mmu";
import { OpenFlag } from "../../abi/syscall";
import { nowNs } from "../arch/io";
import { filePut } from "../dev/files";
import { terminalOf } from "../dev/terminal";
import {
  Channel,
  channelCreate,
  channelReset,
  channelServerClose,
  channelUnhold,
} from "../ipc/channel";
import { grantCreate, grantError } from "../ipc/grant";
import { remoteCtl, remoteReceived } from "../ipc/remote";
import {
  channelClient,
  channelGive,
  channelReady,
  channelReceive,
  channelReply,
  channelTake,
} from "../ipc/server";
import { copyError, copyIn, copyOut, copyReady } from "../mm/usercopy";
import { wantClear } from "../mm/want";
import { FileKind, fdAdd, fdFile, fdTake, fileCreate } from "../proc/file";
import { PageWait, pageWait } from "../proc/pagewait";
import { currentProcess, Process, ProcessState, ProcessText, processAt } from "../proc/process";
import { FOREVER, processSleep, timeLeft } from "../proc/sleep";
import { descriptorPair } from "./file";

const WAIT_ALL: u32 = WaitFor.MESSAGE | WaitFor.CHILD | WaitFor.SERVER;

/** Stores {client end, server end} of a new channel. */
export function sysIpcPair(va: u32): i32 {
  const channel = channelCreate();
  if (channel === null) return -Errno.ENFILE;
  const client = fileCreate(FileKind.CHANNEL_CLIENT, OpenFlag.READWRITE);
  const server = fileCreate(FileKind.CHANNEL_SERVER, OpenFlag.READWRITE);
  if (client !== null) client.a = changetype<usize>(channel);
  else channelUnhold(channel);
  if (server !== null) server.a = changetype<usize>(channel);
  else channelServerClose(channel);
  return descriptorPair(currentProcess(), client, server, va);
}

/** The tag of the message received at va; only the server end receives. */
export function sysIpcRecv(fd: i32, va: u32): i32 {
  const error = serverEndError(fd);
  return error != 0 ? error : channelReceive(channelOf(fd), va);
}

export function sysIpcReply(fd: i32, va: u32): i32 {
  const error = serverEndError(fd);
  return error != 0 ? error : channelReply(channelOf(fd), va);
}

/** A descriptor of the grant that came with the request. */
export function sysIpcTake(fd: i32): i32 {
  const error = serverEndError(fd);
  return error != 0 ? error : channelTake(channelOf(fd));
}

/** The grant will go with the answer. */
export function sysIpcGive(fd: i32, grantFd: i32): i32 {
  const error = serverEndError(fd);
  if (error != 0) return error;
  const grant = fdFile(currentProcess(), grantFd);
  if (grant === null) return -Errno.EBADF;
  return grant.kind == FileKind.GRANT ? channelGive(channelOf(fd), grant) : -Errno.EINVAL;
}

/** Stores who sent the request (abi Client). -ESRCH: nobody waits for its answer. */
export function sysIpcClient(fd: i32, va: u32): i32 {
  const error = serverEndError(fd);
  if (error != 0) return error;
  const client = channelClient(channelOf(fd));
  if (client === null) return -Errno.ESRCH;
  const process = currentProcess();
  const out = process.text + ProcessText.SCRATCH;
  store<i32>(out, client.pid, Client.PID);
  store<u32>(out, client.uid, Client.UID);
  store<u32>(out, terminalOf(client), Client.VT);
  const copied = copyOut(process.space!, va, out, Client.BYTES);
  return copied == Client.BYTES ? 0 : copyError(copied);
}

/** Nobody serves for now: whoever waits gets EPIPE, and so does every call until a process receives. */
export function sysIpcDown(fd: i32): i32 {
  const error = serverEndError(fd);
  if (error == 0) channelReset(channelOf(fd));
  return error;
}

/** Sleeps until one of `want` (abi WaitFor) has come, at most ns (-1: for ever). What has come; 0: the time is over. fd -1: only CHILD. */
export function sysIpcWait(fd: i32, want: u32, ns: i64): i32 {
  if ((want & ~WAIT_ALL) != 0 || want == 0) return -Errno.EINVAL;
  if (fd == -1 && want != WaitFor.CHILD) return -Errno.EINVAL;
  const error = fd == -1 ? 0 : serverEndError(fd);
  if (error != 0) return error;
  const channel = changetype<Channel | null>(fd == -1 ? 0 : changetype<usize>(channelOf(fd)));
  const end = nowNs() + <u64>ns;
  while (true) {
    let come: u32 = channel === null ? 0 : channelReady(channel, want);
    if ((want & WaitFor.CHILD) != 0 && hasEndedChild(currentProcess())) come |= WaitFor.CHILD;
    if (come != 0) return <i32>come;
    const left = ns < 0 ? FOREVER : timeLeft(end);
    if (left == 0) return 0;
    if (!processSleep(changetype<usize>(channel), left)) return -Errno.EINTR;
  }
}

/** A descriptor for the len bytes of shared memory at va, with rights (abi Prot). */
export function sysGrant(va: u32, len: u32, rights: u32): i32 {
  const process = currentProcess();
  const error = grantError(process.space!, va, len, rights);
  if (error != 0) return error;
  const grant = grantCreate(process.space!, va, len, rights);
  if (grant === null) return -Errno.ENFILE;
  const fd = fdAdd(process, grant, 0);
  if (fd < 0) filePut(grant);
  return fd;
}

/**
 * ctl with a grant each way: handle is a word of user memory, the descriptor of a grant to send or -1; afterwards the one that came with
 * the answer, or -1.
 */
export function sysCtlGrant(fd: i32, va: u32, n: u32, handle: u32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (file.kind != FileKind.REMOTE) return -Errno.ENOTTY;
  const word = process.text + ProcessText.SCRATCH;
  let copied = copyIn(process.space!, word, handle, 4);
  if (copied != 4) return copyError(copied);
  const sentFd = load<i32>(word);
  const sent = fdFile(process, sentFd); // -1: none
  if (sentFd != -1 && sent === null) return -Errno.EBADF;
  if (sent !== null && sent.kind != FileKind.GRANT) return -Errno.EINVAL;
  store<i32>(word, -1);
  copied = copyOut(process.space!, handle, word, 4);
  if (copied != 4) return copyError(copied);
  const result = remoteCtl(process, file, va, n, sent);
  const grant = remoteReceived(process);
  if (grant === null) return result;
  const received = fdAdd(process, grant, 0);
  store<i32>(word, received);
  // The server has answered: the call cannot be run again for a word that was swapped out meanwhile.
  while (!copyReady(process.space!, handle, 4, Access.WRITE))
    if (pageWait(false) != PageWait.AGAIN) break;
  copied = received < 0 ? 4 : copyOut(process.space!, handle, word, 4);
  if (received >= 0 && copied == 4) return result;
  wantClear(); // the server has answered: the call is not run again
  if (received >= 0) fdTake(process, received);
  filePut(grant);
  return received < 0 ? received : copyError(copied);
}

/** 0 if fd is a server end of a channel: only that receives and replies. */
function serverEndError(fd: i32): i32 {
  const file = fdFile(currentProcess(), fd);
  if (file === null) return -Errno.EBADF;
  return file.kind == FileKind.CHANNEL_SERVER ? 0 : -Errno.EINVAL;
}

function channelOf(fd: i32): Channel {
  return changetype<Channel>(fdFile(currentProcess(), fd)!.a);
}

function hasEndedChild(process: Process): bool {
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const child = processAt(i);
    if (child.state == ProcessState.ZOMBIE && child.parent == process.pid) return true;
  }
  return false;
}

/**
 * From now on the server end fd receives T_INTERRUPT when the line is raised; until the channel goes down. Root only: EPERM. EINVAL: no such
 * line, or not a server end.
 */
export function sysIrqBind(fd: i32, irq: u32): i32 {
  if (currentProcess().uid != 0) return -Errno.EPERM;
  if (irq > <u32>Irq.TIMER) return -Errno.EINVAL;
  const file = fdFile(currentProcess(), fd);
  if (file === null) return -Errno.EBADF;
  if (file.kind != FileKind.CHANNEL_SERVER) return -Errno.EINVAL;
  const channel = changetype<Channel>(file.a);
  channel.irqs |= 1 << irq;
  return 0;
}
