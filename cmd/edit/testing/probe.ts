// The text without a terminal, for text.test.ts. Lines of standard input are changes: "i AT TEXT" puts in, "r AT BYTES" takes out, "u" undoes,
// "e" does again, "b" ends a change, "s" is a save; a newline is written as |. After each it prints whether the text is modified, where its
// lines begin, and the text.

import { out } from "../../../lib/fmt";
import { textBytes as lineBytes, linesNext, linesStart, text } from "../../../lib/lines";
import { finish } from "../../../lib/program";
import { parsedBytes, parseNumber } from "../../../lib/text";
import { lineAt, lineCount, lineEnd, lineStart, textBegin, textByte, textBytes } from "../text";
import {
  editBreak,
  editInsert,
  editRedo,
  editRemove,
  editSaved,
  editUndo,
  isModified,
  undoBegin,
} from "../undo";

export function _start(): void {
  textBegin();
  undoBegin();
  linesStart(1);
  while (linesNext()) {
    perform();
    print();
  }
  finish(0);
}

function perform(): void {
  const at = <i32>parseNumber(text + 2, max(lineBytes - 2, 0));
  const p = text + 3 + parsedBytes;
  const n = <i32>(text + lineBytes - p);
  switch (load<u8>(text)) {
    case 0x69:
      for (let i = 0; i < n; i++) if (load<u8>(p + i) == 0x7c) store<u8>(p + i, 10);
      editInsert(at, p, n, 0);
      break;
    case 0x72:
      editRemove(at, <i32>parseNumber(p, n), 0);
      break;
    case 0x75:
      editUndo();
      break;
    case 0x65:
      editRedo();
      break;
    case 0x62:
      editBreak();
      break;
    case 0x73:
      editSaved();
      break;
  }
}

function print(): void {
  out.text(isModified() ? "m" : "-");
  for (let i = 0; i < lineCount; i++) {
    out.byte(0x20).dec(lineStart(i));
    for (let at = lineStart(i); at <= lineEnd(i); at++) if (lineAt(at) != i) out.text("!");
  }
  out.byte(0x20);
  for (let i = 0; i < textBytes; i++) out.byte(textByte(i) == 10 ? 0x7c : textByte(i));
  out.newline();
}
