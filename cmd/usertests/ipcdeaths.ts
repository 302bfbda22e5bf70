// Deaths around a request, between real processes: the server or the client ends in each way, at each step, for each kind of request. Reads and
// writes carry 64 KiB, control messages a grant each way.
// (kernel-as/tests/deaths.test.ts goes through all combinations, one step at a time; here CPUs, Workers and wake-ups are the real ones.)
//
//   test --- /mortal mounted --- server (--mortal CODE)          descriptor 3 the channel, 4 a pipe: a byte when it is about to end
//     \------------------------- client (--mortal-client CODE)   calls, and says by its status whether the result is the right one
//
//   CODE = kind + 4 * (step + 4 * call)

import { Errno } from "../../abi/errno";
import { Message, ServerFd, Tag } from "../../abi/ipc";
import { MapFlag, MountFlag, OpenFlag, Prot, Signal } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import {
  close,
  ctlGrant,
  fstat,
  grant,
  ipcGive,
  ipcPair,
  ipcRecv,
  ipcReply,
  ipcTake,
  isError,
  kill,
  mmap,
  mount,
  nanosleep,
  open,
  pipe,
  pread,
  read,
  unmount,
  write,
} from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import {
  childFd,
  childFdsSame,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  expectGood,
  PAGE,
} from "./check";
import { Death, die } from "./deaths";

/** How a process ends. The last two are ended by the test: asleep in the kernel, or in code that no interrupt reaches. */
export const enum Kind {
  EXIT = 0,
  FAULT = 1,
  SLEEP = 2,
  SPIN = 3,
}

const enum Step {
  RECEIVED = 0, // before it answers
  ANSWERED = 1,
  CLOSED = 2, // when it has received the T_CLOSE that follows
  FIRST = 3, // before it has received anything
}

/** Calls by the tag of their request; 0 stands for the end of the list. */
function callTag(call: i32): i32 {
  switch (call) {
    case 0:
      return Tag.T_OPEN;
    case 1:
      return Tag.T_READ;
    case 2:
      return Tag.T_WRITE;
    case 3:
      return Tag.T_STAT;
    case 4:
      return Tag.T_CTL; // with a grant each way
    case 5:
      return Tag.T_MMAP;
  }
  return 0;
}

const PIPE_FD = 4;
const fds: usize = memory.data(8);
const pipeFds: usize = memory.data(8);
const path: usize = memory.data(32);
const buffer: usize = memory.data(65536, 8);
const message: usize = memory.data(65560, 8);
const handle: usize = memory.data(4);
const LARGE = 65536;

function mortalPath(): i32 {
  return putLiteral(path, "/mortal");
}

/** Starts one server and one client; what comes of them is checked by whoever calls. */
function start(serverCode: i32, clientCode: i32): void {
  expectGood(ipcPair(fds), "ipc_pair");
  expectGood(pipe(pipeFds), "pipe");
  expectGood(mount(load<i32>(fds), path, mortalPath(), MountFlag.REPLACE), "mount");
  childFdsSame();
  childFd(ServerFd.CHANNEL, load<i32>(fds, 4));
  childFd(PIPE_FD, load<i32>(pipeFds, 4));
  server = childStart("--mortal", serverCode);
  childFdsSame();
  childFd(PIPE_FD, load<i32>(pipeFds, 4));
  client = childStart("--mortal-client", clientCode);
  for (let i = 0; i < 2; i++) close(load<i32>(fds + 4 * i));
  close(load<i32>(pipeFds, 4));
}

let server = 0;
let client = 0;

/** Waits until a process says that it is at its end. */
function signalled(): void {
  expectEqual(read(load<i32>(pipeFds), buffer, 1), 1, "it says that it is about to end");
}

function finished(): void {
  close(load<i32>(pipeFds));
  expectErrno(openLiteral("/mortal/f", OpenFlag.READ), Errno.EPIPE, "nobody serves");
  expectGood(unmount(path, mortalPath()), "unmount");
}

export function statusOf(kind: i32): i32 {
  return kind == Kind.EXIT ? 9 : kind == Kind.FAULT ? 139 : 137;
}

