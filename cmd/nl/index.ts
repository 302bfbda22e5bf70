// nl: numbers lines.

import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { option, options, optionText } from "../../lib/options";
import { finish, help } from "../../lib/program";

export function _start(): void {
  help("nl [-b a] [FILE ...]: lines with their numbers; empty ones have none without -b a");
  linesStart(options("b:", "nl [-b a] [FILE ...]"));
  const all = option("b") && load<u8>(optionText("b")) == 0x61;
  let number = 0;
  while (linesNext()) {
    if (textBytes > 0 || all) out.dec(++number, 6).byte(9).bytes(text, textBytes);
    out.newline();
  }
  finish(linesFailed ? 1 : 0);
}
