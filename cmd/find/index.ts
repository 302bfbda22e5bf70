// find: files below a path.

import { FileType, Stat } from "../../abi/syscall";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { out } from "../../lib/fmt";
import { patternMatches } from "../../lib/pattern";
import { finish, help, usage } from "../../lib/program";
import {
  walkBytes,
  walkFailed,
  walkIsFolder,
  walkNext,
  walkPath,
  walkStart,
  walkStat,
} from "../../lib/walk";

const USAGE = "find [PATH ...] [-name PATTERN] [-type f|d]";
const HERE: usize = memory.data<u8>([0x2e, 0]);
let pattern = 0; // index of the argument, 0: any name
let type = 0;

export function _start(): void {
  help(
    "find [PATH ...] [-name PATTERN] [-type f|d]: paths of files below PATH (.)\n  find / -name '*.txt'\n  find /dev -type f",
  );
  let paths = 1;
  while (paths < argc() && load<u8>(arg(paths)) != 0x2d) paths++;
  for (let i = paths; i < argc(); i += 2) {
    if (i + 1 >= argc()) usage(USAGE);
    if (argIs(i, "-name")) pattern = i + 1;
    else if (argIs(i, "-type") && argIs(i + 1, "f")) type = FileType.FILE;
    else if (argIs(i, "-type") && argIs(i + 1, "d")) type = FileType.DIRECTORY;
    else usage(USAGE);
  }
  if (paths == 1) find(HERE);
  for (let i = 1; i < paths; i++) find(arg(i));
  finish(walkFailed ? 1 : 0);
}

function find(path: usize): void {
  if (!walkStart(path)) return;
  while (walkNext(false)) {
    if (wanted()) out.cstr(walkPath).newline();
  }
}

function wanted(): bool {
  if (type == FileType.DIRECTORY && !walkIsFolder) return false;
  if (type == FileType.FILE && (walkIsFolder || load<u32>(walkStat, Stat.TYPE) != FileType.FILE))
    return false;
  if (pattern == 0) return true;
  const end = walkPath + walkBytes;
  let name = end;
  while (name > walkPath && load<u8>(name - 1) != 0x2f) name--;
  return patternMatches(arg(pattern), arg(pattern) + argBytes(pattern), name, end);
}
