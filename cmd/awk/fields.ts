// Fields: the record and its parts. A record is split when a part is first asked for, and put together again when $0 is.
//
// Invariants
//   D1  isSplit: `pieces` says where the fields are in the record, and fieldCells[i] is field i, UNSET while nobody has asked for it.
//   D2  isStale: fields have changed since the record was put together. Then it is split.
//   D3  The cells above `made` are UNSET.

import { blockAlloc, blockFree } from "./blocks";
import { Builder } from "./builder";
import {
  CELL_BYTES,
  Cell,
  cellDrop,
  cellSet,
  cellSetText,
  cellText,
  emptyText,
  Kind,
  unset,
} from "./cells";
import {
  FIELDS_MAX,
  Pieces,
  pieceAdd,
  pieceBytes,
  pieceMove,
  pieceStart,
  separate,
} from "./pieces";
import { Text, textDrop, textHold, textOf } from "./texts";
import { Var, variableCell, varText } from "./variables";
import { wrong } from "./wrong";

const zero: Cell = changetype<Cell>(memory.data(16, 8)); // $0
const pieces: Pieces = changetype<Pieces>(memory.data(12));
const builder: Builder = changetype<Builder>(memory.data(4));
let cells: usize = 0;
let room = 0; // cells that there are
let made = 0;
let isSplit = true;
let isStale = false;

function cellOf(i: i32): Cell {
  return changetype<Cell>(cells + i * CELL_BYTES);
}

/** A new record, whose hold is taken. */
export function recordSet(text: Text): void {
  isSplit = false;
  isStale = false;
  cellSetText(zero, text, Kind.INPUT);
}

function cellsDrop(from: i32): void {
  for (let i = from; i <= made; i++) cellDrop(cellOf(i));
  made = min(made, from - 1);
}

function roomMake(count: i32): void {
  if (count < room) return;
  const more = max(count + 1, max(room * 2, 64));
  const place = blockAlloc(more * CELL_BYTES);
  memory.copy(place, cells, room * CELL_BYTES);
  memory.fill(place + room * CELL_BYTES, 0, (more - room) * CELL_BYTES);
  if (room > 0) blockFree(cells, room * CELL_BYTES);
  cells = place;
  room = more;
}

/** Splits the record, if it is not. */
export function fieldsSplit(): void {
  if (isSplit) return;
  isSplit = true;
  cellsDrop(1);
  pieces.count = 0;
  if (zero.kind < Kind.TEXT) return;
  const record = zero.text;
  const rs = varText(Var.RS);
  separate(pieces, record.at, record.bytes, variableCell(Var.FS), rs.bytes == 0);
  textDrop(rs);
  roomMake(pieces.count);
}

/** NF. */
export function fieldCount(): i32 {
  fieldsSplit();
  return pieces.count;
}

export function fieldCountSet(count: f64): void {
  const n = fieldIndex(count);
  fieldsSplit();
  if (n < pieces.count) {
    cellsDrop(n + 1);
    pieces.count = n;
  }
  fieldsAdd(n);
  isStale = true;
}

/** Empty fields until there are so many. */
function fieldsAdd(n: i32): void {
  while (pieces.count < n) pieceAdd(pieces, 0, 0);
  roomMake(n);
}

/** A number as that of a field. Ends the program when it cannot be one. */
export function fieldIndex(number: f64): i32 {
  if (!(number > -1)) wrong("a field's number is below 0");
  if (!(number <= <f64>FIELDS_MAX)) wrong("a field's number is above 1048576");
  return <i32>number;
}

/** The cell of a field, to be read: it stays until the next call. */
export function fieldCell(i: i32): Cell {
  if (i == 0) {
    fieldsJoin();
    return zero;
  }
  fieldsSplit();
  if (i > pieces.count) return unset;
  const cell = cellOf(i);
  if (cell.kind == Kind.UNSET) {
    const text = textOf(zero.text.at + pieceStart(pieces, i - 1), pieceBytes(pieces, i - 1));
    cellSetText(cell, text, Kind.INPUT);
    made = max(made, i);
  }
  return cell;
}

/** Gives a field a value. */
export function fieldSet(i: i32, value: Cell): void {
  if (i == 0) {
    const text = cellText(value);
    const kind = value.kind;
    recordSet(text);
    if (kind == Kind.TEXT) zero.kind = kind;
    return;
  }
  fieldsSplit();
  fieldsAdd(i);
  const cell = cellOf(i);
  if (value.kind == Kind.UNSET) cellSetText(cell, textHold(emptyText), Kind.INPUT);
  else cellSet(cell, value);
  made = max(made, i);
  isStale = true;
}

/** Puts $0 together, if fields have changed. */
export function fieldsJoin(): void {
  if (!isStale) return;
  isStale = false;
  const ofs = varText(Var.OFS);
  builder.begin();
  for (let i = 1; i <= pieces.count; i++) {
    if (i > 1) builder.add(ofs.at, ofs.bytes);
    const start = builder.text!.bytes;
    pieceJoin(i);
    pieceMove(pieces, i - 1, start, builder.text!.bytes - start);
  }
  textDrop(ofs);
  cellSetText(zero, builder.built(), Kind.INPUT);
}

function pieceJoin(i: i32): void {
  const cell = cellOf(i);
  if (cell.kind == Kind.UNSET) {
    const bytes = pieceBytes(pieces, i - 1);
    if (bytes > 0) builder.add(zero.text.at + pieceStart(pieces, i - 1), bytes);
    return;
  }
  const text = cellText(cell);
  builder.add(text.at, text.bytes);
  textDrop(text);
}
