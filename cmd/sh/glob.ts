// Globbing: the files that a pattern names, in the order of their bytes.
//
// The pattern is worked through from left to right, one part between slashes at a time: a list of paths becomes the list of those that
// match one part more. Names that start with a dot are found only by a part that does.
//
// Invariants
//   G1  A list holds whole paths, each ended by NUL; one that does not fit is left out.

import { DirEntry, OpenFlag } from "../../abi/syscall";
import { leadsToDirectory, linkStat } from "../../lib/link";
import { patternIsSpecial, patternMatches } from "../../lib/pattern";
import { close, open, readdir } from "../../lib/sys";
import { cstrLength } from "../../lib/text";

const LIST_BYTES = 32768;
const lists: usize = memory.data(65536);
const records: usize = memory.data(4096);
const st: usize = memory.data(32, 8);
const path: usize = memory.data(1100);
const PATH_BYTES = 1024;
const MATCHES = 2048;
const order: usize = memory.data(8192);

let list: usize = 0; // the paths so far
let listBytes = 0;
let next: usize = 0; // those one part longer
let nextBytes = 0;

/** How many files match; globMatch(i) is the path of each. */
export let globCount = 0;

export function globMatch(i: i32): usize {
  return load<usize>(order + i * 4);
}

export function globRun(pattern: usize, bytes: i32): i32 {
  const end = pattern + bytes;
  list = lists;
  next = lists + LIST_BYTES;
  store<u8>(list, 0);
  listBytes = 1;
  let p = pattern;
  while (p < end && listBytes > 0) {
    const slashes = p;
    while (p < end && load<u8>(p) == 0x2f) p++;
    const slash = p > slashes;
    const part = p;
    while (p < end && load<u8>(p) != 0x2f) p++;
    nextBytes = 0;
    for (let at = 0; at < listBytes; at += cstrLength(list + at) + 1) {
      extend(list + at, slash, part, p);
    }
    const swap = list;
    list = next;
    next = swap;
    listBytes = nextBytes;
  }
  sort();
  return globCount;
}

/** Adds what `directory` has that matches the part, to the next list. */
function extend(directory: usize, slash: bool, part: usize, end: usize): void {
  let base = cstrLength(directory);
  if (base + 2 > PATH_BYTES) return;
  memory.copy(path, directory, base);
  if (slash) store<u8>(path + base++, 0x2f);
  if (!patternIsSpecial(part, <i32>(end - part))) {
    const bytes = literal(path + base, part, end);
    // Nothing behind a slash: only a directory has that. A link that leads nowhere is there all the same.
    if (bytes == 0 ? leadsToDirectory(path, base) : linkStat(path, base + bytes, st) >= 0)
      keep(base + bytes);
    return;
  }
  // The directory without its last slash.
  let bytes = base > 1 && slash ? base - 1 : base;
  if (base == 0) store<u8>(path + bytes++, 0x2e);
  const fd = open(path, bytes, OpenFlag.READ | OpenFlag.DIRECTORY);
  if (base > 1 && slash) store<u8>(path + base - 1, 0x2f);
  if (fd < 0) return;
  for (let n = readdir(fd, records, 4096); n > 0; n = readdir(fd, records, 4096)) {
    for (let at = 0; at < n; ) {
      const name = records + at + DirEntry.NAME;
      const bytes: i32 = load<u8>(records + at, DirEntry.NAME_BYTES);
      at += DirEntry.NAME + bytes;
      if (load<u8>(name) == 0x2e && load<u8>(part) != 0x2e) continue;
      if (base + bytes > PATH_BYTES || !patternMatches(part, end, name, name + bytes)) continue;
      memory.copy(path + base, name, bytes);
      keep(base + bytes);
    }
  }
  close(fd);
}

function keep(bytes: i32): void {
  if (nextBytes + bytes + 1 > LIST_BYTES) return;
  memory.copy(next + nextBytes, path, bytes);
  nextBytes += bytes;
  store<u8>(next + nextBytes++, 0);
}

/** Copies a part without its backslashes, as much as fits a path. */
function literal(to: usize, p: usize, end: usize): i32 {
  let n = 0;
  for (; p < end && to + n < path + PATH_BYTES; p++) {
    if (load<u8>(p) == 0x5c && p + 1 < end) p++;
    store<u8>(to + n++, load<u8>(p));
  }
  return n;
}

function sort(): void {
  globCount = 0;
  for (let at = 0; at < listBytes && globCount < MATCHES; at += cstrLength(list + at) + 1) {
    let i = globCount++;
    for (; i > 0 && after(load<usize>(order + (i - 1) * 4), list + at); i--) {
      store<usize>(order + i * 4, load<usize>(order + (i - 1) * 4));
    }
    store<usize>(order + i * 4, list + at);
  }
}

function after(a: usize, b: usize): bool {
  while (load<u8>(a) != 0 && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return load<u8>(a) > load<u8>(b);
}
