// The directories that are there from the start: /tmp and /home, and those of the initrd, so that files can be made beside what is in them.

import { DirEntry, FileType, OpenFlag } from "../../abi/syscall";
import { FileServer } from "../../lib/fs/server";
import { close, open, readdir } from "../../lib/sys";
import { bytesAre, putLiteral } from "../../lib/text";

const SLASH: u8 = 0x2f;
const RECORDS = 2048;
const QUEUE = 4096;
const PATH = 255;

const records: usize = memory.data(2048);
/** Paths still to be made and looked into: "/bin", a byte with the length in front of each. */
const queue: usize = memory.data(4096);
let queued = 0;
const path: usize = memory.data(256);

export function directoriesMake(server: FileServer): void {
  putLiteral(path, "/");
  add(1, path, putLiteral(path + 1, "tmp"));
  add(1, path, putLiteral(path + 1, "home"));
  look(1);
  for (let at = 0; at < queued; at += 1 + <i32>load<u8>(queue + at)) {
    const n: i32 = load<u8>(queue + at);
    memory.copy(path, queue + at + 1, n);
    const handle = server.create(path + 1, n - 1, OpenFlag.DIRECTORY);
    if (handle > 0) server.close(handle);
    look(n);
  }
}

/** Queues the kernel's directories in the one that the n bytes of `path` name. */
function look(n: i32): void {
  const fd = open(path, n, OpenFlag.READ);
  if (fd < 0) return;
  const start = n == 1 ? 1 : n + 1;
  store<u8>(path + start - 1, SLASH);
  let bytes = readdir(fd, records, RECORDS);
  while (bytes > 0) {
    for (let at: i32 = 0; at < bytes; ) {
      const record = records + at;
      const name: i32 = load<u8>(record, DirEntry.NAME_BYTES);
      at += DirEntry.NAME + name;
      if (load<u8>(record, DirEntry.TYPE) != FileType.DIRECTORY || start + name > PATH) continue;
      memory.copy(path + start, record + DirEntry.NAME, name);
      if (!bytesAre(path, start + name, "/dev") && !bytesAre(path, start + name, "/proc"))
        add(start, path, name);
    }
    bytes = readdir(fd, records, RECORDS);
  }
  close(fd);
}

/** Queues a path: `start` bytes of it, then the name's. */
function add(start: i32, from: usize, name: i32): void {
  const n = start + name;
  if (queued + 1 + n > QUEUE) return;
  store<u8>(queue + queued, <u8>n);
  memory.copy(queue + queued + 1, from, n);
  queued += 1 + n;
}
