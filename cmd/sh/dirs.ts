// pushd, popd and dirs: a stack of folders to go back to, the newest first.

import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { cstrLength } from "../../lib/text";
import { folderEnter, folderNow } from "./folder";

const STACK_BYTES = 8192;
const stack: usize = memory.data(9300); // paths, each ended by NUL, the newest last
let used = 0;

/** pushd [DIRECTORY]: without one the two newest change places. */
export function pushdRun(path: usize, count: i32): i32 {
  const here = folderNow();
  const n = cstrLength(here) + 1;
  if (count > 0) {
    if (used + n > STACK_BYTES) {
      err.text("sh: pushd: the stack is full").newline();
      return 1;
    }
    // folderEnter() uses the place where `here` is.
    memory.copy(stack + used, here, n);
    if (!enter(path, "pushd")) return 1;
    used += n;
    return dirsRun();
  }
  if (used == 0) return none("pushd");
  const top = newest();
  memory.copy(other, stack + top, used - top);
  memory.copy(stack + top, here, n);
  if (!enter(other, "pushd")) return 1;
  used = top + n;
  return dirsRun();
}

const other: usize = memory.data(1100);

export function popdRun(): i32 {
  if (used == 0) return none("popd");
  used = newest();
  return enter(stack + used, "popd") ? dirsRun() : 1;
}

export function dirsRun(): i32 {
  out.cstr(folderNow());
  for (let end = used; end > 0; ) {
    let at = end - 1;
    while (at > 0 && load<u8>(stack + at - 1) != 0) at--;
    out.byte(0x20).cstr(stack + at);
    end = at;
  }
  out.newline();
  return 0;
}

function newest(): i32 {
  let at = used - 1;
  while (at > 0 && load<u8>(stack + at - 1) != 0) at--;
  return at;
}

function enter(path: usize, command: string): bool {
  const r = folderEnter(path, cstrLength(path));
  if (r >= 0) return true;
  err.text("sh: ").text(command).text(": ").cstr(path).text(": ").text(errnoText(r)).newline();
  return false;
}

function none(command: string): i32 {
  err.text("sh: ").text(command).text(": there is no other folder").newline();
  return 1;
}
