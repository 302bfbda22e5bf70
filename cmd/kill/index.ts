// kill: ends processes.

import { Signal } from "../../abi/syscall";
import { arg, argBytes, argc, argNumber, argValue } from "../../lib/args";
import { err } from "../../lib/fmt";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { kill } from "../../lib/sys";
import { bytesAre, parsedBytes, parseNumber } from "../../lib/text";

export function _start(): void {
  help(
    "kill [-SIGNAL] PID ...: ends processes; SIGNAL is TERM (the default), INT, KILL or a number",
  );
  let signal: i32 = Signal.TERM;
  let i = 1;
  if (argBytes(1) > 1 && load<u8>(arg(1)) == 0x2d) {
    signal = signalOf(arg(1) + 1, argBytes(1) - 1);
    if (signal <= 0) {
      complain();
      err.cstr(arg(1)).text(": no such signal").newline();
      finish(2);
    }
    i = 2;
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

/** A signal by name or number; 0: unknown. */
function signalOf(name: usize, n: i32): i32 {
  if (bytesAre(name, n, "INT")) return Signal.INT;
  if (bytesAre(name, n, "KILL")) return Signal.KILL;
  if (bytesAre(name, n, "TERM")) return Signal.TERM;
  if (bytesAre(name, n, "SEGV")) return Signal.SEGV;
  const number = parseNumber(name, n);
  return parsedBytes == n && number > 0 && number < 32 ? <i32>number : 0;
}
