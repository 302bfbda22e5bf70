// type NAME ...: what a command name means to this shell.

import { err, out } from "../../lib/fmt";
import { stat } from "../../lib/sys";
import { bytesIndex, cstrLength, putLiteral } from "../../lib/text";
import { Builtin, builtinFind } from "./builtins";
import { functionBytes, functionFind, functionText } from "./functions";

const path: usize = memory.data(300);
const st: usize = memory.data(32, 8);

export function typeRun(word: usize, count: i32): i32 {
  let status = 0;
  for (; count > 0; count--) {
    const n = cstrLength(word);
    const called = functionFind(word, n);
    if (called >= 0) {
      out.bytes(functionText(called), functionBytes(called)).newline();
    } else if (builtinFind(word, n) != Builtin.NONE) {
      out.cstr(word).text(" is in the shell").newline();
    } else if (n < 256 && isProgram(word, n)) {
      out.cstr(word).text(" is ").cstr(path).newline();
    } else {
      err.text("sh: type: ").cstr(word).text(": not found").newline();
      status = 1;
    }
    word += n + 1;
  }
  return status;
}

function isProgram(word: usize, n: i32): bool {
  const prefix = bytesIndex(word, n, 0x2f) >= 0 ? 0 : putLiteral(path, "/bin/");
  memory.copy(path + prefix, word, n + 1);
  return stat(path, prefix + n, st) >= 0;
}
