// du: how much files have in them.

import { FileType, Stat } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";
import { walkFailed, walkNext, walkPath, walkStart, walkStat } from "../../lib/walk";

const HERE: usize = memory.data<u8>([0x2e, 0]);
let only = false;

export function _start(): void {
  help(
    "du [-s] [PATH ...]: KiB in each file below PATH (.), and their sum; -s: only the sum\n  du -s /bin",
  );
  only = argIs(1, "-s");
  const first = only ? 2 : 1;
  if (argc() <= first) sum(HERE);
  for (let i = first; i < argc(); i++) sum(arg(i));
  finish(walkFailed ? 1 : 0);
}

function sum(start: usize): void {
  if (!walkStart(start)) return;
  let total: u64 = 0;
  let files = 0;
  while (walkNext(false)) {
    if (load<u32>(walkStat, Stat.TYPE) != FileType.FILE) continue;
    const bytes = load<u64>(walkStat, Stat.SIZE);
    total += bytes;
    files++;
    if (!only) show(bytes, walkPath);
  }
  if (only || files != 1) show(total, start);
}

function show(bytes: u64, name: usize): void {
  out
    .dec((bytes + 1023) >> 10, 8)
    .spaces(2)
    .cstr(name)
    .newline();
}
