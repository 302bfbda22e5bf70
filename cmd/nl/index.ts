// nl: numbers lines.

import { argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { finish, help } from "../../lib/program";

export function _start(): void {
  help("nl [FILE ...]: lines with their numbers; empty ones have none");
  linesStart(min(1, argc()));
  let number = 0;
  while (linesNext()) {
    if (textBytes > 0) out.dec(++number, 6).spaces(2).bytes(text, textBytes);
    out.newline();
  }
  finish(linesFailed ? 1 : 0);
}
