// export, unset, local and set: the commands about variables and options.

import { err, out } from "../../lib/fmt";
import { bytesIndex, cstrIs, cstrLength, isName, isNameStart } from "../../lib/text";
import { calls } from "./control";
import { functionUnset } from "./functions";
import { localSave } from "./locals";
import { optionSet } from "./options";
import {
  setParameters,
  VarFlag,
  Variable,
  varAt,
  varExport,
  varMake,
  varSet,
  varUnset,
} from "./vars";

/** Calls for NAME or NAME=VALUE words. Returns the bytes of NAME, or 0 after saying that it is not a name. */
function nameBytes(word: usize): i32 {
  const n = cstrLength(word);
  const equals = bytesIndex(word, n, 0x3d);
  const bytes = equals < 0 ? n : equals;
  let good = bytes > 0 && isNameStart(load<u8>(word));
  for (let i = 1; good && i < bytes; i++) good = isName(load<u8>(word + i));
  if (good) return bytes;
  err.text("sh: ").cstr(word).text(": not a name").newline();
  return 0;
}

export function exportNames(word: usize, count: i32): i32 {
  if (count == 1) return listVariables(VarFlag.EXPORTED, "export ");
  let status = 0;
  for (let i = 1; i < count; i++) {
    const n = cstrLength(word);
    const bytes = nameBytes(word);
    if (bytes == 0) {
      status = 1;
    } else {
      if (bytes < n) varSet(word, bytes, word + bytes + 1, n - bytes - 1);
      const v = varMake(word, bytes);
      if (v != null) varExport(v);
    }
    word += n + 1;
  }
  return status;
}

/** local NAME[=VALUE] ...: the names get their values back when the function returns. */
export function localNames(word: usize, count: i32): i32 {
  if (calls == 0) {
    err.text("sh: local: not in a function").newline();
    return 1;
  }
  let status = 0;
  for (let i = 1; i < count; i++) {
    const n = cstrLength(word);
    const bytes = nameBytes(word);
    if (bytes == 0 || !localSave(word, bytes)) {
      if (bytes != 0) err.text("sh: local: too many").newline();
      status = 1;
    } else if (bytes < n) varSet(word, bytes, word + bytes + 1, n - bytes - 1);
    else varUnset(word, bytes);
    word += n + 1;
  }
  return status;
}

/** set; set -eux; set +eux; set [--] WORD ... makes the words the positional parameters. */
export function setOptions(word: usize, count: i32): i32 {
  if (count == 1) return listVariables(VarFlag.SET, "");
  for (let i = 1; i < count; i++) {
    const c: i32 = load<u8>(word);
    const n = cstrLength(word);
    if (cstrIs(word, "--")) return setWords(word + 3, count - i - 1);
    if ((c != 0x2d && c != 0x2b) || n < 2) return setWords(word, count - i);
    for (let k = 1; k < n; k++) {
      if (optionSet(load<u8>(word + k), c == 0x2d)) continue;
      err.text("sh: set: ").cstr(word).text(": the options are e, u and x").newline();
      return 2;
    }
    word += n + 1;
  }
  return 0;
}

const WORDS_BYTES = 16384;
const words: usize = memory.data(16384);

function setWords(word: usize, count: i32): i32 {
  let n = 0;
  for (let i = 0; i < count; i++) n += cstrLength(word + n) + 1;
  if (n > WORDS_BYTES || calls > 0) {
    err.text(calls > 0 ? "sh: set: not in a function" : "sh: set: too many words").newline();
    return 1;
  }
  memory.copy(words, word, n);
  setParameters(words, count);
  return 0;
}

export function unsetNames(word: usize, count: i32): i32 {
  for (let i = 1; i < count; i++) {
    const n = cstrLength(word);
    varUnset(word, n);
    functionUnset(word, n);
    word += n + 1;
  }
  return 0;
}

/** NAME='VALUE' for every variable with a flag, quoted so that the shell can read it back. */
function listVariables(flag: i32, prefix: string): i32 {
  for (let i = 0; ; i++) {
    const v: Variable | null = varAt(i);
    if (v == null) return 0;
    if (!(v.flags & flag)) continue;
    out.text(prefix).bytes(v.name, v.nameBytes);
    if (v.flags & VarFlag.SET) {
      out.text("='");
      for (let k = 0; k < v.valueBytes; k++) {
        const c = load<u8>(v.value + k);
        if (c == 0x27) out.text("'\\''");
        else out.byte(c);
      }
      out.byte(0x27);
    }
    out.newline();
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}
