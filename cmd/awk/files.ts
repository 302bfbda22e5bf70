// Files: the main input, which is what ARGV names: files, "-", and assignments on the way.

import { OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { complain } from "../../lib/program";
import { open } from "../../lib/sys";
import { bytesAre, bytesIndex, isName, isNameStart, putDecimal } from "../../lib/text";
import { tableFind } from "./arrays";
import { blockAlloc } from "./blocks";
import { Cell, cellDrop, cellNumber, cellSetNumber, cellSetText, cellText, Kind } from "./cells";
import { Input, inputFree, inputMake, inputNext } from "./input";
import { textUnescaped } from "./lexer";
import { numberPlace } from "./numbers";
import { arrayOf } from "./stack";
import { Text, textDrop, textHold, textOf } from "./texts";
import { Var, variableCell, variableCount, variableOf, variableSet } from "./variables";

let current: Input | null = null;
let currentName: Text | null = null;
let next = 1; // of ARGV
const ARGUMENTS_MAX: f64 = 1048576; // a larger ARGC is taken for this
let anyWas = false; // a file was there, or standard input
/** A file could not be read, and that was said. */
export let filesFailed = false;
const value: Cell = changetype<Cell>(memory.data(16, 8));

/** Moves to the next record of the main input (recordAt) and counts it; false after the last one. */
export function filesNext(): bool {
  for (;;) {
    const input = current;
    if (input != null) {
      if (inputNext(input)) break;
      end(input);
    } else if (!begin()) return false;
  }
  variableCount(Var.NR);
  variableCount(Var.FNR);
  return true;
}

function end(input: Input): void {
  if (input.errno < 0) failed(currentName!, input.errno);
  inputFree(input);
  current = null;
}

function failed(name: Text, errno: i32): void {
  complain();
  err.bytes(name.at, name.bytes).text(": ").text(errnoText(errno)).newline();
  filesFailed = true;
}

/** Begins the next file; false when there is none. */
function begin(): bool {
  while (<f64>next < min<f64>(cellNumber(variableCell(Var.ARGC)), ARGUMENTS_MAX)) {
    const name = argument(next++);
    if (name == null) continue;
    if (name.bytes > 0 && !assign(name.at, name.bytes)) begun(name);
    textDrop(name);
    if (current != null) return true;
  }
  if (anyWas) return false;
  anyWas = true;
  current = inputMake(0);
  return true;
}

/** ARGV[i], held. */
function argument(i: i32): Text | null {
  const key = textOf(numberPlace, putDecimal(numberPlace, i));
  const element = tableFind(arrayOf(variableCell(Var.ARGV)), key);
  textDrop(key);
  return element == null ? null : cellText(element.cell);
}

function begun(name: Text): void {
  anyWas = true;
  const isStandard =
    bytesAre(name.at, name.bytes, "-") || bytesAre(name.at, name.bytes, "/dev/stdin");
  const fd = isStandard ? 0 : open(name.at, name.bytes, OpenFlag.READ);
  if (fd < 0) {
    failed(name, fd);
    return;
  }
  current = inputMake(fd);
  const before = currentName;
  if (before != null) textDrop(before);
  currentName = textHold(name);
  cellSetText(variableCell(Var.FILENAME), textHold(name), Kind.TEXT);
  cellSetNumber(variableCell(Var.FNR), 0);
}

/** NAME=VALUE gives a variable a value; false when it is something else. */
export function assign(p: usize, bytes: i32): bool {
  const equals = bytesIndex(p, bytes, 0x3d);
  if (equals <= 0 || !isNameStart(load<u8>(p))) return false;
  for (let i = 1; i < equals; i++) if (!isName(load<u8>(p + i))) return false;
  const name = blockAlloc(equals);
  memory.copy(name, p, equals);
  cellSetText(value, textUnescaped(p + equals + 1, p + bytes), Kind.INPUT);
  variableSet(variableOf(name, equals), value);
  cellDrop(value);
  return true;
}
