// unmount: takes everything away that is mounted or bound exactly at a path.

import { arg, argBytes, argc } from "../../lib/args";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { unmount } from "../../lib/sys";

export function _start(): void {
  help("unmount PATH ...: takes away what is mounted or bound there\numount: the same as unmount");
  if (argc() < 2) usage("unmount PATH ...");
  let status = 0;
  for (let i = 1; i < argc(); i++) {
    const r = unmount(arg(i), argBytes(i));
    if (r >= 0) continue;
    complainErrno(arg(i), r);
    status = 1;
  }
  finish(status);
}
