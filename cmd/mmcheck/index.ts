// mmcheck: has the kernel check every invariant of its memory management.

import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { complain, finish, help } from "../../lib/program";
import { mmcheck } from "../../lib/sys";

export function _start(): void {
  help("mmcheck: walks all of memory management; status 0 if every invariant holds. Root only");
  const r = mmcheck();
  if (r < 0) {
    complain();
    err.text(errnoText(r)).newline();
    finish(1);
  }
  if (r == 0) out.text("every invariant holds").newline();
  else out.text("invariant ").dec(r).text(" is broken: see dmesg").newline();
  finish(r == 0 ? 0 : 1);
}
