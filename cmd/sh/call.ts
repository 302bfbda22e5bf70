// Calls: running a function, the words of `eval`, and the file of `.`: texts that are parsed when they run.

import { OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath, readFull } from "../../lib/files";
import { err } from "../../lib/fmt";
import { close } from "../../lib/sys";
import { cstrLength } from "../../lib/text";
import { arenaMark, arenaRelease } from "./ast";
import { callBegin, callEnd, calls } from "./control";
import { exec } from "./exec";
import { functionBodyAt, functionBytes, functionText } from "./functions";
import { localsMark, localsRestore } from "./locals";
import { parametersBegin, parametersEnd } from "./parameters";
import {
  Parse,
  parseError,
  parseMoreReason,
  parseNested,
  parseState,
  parseWhere,
  parseWhereBytes,
} from "./parser";
import { stackMark, stackPush, stackRelease, stackRoom } from "./stack";
import { lastStatus, parameterCount, parameters, setParameters } from "./vars";

const CALLS_MAX = 200;
const FILE_BYTES = 65536;

/** Calls function i with the strings at argv, its name first. */
export function callFunction(i: i32, argv: usize, count: i32, bytes: i32): i32 {
  if (calls >= CALLS_MAX) return complain(argv, "functions are nested too deeply");
  const mark = stackMark();
  // The definition may be replaced while it runs.
  const text = stackPush(functionText(i), functionBytes(i));
  const strings = text != 0 ? stackPush(argv, bytes) : 0;
  if (strings == 0) {
    stackRelease(mark);
    return complain(argv, "loops and calls have too many words");
  }
  const outer = parameters;
  const outerCount = parameterCount;
  setParameters(strings + cstrLength(strings) + 1, count - 1);
  const locals = localsMark();
  const around = callBegin();
  const words = parametersBegin();
  const body = functionBodyAt(i);
  const status = textRun(text + body, functionBytes(i) - body);
  parametersEnd(words);
  callEnd(around);
  localsRestore(locals);
  setParameters(outer, outerCount);
  stackRelease(mark);
  return status;
}

/** eval WORD ... or, with `file`, . FILE */
export function callText(file: bool, argv: usize, count: i32, bytes: i32): i32 {
  if (count < 2) return file ? complain(argv, "a file name is missing") : 0;
  if (calls >= CALLS_MAX) return complain(argv, "nested too deeply");
  const mark = stackMark();
  const first = argv + cstrLength(argv) + 1;
  let status = 1;
  if (file) {
    // The path leaves the fields before the file's commands use them.
    const words = stackPush(first, bytes - <i32>(first - argv));
    status = words == 0 ? complain(argv, "too long") : fileCall(words, count - 1);
  } else {
    const n = bytes - <i32>(first - argv) - 1;
    const text = stackPush(first, n);
    for (let k = 0; text != 0 && k < n; k++) {
      if (load<u8>(text + k) == 0) store<u8>(text + k, 0x20);
    }
    status = text == 0 ? complain(argv, "too long") : textRun(text, n);
  }
  stackRelease(mark);
  return status;
}

/** . FILE [WORD ...]: with words they are its parameters. */
function fileCall(path: usize, count: i32): i32 {
  const outer = parameters;
  const outerCount = parameterCount;
  if (count > 1) setParameters(path + cstrLength(path) + 1, count - 1);
  const status = fileRun(path);
  if (count > 1) setParameters(outer, outerCount);
  return status;
}

function fileRun(path: usize): i32 {
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) return complain(path, errnoText(fd));
  const text = stackRoom(FILE_BYTES);
  const n = text != 0 ? readFull(fd, text, FILE_BYTES) : 0;
  close(fd);
  if (n < 0) return complain(path, errnoText(n));
  if (text == 0 || n == FILE_BYTES) return complain(path, "too large");
  const around = callBegin();
  const status = textRun(text, n);
  callEnd(around);
  return status;
}

/** Parses a text behind the trees that are running, and runs it. */
export function textRun(text: usize, bytes: i32): i32 {
  const mark = arenaMark();
  const tree = parseNested(text, bytes);
  let status = 0;
  if (parseState == Parse.OK) {
    if (tree != null) status = exec(tree);
  } else {
    err.text("sh: ").text(parseState == Parse.MORE ? parseMoreReason() : parseError);
    if (parseState == Parse.ERROR && parseWhereBytes > 0)
      err.byte(0x20).bytes(parseWhere, parseWhereBytes);
    err.newline();
    status = 2;
  }
  arenaRelease(mark);
  return status;
}

function complain(what: usize, sentence: string): i32 {
  err.text("sh: ").cstr(what).text(": ").text(sentence).newline();
  return lastStatus == 0 ? 1 : lastStatus;
}
