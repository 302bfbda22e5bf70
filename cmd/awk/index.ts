// awk: runs a program over the records of its input.
//
// The text is parsed to code for a machine with a stack (lexer, parser, statement, expression, code), which run.ts runs. Values are cells
// (cells, texts, numbers, arrays), in variables, parameters, fields and elements (places). What memory they need is given back (blocks), so
// that a program over a large input needs no more than for its largest record and what it keeps.

import { OpenFlag } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { environBytes, environLoad, environText } from "../../lib/environ";
import { openPath } from "../../lib/files";
import { option, options, optionText } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, read } from "../../lib/sys";
import { bytesIndex, cstrIs, cstrLength, putDecimal } from "../../lib/text";
import { tableCell } from "./arrays";
import { Builder } from "./builder";
import { Cell, cellDrop, cellSetNumber, cellSetText, Kind } from "./cells";
import { recordSet } from "./fields";
import { assign, filesFailed, filesNext } from "./files";
import { recordAt, recordBytes } from "./input";
import { textUnescaped } from "./lexer";
import { numberPlace } from "./numbers";
import { Part, parse, partStart } from "./parser";
import { Ended, exitStatus, run } from "./run";
import { arrayOf, stackStartUp } from "./stack";
import { streamsEnd } from "./streams";
import { Text, textDrop, textOf } from "./texts";
import { Var, variableCell, variableSet, variablesStart } from "./variables";
import { STATUS_WRONG, wrong, wrongRuns } from "./wrong";

const USAGE = "awk [-F SEPARATOR] [-v NAME=VALUE] PROGRAM | -f FILE [FILE | NAME=VALUE ...]";
const builder: Builder = changetype<Builder>(memory.data(4));
const value: Cell = changetype<Cell>(memory.data(16, 8));
const part: usize = memory.data(4096);

export function _start(): void {
  help(
    "awk [-F SEPARATOR] [-v NAME=VALUE] PROGRAM | -f FILE [FILE | NAME=VALUE ...]: runs PROGRAM for each line: PATTERN { STATEMENTS }, with $1 $2 ... the line's words, $0 the line, NF how many words, NR the line's number; patterns are /RE/, conditions, two of them with a comma for what lies between, BEGIN, END, or none; statements as in C, print and printf also > FILE and | COMMAND, getline, arrays by any text, functions\n  awk '{ print $2, $1 }' FILE\n  awk -F: '$3 > 100 { n++ } END { print n }' FILE\n  awk '{ sum[$1] += $2 } END { for (k in sum) print k, sum[k] }' FILE\n  ps | awk 'NR > 1 { printf \"%5d %s\\\\n\", $1, $NF }'\n-F: what separates words, -v gives a variable a value, -f reads the program from a file",
  );
  let next = options("+F:f;v;", USAGE);
  variablesStart();
  stackStartUp();
  if (option("F")) separatorSet(optionText("F"));
  builder.begin();
  if (option("f")) programsRead(optionText("f"));
  else {
    if (next >= argc()) usage(USAGE);
    builder.add(arg(next), argBytes(next));
    next++;
  }
  if (option("v")) assignments(optionText("v"));
  const program = builder.built();
  parse(program.at, program.bytes);
  argumentsKeep(next);
  environKeep();
  wrongRuns();
  finish(partsRun());
}

function separatorSet(text: usize): void {
  // -Ft is a tab, as it always was.
  const isTab = cstrIs(text, "t");
  const separator = isTab ? textOf(TAB, 1) : textUnescaped(text, text + cstrLength(text));
  cellSetText(value, separator, Kind.TEXT);
  variableSet(Var.FS, value);
  cellDrop(value);
}

const TAB: usize = memory.data<u8>([9]);

/** Reads the files that the lines of a text name, one behind another. */
function programsRead(names: usize): void {
  for (let rest = names; load<u8>(rest) != 0; ) {
    const n = cstrLength(rest);
    const line = bytesIndex(rest, n, 10);
    if (line >= 0) store<u8>(rest + line, 0);
    programRead(rest);
    if (line < 0) return;
    rest += line + 1;
  }
}

function programRead(path: usize): void {
  const isStandard = cstrIs(path, "-");
  const fd = isStandard ? 0 : openPath(path, OpenFlag.READ);
  let n = fd;
  if (fd >= 0) {
    for (n = read(fd, part, 4096); n > 0; n = read(fd, part, 4096)) builder.add(part, n);
    if (!isStandard) close(fd);
  }
  if (n < 0) {
    complainErrno(path, n);
    finish(STATUS_WRONG);
  }
  builder.byte(10);
}

/** Lines of NAME=VALUE; a line that is none belongs to the value before. */
function assignments(text: usize): void {
  const end = text + cstrLength(text);
  for (let start = text; start < end; ) {
    let last = start;
    do {
      last++;
      while (last < end && load<u8>(last) != 10) last++;
    } while (last < end && !isAssignment(last + 1, end));
    if (!assign(start, <i32>(last - start))) wrong("-v needs NAME=VALUE");
    start = last + 1;
  }
}

function isAssignment(p: usize, end: usize): bool {
  const line = bytesIndex(p, <i32>(end - p), 10);
  const equals = bytesIndex(p, <i32>(end - p), 0x3d);
  return equals > 0 && (line < 0 || equals < line);
}

function elementSet(array: Cell, key: Text, p: usize, bytes: i32): void {
  cellSetText(tableCell(arrayOf(array), key), textOf(p, bytes), Kind.INPUT);
  textDrop(key);
}

/** ARGC and ARGV: the name of the program, and the arguments from `first` on. */
function argumentsKeep(first: i32): void {
  const array = variableCell(Var.ARGV);
  let count = 0;
  for (let i = 0; i < argc(); i = i == 0 ? first : i + 1) {
    const key = textOf(numberPlace, putDecimal(numberPlace, count++));
    elementSet(array, key, arg(i), argBytes(i));
  }
  cellSetNumber(variableCell(Var.ARGC), count);
}

function environKeep(): void {
  const array = variableCell(Var.ENVIRON);
  arrayOf(array);
  environLoad();
  for (let p = environText; p < environText + environBytes; ) {
    const n = cstrLength(p);
    const equals = bytesIndex(p, n, 0x3d);
    if (equals > 0) elementSet(array, textOf(p, equals), p + equals + 1, n - equals - 1);
    p += n + 1;
  }
}

/** Runs BEGIN, the rules for each record, and END; the program's status. */
function partsRun(): i32 {
  let ended = partRun(Part.BEGIN);
  const reads = partStart(Part.RULES) != 0 || partStart(Part.END) != 0;
  while (reads && ended != Ended.EXIT && filesNext()) {
    recordSet(textOf(recordAt, recordBytes));
    ended = partRun(Part.RULES);
  }
  // After an exit too.
  partRun(Part.END);
  streamsEnd();
  return exitStatus != 0 || !filesFailed ? exitStatus : STATUS_WRONG;
}

function partRun(which: i32): i32 {
  const start = partStart(which);
  return start == 0 ? Ended.DONE : run(start);
}
