// type NAME ... and command -v NAME ...: what a command name means to this shell.

import { err, out } from "../../lib/fmt";
import { bytesAre, cstrLength } from "../../lib/text";
import { aliasBytes, aliasFind, aliasText } from "./alias";
import { Builtin, builtinFind } from "./builtins";
import { functionBytes, functionFind, functionText } from "./functions";
import { pathFind } from "./path";

/** type NAME ... */
export function typeRun(word: usize, count: i32): i32 {
  let status = 0;
  for (; count > 0; count--) {
    const n = cstrLength(word);
    const alias = aliasFind(word, n);
    const called = functionFind(word, n);
    const path = pathFind(word, n);
    if (alias >= 0) {
      out.cstr(word).text(" is an alias for ");
      out.bytes(aliasText(alias), aliasBytes(alias)).newline();
    } else if (isReserved(word, n)) {
      out.cstr(word).text(" is a word of the shell's language").newline();
    } else if (called >= 0) {
      out.bytes(functionText(called), functionBytes(called)).newline();
    } else if (builtinFind(word, n) != Builtin.NONE) {
      out.cstr(word).text(" is in the shell").newline();
    } else if (path != 0) {
      out.cstr(word).text(" is ").cstr(path).newline();
    } else {
      out.flush();
      err.text("sh: type: ").cstr(word).text(": not found").newline();
      status = 1;
    }
    word += n + 1;
  }
  return status;
}

/** command -v: the name of what is in the shell, the path of a program; nothing is said when there is none. */
export function typeCommand(word: usize, count: i32): i32 {
  let status = 0;
  for (; count > 0; count--) {
    const n = cstrLength(word);
    const alias = aliasFind(word, n);
    const path = pathFind(word, n);
    if (alias >= 0) {
      out
        .text("alias ")
        .cstr(word)
        .text("='")
        .bytes(aliasText(alias), aliasBytes(alias))
        .text("'\n");
    } else if (functionFind(word, n) >= 0 || isReserved(word, n) || builtinFind(word, n) >= 0) {
      out.cstr(word).newline();
    } else if (path != 0) out.cstr(path).newline();
    else status = 1;
    word += n + 1;
  }
  return status;
}

function isReserved(word: usize, n: i32): bool {
  return (
    bytesAre(word, n, "if") ||
    bytesAre(word, n, "for") ||
    bytesAre(word, n, "while") ||
    bytesAre(word, n, "until") ||
    bytesAre(word, n, "case") ||
    bytesAre(word, n, "select") ||
    bytesAre(word, n, "function") ||
    bytesAre(word, n, "time") ||
    bytesAre(word, n, "[[") ||
    bytesAre(word, n, "{") ||
    bytesAre(word, n, "!")
  );
}
