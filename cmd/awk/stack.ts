// Stack: the cells that the code computes with, and the frames of functions.
//
// Invariants
//   T1  sp is behind the top; the cells below it hold what they have, those above are nothing.
//   T2  A frame's parameters are the cells from `frame` on; each array or list above is freed when its cell is dropped.

import { Table, tableMake, tableOf } from "./arrays";
import { blockAlloc } from "./blocks";
import { CELL_BYTES, Cell, cellCopy, cellDrop, cellMove, cellText, Kind, unset } from "./cells";
import { PlaceKind } from "./code";
import { Text } from "./texts";
import { variableCell, variableRead } from "./variables";
import { wrong } from "./wrong";

const STACK_BYTES = 8388608;
const CALLS_MAX = 100000;
const CALL_BYTES = 8;
let stackStart: usize = 0;
let stackEnd: usize = 0;
let calls: usize = 0; // {where to go on, frame before}
let depth = 0;
export let sp: usize = 0;
let frame: usize = 0;

export function stackStartUp(): void {
  stackStart = blockAlloc(STACK_BYTES);
  stackEnd = stackStart + STACK_BYTES;
  calls = blockAlloc(CALLS_MAX * CALL_BYTES);
  sp = stackStart;
  frame = sp;
}

/** A new top, in which nothing is: the caller fills it in. */
export function push(): Cell {
  if (sp == stackEnd) tooDeep();
  const cell = changetype<Cell>(sp);
  sp += CELL_BYTES;
  return cell;
}

function tooDeep(): void {
  wrong("functions call each other more than 100000 deep, or with too many values");
}

export function pushNumber(number: f64): void {
  const cell = push();
  cell.kind = Kind.NUMBER;
  cell.number = number;
}

/** Pushes a text, whose hold is taken. */
export function pushText(text: Text): void {
  const cell = push();
  cell.kind = Kind.TEXT;
  cell.what = changetype<usize>(text);
}

/** The cell i below the top, which is 0. */
export function top(i: i32): Cell {
  return changetype<Cell>(sp - (i + 1) * CELL_BYTES);
}

/** Drops the top. */
export function drop(): void {
  sp -= CELL_BYTES;
  cellDrop(changetype<Cell>(sp));
}

/** Drops the cell below the top, and the top takes its place. */
export function dropBelow(): void {
  cellDrop(top(1));
  cellMove(top(1), top(0));
  sp -= CELL_BYTES;
}

/** Drops everything, the frames too. */
export function stackClear(): void {
  while (sp > stackStart) drop();
  frame = stackStart;
  depth = 0;
}

/** Begins a function whose parameters are the last cells; others than those pushed are UNSET. */
export function frameBegin(back: i32, given: i32, parameters: i32): void {
  if (depth == CALLS_MAX) tooDeep();
  store<i32>(calls + depth * CALL_BYTES, back);
  store<usize>(calls + depth++ * CALL_BYTES, frame, 4);
  frame = sp - given * CELL_BYTES;
  for (; given < parameters; given++) cellCopy(push(), unset);
}

/** Ends the function, whose value is the top and stays so; where to go on. */
export function frameEnd(): i32 {
  while (sp - CELL_BYTES > frame) dropBelow();
  depth--;
  frame = load<usize>(calls + depth * CALL_BYTES, 4);
  return load<i32>(calls + depth * CALL_BYTES);
}

export function localCell(i: i32): Cell {
  return changetype<Cell>(frame + i * CELL_BYTES);
}

/** A parameter to be read. */
export function localRead(i: i32): Cell {
  const cell = localCell(i);
  if (cell.kind != Kind.REF) return cell;
  const target = changetype<Cell>(cell.what);
  return target.kind == Kind.ARRAY ? target : unset;
}

/** The cell of a place that is a variable, or of the array that it is an element of. */
export function cellAt(place: i32): Cell {
  const isLocal = (place & 7) == PlaceKind.LOCAL || (place & 7) == PlaceKind.LOCAL_ELEMENT;
  return isLocal ? localCell(place >> 3) : variableCell(place >> 3);
}

/** Pushes a copy of a value. */
export function pushValue(from: Cell): void {
  if (from.kind == Kind.ARRAY) wrong("an array is used as a single value");
  cellCopy(push(), from);
}

/** Pushes a variable as it is: an array, or what is not used yet, by where it is. */
export function pushReferred(place: i32): void {
  const cell = cellAt(place);
  if (cell.kind == Kind.ARRAY || cell.kind == Kind.UNSET) pushRef(cell);
  else if (cell.kind == Kind.REF) cellCopy(push(), cell);
  else if ((place & 7) == PlaceKind.VARIABLE) pushValue(variableRead(place >> 3));
  else pushValue(cell);
}

function pushRef(target: Cell): void {
  const cell = push();
  cell.kind = Kind.REF;
  cell.what = changetype<usize>(target);
}

/** The array in a cell, which becomes one if it was not used yet. */
export function arrayOf(cell: Cell): Table {
  const target = cell.kind == Kind.REF ? changetype<Cell>(cell.what) : cell;
  if (target.kind == Kind.UNSET) {
    target.kind = Kind.ARRAY;
    target.what = changetype<usize>(tableMake());
  }
  if (target.kind != Kind.ARRAY) wrong("a single value is used as an array");
  return tableOf(target.what);
}

/** Pushes the array of a place. */
export function pushArray(place: i32): void {
  const cell = cellAt(place);
  arrayOf(cell);
  pushRef(cell.kind == Kind.REF ? changetype<Cell>(cell.what) : cell);
}

/** The top as a text, held; it is dropped. */
export function popText(): Text {
  const text = cellText(top(0));
  drop();
  return text;
}
