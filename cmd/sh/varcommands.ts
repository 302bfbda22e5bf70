// export, readonly, local, declare, unset and set: the commands about variables and options.

import { err, out } from "../../lib/fmt";
import { bytesIndex, cstrIs, cstrLength, isName, isNameStart } from "../../lib/text";
import { calls } from "./control";
import {
  functionBytes,
  functionCount,
  functionNameBytes,
  functionText,
  functionUnset,
} from "./functions";
import { localSave } from "./locals";
import { optionNamed, optionSet, optionsShow } from "./options";
import { parametersSet } from "./parameters";
import {
  setEnvironChanged,
  VarFlag,
  Variable,
  varAt,
  varComplain,
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

/** How the words that a command names are to be. */
const enum As {
  EXPORTED = 1,
  READONLY = 2,
  LOCAL = 4,
  HIDDEN = 8, // export -n
  SHOWN = 16, // -p
  FUNCTIONS = 32, // -f
}

/** export [-np] [NAME[=VALUE] ...] */
export function exportNames(word: usize, count: i32): i32 {
  return declareWords(word, count, As.EXPORTED, "export");
}

/** readonly [-p] [NAME[=VALUE] ...] */
export function readonlyNames(word: usize, count: i32): i32 {
  return declareWords(word, count, As.READONLY, "readonly");
}

/** local [-rx] NAME[=VALUE] ...: the names get their values back when the function returns. */
export function localNames(word: usize, count: i32): i32 {
  if (calls > 0) return declareWords(word, count, As.LOCAL, "local");
  err.text("sh: local: not in a function").newline();
  return 1;
}

/** declare [-rxigpf] [NAME[=VALUE] ...]: as local in a function. */
export function declareNames(word: usize, count: i32): i32 {
  return declareWords(word, count, calls > 0 ? As.LOCAL : 0, "declare");
}

function declareWords(word: usize, count: i32, how: i32, command: string): i32 {
  let i = 1;
  for (; i < count && load<u8>(word) == 0x2d && load<u8>(word + 1) != 0; i++) {
    const isLast = cstrIs(word, "--");
    for (let p = word + 1; load<u8>(p) != 0 && !isLast; p++) {
      const c: i32 = load<u8>(p);
      if (c == 0x78) how |= As.EXPORTED;
      else if (c == 0x72) how |= As.READONLY;
      else if (c == 0x6e) how |= As.HIDDEN;
      else if (c == 0x70) how |= As.SHOWN;
      else if (c == 0x66) how |= As.FUNCTIONS;
      else if (c == 0x67) how &= ~As.LOCAL;
      else if (c != 0x69) {
        err.text("sh: ").text(command).text(": -").byte(c);
        err.text(c == 0x61 || c == 0x41 ? ": there are no arrays" : ": no such option").newline();
        return 2;
      }
    }
    word += cstrLength(word) + 1;
    if (isLast) {
      i++;
      break;
    }
  }
  if (i == count) {
    if (how & As.FUNCTIONS) return listFunctions();
    if (how & As.READONLY) return listVariables(VarFlag.READONLY, "readonly ");
    return how & As.EXPORTED
      ? listVariables(VarFlag.EXPORTED, "export ")
      : listVariables(VarFlag.SET, "");
  }
  let status = 0;
  for (; i < count; i++) {
    const n = cstrLength(word);
    const bytes = nameBytes(word);
    if (bytes == 0 || !declareWord(word, bytes, n, how)) status = 1;
    word += n + 1;
  }
  return status;
}

function declareWord(word: usize, bytes: i32, n: i32, how: i32): bool {
  if (how & As.LOCAL) {
    if (!localSave(word, bytes)) {
      err.text("sh: local: too many").newline();
      return false;
    }
    if (bytes == n) varUnset(word, bytes);
  }
  if (bytes < n && !varSet(word, bytes, word + bytes + 1, n - bytes - 1)) {
    varComplain(word, bytes);
    return false;
  }
  const v = varMake(word, bytes);
  if (v == null) {
    varComplain(word, bytes);
    return false;
  }
  if (how & As.HIDDEN) {
    v.flags &= ~VarFlag.EXPORTED;
    setEnvironChanged(true);
  } else if (how & As.EXPORTED) varExport(v);
  if (how & As.READONLY) v.flags |= VarFlag.READONLY;
  return true;
}

function listFunctions(): i32 {
  for (let i = 0; i < functionCount(); i++) {
    if (functionNameBytes(i) > 0) out.bytes(functionText(i), functionBytes(i)).newline();
  }
  return 0;
}

/** set; set -eux; set +eux; set -o NAME; set [--] WORD ... makes the words the positional parameters. */
export function setOptions(word: usize, count: i32): i32 {
  if (count == 1) return listVariables(VarFlag.SET, "");
  for (let i = 1; i < count; i++) {
    const c: i32 = load<u8>(word);
    const n = cstrLength(word);
    if (cstrIs(word, "--")) return setWords(word + 3, count - i - 1);
    if ((c != 0x2d && c != 0x2b) || n < 2) return setWords(word, count - i);
    let named = false;
    for (let k = 1; k < n; k++) {
      const letter = load<u8>(word + k);
      if (letter == 0x6f && k == n - 1) named = true;
      else if (!optionSet(letter, c == 0x2d)) return noOption(word);
    }
    word += n + 1;
    if (!named) continue;
    if (++i == count) {
      optionsShow();
      return 0;
    }
    const bytes = cstrLength(word);
    if (!optionNamed(word, bytes, c == 0x2d)) return noOption(word);
    word += bytes + 1;
  }
  return 0;
}

function noOption(word: usize): i32 {
  err
    .text("sh: set: ")
    .cstr(word)
    .text(": the options are a C e f n u x, and -o pipefail")
    .newline();
  return 2;
}

function setWords(word: usize, count: i32): i32 {
  if (parametersSet(word, count)) return 0;
  err.text("sh: set: too many words").newline();
  return 1;
}

/** unset [-v|-f] NAME ... */
export function unsetNames(word: usize, count: i32): i32 {
  let status = 0;
  let variables = true;
  let functions = true;
  for (let i = 1; i < count; i++) {
    const n = cstrLength(word);
    if (cstrIs(word, "-v")) functions = false;
    else if (cstrIs(word, "-f")) variables = false;
    else {
      if (variables && !varUnset(word, n)) {
        varComplain(word, n);
        status = 1;
      }
      if (functions) functionUnset(word, n);
    }
    word += n + 1;
  }
  return status;
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
