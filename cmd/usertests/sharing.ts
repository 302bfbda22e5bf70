// Tests of what several processes write at once: through one descriptor, whose offset they share; each through one of its own that appends; and
// into one pipe. Every record must arrive whole.

import { OpenFlag } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import { close, create, pipe, pread, read, remove, write } from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import {
  childFd,
  childFds,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectGood,
} from "./check";

const WRITERS = 3;
const RECORDS = 150;
/** No divisor of a page or of a pipe. */
const RECORD_BYTES = 700;
const OUT_FD = 4;

const path: usize = memory.data(32);
const record: usize = memory.data(700);
const pids: usize = memory.data(12);
const ends: usize = memory.data(8);

export function filesAreShared(): void {
  const shared = made(OpenFlag.READWRITE);
  for (let i = 0; i < WRITERS; i++) start(i, shared);
  finished();
  filled(shared);
  close(shared);
  for (let i = 0; i < WRITERS; i++) {
    const own = made(OpenFlag.WRITE | OpenFlag.APPEND);
    start(i, own);
    close(own);
  }
  finished();
  const all = openLiteral("/tmp/ut-shared", OpenFlag.READ);
  filled(all);
  close(all);
}

export function pipesTakeWholeRecords(): void {
  expectGood(pipe(ends), "pipe");
  for (let i = 0; i < WRITERS; i++) start(i, load<i32>(ends, 4));
  close(load<i32>(ends, 4));
  for (let i = 0; i < WRITERS * RECORDS; i++) {
    for (let got = 0; got < RECORD_BYTES; ) {
      const n = read(load<i32>(ends), record + got, RECORD_BYTES - got);
      expect(n > 0, "all records come");
      got += n;
    }
    whole();
  }
  expectEqual(read(load<i32>(ends), record, 1), 0, "nothing comes after them");
  close(load<i32>(ends));
  finished();
}

/** The child's part: records of its own letter. */
export function recordsWrite(letter: i32): i32 {
  memory.fill(record, <u8>letter, RECORD_BYTES);
  for (let i = 0; i < RECORDS; i++) {
    if (write(OUT_FD, record, RECORD_BYTES) != RECORD_BYTES) return 1;
  }
  return 0;
}

function made(flags: i32): i32 {
  return expectGood(create(path, putLiteral(path, "/tmp/ut-shared"), flags), "create");
}

function start(i: i32, fd: i32): void {
  childFds();
  childFd(OUT_FD, fd);
  store<i32>(pids + 4 * i, childStart("--records", 0x61 + i));
}

function finished(): void {
  for (let i = 0; i < WRITERS; i++)
    expectEqual(childStatus(load<i32>(pids + 4 * i)), 0, "a writer");
}

/** The file is every record, whole, and no more; it is removed. */
function filled(fd: i32): void {
  expectGood(remove(path, putLiteral(path, "/tmp/ut-shared")), "remove");
  for (let i = 0; i < WRITERS * RECORDS; i++) {
    expectEqual(
      pread(fd, record, RECORD_BYTES, i * RECORD_BYTES),
      RECORD_BYTES,
      "a record is there",
    );
    whole();
  }
  expectEqual(pread(fd, record, 1, WRITERS * RECORDS * RECORD_BYTES), 0, "no more records");
}

function whole(): void {
  for (let at = 1; at < RECORD_BYTES; at++)
    expect(load<u8>(record + at) == load<u8>(record), "a record is whole");
}
