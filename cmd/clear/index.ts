// clear: empties the terminal.

import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";

export function _start(): void {
  help("clear: empties the terminal");
  out.text("\x1b[H\x1b[2J\x1b[3J");
  finish(0);
}
