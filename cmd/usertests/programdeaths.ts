// Programs whose file a server keeps, and deaths while one is loaded: the server ends at each of its requests in each way, or the process
// that is loaded is killed while the server has one.
//
//   test --- /mortal mounted --- server (--mortal-program CODE)    descriptor 3 the channel, 4 a pipe: a byte when it is about to end
//     \------------------------- /mortal/true: the bytes of /bin/true, asked for by spawn and by the CPU that is to run it
//
//   CODE = step + 8 * kind, HOLDS added when it only takes its time

import { Errno } from "../../abi/errno";
import { Message, ServerFd, Tag } from "../../abi/ipc";
import { FileType, MountFlag, OpenFlag, Signal } from "../../abi/syscall";
import { openLiteral, readFull } from "../../lib/files";
import {
  close,
  ipcPair,
  ipcRecv,
  ipcReply,
  kill,
  mount,
  nanosleep,
  pipe,
  read,
  spawn,
  unmount,
  write,
} from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import {
  childFd,
  childFds,
  childFdsSame,
  childSpawn,
  childStart,
  childStatus,
  expectEqual,
  expectErrno,
  expectGood,
} from "./check";
import { end, Kind, statusOf } from "./ipcdeaths";

const enum Step {
  OPEN = 0,
  FIRST_READ = 1,
  SECOND_READ = 2,
  LAST_READ = 3, // finds the end of the file
  CLOSE = 4,
  NONE = 5,
}

const HOLDS = 64;
const PIPE_FD = 4;
const CANNOT_RUN = 126;
const PROGRAM = "/mortal/true";
const fds: usize = memory.data(8);
const pipeFds: usize = memory.data(8);
const path: usize = memory.data(32);
const message: usize = memory.data(4120, 8);
const FILE_BYTES = 8192;
const file: usize = memory.data(8192);
let server = 0;

function start(code: i32): void {
  expectGood(ipcPair(fds), "ipc_pair");
  expectGood(pipe(pipeFds), "pipe");
  expectGood(mount(load<i32>(fds), path, putLiteral(path, "/mortal"), MountFlag.REPLACE), "mount");
  childFdsSame();
  childFd(ServerFd.CHANNEL, load<i32>(fds, 4));
  childFd(PIPE_FD, load<i32>(pipeFds, 4));
  server = childStart("--mortal-program", code);
  for (let i = 0; i < 2; i++) close(load<i32>(fds + 4 * i));
  close(load<i32>(pipeFds, 4));
}

/** The server is at its step. */
function signalled(): void {
  expectEqual(read(load<i32>(pipeFds), message, 1), 1, "it says that it has come to its step");
}

function finished(status: i32): void {
  close(load<i32>(pipeFds));
  expectGood(unmount(path, putLiteral(path, "/mortal")), "unmount");
  expectEqual(childStatus(server), status, "the server's end");
}

export function programsOfServersDie(): void {
  start(Step.NONE);
  childFds();
  for (let i = 0; i < 3; i++) expectEqual(childStatus(childSpawn(PROGRAM)), 0, "it runs");
  finished(0);
  for (let kind: i32 = Kind.EXIT; kind <= Kind.FAULT; kind++) {
    start(Step.OPEN + 8 * kind);
    const r = spawn(path, putLiteral(path, PROGRAM), path, 1, 0, 0);
    expectErrno(r, Errno.EPIPE, "the server ends when it is asked for the file");
    finished(statusOf(kind));
  }
  for (let step: i32 = Step.FIRST_READ; step <= Step.CLOSE; step++) {
    for (let kind: i32 = Kind.EXIT; kind <= Kind.SPIN; kind++) {
      start(step + 8 * kind);
      childFds();
      const child = childSpawn(PROGRAM);
      signalled();
      if (kind >= Kind.SLEEP) expectEqual(kill(server, Signal.KILL), 0, "kill");
      expectEqual(childStatus(child), step == Step.CLOSE ? 0 : CANNOT_RUN, "the program's end");
      finished(statusOf(kind));
    }
    if (step == Step.CLOSE) break;
    start(step + HOLDS);
    childFds();
    const child = childSpawn(PROGRAM);
    signalled();
    expectEqual(kill(child, Signal.KILL), 0, "kill");
    expectEqual(childStatus(child), 128 + Signal.KILL, "the program's end");
    finished(0);
  }
}

/** The server's part: how many of the files it has opened are still open when nobody can reach it any more. */
export function mortalProgramServe(code: i32): i32 {
  const fd = openLiteral("/bin/true", OpenFlag.READ);
  const bytes = readFull(fd, file, FILE_BYTES);
  close(fd);
  let handles = 0;
  let reads = 0;
  for (;;) {
    const tag = ipcRecv(ServerFd.CHANNEL, message);
    if (tag < 0) return handles;
    reads = tag == Tag.T_OPEN ? 0 : tag == Tag.T_READ ? reads + 1 : reads;
    const step = tag == Tag.T_OPEN ? Step.OPEN : tag == Tag.T_CLOSE ? Step.CLOSE : reads;
    if (step == (code & 7)) {
      if (code < HOLDS) {
        end(code >> 3);
        return 9;
      }
      write(PIPE_FD, message, 1);
      nanosleep(5000000); // the process is killed meanwhile
    }
    if (tag == Tag.T_OPEN) handles++;
    if (tag == Tag.T_CLOSE) handles--;
    answer(tag, bytes);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

function answer(tag: i32, bytes: i32): void {
  let n = 0;
  if (tag == Tag.T_OPEN) {
    store<i32>(message, 7, Message.DATA);
    store<i32>(message, 0, Message.DATA + 4);
    store<i32>(message, FileType.FILE, Message.DATA + 8);
    n = 12;
  } else if (tag == Tag.T_READ) {
    const offset = min(load<i32>(message, Message.DATA + 8), bytes);
    n = min(load<i32>(message, Message.DATA + 4), bytes - offset);
    memory.copy(message + Message.DATA, file + offset, n);
  }
  store<i32>(message, Tag.R_OK);
  store<i32>(message, n, Message.LENGTH);
  ipcReply(ServerFd.CHANNEL, message);
}
