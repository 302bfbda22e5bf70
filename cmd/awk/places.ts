// Places: variables, parameters, fields and elements, read and given values. A field or an element has its number or key on the stack.

import { tableCell } from "./arrays";
import { Cell, cellNumber, cellSet, cellSetNumber, cellText, Kind } from "./cells";
import { Op, PlaceKind, Step } from "./code";
import { fieldCell, fieldIndex, fieldSet } from "./fields";
import { arrayOf, cellAt, drop, dropBelow, localCell, localRead, pushNumber, top } from "./stack";
import { textDrop } from "./texts";
import { variableRead, variableSet } from "./variables";
import { wrong } from "./wrong";

const WHOLE_MAX: f64 = 9007199254740992;

/** Whether the place has a number or key on the stack. */
export function placeIsKeyed(place: i32): bool {
  return (place & 7) >= PlaceKind.FIELD;
}

function elementCell(place: i32, key: Cell): Cell {
  const table = arrayOf(cellAt(place));
  const text = cellText(key);
  const cell = tableCell(table, text);
  textDrop(text);
  return cell;
}

/** The cell of a place, to be read; `key` is its number or key. */
export function placeRead(place: i32, key: Cell): Cell {
  switch (place & 7) {
    case PlaceKind.VARIABLE:
      return variableRead(place >> 3);
    case PlaceKind.LOCAL:
      return localRead(place >> 3);
    case PlaceKind.FIELD:
      return fieldCell(fieldIndex(cellNumber(key)));
  }
  return elementCell(place, key);
}

/** Gives a place a value. */
export function placeSet(place: i32, key: Cell, value: Cell): void {
  switch (place & 7) {
    case PlaceKind.VARIABLE:
      variableSet(place >> 3, value);
      return;
    case PlaceKind.LOCAL:
      if (localRead(place >> 3).kind == Kind.ARRAY) wrong("an array is used as a single value");
      cellSet(localCell(place >> 3), value);
      return;
    case PlaceKind.FIELD:
      fieldSet(fieldIndex(cellNumber(key)), value);
      return;
  }
  cellSet(elementCell(place, key), value);
}

/** PLACE = TOP: the value stays, a key below it goes. */
export function placeStore(place: i32): void {
  const keyed = placeIsKeyed(place);
  placeSet(place, top(1), top(0));
  if (keyed) dropBelow();
}

/** PLACE op= TOP. */
export function placeModify(place: i32, op: i32): void {
  const before = placeNumber(place, top(1));
  cellSetNumber(top(0), computed(op, before, cellNumber(top(0))));
  placeStore(place);
}

function placeNumber(place: i32, key: Cell): f64 {
  const cell = placeRead(place, key);
  if (cell.kind == Kind.ARRAY) wrong("an array is used as a single value");
  return cellNumber(cell);
}

/** ++ and --. */
export function placeStep(place: i32, how: i32): void {
  const before = placeNumber(place, top(0));
  const after = (how & Step.DOWN) != 0 ? before - 1 : before + 1;
  pushNumber(after);
  placeStore(place);
  if ((how & Step.AFTER) != 0) cellSetNumber(top(0), before);
}

/** x op y. */
export function computed(op: i32, x: f64, y: f64): f64 {
  switch (op) {
    case Op.ADD:
      return x + y;
    case Op.SUBTRACT:
      return x - y;
    case Op.MULTIPLY:
      return x * y;
    case Op.DIVIDE:
      if (y == 0) wrong("division by zero");
      return x / y;
    case Op.MODULO:
      if (y == 0) wrong("division by zero in %");
      return remainder(x, y);
  }
  return Math.pow(x, y);
}

/** x % y, with the sign of x. For whole numbers the machine has it. */
function remainder(x: f64, y: f64): f64 {
  const isWhole =
    Math.abs(x) < WHOLE_MAX && Math.abs(y) < WHOLE_MAX && trunc(x) == x && trunc(y) == y;
  return isWhole ? <f64>(<i64>x % <i64>y) : x % y;
}

/** Puts a value in the place of two operands. */
export function twoToNumber(number: f64): void {
  drop();
  cellSetNumber(top(0), number);
}
