// The working directory, and PWD and OLDPWD, which say where it is and was.

import { chdir, getcwd } from "../../lib/sys";
import { varSet } from "./vars";

const PATH_BYTES = 1024;
const path: usize = memory.data(1028);
const before: usize = memory.data(1028);
const PWD: usize = memory.data<u8>([0x50, 0x57, 0x44]);
const OLDPWD: usize = memory.data<u8>([0x4f, 0x4c, 0x44, 0x50, 0x57, 0x44]);

/** The path of the working directory, ended by NUL; "" when there is none. */
export function folderNow(): usize {
  const n = max(getcwd(path, PATH_BYTES), 0);
  store<u8>(path + n, 0);
  return path;
}

/** Sets PWD, when the shell begins. */
export function folderBegin(): void {
  varSet(PWD, 3, folderNow(), length(path));
}

/** Changes to a directory; 0 or -errno. */
export function folderEnter(to: usize, bytes: i32): i32 {
  memory.copy(before, folderNow(), PATH_BYTES);
  const r = chdir(to, bytes);
  if (r < 0) return r;
  varSet(OLDPWD, 6, before, length(before));
  varSet(PWD, 3, folderNow(), length(path));
  return 0;
}

function length(p: usize): i32 {
  let n = 0;
  while (load<u8>(p + n) != 0) n++;
  return n;
}
