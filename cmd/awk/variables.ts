// Variables: names, and the cells of those that are not parameters of a function.
//
// Invariants
//   V1  The first ones are awk's own, in the order of Var.

import { bytesEqual, putLiteral } from "../../lib/text";
import { blockAlloc } from "./blocks";
import {
  CELL_BYTES,
  Cell,
  cellNumber,
  cellSet,
  cellSetNumber,
  cellSetText,
  cellText,
  Kind,
} from "./cells";
import { fieldCount, fieldCountSet, fieldsJoin, fieldsSplit } from "./fields";
import { Text, textLiteral } from "./texts";
import { wrong } from "./wrong";

export const enum Var {
  NF = 0,
  FS,
  OFS,
  ORS,
  RS,
  NR,
  FNR,
  FILENAME,
  SUBSEP,
  RSTART,
  RLENGTH,
  CONVFMT,
  OFMT,
  ENVIRON,
  ARGC,
  ARGV,
}

export const VARIABLES_MAX = 4096;
const cells: usize = memory.data(65536, 8);
const names: usize = memory.data(32768); // {address, bytes}
let count = 0;

/** The variable of this name, which is made if it is not there. */
export function variableOf(name: usize, bytes: i32): i32 {
  for (let i = 0; i < count; i++) {
    if (bytesEqual(load<usize>(names + i * 8), load<i32>(names + i * 8, 4), name, bytes)) return i;
  }
  if (count == VARIABLES_MAX) wrong("more than 4096 variables");
  store<usize>(names + count * 8, name);
  store<i32>(names + count * 8, bytes, 4);
  return count++;
}

export function variableCell(i: i32): Cell {
  return changetype<Cell>(cells + i * CELL_BYTES);
}

/** The value of a variable as a text, held. */
export function varText(i: i32): Text {
  return cellText(variableCell(i));
}

function ownMake(name: string): Cell {
  const p = blockAlloc(name.length);
  return variableCell(variableOf(p, putLiteral(p, name)));
}

function ownText(name: string, value: string): void {
  cellSetText(ownMake(name), textLiteral(value), Kind.TEXT);
}

function ownNumber(name: string, value: f64): void {
  cellSetNumber(ownMake(name), value);
}

/** Makes awk's own variables, in the order of Var. */
export function variablesStart(): void {
  ownNumber("NF", 0);
  ownText("FS", " ");
  ownText("OFS", " ");
  ownText("ORS", "\n");
  ownText("RS", "\n");
  ownNumber("NR", 0);
  ownNumber("FNR", 0);
  ownMake("FILENAME");
  ownText("SUBSEP", "\x1c");
  ownNumber("RSTART", 0);
  ownNumber("RLENGTH", -1);
  ownText("CONVFMT", "%.6g");
  ownText("OFMT", "%.6g");
  ownMake("ENVIRON");
  ownNumber("ARGC", 0);
  ownMake("ARGV");
}

/** The cell of a variable to be read: NF is counted first. */
export function variableRead(i: i32): Cell {
  const cell = variableCell(i);
  if (i == Var.NF) cellSetNumber(cell, fieldCount());
  return cell;
}

/** Gives a variable a value, and does what comes with that. */
export function variableSet(i: i32, value: Cell): void {
  // What is there of the record was read with the old separators.
  if (i == Var.FS) fieldsSplit();
  else if (i == Var.OFS) fieldsJoin();
  cellSet(variableCell(i), value);
  if (i == Var.NF) fieldCountSet(cellNumber(value));
}

/** Adds 1 to NR or FNR. */
export function variableCount(i: i32): void {
  const cell = variableCell(i);
  cellSetNumber(cell, cellNumber(cell) + 1);
}
