// find: files below a path, and what to do with them.
//
//   find [PATH ...] [EXPRESSION]        EXPRESSION is conditions and actions, one after another; each is done when all before it are true
//
// The expression is gone through anew for each file (expression.ts); without an action in it the path is printed.

import { arg, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";
import {
  walkDepth,
  walkFailed,
  walkIsFolder,
  walkLeaves,
  walkLeaving,
  walkNext,
  walkPath,
  walkStart,
} from "../../lib/walk";
import {
  actsLater,
  expressionCheck,
  expressionEnd,
  expressionFailed,
  expressionIs,
  hasAction,
  leastDepth,
  mostDepth,
  pruned,
} from "./expression";

const HERE: usize = memory.data<u8>([0x2e, 0]);

export function _start(): void {
  help(
    "find [PATH ...] [EXPRESSION]: files below PATH (.); EXPRESSION: -name PATTERN -iname -path -ipath, -type f|d, -size +N[kM], -empty, -newer FILE, -mtime -DAYS, -mmin, -maxdepth N -mindepth N, ! A, A -o B, ( A ); and -print -print0 -delete -prune -depth -exec PROGRAM {} \\; or +\n  find / -name '*.txt'\n  find /home -size +1M -mtime -1\n  find . -name '*.tmp' -delete\n  find . -type f -exec grep -l word {} +",
  );
  let paths = 1;
  while (paths < argc() && !begins(arg(paths))) paths++;
  expressionCheck(paths);
  if (paths == 1) find(HERE);
  for (let i = 1; i < paths; i++) find(arg(i));
  expressionEnd();
  finish(walkFailed || expressionFailed ? 1 : 0);
}

/** At the first word of the expression. */
function begins(word: usize): bool {
  const c = load<u8>(word);
  return (
    (c == 0x2d && load<u8>(word + 1) != 0) || ((c == 0x21 || c == 0x28) && load<u8>(word + 1) == 0)
  );
}

function find(path: usize): void {
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
