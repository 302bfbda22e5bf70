// dirname: a path without its last part.

import { arg, argBytes, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";

export function _start(): void {
  help("dirname PATH ...: each path without its last part\n  dirname /tmp/a.txt");
  if (argc() < 2) usage("dirname PATH ...");
  for (let i = 1; i < argc(); i++) show(arg(i), argBytes(i));
  finish(0);
}

function show(path: usize, n: i32): void {
  while (n > 1 && load<u8>(path + n - 1) == 0x2f) n--;
  while (n > 0 && load<u8>(path + n - 1) != 0x2f) n--;
  if (n == 0) {
    out.byte(0x2e).newline();
    return;
  }
  while (n > 1 && load<u8>(path + n - 1) == 0x2f) n--;
  out.bytes(path, n).newline();
}
