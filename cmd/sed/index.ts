// sed: edits lines as a script says.
//
// A script is parsed once (script.ts); each line then goes through all of its commands (edit.ts, substitute.ts). With -i each file is written
// under another name, which takes the file's place when it is whole.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { openPath, readFull } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import {
  linesFailed,
  linesFile,
  linesNext,
  linesOpen,
  linesStart,
  text,
  textBytes,
} from "../../lib/lines";
import { isThere } from "../../lib/link";
import { option, options, optionText } from "../../lib/options";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { RegexFlag } from "../../lib/regex";
import { close, remove, rename } from "../../lib/sys";
import { cstrLength, putDecimal, putLiteral } from "../../lib/text";
import { editEnded, editLine, editStatus, keepsSpace, SPACE_BYTES } from "./edit";
import { scriptParse } from "./script";

const USAGE = "sed [-n] [-E] [-i] [-s] [-e SCRIPT | -f FILE | SCRIPT] [FILE ...]";
const SCRIPT_BYTES = 65536;
const script: usize = memory.data(65537);
const ahead: usize = memory.data(65536); // the line after the current one: with it the current one is not the last
let aheadBytes = 0;

/** There is a line after the current one. */
export let hasNext = false;
/** Number of the current line. */
export let number = 0;

export function _start(): void {
  help(
    "sed [-n] [-E] [-i] [-e SCRIPT | -f FILE | SCRIPT] [FILE ...]: edits lines; SCRIPT: [ADDRESS[,ADDRESS]][!] and s/RE/TEXT/[gIp2] y/ab/xy/ d p q = a i c TEXT, n N D P h H g G x, r FILE, { } b t :LABEL, more of them after ;\n  sed 's/old/new/g' FILE\n  sed -n '2,4p' FILE\n  sed '/^#/d' FILE\n  sed -E 's/(.*), (.*)/\\\\2 \\\\1/' FILE\n-n shows only what p says, -E: + ? | ( ) are special, -i changes the files themselves",
  );
  let i = options("nErisf:e;", USAGE);
  let given = optionText("e");
  const file = optionText("f");
  if (given == 0 && file == 0) {
    if (i >= argc()) usage(USAGE);
    given = arg(i++);
  }
  if (file != 0) given = fileRead(file);
  scriptParse(
    given,
    given + cstrLength(given),
    option("E") || option("r") ? RegexFlag.EXTENDED : 0,
  );
  if (option("i") || option("s")) {
    for (; i < argc() && !editEnded; i++) fileEdit(arg(i));
  } else {
    linesStart(i);
    linesEdit();
  }
  finish(failed || linesFailed ? 4 : editStatus);
}

let failed = false;

function fileRead(path: usize): usize {
  const fd = openPath(path, OpenFlag.READ);
  const n = fd < 0 ? fd : readFull(fd, script, SCRIPT_BYTES);
  if (n < 0) complainErrno(path, n);
  else if (n == SCRIPT_BYTES) wrong("the script is too long");
  if (n < 0) finish(1);
  close(fd);
  store<u8>(script + n, 0);
  return script;
}

/** Ends the program: the script cannot be followed. */
export function wrong(sentence: string): void {
  complain();
  err.text(sentence).newline();
  finish(1);
}

/** One file by itself: with -i, from a new file that takes its place. */
function fileEdit(path: usize): void {
  linesFile(path);
  if (!linesOpen()) return;
  number = 0;
  if (!option("i")) {
    linesEdit();
    return;
  }
  const n = freshName(path);
  if (n == 0) return;
  const to = openPath(fresh, OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE);
  if (to < 0) {
    complainErrno(fresh, to);
    failed = true;
    return;
  }
  out.fd = to;
  const ended = editEnded;
  linesEdit();
  // What is behind a q stays as it was.
  if (editEnded && !ended) restCopy();
  out.flush();
  out.fd = 1;
  close(to);
  const r = out.failed != 0 ? out.failed : rename(fresh, n, path, cstrLength(path));
  out.failed = 0;
  if (r >= 0) return;
  remove(fresh, n);
  complainErrno(path, r);
  failed = true;
}

const fresh: usize = memory.data(1100);

/** A name beside the file that nothing has; its bytes. */
function freshName(path: usize): i32 {
  const n = cstrLength(path);
  if (n > 1000) return 0;
  memory.copy(fresh, path, n);
  for (let i = 0; i < 1000; i++) {
    const m = n + putLiteral(fresh + n, ".sed");
    const bytes = m + putDecimal(fresh + m, i);
    store<u8>(fresh + bytes, 0);
    if (!isThere(fresh)) return bytes;
  }
  return 0;
}

function restCopy(): void {
  while (hasNext) {
    out.bytes(ahead, aheadBytes).newline();
    aheadTake();
  }
}

function linesEdit(): void {
  aheadTake();
  while ((hasNext || keepsSpace) && !editEnded) editLine();
}

function aheadTake(): void {
  hasNext = linesNext();
  if (!hasNext) return;
  aheadBytes = textBytes;
  memory.copy(ahead, text, textBytes);
}

/** Adds the next line, which is there, at `to`; the bytes from `start` to its end. */
export function lineTake(start: usize, to: usize): i32 {
  const bytes = <i32>(to - start) + aheadBytes;
  if (bytes > SPACE_BYTES) wrong("the text that is being edited is larger than 1 MiB");
  memory.copy(to, ahead, aheadBytes);
  number++;
  aheadTake();
  return bytes;
}
