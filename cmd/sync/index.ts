// sync: what was written to /home is durable when it ends.

import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { homeSync } from "../../lib/power";
import { complain, finish, help } from "../../lib/program";

export function _start(): void {
  help("sync: waits until everything written to /home would survive a reload or a power cut");
  const r = homeSync();
  if (r < 0) {
    complain();
    err.text("/home: ").text(errnoText(r)).newline();
  }
  finish(r < 0 ? 1 : 0);
}