export function serversDieAtEveryStep(): void {
  for (let call = 0; callTag(call) != 0; call++) {
    for (let step: i32 = Step.RECEIVED; step <= Step.FIRST; step++) {
      if (step == Step.FIRST && call != 0) continue;
      for (let kind: i32 = Kind.EXIT; kind <= Kind.SPIN; kind++) {
        const code = kind + 4 * (step + 4 * call);
        start(code, code);
        signalled();
        if (kind >= Kind.SLEEP) expectEqual(kill(server, Signal.KILL), 0, "kill");
        expectEqual(childStatus(server), statusOf(kind), "the server's end");
        expectEqual(childStatus(client), 0, "what the client sees");
        finished();
      }
    }
  }
}

/** The server's code of a client's death: it holds the request back for a moment, or (CLIENT_OUTSIDE) answers everything. */
const CLIENT_IN_CALL = 1000;
const CLIENT_OUTSIDE = 2000;

export function clientsDieAtEveryStep(): void {
  for (let call = 0; callTag(call) != 0; call++) {
    // In its call: the server has the request and says so.
    start(CLIENT_IN_CALL + call, CLIENT_IN_CALL + call);
    signalled();
    expectEqual(kill(client, Signal.KILL), 0, "kill");
    expectEqual(childStatus(client), 137, "the client's end");
    serverIsWell();
    for (let kind: i32 = Kind.EXIT; kind <= Kind.SPIN; kind++) {
      start(CLIENT_OUTSIDE, CLIENT_OUTSIDE + kind + 4 * call);
      signalled();
      if (kind >= Kind.SLEEP) expectEqual(kill(client, Signal.KILL), 0, "kill");
      expectEqual(childStatus(client), statusOf(kind), "the client's end");
      serverIsWell();
    }
  }
}

/** The server has closed what the client held, goes on serving, and ends when nobody can reach it. */
function serverIsWell(): void {
  close(load<i32>(pipeFds));
  const fd = openLiteral("/mortal/f", OpenFlag.READ);
  expectGood(fd, "it still serves");
  expectEqual(pread(fd, buffer, LARGE, 0), LARGE, "a read");
  expectEqual(load<i32>(buffer), 1, "handles open: only this one");
  close(fd);
  expectGood(unmount(path, mortalPath()), "unmount");
  expectEqual(childStatus(server), 0, "the server's end");
}

export function bothDieAtOnce(): void {
  for (let call = 0; callTag(call) != 0; call++) {
    for (let first = 0; first < 2; first++) {
      const code = Kind.SPIN + 4 * (Step.RECEIVED + 4 * call);
      start(code, code);
      signalled();
      kill(first == 0 ? server : client, Signal.KILL);
      kill(first == 0 ? client : server, Signal.KILL);
      expectEqual(childStatus(server), 137, "the server's end");
      // It may have seen the server's death before its own.
      const status = childStatus(client);
      expect(status == 137 || status == 0, "the client's end");
      finished();
    }
  }
}

/** The byte to the test, then the end. */
export function end(kind: i32): void {
  write(PIPE_FD, message, 1);
  switch (kind) {
    case Kind.EXIT:
      return;
    case Kind.FAULT:
      return die(Death.NULL_WRITE);
    case Kind.SLEEP:
      return die(Death.SLEEP);
    default:
      return die(Death.SPIN);
  }
}

