// swapon: the disk's swap partition is used again.

import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { complain, finish, help } from "../../lib/program";
import { swapon } from "../../lib/sys";

export function _start(): void {
  help("swapon: takes the disk's swap partition into use. Root only");
  const r = swapon();
  if (r < 0) {
    complain();
    err.text(errnoText(r)).newline();
  }
  finish(r < 0 ? 1 : 0);
}
