// kill: ends processes.

import { Signal } from "../../abi/syscall";
import { arg, argBytes, argc, argIs, argNumber, argValue } from "../../lib/args";
import { err, out } from "../../lib/fmt";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { signalOf } from "../../lib/signals";
import { kill } from "../../lib/sys";

export function _start(): void {
  help(
    "kill [-SIGNAL] PID ...: ends processes, or sends them SIGNAL: a number or TERM (the default), INT, KILL, STOP, CONT, TSTP\nkill -l: the signals\n  kill -9 7",
  );
  if (argIs(1, "-l")) {
    out.text("INT 2  KILL 9  TERM 15  CONT 18  STOP 19  TSTP 20").newline();
    finish(0);
  }
  let signal: i32 = Signal.TERM;
  let i = 1;
  const named = argIs(1, "-s") && argc() > 2;
  if (argBytes(1) > 1 && load<u8>(arg(1)) == 0x2d) {
    signal = named ? signalOf(arg(2), argBytes(2)) : signalOf(arg(1) + 1, argBytes(1) - 1);
    if (signal <= 0) {
      complain();
      err
        .cstr(arg(named ? 2 : 1))
        .text(": no such signal")
        .newline();
      finish(2);
    }
    i = named ? 3 : 2;
  }
  if (i >= argc()) usage("kill [-SIGNAL] PID ...");
  let status = 0;
  for (; i < argc(); i++) {
    if (!argNumber(i) || argValue <= 0) {
      complain();
      err.cstr(arg(i)).text(": not a process number").newline();
      status = 1;
      continue;
    }
    const r = kill(<i32>argValue, signal);
    if (r >= 0) continue;
    complainErrno(arg(i), r);
    status = 1;
  }
  finish(status);
}
