// swapoff: gives the swap space up: every page in it comes back to memory, or it stays in use.

import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { complain, finish, help } from "../../lib/program";
import { swapoff } from "../../lib/sys";

export function _start(): void {
  help(
    "swapoff: brings everything that is swapped out back into memory and stops swapping. Root only",
  );
  const r = swapoff();
  if (r < 0) {
    complain();
    err.text(errnoText(r)).newline();
  }
  finish(r < 0 ? 1 : 0);
}
