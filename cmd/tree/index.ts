// tree: files below a path, drawn as a tree. Symbolic links are shown with what they lead to, and only the path itself is followed.

import { arg, argc, argIs, argNumber, argValue } from "../../lib/args";
import { out } from "../../lib/fmt";
import { putTarget } from "../../lib/link";
import { finish, help, usage } from "../../lib/program";
import {
  WalkLinks,
  walkBytes,
  walkDepth,
  walkFailed,
  walkIsFolder,
  walkIsLast,
  walkIsLink,
  walkLinks,
  walkNext,
  walkPath,
  walkStart,
} from "../../lib/walk";

const USAGE = "tree [-L LEVELS] [PATH]";
const HERE: usize = memory.data<u8>([0x2e, 0]);
/** For each level, 1 when more names of it follow. */
const follows: usize = memory.data(68);

export function _start(): void {
  help(
    "tree [-L LEVELS] [PATH]: the files below PATH (.) as a tree, as deep as LEVELS\n  tree -L 2 /",
  );
  let levels: i64 = 64;
  let i = 1;
  if (argIs(i, "-L")) {
    if (!argNumber(i + 1) || argValue < 1) usage(USAGE);
    levels = argValue;
    i += 2;
  }
  if (argc() > i + 1) usage(USAGE);
  walkLinks(WalkLinks.START);
  if (!walkStart(i < argc() ? arg(i) : HERE)) finish(1);
  let folders = 0;
  let files = 0;
  for (let skip = false; walkNext(skip); skip = walkDepth >= levels) {
    line();
    if (walkDepth == 0) continue;
    if (walkIsFolder) folders++;
    else files++;
  }
  out
    .newline()
    .dec(folders)
    .text(folders == 1 ? " folder, " : " folders, ");
  out
    .dec(files)
    .text(files == 1 ? " file" : " files")
    .newline();
  finish(walkFailed ? 1 : 0);
}

function line(): void {
  store<u8>(follows + walkDepth, walkIsLast ? 0 : 1);
  for (let level = 1; level < walkDepth; level++) {
    out.text(load<u8>(follows + level) != 0 ? "│   " : "    ");
  }
  if (walkDepth > 0) out.text(walkIsLast ? "└── " : "├── ");
  const end = walkPath + walkBytes;
  let name = end;
  while (walkDepth > 0 && load<u8>(name - 1) != 0x2f) name--;
  if (walkDepth == 0) name = walkPath;
  out.cstr(name);
  if (walkIsFolder && load<u8>(end - 1) != 0x2f) out.byte(0x2f);
  if (walkIsLink) putTarget(out, walkPath, walkBytes);
  out.newline();
}
