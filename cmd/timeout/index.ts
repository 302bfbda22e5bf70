// timeout: ends a program that takes too long.

import { Errno } from "../../abi/errno";
import { Signal } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { durationRead } from "../../lib/duration";
import { err } from "../../lib/fmt";
import { option, options, optionText } from "../../lib/options";
import { complain, finish, help, usage } from "../../lib/program";
import { runAdd, runBegin, runSpawn, runStart } from "../../lib/run";
import { signalOf } from "../../lib/signals";
import { kill, sigcatch, sigtake, wait } from "../../lib/sys";
import { cstrLength } from "../../lib/text";

const USAGE = "timeout [-s SIGNAL] [-k TIME] TIME PROGRAM [ARG ...]";
const OVERDUE = 124;
const TROUBLE = 125;
const SLEEP: usize = memory.data<u8>([0x73, 0x6c, 0x65, 0x65, 0x70, 0]);
const status: usize = memory.data(4);
let program = 0;

export function _start(): void {
  help(
    "timeout [-s SIGNAL] [-k TIME] TIME PROGRAM [ARG ...]: runs PROGRAM and ends it with TERM, or SIGNAL, when it takes longer than TIME (seconds, or 2m, 1h, 1d; 0: never), then with KILL after the TIME of -k; status 124 if it had to\n  timeout 2 sleep 10",
  );
  const i = options("+s:k:", USAGE);
  if (argc() < i + 2) usage(USAGE);
  const signal = option("s") ? signalOf(optionText("s"), cstrLength(optionText("s"))) : Signal.TERM;
  if (signal <= 0) {
    complain();
    err.cstr(optionText("s")).text(": no such signal").newline();
    finish(TROUBLE);
  }
  if (durationRead(arg(i)) < 0) usage(USAGE);
  const killAfter = option("k") ? optionText("k") : 0;
  if (killAfter != 0 && durationRead(killAfter) < 0) usage(USAGE);
  runStart(i + 1);
  const pid = runSpawn();
  if (pid < 0) finish(-pid);
  program = pid;
  sigcatch(1 << Signal.TERM);
  if (endsWithin(pid, arg(i))) finish(load<i32>(status));
  kill(pid, signal);
  kill(pid, Signal.CONT);
  if (killAfter != 0 && !endsWithin(pid, killAfter)) {
    kill(pid, Signal.KILL);
    awaitEnd(pid);
    finish(128 + Signal.KILL);
  }
  if (killAfter == 0) awaitEnd(pid);
  finish(signal == Signal.KILL ? 128 + Signal.KILL : OVERDUE);
}

/** Waits for the program beside a `sleep` of so long: whichever ends first. True: the program, with its status. */
function endsWithin(pid: i32, time: usize): bool {
  if (durationRead(time) == 0) return awaitEnd(pid) == pid;
  runBegin();
  runAdd(SLEEP, 5);
  runAdd(time, cstrLength(time));
  const clock = runSpawn();
  if (clock < 0) return awaitEnd(pid) == pid;
  const ended = awaitEnd(-1) == pid;
  if (!ended) return false;
  kill(clock, Signal.KILL);
  const kept = load<i32>(status);
  awaitEnd(clock);
  store<i32>(status, kept);
  return true;
}

/** Waits for a child (-1: any) and keeps its status; its pid. A TERM that comes is the program's. */
function awaitEnd(pid: i32): i32 {
  let r = wait(pid, status);
  while (r == -Errno.EINTR) {
    if ((sigtake() & (1 << Signal.TERM)) != 0) kill(program, Signal.TERM);
    r = wait(pid, status);
  }
  return r;
}
