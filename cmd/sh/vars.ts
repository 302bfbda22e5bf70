// Variables: names and values of this shell, and the special parameters ($? $$ $! $# $0 $1 ${10} $@ $*).
//
// Invariants
//   V1  A variable's value has at least valueBytes bytes of room; a value that outgrows it moves, and the old room is lost.
//   V2  A name is in the table at most once; an unset variable keeps its place with flags 0.
//   V3  The first variable is IFS, so that it is found without looking.
//   V4  environChanged is true when the exported variables may differ from the environment that the kernel has.

import { arg, argc } from "../../lib/args";
import { err, out } from "../../lib/fmt";
import {
  bytesEqual,
  cstrLength,
  isDigit,
  parsedBytes,
  parseNumber,
  putDecimal,
} from "../../lib/text";
import { dynamicValue } from "./dynamic";

export const enum VarFlag {
  SET = 1,
  EXPORTED = 2,
  READONLY = 4,
}

@unmanaged
export class Variable {
  flags: i32;
  nameBytes: i32;
  name: usize;
  value: usize;
  valueBytes: i32;
  room: i32;
}

const VARIABLES = 256;
const VARIABLE_BYTES = 24;
const table: usize = memory.data(6144);
let used = 0;

/** $?, $! and $$. */
export let lastStatus: i32 = 0;
export let lastBackground: i32 = 0;
export let shellPid: i32 = 0;
/** Index in the program's arguments of $0. */
export let firstArgument: i32 = 0;

export function setLastStatus(status: i32): void {
  lastStatus = status;
}

export function setLastBackground(pid: i32): void {
  lastBackground = pid;
}

export function setShellPid(pid: i32): void {
  shellPid = pid;
}

export function setFirstArgument(index: i32): void {
  firstArgument = index;
}

/** Variable i in the order of first use, or null past the last. */
export function varAt(i: i32): Variable | null {
  return i < used ? changetype<Variable>(table + i * VARIABLE_BYTES) : null;
}

export function varFind(name: usize, bytes: i32): Variable | null {
  for (let i = 0; i < used; i++) {
    const v = changetype<Variable>(table + i * VARIABLE_BYTES);
    if (bytesEqual(v.name, v.nameBytes, name, bytes)) return v;
  }
  return null;
}

/** The variable of that name, made if need be; null when the table is full. */
export function varMake(name: usize, bytes: i32): Variable | null {
  const found = varFind(name, bytes);
  if (found != null) return found;
  if (used == VARIABLES) return null;
  const v = changetype<Variable>(table + used++ * VARIABLE_BYTES);
  v.name = heap.alloc(bytes);
  memory.copy(v.name, name, bytes);
  v.nameBytes = bytes;
  return v;
}

/** Gives a variable a copy of the value; false when the table is full or the variable may not be changed: varComplain says it. */
export function varSet(name: usize, nameBytes: i32, value: usize, bytes: i32): bool {
  const v = varMake(name, nameBytes);
  if (v == null || (v.flags & VarFlag.READONLY) != 0) return false;
  if (bytes > v.room) {
    v.room = bytes < 16 ? 16 : bytes * 2;
    v.value = heap.alloc(v.room);
  }
  memory.copy(v.value, value, bytes);
  v.valueBytes = bytes;
  v.flags |= VarFlag.SET;
  if (v.flags & VarFlag.EXPORTED) environChanged = true;
  return true;
}

/** Says why varSet or varUnset has not done it. */
export function varComplain(name: usize, bytes: i32): void {
  out.flush();
  err.text("sh: ").bytes(name, bytes);
  err.text(varFind(name, bytes) == null ? ": too many variables" : ": is read-only").newline();
}

/** False: it is read-only. */
export function varUnset(name: usize, bytes: i32): bool {
  const v = varFind(name, bytes);
  if (v == null) return true;
  if (v.flags & VarFlag.READONLY) return false;
  if (v.flags & VarFlag.EXPORTED) environChanged = true;
  v.flags = 0;
  return true;
}

const IFS: usize = memory.data<u8>([0x49, 0x46, 0x53]);
const BLANKS: usize = memory.data<u8>([0x20, 9, 10]);