/** The server's part. */
export function mortalServe(code: i32): i32 {
  const kind = code & 3;
  const step = (code >> 2) & 3;
  const deadly = code < CLIENT_IN_CALL;
  const tag = callTag(deadly ? code >> 4 : code < CLIENT_OUTSIDE ? code - CLIENT_IN_CALL : -1);
  if (deadly && step == Step.FIRST) {
    end(kind);
    return 9;
  }
  let handles = 0;
  let answered = false;
  for (;;) {
    const got = ipcRecv(ServerFd.CHANNEL, message);
    if (got < 0) return 0;
    if (got == Tag.T_OPEN) handles++;
    if (got == Tag.T_CLOSE) handles--;
    if (deadly && step == Step.RECEIVED && got == tag) {
      end(kind);
      return 9;
    }
    if (deadly && step == Step.CLOSED && got == Tag.T_CLOSE) {
      end(kind);
      return 9;
    }
    if (!deadly && got == tag && !answered) {
      answered = true;
      write(PIPE_FD, message, 1);
      nanosleep(5000000); // its client is killed meanwhile, or right after the answer
    }
    answer(got, handles);
    if (deadly && step == Step.ANSWERED && got == tag) {
      end(kind);
      return 9;
    }
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** A page of shared memory: what T_MMAP answers with, and what the grants are of. */
let page: usize = 0;

function pageMade(): usize {
  if (page == 0)
    page = mmap(0, PAGE, Prot.READ | Prot.WRITE, MapFlag.SHARED | MapFlag.ANONYMOUS, -1, 0);
  return page;
}

/** A grant of the page; the caller closes it. */
function pageGrant(): i32 {
  return grant(pageMade(), PAGE, Prot.READ);
}

function answer(tag: i32, handles: i32): void {
  let n = 4;
  if (tag == Tag.T_READ) n = load<i32>(message, Message.DATA + 4);
  const taken = load<i32>(message, Message.LENGTH) - 16;
  store<i32>(message, tag == Tag.T_READ ? handles : tag == Tag.T_WRITE ? taken : 4, Message.DATA);
  if (tag == Tag.T_OPEN) {
    store<i32>(message, 7, Message.DATA);
    store<i32>(message, LARGE, Message.DATA + 4);
    n = 8;
  }
  if (tag == Tag.T_CLOSE) n = 0;
  if (tag == Tag.T_STAT) n = 32;
  if (tag == Tag.T_CTL) {
    close(ipcTake(ServerFd.CHANNEL));
    const given = pageGrant();
    ipcGive(ServerFd.CHANNEL, given);
    close(given);
  }
  if (tag == Tag.T_MMAP) {
    memory.fill(message + Message.DATA, 0, 16);
    store<u32>(message, <u32>pageMade(), Message.DATA);
    n = 16;
  }
  store<i32>(message, Tag.R_OK);
  store<i32>(message, n, Message.LENGTH);
  ipcReply(ServerFd.CHANNEL, message);
}

function callDo(call: i32, fd: i32): i32 {
  switch (callTag(call)) {
    case Tag.T_READ:
      return whole(read(fd, buffer, LARGE));
    case Tag.T_WRITE:
      return whole(write(fd, buffer, LARGE));
    case Tag.T_STAT:
      return fstat(fd, buffer);
    case Tag.T_CTL: {
      const sent = pageGrant();
      store<i32>(handle, sent);
      const r = ctlGrant(fd, buffer, 4, handle);
      close(sent);
      return r < 0 || close(load<i32>(handle)) == 0 ? r : -Errno.EBADF;
    }
    case Tag.T_MMAP: {
      const p = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, 0);
      return isError(p) ? <i32>p : 0;
    }
  }
  return open(path, putLiteral(path, "/mortal/f"), OpenFlag.READWRITE);
}

/** Bytes of a call that carries LARGE in one message, all or nothing. */
function whole(result: i32): i32 {
  return result >= 0 && result != LARGE ? -Errno.EIO : result;
}

/** The client's part: 0 when what it sees is right. */
export function mortalClient(code: i32): i32 {
  if (code >= CLIENT_OUTSIDE) {
    const fd = callDo(0, 0);
    const call = (code - CLIENT_OUTSIDE) >> 2;
    if (fd < 0 || callDo(call, fd) < 0) return 1;
    end((code - CLIENT_OUTSIDE) & 3);
    return 9;
  }
  const inCall = code >= CLIENT_IN_CALL;
  const call = inCall ? code - CLIENT_IN_CALL : code >> 4;
  const step = inCall ? -1 : (code >> 2) & 3;
  let fd = -1;
  if (callTag(call) != Tag.T_OPEN) {
    fd = callDo(0, 0);
    if (fd < 0) return 2;
  }
  const result = callDo(call, fd);
  if (fd < 0) fd = result;
  if (step == Step.RECEIVED || step == Step.FIRST) return result == -Errno.EPIPE ? 0 : 3;
  if (result < 0) return 4;
  if (step == Step.CLOSED) {
    close(fd);
    // The server ends with the T_CLOSE in its hands; whoever asks later is told.
    return callDo(0, 0) == -Errno.EPIPE ? 0 : 5;
  }
  // Answered: the next call is EPIPE, once the server has ended.
  for (;;) {
    const next = callDo(1, fd);
    if (next == -Errno.EPIPE) return 0;
    if (next < 0) return 6;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}
