// nl: numbers lines.

import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { options } from "../../lib/options";
import { finish, help } from "../../lib/program";

export function _start(): void {
  help("nl [FILE ...]: lines with their numbers; empty ones have none");
  linesStart(options("", "nl [FILE ...]"));
  let number = 0;
  while (linesNext()) {
    if (textBytes > 0) out.dec(++number, 6).spaces(2).bytes(text, textBytes);
    out.newline();
  }
  finish(linesFailed ? 1 : 0);
}
