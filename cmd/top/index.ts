// top: the processes, those that do most first, shown anew every two seconds until q.

import { argc } from "../../lib/args";
import { columns, rows } from "../../lib/console";
import {
  line,
  lineBytes,
  lineNext,
  lineStart,
  openPath,
  readFile,
  readFull,
} from "../../lib/files";
import { out } from "../../lib/fmt";
import { fullscreenBegin, fullscreenEnd, fullscreenKey, Key } from "../../lib/fullscreen";
import { option, optionNumber, options } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { close } from "../../lib/sys";
import { bytesAre, bytesStart, parseNumber, putDecimal, putLiteral } from "../../lib/text";
import { now, SECOND } from "../../lib/time";

const USAGE = "top [-b] [-n ROUNDS]";
const TEXT_BYTES = 65536;
const text: usize = memory.data(65537);
const status: usize = memory.data(4097);
const path: usize = memory.data(64);

@unmanaged
class Row {
  pid: i32;
  kib: i32;
  syscalls: i64;
  faults: i64;
  /** Since the last round, for each second. */
  calls: i64;
  misses: i64;
  seen: i32; // the round in which it was there last
  stateBytes: i32;
  nameBytes: i32;
  // 16 bytes of state and 32 of name follow
}

const ROWS = 128;
const ROW_BYTES = 112;
const table: usize = memory.data(14336, 8);
const order: usize = memory.data(512);
let count = 0; // rows of this round, in order
let round = 0;
let sortBy: i32 = 0x63;
let lastTime: i64 = 0;

if (offsetof<Row>() + 48 > 112) ERROR("a row's texts run into the next row");

export function _start(): void {
  help(
    "top [-b] [-n ROUNDS]: the processes; sorted by c calls, f faults, m memory, p number or n name; q quits; -b prints them once\n  top -n 1",
  );
  let rounds: i64 = -1;
  const i = options("bn:", USAGE);
  if (i < argc()) usage(USAGE);
  rounds = optionNumber("n", option("b") ? 1 : -1, USAGE);
  if (rounds == 0) usage(USAGE);
  const full = rounds < 0 && fullscreenBegin(1);
  if (!full && rounds < 0) rounds = 1;
  while (rounds != 0) {
    take();
    sort();
    draw(full);
    if (rounds > 0 && --rounds == 0) break;
    if (full && !keys()) break;
  }
  if (full) fullscreenEnd();
  finish(0);
}

