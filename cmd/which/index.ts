// which: where a program is.

import { arg, argBytes, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { options } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { stat } from "../../lib/sys";
import { bytesIndex, putLiteral } from "../../lib/text";

const path: usize = memory.data(1100);
const st: usize = memory.data(32, 8);

export function _start(): void {
  help("which NAME ...: the path of a program; `type NAME` also knows what is in the shell");
  let i = options("a", "which NAME ...");
  if (i >= argc()) usage("which NAME ...");
  let status = 0;
  for (; i < argc(); i++) {
    const n = argBytes(i);
    const prefix = bytesIndex(arg(i), n, 0x2f) >= 0 ? 0 : putLiteral(path, "/bin/");
    if (n <= 1024) memory.copy(path + prefix, arg(i), n);
    if (n <= 1024 && stat(path, prefix + n, st) >= 0) out.bytes(path, prefix + n).newline();
    else status = 1;
  }
  finish(status);
}
