// rev: each line from its last character to its first.

import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { options } from "../../lib/options";
import { finish, help } from "../../lib/program";

export function _start(): void {
  help("rev [FILE ...]: lines backwards");
  linesStart(options("", "rev [FILE ...]"));
  while (linesNext()) {
    for (let end = textBytes; end > 0; ) {
      let at = end - 1;
      while (at > 0 && (load<u8>(text + at) & 0xc0) == 0x80) at--;
      out.bytes(text + at, end - at);
      end = at;
    }
    out.newline();
  }
  finish(linesFailed ? 1 : 0);
}
