// basename: the last part of a path.

import { arg, argBytes, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";

export function _start(): void {
  help("basename PATH [SUFFIX]: the last part of PATH, without SUFFIX\n  basename /tmp/a.txt .txt");
  if (argc() < 2 || argc() > 3) usage("basename PATH [SUFFIX]");
  const path = arg(1);
  let end = argBytes(1);
  while (end > 1 && load<u8>(path + end - 1) == 0x2f) end--;
  let start = end;
  while (start > 0 && load<u8>(path + start - 1) != 0x2f) start--;
  if (start == end && end > 0) start--; // the path is /
  const n = argBytes(2);
  const isSuffix = n > 0 && n < end - start && memory.compare(path + end - n, arg(2), n) == 0;
  out.bytes(path + start, end - start - (isSuffix ? n : 0)).newline();
  finish(0);
}
