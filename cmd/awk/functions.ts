// Functions: those that awk has, by name, and those of the program.
//
// Invariants
//   F1  A function of the program has a number from its first call or definition on; at the end of the program each one is defined.

import { bytesAre, bytesEqual } from "../../lib/text";
import { wrong, wrongName } from "./wrong";

export const enum Fn {
  NONE = 0,
  ATAN2,
  CLOSE,
  COS,
  EXP,
  FFLUSH,
  GSUB,
  INDEX,
  INT,
  LENGTH,
  LOG,
  MATCH,
  RAND,
  SIN,
  SPLIT,
  SPRINTF,
  SQRT,
  SRAND,
  SUB,
  SUBSTR,
  SYSTEM,
  TOLOWER,
  TOUPPER,
}

/** Which of awk's functions has this name; NONE. */
export function functionNamed(p: usize, n: i32): i32 {
  if (bytesAre(p, n, "atan2")) return Fn.ATAN2;
  if (bytesAre(p, n, "close")) return Fn.CLOSE;
  if (bytesAre(p, n, "cos")) return Fn.COS;
  if (bytesAre(p, n, "exp")) return Fn.EXP;
  if (bytesAre(p, n, "fflush")) return Fn.FFLUSH;
  if (bytesAre(p, n, "gsub")) return Fn.GSUB;
  if (bytesAre(p, n, "index")) return Fn.INDEX;
  if (bytesAre(p, n, "int")) return Fn.INT;
  if (bytesAre(p, n, "length")) return Fn.LENGTH;
  if (bytesAre(p, n, "log")) return Fn.LOG;
  if (bytesAre(p, n, "match")) return Fn.MATCH;
  if (bytesAre(p, n, "rand")) return Fn.RAND;
  if (bytesAre(p, n, "sin")) return Fn.SIN;
  if (bytesAre(p, n, "split")) return Fn.SPLIT;
  if (bytesAre(p, n, "sprintf")) return Fn.SPRINTF;
  if (bytesAre(p, n, "sqrt")) return Fn.SQRT;
  if (bytesAre(p, n, "srand")) return Fn.SRAND;
  if (bytesAre(p, n, "sub")) return Fn.SUB;
  if (bytesAre(p, n, "substr")) return Fn.SUBSTR;
  if (bytesAre(p, n, "system")) return Fn.SYSTEM;
  if (bytesAre(p, n, "tolower")) return Fn.TOLOWER;
  return bytesAre(p, n, "toupper") ? Fn.TOUPPER : Fn.NONE;
}

/** How few and how many values one of awk's functions takes: least * 16 + most. The ones with an array or a place are parsed apart. */
export function functionCounts(which: i32): i32 {
  switch (which) {
    case Fn.ATAN2:
    case Fn.INDEX:
    case Fn.MATCH:
      return 0x22;
    case Fn.SUBSTR:
      return 0x23;
    case Fn.FFLUSH:
    case Fn.LENGTH:
    case Fn.SRAND:
      return 0x01;
    case Fn.RAND:
      return 0x00;
  }
  return 0x11;
}

@unmanaged
export class Function {
  name: usize;
  nameBytes: i32;
  entry: i32; // in the code; -1: not defined yet
  parameters: i32;
  most: i32; // values that a call gives it
}

const FUNCTIONS_MAX = 1024;
const FUNCTION_BYTES = 20;
if (<i32>offsetof<Function>() != FUNCTION_BYTES) ERROR("Function is not FUNCTION_BYTES");
const functions: usize = memory.data(20480);
let count = 0;

export function functionAt(i: i32): Function {
  return changetype<Function>(functions + i * FUNCTION_BYTES);
}

/** The number of the program's function of this name. */
export function functionOf(name: usize, bytes: i32): i32 {
  for (let i = 0; i < count; i++) {
    const one = functionAt(i);
    if (bytesEqual(one.name, one.nameBytes, name, bytes)) return i;
  }
  if (count == FUNCTIONS_MAX) wrong("more than 1024 functions");
  const made = functionAt(count);
  made.name = name;
  made.nameBytes = bytes;
  made.entry = -1;
  return count++;
}

/** F1: ends the program when a function is called that is not there, or with more values than it has parameters. */
export function functionsCheck(): void {
  for (let i = 0; i < count; i++) {
    const one = functionAt(i);
    if (one.entry < 0) wrongName(one.name, one.nameBytes, " is called and not defined");
    if (one.most > one.parameters) {
      wrongName(one.name, one.nameBytes, " is called with more values than it has parameters");
    }
  }
}

// The parameters of the function that is being parsed.

const PARAMETERS_MAX = 256;
const parameters: usize = memory.data(2048); // {name, bytes}
let parameterCount = 0;

export function parametersBegin(): void {
  parameterCount = 0;
}

/** Adds one; how many there are. */
export function parameterAdd(name: usize, bytes: i32): i32 {
  if (parameterOf(name, bytes) >= 0) wrongName(name, bytes, " is a parameter twice");
  if (parameterCount == PARAMETERS_MAX) wrong("more than 256 parameters");
  store<usize>(parameters + parameterCount * 8, name);
  store<i32>(parameters + parameterCount * 8, bytes, 4);
  return ++parameterCount;
}

/** The number of the parameter, or -1. */
export function parameterOf(name: usize, bytes: i32): i32 {
  for (let i = 0; i < parameterCount; i++) {
    const p = parameters + i * 8;
    if (bytesEqual(load<usize>(p), load<i32>(p, 4), name, bytes)) return i;
  }
  return -1;
}
