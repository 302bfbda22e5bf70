// getline: the next record of the main input, a file or a command.

import { Cell, cellDrop, cellMove, cellSetText, Kind, unset } from "./cells";
import { Source } from "./code";
import { recordSet } from "./fields";
import { filesNext } from "./files";
import { inputNext, recordAt, recordBytes } from "./input";
import { placeIsKeyed, placeSet } from "./places";
import { drop, popText, pushNumber, top } from "./stack";
import { streamInput } from "./streams";
import { Text, textDrop, textOf } from "./texts";
import { Var, variableCount } from "./variables";

const value: Cell = changetype<Cell>(memory.data(16, 8));

/** Puts 1 on the stack when there was a record, 0 at the end, -1 when it cannot be read. The place (0: $0) and the record get it. */
export function getline(source: i32, place: i32): void {
  const keyed = placeIsKeyed(place);
  let name: Text | null = null;
  if (source != Source.FILES) {
    // COMMAND KEY, or KEY FILE.
    if (source == Source.COMMAND && keyed) swap();
    name = popText();
  }
  const result = next(source, name);
  if (name != null) textDrop(name);
  if (result == 1) keep(place, keyed);
  if (keyed) drop();
  pushNumber(result);
}

function swap(): void {
  cellMove(value, top(0));
  cellMove(top(0), top(1));
  cellMove(top(1), value);
  cellMove(value, unset);
}

function next(source: i32, name: Text | null): i32 {
  if (name == null) return filesNext() ? 1 : 0;
  const input = streamInput(source, name);
  if (input == null) return -1;
  if (!inputNext(input)) return input.errno < 0 ? -1 : 0;
  if (source == Source.COMMAND) variableCount(Var.NR);
  return 1;
}

function keep(place: i32, keyed: bool): void {
  const text = textOf(recordAt, recordBytes);
  if (place == 0) {
    recordSet(text);
    return;
  }
  cellSetText(value, text, Kind.INPUT);
  placeSet(place, keyed ? top(0) : value, value);
  cellDrop(value);
}
