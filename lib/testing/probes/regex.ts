// Matches what lib/regex.test.ts asks for: each line of standard input is FLAGS, EXPRESSION and TEXT, with a tab after the first two.

import { out } from "../../fmt";
import { linesNext, linesStart, text, textBytes } from "../../lines";
import { groupEnd, groupStart, regexFind, regexMatch } from "../../match";
import { finish } from "../../program";
import { regexCompile, regexError } from "../../regex";
import { bytesIndex, parseNumber } from "../../text";

/** Prints "START,END" of the match and of each group, "none", or why the expression is refused. */
export function _start(): void {
  linesStart(1);
  while (linesNext()) {
    const flags = bytesIndex(text, textBytes, 9);
    const re = text + flags + 1;
    const bytes = bytesIndex(re, textBytes - flags - 1, 9);
    const subject = re + bytes + 1;
    const rest = textBytes - flags - bytes - 2;
    const regex = regexCompile(re, bytes, <i32>parseNumber(text, flags));
    if (regex == null) {
      out.text(regexError).newline();
      continue;
    }
    const found = regexFind(regex, subject, rest, 0);
    if (found != regexMatch(regex, subject, rest, 0)) out.text("regexFind and regexMatch differ: ");
    if (!found) out.text("none");
    for (let i = 0; found && i < regex.groups; i++) {
      if (i > 0) out.byte(0x20);
      out.dec(groupStart(i)).byte(0x2c).dec(groupEnd(i));
    }
    out.newline();
  }
  finish(0);
}
