// yes: the same line for ever, or until nobody reads it.

import { arg, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";

export function _start(): void {
  help("yes [TEXT ...]: prints TEXT (y) again and again, until its reader ends\n  yes | head -n 3");
  while (out.failed == 0) {
    if (argc() == 1) out.byte(0x79);
    for (let i = 1; i < argc(); i++) {
      if (i > 1) out.byte(0x20);
      out.cstr(arg(i));
    }
    out.newline();
  }
  finish(0);
}
