// du: how much directories have in them. Symbolic links are not followed but with -L.

import { FileType, Stat } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { meansTarget } from "../../lib/link";
import { option, options } from "../../lib/options";
import { finish, help } from "../../lib/program";
import {
  WALK_DEPTH,
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
  walkStat,
} from "../../lib/walk";

const HERE: usize = memory.data<u8>([0x2e, 0]);
const sums: usize = memory.data(528, 8); // of the folders on the way: one more than WALK_DEPTH

export function _start(): void {
  help(
    "du [-s] [-a] [-h] [-L] [PATH ...]: KiB in each directory below PATH (.), the sum last; -a each file too, -s only the sum, -h sizes like 1.2M, -L follows symbolic links\n  du -sh /bin",
  );
  const first = options("sahkL", "du [-s] [-a] [-h] [-L] [PATH ...]");
  if (first >= argc()) sum(HERE);
  for (let i = first; i < argc(); i++) sum(arg(i));
  finish(walkFailed ? 1 : 0);
}

function sum(start: usize): void {
  const startOnly = meansTarget(start) ? WalkLinks.START : WalkLinks.NONE;
  walkLinks(option("L") ? WalkLinks.ALL : startOnly);
  if (!walkStart(start)) return;
  walkLeaves();
  memory.fill(sums, 0, (WALK_DEPTH + 1) * 8);
  while (walkNext(false)) {
    let bytes: u64 = 0;
    if (walkIsFolder) {
      if (!walkLeaving) continue;
      bytes = load<u64>(sums + (walkDepth + 1) * 8);
      store<u64>(sums + (walkDepth + 1) * 8, 0);
    } else if (load<u32>(walkStat, Stat.TYPE) == FileType.FILE) {
      bytes = load<u64>(walkStat, Stat.SIZE);
    }
    if (walkDepth > 0) store<u64>(sums + walkDepth * 8, load<u64>(sums + walkDepth * 8) + bytes);
    if (walkDepth == 0 || (!option("s") && (walkIsFolder || option("a")))) show(bytes);
  }
}

function show(bytes: u64): void {
  if (option("h")) out.size(bytes, 8);
  else out.dec((bytes + 1023) >> 10, 8);
  out.spaces(2).cstr(walkPath).newline();
}