/** Waits for the next round; false: quit. */
function keys(): bool {
  const end = now() + 2 * SECOND;
  for (;;) {
    const key = fullscreenKey(max(end - now(), 0));
    switch (key) {
      case Key.NONE:
        return true;
      case Key.QUIT:
      case 0x71:
        return false;
      case 0x63:
      case 0x66:
      case 0x6d:
      case 0x70:
      case 0x6e:
        sortBy = key;
        sort();
        break;
    }
    draw(true);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

function at(i: i32): Row {
  return changetype<Row>(table + i * ROW_BYTES);
}

function stateOf(row: Row): usize {
  return changetype<usize>(row) + offsetof<Row>();
}

function nameOf(row: Row): usize {
  return stateOf(row) + 16;
}

/** The row of a process, made if need be; null when the table is full of processes that are there. */
function rowOf(pid: i32): Row | null {
  let free: Row | null = null;
  for (let i = 0; i < ROWS; i++) {
    if (at(i).pid == pid) return at(i);
    if (free == null && at(i).seen < round) free = at(i);
  }
  if (free == null) return null;
  memory.fill(changetype<usize>(free), 0, ROW_BYTES);
  free.pid = pid;
  free.syscalls = -1;
  return free;
}

function take(): void {
  round++;
  const time = now();
  const n = readFile("/proc/processes", text, TEXT_BYTES);
  count = 0;
  lineStart(text, max(n, 0));
  if (lineNext()) headingRead();
  while (lineNext()) {
    const row = rowOf(<i32>parseNumber(word(0), 12));
    if (row == null) continue;
    row.kib = <i32>parseNumber(word(kibAt), 12);
    row.stateBytes = min(wordEnd(stateAt), 16);
    memory.copy(stateOf(row), word(stateAt), row.stateBytes);
    row.nameBytes = min(<i32>(line + lineBytes - word(nameAt)), 32);
    memory.copy(nameOf(row), word(nameAt), row.nameBytes);
    countsTake(row, time - lastTime);
    row.seen = round;
    store<usize>(order + count++ * 4, changetype<usize>(row));
  }
  lastTime = time;
}

let kibAt = 6;
let stateAt = 4;
let nameAt = 7;

/** Which words of a line are which: the heading says it. */
function headingRead(): void {
  for (let i = 0; word(i) < line + lineBytes; i++) {
    const n = wordEnd(i);
    if (bytesAre(word(i), n, "KIB")) kibAt = i;
    else if (bytesAre(word(i), n, "STATE")) stateAt = i;
    else if (bytesAre(word(i), n, "NAME")) nameAt = i;
  }
}

/** Word i of the line. */
function word(i: i32): usize {
  let p = line;
  const end = line + lineBytes;
  for (;;) {
    while (p < end && load<u8>(p) == 0x20) p++;
    if (i-- == 0) return p;
    while (p < end && load<u8>(p) != 0x20) p++;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return end;
}

function wordEnd(i: i32): i32 {
  const start = word(i);
  let p = start;
  while (p < line + lineBytes && load<u8>(p) != 0x20) p++;
  return <i32>(p - start);
}

/** Reads the counters of /proc/PID/status. */
function countsTake(row: Row, ns: i64): void {
  let n = putLiteral(path, "/proc/");
  n += putDecimal(path + n, row.pid);
  n += putLiteral(path + n, "/status");
  store<u8>(path + n, 0);
  const fd = openPath(path, 0);
  if (fd < 0) return;
  const bytes = max(readFull(fd, status, 4096), 0);
  close(fd);
  const calls = value(bytes, "syscalls ");
  const faults = value(bytes, "faults ");
  const first = row.syscalls < 0 || ns <= 0;
  row.calls = first ? 0 : ((calls - row.syscalls) * SECOND) / ns;
  row.misses = first ? 0 : ((faults - row.faults) * SECOND) / ns;
  row.syscalls = calls;
  row.faults = faults;
}

/** The number of a line of the status that begins so, 0 without one. */
function value(bytes: i32, name: string): i64 {
  for (let p = 0; p < bytes; ) {
    let end = p;
    while (end < bytes && load<u8>(status + end) != 10) end++;
    if (bytesStart(status + p, end - p, name))
      return parseNumber(status + p + name.length, end - p - name.length);
    p = end + 1;
  }
  return 0;
}

function sort(): void {
  for (let i = 1; i < count; i++) {
    const moved = load<usize>(order + i * 4);
    let k = i;
    while (
      k > 0 &&
      comesBefore(changetype<Row>(moved), changetype<Row>(load<usize>(order + k * 4 - 4)))
    ) {
      store<usize>(order + k * 4, load<usize>(order + k * 4 - 4));
      k--;
    }
    store<usize>(order + k * 4, moved);
  }
}

function comesBefore(a: Row, b: Row): bool {
  switch (sortBy) {
    case 0x66:
      return a.misses > b.misses;
    case 0x6d:
      return a.kib > b.kib;
    case 0x70:
      return a.pid < b.pid;
    case 0x6e: {
      const n = min(a.nameBytes, b.nameBytes);
      const order = memory.compare(nameOf(a), nameOf(b), n);
      return order < 0 || (order == 0 && a.nameBytes < b.nameBytes);
    }
  }
  return a.calls > b.calls;
}

function draw(full: bool): void {
  if (full) out.text("\x1b[H");
  heading();
  lineEnd(full);
  if (full) out.text("\x1b[7m");
  out.text("  PID      KIB   CALLS/S  FAULTS/S  STATE     NAME");
  if (full) out.text("\x1b[m");
  lineEnd(full);
  const room = full ? max(rows - 3, 1) : count;
  for (let i = 0; i < min(count, room); i++) {
    const row = changetype<Row>(load<usize>(order + i * 4));
    out.dec(row.pid, 5).dec(row.kib, 9).dec(row.calls, 10).dec(row.misses, 10).spaces(2);
    out.bytes(stateOf(row), row.stateBytes).spaces(10 - row.stateBytes);
    out.bytes(nameOf(row), full ? min(row.nameBytes, max(columns - 48, 0)) : row.nameBytes);
    lineEnd(full);
  }
  if (full) out.text("\x1b[J");
  out.flush();
}

function heading(): void {
  const n = readFile("/proc/meminfo", text, TEXT_BYTES);
  out.dec(count).text(" processes, ");
  lineStart(text, max(n, 0));
  let total: i64 = 0;
  let free: i64 = 0;
  while (lineNext()) {
    if (bytesStart(line, lineBytes, "total_kib ")) total = parseNumber(line + 10, lineBytes - 10);
    if (bytesStart(line, lineBytes, "free_kib ")) free = parseNumber(line + 9, lineBytes - 9);
  }
  out.dec(free).text(" of ").dec(total).text(" KiB free");
}

function lineEnd(full: bool): void {
  out.text(full ? "\x1b[K\r\n" : "\n");
}
