// The write measurement of the agent: a file in /home, written from its start and made durable.

import { OpenFlag } from "../../../abi/syscall";
import { ctlText } from "../../../lib/ctl";
import { close, open, remove, write } from "../../../lib/sys";
import { putLiteral } from "../../../lib/text";
import { now } from "../../../lib/time";

const CHUNK = 65536;
const path: usize = memory.data(32);
const chunk: usize = memory.data(65536, 8);

/** ns to write n chunks of 64 KiB to a new file and have them durable; or -errno. */
export function homeWrite(n: i32): i64 {
  const flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE;
  const fd = open(path, putLiteral(path, "/home/bench"), flags);
  if (fd < 0) return fd;
  const start = now();
  for (let i = 0; i < n; i++) {
    store<i32>(chunk, i);
    const r = write(fd, chunk, CHUNK);
    if (r != CHUNK) return r < 0 ? r : -1;
  }
  const r = ctlText(fd, "sync");
  const ns = now() - start;
  close(fd);
  remove(path, putLiteral(path, "/home/bench"));
  return r < 0 ? r : ns;
}
