// crash: makes the mistake that its argument names, to see how the system takes it. Each one must end this program alone; only `panic`,
// which is root's, stops the machine.

import { MapFlag, Prot } from "../../abi/syscall";
import { argc, argIs } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";
import { mmap, panic } from "../../lib/sys";

const USAGE = "crash null|readonly|guard|unmapped|kernel|divide|unreachable|recursion|panic";

export function _start(): void {
  help(
    "crash KIND: makes a mistake; KIND is null, readonly, guard, unmapped, kernel, divide, unreachable or recursion. crash panic: root stops the machine with a kernel panic",
  );
  if (argc() != 2) usage(USAGE);
  out.flush();
  if (argIs(1, "null")) store<u32>(0, 1);
  else if (argIs(1, "readonly")) readThenWrite(page(Prot.READ));
  else if (argIs(1, "guard")) store<u8>(0xb0000000, 1);
  else if (argIs(1, "unmapped")) load<u8>(0x90000000);
  else if (argIs(1, "kernel")) load<u64>(0xfffffff0);
  else if (argIs(1, "divide")) sink = 1 / (argc() - 2);
  else if (argIs(1, "unreachable")) unreachable();
  else if (argIs(1, "recursion")) sink = deep(1);
  else if (argIs(1, "panic")) refused(panic());
  else usage(USAGE);
  finish(sink);
}

let sink = 0;

function refused(errno: i32): void {
  complain();
  err.text(errnoText(errno)).newline();
  finish(1);
}

function page(prot: i32): usize {
  return mmap(0, 4096, prot, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
}

function deep(n: i32): i32 {
  return n == 0 ? 0 : deep(n + 1) + n;
}

/** The read makes the page present, so that the write meets its protection. */
function readThenWrite(at: usize): void {
  store<u8>(at, load<u8>(at) + 1);
}