/** Before any variable is made: IFS becomes the first one. */
export function varsBegin(): void {
  varMake(IFS, 3);
}

/** What separates fields: the value of IFS, or blank, tab and newline when that is not set. */
export function separators(): usize {
  const v = changetype<Variable>(table);
  return v.flags & VarFlag.SET ? v.value : BLANKS;
}

export function separatorsBytes(): i32 {
  const v = changetype<Variable>(table);
  return v.flags & VarFlag.SET ? v.valueBytes : 3;
}

/** Marks a variable for the environment. */
export function varExport(v: Variable): void {
  v.flags |= VarFlag.EXPORTED;
  environChanged = true;
}

/** The exported variables may differ from the environment that programs get. */
export let environChanged = false;

export function setEnvironChanged(changed: bool): void {
  environChanged = changed;
}

/** A looked-up parameter: `value` and `valueBytes`; 0 bytes when it is not set, which valueIsSet tells apart from empty. */
export let value: usize = 0;
export let valueBytes: i32 = 0;
export let valueIsSet = false;

/** Looks up a name or a special parameter other than @ and *. */
export function parameter(name: usize, bytes: i32): void {
  value = digits;
  valueBytes = 0;
  valueIsSet = true;
  const c: i32 = load<u8>(name);
  if (bytes == 1) {
    switch (c) {
      case 0x2d:
        value = optionLetters;
        valueBytes = optionBytes;
        return;
      case 0x3f:
        valueBytes = putDecimal(digits, lastStatus);
        return;
      case 0x24:
        valueBytes = putDecimal(digits, shellPid);
        return;
      case 0x21:
        valueIsSet = lastBackground > 0;
        if (valueIsSet) valueBytes = putDecimal(digits, lastBackground);
        return;
      case 0x23:
        valueBytes = putDecimal(digits, positionals());
        return;
    }
  }
  if (isDigit(c)) {
    const n = <i32>min<i64>(parseNumber(name, bytes), i32.MAX_VALUE);
    positional(n);
    valueIsSet = parsedBytes == bytes && n <= positionals();
    return;
  }
  const v = varFind(name, bytes);
  valueIsSet = v != null && (v.flags & VarFlag.SET) != 0;
  if (v != null && valueIsSet) {
    value = v.value;
    valueBytes = v.valueBytes;
    return;
  }
  valueBytes = max(dynamicValue(name, bytes, digits), 0);
  valueIsSet = valueBytes > 0;
}

/** The positional parameters: NUL-terminated strings one after another; 0: those of the program. A function call has its own. */
export let parameters: usize = 0;
export let parameterCount: i32 = -1;

export function setParameters(strings: usize, count: i32): void {
  parameters = strings;
  parameterCount = count;
}

/** Drops the first n parameters; false when there are fewer. */
export function shiftParameters(n: i32): bool {
  if (n < 0 || n > positionals()) return false;
  for (; n > 0; n--) {
    positional(1);
    parameters = value + valueBytes + 1;
    parameterCount = positionals() - 1;
  }
  return true;
}

/** $#. */
export function positionals(): i32 {
  return parameterCount >= 0 ? parameterCount : max(argc() - firstArgument - 1, 0);
}

/** Where $1 is; the others follow, each behind the NUL of the one before it. */
export function positionalsStart(): usize {
  return parameterCount < 0 ? arg(firstArgument + 1) : parameters;
}

/** $n, into value and valueBytes. */
export function positional(n: i32): void {
  if (n == 0 || parameterCount < 0) {
    // `sh -c LINE` has no name of its own.
    value = n == 0 && firstArgument >= argc() ? arg(0) : arg(firstArgument + n);
  } else {
    value = n > parameterCount ? EMPTY : parameters;
    for (let i = 1; i < n && n <= parameterCount; i++) value += cstrLength(value) + 1;
  }
  valueBytes = cstrLength(value);
}

/** $-: the letters of the options that are on. */
let optionLetters: usize = 0;
let optionBytes = 0;

export function setOptionLetters(text: usize, bytes: i32): void {
  optionLetters = text;
  optionBytes = bytes;
}

const EMPTY: usize = memory.data(4);
const digits: usize = memory.data(64);
