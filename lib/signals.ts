// Signals as people write them: by name, with or without SIG, or by number.

import { Signal } from "../abi/syscall";
import { bytesAre, bytesStart, parsedBytes, parseNumber } from "./text";

/** A signal by name or number, which may be 0; -1: unknown. */
export function signalOf(name: usize, n: i32): i32 {
  if (n > 3 && bytesStart(name, n, "SIG")) {
    name += 3;
    n -= 3;
  }
  if (bytesAre(name, n, "INT")) return Signal.INT;
  if (bytesAre(name, n, "KILL")) return Signal.KILL;
  if (bytesAre(name, n, "TERM")) return Signal.TERM;
  if (bytesAre(name, n, "CONT")) return Signal.CONT;
  if (bytesAre(name, n, "STOP")) return Signal.STOP;
  if (bytesAre(name, n, "TSTP")) return Signal.TSTP;
  if (bytesAre(name, n, "SEGV")) return Signal.SEGV;
  if (bytesAre(name, n, "WINCH")) return Signal.WINCH;
  const number = parseNumber(name, n);
  return n > 0 && parsedBytes == n && number >= 0 && number < 32 ? <i32>number : -1;
}
