// split().

import { putDecimal } from "../../lib/text";
import { tableCell, tableClear } from "./arrays";
import { cellSetText, cellText, Kind } from "./cells";
import { numberPlace } from "./numbers";
import { Pieces, pieceBytes, pieceStart, separate } from "./pieces";
import { arrayOf, drop, pushNumber, top } from "./stack";
import { textDrop, textOf } from "./texts";
import { Var, variableCell } from "./variables";

const pieces: Pieces = changetype<Pieces>(memory.data(12));

/** TEXT ARRAY [SEPARATOR] are on the stack; how many elements the array has got takes their place. */
export function splitTop(separated: bool): void {
  const separator = separated ? top(0) : variableCell(Var.FS);
  const below = separated ? 1 : 0;
  const table = arrayOf(top(below));
  const text = cellText(top(below + 1));
  separate(pieces, text.at, text.bytes, separator, false);
  tableClear(table);
  for (let i = 0; i < pieces.count; i++) {
    const key = textOf(numberPlace, putDecimal(numberPlace, i + 1));
    const part = textOf(text.at + pieceStart(pieces, i), pieceBytes(pieces, i));
    cellSetText(tableCell(table, key), part, Kind.INPUT);
    textDrop(key);
  }
  textDrop(text);
  for (let i = 0; i < below + 2; i++) drop();
  pushNumber(pieces.count);
}
