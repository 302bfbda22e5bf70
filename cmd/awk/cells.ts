// Cell: a value, or a place for one. A number, a text, or a text from outside that is a number too when it looks like one.
//
// Invariants
//   C1  A cell of kind TEXT or above holds its text; one of kind ARRAY or LIST has a table or list of its own.
//   C2  INPUT has not been looked at; looked at, it is NUMERIC or TEXT for good.
//   C3  REF leads to a cell that outlives it, and that is no REF.

import { listFree, tableFree, tableOf } from "./arrays";
import { numberText, textNumber, textSeemsNumber } from "./numbers";
import { Text, textDrop, textHold } from "./texts";
import { wrong } from "./wrong";

export const enum Kind {
  UNSET = 0,
  NUMBER,
  REF, // a variable that was given to a function as it is: an array, or not used before
  REGEX, // an expression of the program (lib/regex)
  ARRAY,
  LIST, // keys that a for goes through
  TEXT,
  INPUT,
  NUMERIC, // text and number
}

@unmanaged
export class Cell {
  kind: i32;
  what: usize; // text, array, expression or cell
  number: f64;

  @inline
  get text(): Text {
    return changetype<Text>(this.what);
  }
}

export const CELL_BYTES = 16;
if (<i32>offsetof<Cell>() != CELL_BYTES) ERROR("Cell is not CELL_BYTES");

/** The value of what has none; never changed. */
export const unset: Cell = changetype<Cell>(memory.data(16, 8));
/** The text without bytes: it holds itself. */
export const emptyText: Text = changetype<Text>(memory.data<i32>([1, 0, 12]));

/** Gives up what the cell has; it is then UNSET. */
export function cellDrop(cell: Cell): void {
  const kind = cell.kind;
  cell.kind = Kind.UNSET;
  if (kind >= Kind.TEXT) textDrop(cell.text);
  else if (kind == Kind.ARRAY) tableFree(tableOf(cell.what));
  else if (kind == Kind.LIST) listFree(cell.what);
}

/** Copies a cell as it is: what it holds, the copy holds in its place. */
export function cellMove(to: Cell, from: Cell): void {
  const p = changetype<usize>(to);
  const q = changetype<usize>(from);
  store<u64>(p, load<u64>(q));
  store<u64>(p, load<u64>(q, 8), 8);
}

/** Makes a cell that has nothing the same value as another. */
export function cellCopy(to: Cell, from: Cell): void {
  if (from.kind >= Kind.TEXT) textHold(from.text);
  cellMove(to, from);
}

/** Gives a cell another value. */
export function cellSet(to: Cell, from: Cell): void {
  if (from.kind >= Kind.TEXT) textHold(from.text);
  if (to.kind >= Kind.TEXT) textDrop(to.text);
  else if (to.kind == Kind.ARRAY) wrong("an array is used as a single value");
  cellMove(to, from);
}

export function cellSetNumber(to: Cell, number: f64): void {
  if (to.kind >= Kind.TEXT) textDrop(to.text);
  else if (to.kind == Kind.ARRAY) wrong("an array is used as a single value");
  to.kind = Kind.NUMBER;
  to.number = number;
}

/** Gives a cell a text, whose hold it takes: of kind TEXT or INPUT. */
export function cellSetText(to: Cell, text: Text, kind: i32): void {
  if (to.kind >= Kind.TEXT) textDrop(to.text);
  else if (to.kind == Kind.ARRAY) wrong("an array is used as a single value");
  to.kind = kind;
  to.what = changetype<usize>(text);
}

/** C2. */
function look(cell: Cell): void {
  const text = cell.text;
  cell.kind = textSeemsNumber(text) ? Kind.NUMERIC : Kind.TEXT;
  if (cell.kind == Kind.NUMERIC) cell.number = textNumber(text);
}

export function cellNumber(cell: Cell): f64 {
  if (cell.kind == Kind.NUMBER || cell.kind == Kind.NUMERIC) return cell.number;
  if (cell.kind >= Kind.TEXT) return textNumber(cell.text);
  return 0;
}

/** The value as a text, held. */
export function cellText(cell: Cell): Text {
  if (cell.kind >= Kind.TEXT) return textHold(cell.text);
  if (cell.kind == Kind.NUMBER) return numberText(cell.number);
  return textHold(emptyText);
}

export function cellTrue(cell: Cell): bool {
  if (cell.kind == Kind.INPUT) look(cell);
  if (cell.kind == Kind.NUMBER || cell.kind == Kind.NUMERIC) return cell.number != 0;
  return cell.kind == Kind.TEXT && cell.text.bytes > 0;
}

export const enum Order {
  LESS = 0,
  LESS_EQUAL,
  EQUAL,
  NOT_EQUAL,
  GREATER,
  GREATER_EQUAL,
}

/** Compares by value when neither is a text that is no number, else by bytes. */
export function cellOrder(a: Cell, b: Cell, order: i32): bool {
  if (a.kind == Kind.INPUT) look(a);
  if (b.kind == Kind.INPUT) look(b);
  if (a.kind != Kind.TEXT && b.kind != Kind.TEXT) {
    return ordered(cellNumber(a), cellNumber(b), order);
  }
  const x = cellText(a);
  const y = cellText(b);
  const r = memory.compare(x.at, y.at, min(x.bytes, y.bytes));
  const sign: f64 = r != 0 ? r : x.bytes - y.bytes;
  textDrop(x);
  textDrop(y);
  return ordered(sign, 0, order);
}

function ordered(x: f64, y: f64, order: i32): bool {
  switch (order) {
    case Order.LESS:
      return x < y;
    case Order.LESS_EQUAL:
      return x <= y;
    case Order.EQUAL:
      return x == y;
    case Order.NOT_EQUAL:
      return x != y;
    case Order.GREATER:
      return x > y;
  }
  return x >= y;
}
