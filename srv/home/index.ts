// home: the files that are there again after the next boot. A file system on the disk's home partition (docs/home.md), mounted at /home.
//
// Without such a partition it ends with status 3, "not there": /home is then a directory of srv/fs and forgotten with the rest. One that
// it cannot read is left as it is: the log says so, and /home is not served.

import { OpenFlag, Stat } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { mountDisk, remark } from "../../lib/fs/mount";
import { FileServer } from "../../lib/fs/server";
import "../../lib/program";
import { staticDataTouch } from "../../lib/resident";
import { serve } from "../../lib/server";
import { exit, fstat, klog, open } from "../../lib/sys";
import { putLiteral } from "../../lib/text";

const ABSENT = 3;
const path: usize = memory.data(32);
const st: usize = memory.data(32, 8);
const line: usize = memory.data(256);

export function _start(): void {
  staticDataTouch();
  const disk = open(path, putLiteral(path, "/dev/disk-home"), OpenFlag.READWRITE);
  if (disk < 0) exit(ABSENT);
  let r = fstat(disk, st);
  if (r == 0) r = mountDisk(disk, load<u64>(st, Stat.SIZE));
  if (r < 0) {
    say("the partition cannot be used and is left alone: ", errnoText(r));
    exit(ABSENT);
  }
  if (remark.length > 0) say(remark, "");
  serve(new FileServer());
}

function say(text: string, more: string): void {
  let n = putLiteral(line, "home: ");
  n += putLiteral(line + n, text);
  n += putLiteral(line + n, more);
  store<u8>(line + n++, 10);
  klog(line, n);
}
