// Variables: names and values of this shell, and the special parameters ($? $$ $! $# $0 to $9 $@ $*).
//
// Invariants
//   V1  A variable's value has at least valueBytes bytes of room; a value that outgrows it moves, and the old room is lost.
//   V2  A name is in the table at most once; an unset variable keeps its place with flags 0.
//   V3  environChanged is true when the exported variables may differ from the environment that the kernel has.

import { arg, argc } from "../../lib/args";
import { getpid } from "../../lib/sys";
import { bytesEqual, cstrLength, putDecimal } from "../../lib/text";

export const enum VarFlag {
  SET = 1,
  EXPORTED = 2,
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

/** $? and $!. */
export let lastStatus: i32 = 0;
export let lastBackground: i32 = 0;
/** Index in the program's arguments of $0. */
export let firstArgument: i32 = 0;

export function setLastStatus(status: i32): void {
  lastStatus = status;
}

export function setLastBackground(pid: i32): void {
  lastBackground = pid;
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

/** Gives a variable a copy of the value; false when the table is full. */
export function varSet(name: usize, nameBytes: i32, value: usize, bytes: i32): bool {
  const v = varMake(name, nameBytes);
  if (v == null) return false;
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

export function varUnset(name: usize, bytes: i32): void {
  const v = varFind(name, bytes);
  if (v == null) return;
  if (v.flags & VarFlag.EXPORTED) environChanged = true;
  v.flags = 0;
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
        valueBytes = putDecimal(digits, getpid());
        return;
      case 0x21:
        valueIsSet = lastBackground > 0;
        if (valueIsSet) valueBytes = putDecimal(digits, lastBackground);
        return;
      case 0x23:
        valueBytes = putDecimal(digits, positionals());
        return;
    }
    if (c >= 0x30 && c <= 0x39) {
      positional(c - 0x30);
      valueIsSet = c == 0x30 || c - 0x30 <= positionals();
      return;
    }
  }
  const v = varFind(name, bytes);
  valueIsSet = v != null && (v.flags & VarFlag.SET) != 0;
  if (v == null || !valueIsSet) return;
  value = v.value;
  valueBytes = v.valueBytes;
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

/** $n, into value and valueBytes. */
export function positional(n: i32): void {
  if (n == 0 || parameterCount < 0) {
    value = arg(firstArgument + n);
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
const digits: usize = memory.data(24);
