// print and printf.

import { Writer } from "../../lib/fmt";
import { CELL_BYTES, Cell, cellText, Kind } from "./cells";
import { Output } from "./code";
import { formatted, numberFormatted } from "./format";
import { numberPlace, numberPut } from "./numbers";
import { drop, popText, sp, top } from "./stack";
import { streamWriter, written } from "./streams";
import { textDrop } from "./texts";
import { Var, varText } from "./variables";

/** Where the output goes; a name on top is taken. */
function writerTake(output: i32): Writer {
  if (output == Output.STANDARD) return streamWriter(output, null);
  const name = popText();
  const writer = streamWriter(output, name);
  textDrop(name);
  return writer;
}

/** Writes the `count` values on the stack, with OFS between them and ORS behind. */
export function print(count: i32, output: i32): void {
  const writer = writerTake(output);
  const ofs = varText(Var.OFS);
  for (let i = count - 1; i >= 0; i--) {
    cellPrint(writer, top(i));
    if (i > 0) writer.bytes(ofs.at, ofs.bytes);
  }
  textDrop(ofs);
  const ors = varText(Var.ORS);
  writer.bytes(ors.at, ors.bytes);
  textDrop(ors);
  for (let i = 0; i < count; i++) drop();
  written(writer);
}

function cellPrint(writer: Writer, cell: Cell): void {
  if (cell.kind == Kind.NUMBER) {
    const bytes = numberPut(cell.number, Var.OFMT);
    if (bytes >= 0) writer.bytes(numberPlace, bytes);
    else {
      const format = varText(Var.OFMT);
      const text = numberFormatted(format, cell.number);
      writer.bytes(text.at, text.bytes);
      textDrop(text);
      textDrop(format);
    }
    return;
  }
  const text = cellText(cell);
  writer.bytes(text.at, text.bytes);
  textDrop(text);
}

/** printf: the first of the `count` values is the format. */
export function printFormatted(count: i32, output: i32): void {
  const writer = writerTake(output);
  const format = cellText(top(count - 1));
  const text = formatted(format, sp - (count - 1) * CELL_BYTES, count - 1);
  writer.bytes(text.at, text.bytes);
  textDrop(text);
  textDrop(format);
  for (let i = 0; i < count; i++) drop();
  written(writer);
}
