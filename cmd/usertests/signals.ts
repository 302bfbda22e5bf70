// Tests of signals that stop, continue or are caught, and of the environment, between processes that really run.

import { Errno } from "../../abi/errno";
import { Signal, Stat, WaitFlag, WaitStatus } from "../../abi/syscall";
import {
  close,
  environ,
  fstat,
  getpid,
  kill,
  nanosleep,
  pipe,
  read,
  setenviron,
  setgroup,
  sigcatch,
  sigtake,
  wait,
  waitchange,
  write,
} from "../../lib/sys";
import { bytesAre, putLiteral } from "../../lib/text";
import {
  childFd,
  childFds,
  childSpawn,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  expectGood,
  waitStatus,
} from "./check";
import { Death } from "./deaths";

const there: usize = memory.data(8);
const back: usize = memory.data(8);
const byte: usize = memory.data(8);
const st: usize = memory.data(32, 8);
const text: usize = memory.data(64);
const POLL_STOPS: i32 = WaitFlag.POLL | WaitFlag.STOPS;

function expectStopped(pid: i32, signal: i32, what: string): void {
  expectEqual(waitchange(pid, waitStatus, WaitFlag.STOPS), pid, what);
  expectEqual(load<i32>(waitStatus), WaitStatus.STOPPED + signal, what);
  expectEqual(waitchange(pid, waitStatus, POLL_STOPS), 0, "a stop is told once");
}

export function stopAndContinue(): void {
  childFds();
  const spinner = childStart("--die", Death.SPIN);
  const writer = childStart("--die", Death.SPIN_MEMORY);
  const sleeper = childStart("--die", Death.SLEEP);
  expectEqual(kill(spinner, Signal.STOP), 0, "stop a spinner");
  expectStopped(spinner, Signal.STOP, "a spinner");
  expectEqual(kill(writer, Signal.TSTP), 0, "stop a program that uses memory");
  expectStopped(writer, Signal.TSTP, "a program that uses memory");
  expectEqual(kill(sleeper, Signal.TSTP), 0, "stop a sleeper");
  expectStopped(sleeper, Signal.TSTP, "a sleeper");
  for (let round = 0; round < 50; round++) {
    expectEqual(kill(writer, Signal.CONT), 0, "continue");
    expectEqual(kill(writer, Signal.STOP), 0, "stop again");
    expectStopped(writer, Signal.STOP, "again");
  }
  expectEqual(kill(writer, Signal.CONT), 0, "continue for good");
  expectEqual(kill(writer, Signal.TERM), 0, "end one that runs");
  expectEqual(kill(spinner, Signal.TERM), 0, "end a stopped one");
  expectEqual(kill(sleeper, Signal.KILL), 0, "kill a stopped sleeper");
  expectEqual(childStatus(writer), 143, "ended by TERM");
  expectEqual(childStatus(spinner), 143, "a stopped one ended by TERM");
  expectEqual(childStatus(sleeper), 137, "a stopped sleeper ended by KILL");
}

/** A stopped reader whose bytes come does not get to do anything with them until it is continued. */
export function stoppedReaderWaits(): void {
  expectGood(pipe(there), "pipe");
  expectGood(pipe(back), "pipe");
  childFds();
  childFd(0, load<i32>(there));
  childFd(1, load<i32>(back, 4));
  const cat = childSpawn("/bin/cat");
  close(load<i32>(there));
  close(load<i32>(back, 4));
  store<u8>(byte, 1);
  expectEqual(write(load<i32>(there, 4), byte, 1), 1, "write");
  expectEqual(read(load<i32>(back), byte, 1), 1, "the byte comes back");
  expectEqual(kill(cat, Signal.TSTP), 0, "stop");
  expectStopped(cat, Signal.TSTP, "cat");
  expectEqual(write(load<i32>(there, 4), byte, 1), 1, "write to a stopped reader");
  nanosleep(20000000);
  expectGood(fstat(load<i32>(back), st), "fstat");
  expectEqual(load<u64>(st, Stat.SIZE), 0, "nothing comes back while it is stopped");
  expectEqual(kill(cat, Signal.CONT), 0, "continue");
  expectEqual(read(load<i32>(back), byte, 1), 1, "it comes back afterwards");
  close(load<i32>(there, 4));
  expectEqual(childStatus(cat), 0, "the end of its input ends cat");
  close(load<i32>(back));
}

/** A caught signal ends a wait of this process and nothing else. */
export function caughtSignals(): void {
  expectEqual(sigcatch(1 << Signal.INT), 0, "catch");
  childFds();
  const sleeper = childStart("--die", Death.SLEEP);
  expectGood(setgroup(sleeper, 0), "setgroup");
  expectEqual(kill(getpid(), Signal.INT), 0, "INT to myself");
  expectErrno(wait(sleeper, waitStatus), Errno.EINTR, "wait is interrupted");
  expectErrno(nanosleep(1), Errno.EINTR, "and whatever else waits");
  expectEqual(sigtake(), 1 << Signal.INT, "it is there");
  expectEqual(sigtake(), 0, "once");
  expectEqual(kill(-sleeper, Signal.TERM), 0, "TERM to the child's group");
  expectEqual(childStatus(sleeper), 143, "which ends it");
  expectEqual(sigcatch(0), 1 << Signal.INT, "catch no more");
}

export function environmentIsInherited(): void {
  const n = putLiteral(text, "COLOUR=green");
  store<u8>(text + n, 0);
  expectEqual(setenviron(text, n + 1), 0, "setenviron");
  expectErrno(setenviron(text, n), Errno.EINVAL, "the last string has no end");
  expectErrno(setenviron(text, 65536), Errno.E2BIG, "too long");
  expectGood(pipe(back), "pipe");
  childFds();
  childFd(1, load<i32>(back, 4));
  const env = childSpawn("/bin/env");
  close(load<i32>(back, 4));
  expectEqual(environ(0, 0), n + 1, "its length");
  const got = read(load<i32>(back), text, 64);
  expectEqual(childStatus(env), 0, "env");
  expect(bytesAre(text, got, "COLOUR=green\n"), "the child has it");
  close(load<i32>(back));
  expectEqual(setenviron(text, 0), 0, "none any more");
}
