// find: files below a path, and what to do with them.
//
//   find [-H|-L|-P] [PATH ...] [EXPRESSION]        EXPRESSION is conditions and actions, one after another; each is done when all before it are true
//
// The expression is gone through anew for each file (expression.ts); without an action in it the path is printed.

import { arg, argc, argIs } from "../../lib/args";
import { out } from "../../lib/fmt";
import { meansTarget } from "../../lib/link";
import { finish, help } from "../../lib/program";
import {
  WalkLinks,
  walkDepth,
  walkFailed,
  walkIsFolder,
  walkLeaves,
  walkLeaving,
  walkLinks,
  walkNext,
  walkPath,
  walkStart,
} from "../../lib/walk";
import {
  actsLater,
  expressionCheck,
  expressionEnd,
  expressionFailed,
  expressionFollows,
  expressionIs,
  hasAction,
  leastDepth,
  mostDepth,
  pruned,
} from "./expression";

const HERE: usize = memory.data<u8>([0x2e, 0]);

export function _start(): void {
  help(
    "find [-H|-L] [PATH ...] [EXPRESSION]: files below PATH (.), with -L through symbolic links, with -H through a PATH that is one; EXPRESSION: -name PATTERN -iname -path -ipath, -type f|d|l, -links N, -size +N[kM], -empty, -newer FILE, -mtime -DAYS, -mmin, -maxdepth N -mindepth N, ! A, A -o B, ( A ); and -print -print0 -delete -prune -depth -exec PROGRAM {} \\; or +\n  find / -name '*.txt'\n  find /home -size +1M -mtime -1\n  find . -name '*.tmp' -delete\n  find . -type f -exec grep -l word {} +",
  );
  let first = 1;
  while (linksOption(first)) first++;
  let paths = first;
  while (paths < argc() && !begins(arg(paths))) paths++;
  expressionCheck(paths);
  expressionFollows(followed == WalkLinks.ALL);
  if (paths == first) find(HERE);
  for (let i = first; i < paths; i++) find(arg(i));
  expressionEnd();
  finish(walkFailed || expressionFailed ? 1 : 0);
}

let followed: WalkLinks = WalkLinks.NONE;

/** Takes -H, -L and -P, the last of which counts. */
function linksOption(i: i32): bool {
  if (argIs(i, "-L")) followed = WalkLinks.ALL;
  else if (argIs(i, "-H")) followed = WalkLinks.START;
  else if (argIs(i, "-P")) followed = WalkLinks.NONE;
  else return false;
  return true;
}

/** At the first word of the expression. */
function begins(word: usize): bool {
  const c = load<u8>(word);
  return (
    (c == 0x2d && load<u8>(word + 1) != 0) || ((c == 0x21 || c == 0x28) && load<u8>(word + 1) == 0)
  );
}

function find(path: usize): void {
  const itself = followed == WalkLinks.NONE && !meansTarget(path);
  walkLinks(itself ? WalkLinks.NONE : max(followed, WalkLinks.START));
  if (!walkStart(path)) return;
  // What is deleted has to be empty before.
  if (actsLater) walkLeaves();
  let skip = false;
  while (walkNext(skip)) {
    skip = walkDepth >= mostDepth;
    const other = walkIsFolder && actsLater && !walkLeaving && !skip;
    if (walkDepth < leastDepth || other) continue;
    if (expressionIs() && !hasAction) out.cstr(walkPath).newline();
    skip = skip || pruned;
    if (out.failed != 0) return;
  }
}
