// Console: the kernel's side of the terminal. Output goes to a ring that the host empties; input comes through a line discipline.
//
//   cooked  lines with echo, backspace, ^U, ^W; ^D ends the file on an empty line, else hands out the line so far
//   raw     every byte at once, no echo
//   ^C ^Z   in both: the foreground group, if one is set, gets INT or TSTP. Otherwise raw delivers the byte, and cooked drops the line (^C)
//           or the byte (^Z)
//   A change of size is told to the foreground group, or else to the chooser's, as WINCH.
//
// Invariants
//   D1  READY holds input that can be read: bytes, and END_OF_FILE marks. At most READY_ITEMS of them.
//   D2  Input that does not fit stays in the host's ring, and is taken when READY has been read.
//   D3  Once a process has chosen the foreground group, only that group reads and changes modes, or while it is 0 the group of the
//       process that chose: anyone else is stopped by TTIN and tries again when it is continued.
//
// Locks     kernel lock. Readers sleep with CONSOLE_KEY.
// Not here  Who owns the screen: dev/screen.ts.
import { BootBlock } from "../../abi/boot";
import { ConsoleDevice } from "../../abi/console";
import { Errno } from "../../abi/errno";
import { PhysAddr } from "../../abi/layout";
import { Signal } from "../../abi/syscall";
import { bytesDecimal, literalCopy, literalEquals, literalStarts } from "../lib/bytes";
import { fmtDec } from "../lib/fmt";
import { ringPut } from "../lib/klog";
import { Vars } from "../lib/vars";
import { copyIn, copyOut } from "../mm/usercopy";
import { currentProcess, Process, ProcessText } from "../proc/process";
import { groupContinueReaders, groupIsEmpty, groupSignal, stopSelf } from "../proc/signal";
import { FOREVER, processSleepCatching, processSleepOnHost, wakeAll } from "../proc/sleep";

const READY_ITEMS: u32 = 4096;
const LINE_BYTES: u32 = 1024;
const END_OF_FILE: u32 = 0x100;
const CONSOLE_KEY: usize = Vars.DEV;

const enum ConsoleVar {
  TABLE = 0, // READY: u16 items, then the line
  READY_HEAD = 4,
  READY_TAIL = 8,
  LINE_BYTES = 12,
  RAW = 16,
  FOREGROUND = 20, // group that ^C and ^Z are for, 0 none
  SILENT = 24, // 1: no echo (input is not typed by a person)
  CLOSED = 28, // 1: INPUT_CLOSED has been seen and the last line handed out
  CHOOSER = 32, // group of the process that chose FOREGROUND last, 0: nobody has
  COLUMNS = 36, // the size that was told last
  ROWS = 40,
}

const enum Key {
  CTRL_C = 3,
  CTRL_D = 4,
  BACKSPACE = 8,
  TAB = 9,
  NEWLINE = 10,
  RETURN = 13,
  CTRL_U = 21,
  CTRL_W = 23,
  CTRL_Z = 26,
  SPACE = 32,
  DELETE = 127,
}

export const CONSOLE_TABLE_BYTES: u32 = READY_ITEMS * 2 + LINE_BYTES;

export function consoleInit(table: usize): void {
  store<u32>(Vars.DEV, table, ConsoleVar.TABLE);
}

/** Whether typed characters are echoed in cooked mode. */
export function consoleSilent(silent: bool): void {
  store<u32>(Vars.DEV, <u32>silent, ConsoleVar.SILENT);
}

/** Host offset of the console device. */
export function consoleHost(): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.CONSOLE_HOST);
}

/** Writes kernel text to the terminal; what does not fit is dropped. */
export function consolePrint(p: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) putOutput(load<u8>(p + i));
  notifyOutput();
}

/** Writes n bytes of user memory; sleeps while the ring is full. Bytes, or -EFAULT, -EINTR. */
export function consoleWrite(process: Process, va: u32, n: u32): i32 {
  const host = consoleHost();
  let done: u32 = 0;
  while (done < n) {
    const head = load<u32>(host, ConsoleDevice.OUTPUT_HEAD);
    const tail = atomic.load<u32>(host + ConsoleDevice.OUTPUT_TAIL);
    const room = ConsoleDevice.OUTPUT_BYTES - (head - tail);
    if (room == 0) {
      notifyOutput();
      if (processSleepOnHost(host + ConsoleDevice.OUTPUT_TAIL, tail)) continue;
      return done > 0 ? <i32>done : -Errno.EINTR;
    }
    const at = head & (ConsoleDevice.OUTPUT_BYTES - 1);
    const part = min<u32>(n - done, min<u32>(room, ConsoleDevice.OUTPUT_BYTES - at));
    const copied = copyIn(process.space!, host + ConsoleDevice.OUTPUT + at, va + done, part);
    if (copied <= 0) return done > 0 ? <i32>done : -Errno.EFAULT;
    atomic.store<u32>(host + ConsoleDevice.OUTPUT_HEAD, head + <u32>copied);
    done += <u32>copied;
    if (<u32>copied < part) break;
  }
  notifyOutput();
  return <i32>done;
}

/** Reads a line (cooked) or what there is (raw); sleeps while there is nothing. Bytes, 0 at the end of input, -EFAULT, -EINTR. */
export function consoleRead(process: Process, va: u32, n: u32): i32 {
  if (n == 0) return 0;
  while (true) {
    if (!inForeground(process)) return -Errno.EINTR;
    consoleInput();
    if (readyCount() > 0) break;
    if (load<u32>(Vars.DEV, ConsoleVar.CLOSED) != 0) return 0;
    if (!processSleepCatching(CONSOLE_KEY, FOREVER)) return -Errno.EINTR;
  }
  const buffer = process.text + ProcessText.SCRATCH;
  const limit = min<u32>(n, ProcessText.PROGRAM - ProcessText.SCRATCH);
  let count: u32 = 0;
  while (count < limit && readyCount() > 0) {
    const item = readyPeek();
    if (item == END_OF_FILE && count > 0) break; // it ends the next read
    readyDrop();
    if (item == END_OF_FILE) break;
    store<u8>(buffer + count, <u8>item);
    count++;
    if (item == Key.NEWLINE && !isRaw()) break;
  }
  consoleInput();
  if (count == 0) return 0;
  const copied = copyOut(process.space!, va, buffer, count);
  return copied <= 0 ? -Errno.EFAULT : copied;
}

/** Waits until the process may read and control the console (D3), stopped meanwhile. False: it has been told to end. */
function inForeground(process: Process): bool {
  while (!mayRead(process.group)) if (!stopSelf(Signal.TTIN)) return false;
  return true;
}

function mayRead(group: i32): bool {
  const chooser = load<i32>(Vars.DEV, ConsoleVar.CHOOSER);
  const foreground = load<i32>(Vars.DEV, ConsoleVar.FOREGROUND);
  if (chooser == 0 || group == foreground || groupIsEmpty(chooser)) return true;
  return group == chooser;
}

/** Control texts: "raw", "cooked", "mode", "fg GROUP", "size". The text of `given` bytes at p is overwritten by the answer; returns its bytes or -errno. */
export function consoleControl(p: usize, given: u32): i32 {
  let n = given;
  while (n > 0 && load<u8>(p + n - 1) <= <u8>Key.SPACE) n--; // blanks at the end make room for an answer
  if (literalEquals(p, n, "mode")) return <i32>literalCopy(p, isRaw() ? "raw" : "cooked");
  const process = currentProcess();
  if (literalEquals(p, n, "raw") || literalEquals(p, n, "cooked")) {
    // The text is in the process's own buffer: nobody writes there while it is stopped.
    if (!inForeground(process)) return -Errno.EINTR;
    store<u32>(Vars.DEV, <u32>literalEquals(p, n, "raw"), ConsoleVar.RAW);
    if (isRaw()) lineFlush();
    return 0;
  }
  if (literalStarts(p, n, "fg ")) {
    const group = bytesDecimal(p + 3, n - 3);
    if (group < 0) return -Errno.EINVAL;
    if (!inForeground(process)) return -Errno.EINTR;
    store<u32>(Vars.DEV, group, ConsoleVar.FOREGROUND);
    store<u32>(Vars.DEV, process.group, ConsoleVar.CHOOSER);
    if (group != 0) groupContinueReaders(group);
    wakeAll(CONSOLE_KEY); // who waits for input may no longer be the one that gets it
    return 0;
  }
  if (!literalEquals(p, n, "size")) return -Errno.EINVAL;
  const host = consoleHost();
  let length = fmtDec(p, atomic.load<u32>(host + ConsoleDevice.COLUMNS));
  length += literalCopy(p + length, " ");
  return <i32>(length + fmtDec(p + length, atomic.load<u32>(host + ConsoleDevice.ROWS)));
}

/** Takes input from the host's ring through the line discipline, as far as there is room. Wakes readers. */
export function consoleInput(): void {
  const host = consoleHost();
  sizeTell();
  const before = load<u32>(host, ConsoleDevice.INPUT_TAIL);
  let tail = before;
  const head = atomic.load<u32>(host + ConsoleDevice.INPUT_HEAD);
  for (; tail != head; tail++) {
    if (READY_ITEMS - readyCount() < LINE_BYTES + 1) {
      tail = afterInterruptKey(tail, head);
      break;
    }
    inputByte(load<u8>(host + ConsoleDevice.INPUT + (tail & (ConsoleDevice.INPUT_BYTES - 1))));
  }
  if (tail != before) {
    atomic.store<u32>(host + ConsoleDevice.INPUT_TAIL, tail);
    atomic.notify(host + ConsoleDevice.INPUT_TAIL, -1);
  }
  if (tail == head && atomic.load<u32>(host + ConsoleDevice.INPUT_CLOSED) != 0) {
    lineFlush();
    store<u32>(Vars.DEV, 1, ConsoleVar.CLOSED);
    wakeAll(CONSOLE_KEY);
  }
  if (readyCount() > 0) wakeAll(CONSOLE_KEY);
}

/** Sends WINCH when the host has changed the size since the last time. */
function sizeTell(): void {
  const host = consoleHost();
  const columns = atomic.load<u32>(host + ConsoleDevice.COLUMNS);
  const rows = atomic.load<u32>(host + ConsoleDevice.ROWS);
  const isNew =
    columns != load<u32>(Vars.DEV, ConsoleVar.COLUMNS) ||
    rows != load<u32>(Vars.DEV, ConsoleVar.ROWS);
  if (!isNew) return;
  store<u32>(Vars.DEV, columns, ConsoleVar.COLUMNS);
  store<u32>(Vars.DEV, rows, ConsoleVar.ROWS);
  const foreground = load<i32>(Vars.DEV, ConsoleVar.FOREGROUND);
  const group = foreground != 0 ? foreground : load<i32>(Vars.DEV, ConsoleVar.CHOOSER);
  if (group != 0) groupSignal(group, Signal.WINCH);
}

/** Nobody reads and the buffer is full: ^C is still obeyed, and discards the input before it. */
function afterInterruptKey(tail: u32, head: u32): u32 {
  const ring = consoleHost() + ConsoleDevice.INPUT;
  if (load<i32>(Vars.DEV, ConsoleVar.FOREGROUND) == 0) return tail;
  for (let at = tail; at != head; at++) {
    if (load<u8>(ring + (at & (ConsoleDevice.INPUT_BYTES - 1))) != Key.CTRL_C) continue;
    inputByte(Key.CTRL_C);
    return at + 1;
  }
  return tail;
}

function inputByte(byte: u32): void {
  if (byte == Key.CTRL_C && interruptForeground("^C\n", Signal.INT)) return;
  if (byte == Key.CTRL_Z && interruptForeground("^Z\n", Signal.TSTP)) return;
  if (isRaw()) {
    readyPut(byte);
    return;
  }
  const n = load<u32>(Vars.DEV, ConsoleVar.LINE_BYTES);
  switch (byte) {
    case Key.CTRL_C:
      echoText("^C\n");
      store<u32>(Vars.DEV, 0, ConsoleVar.LINE_BYTES);
      readyPut(Key.NEWLINE);
      return;
    case Key.CTRL_D:
      if (n == 0) readyPut(END_OF_FILE);
      else lineFlush();
      return;
    case Key.BACKSPACE:
    case Key.DELETE:
      if (n > 0) eraseTo(characterStart(n));
      return;
    case Key.CTRL_U:
      eraseTo(0);
      return;
    case Key.CTRL_W:
      eraseTo(wordStart(n));
      return;
    case Key.RETURN:
    case Key.NEWLINE:
      linePut(Key.NEWLINE);
      echo(Key.NEWLINE);
      lineFlush();
      return;
  }
  if (n >= LINE_BYTES - 1 || (byte < <u32>Key.SPACE && byte != Key.TAB)) return;
  linePut(byte);
  echo(byte);
}

/** ^C or ^Z with a foreground group: its line is dropped and the group gets the signal. */
function interruptForeground(shown: string, signal: i32): bool {
  const group = load<i32>(Vars.DEV, ConsoleVar.FOREGROUND);
  if (group == 0) return false;
  store<u32>(Vars.DEV, 0, ConsoleVar.LINE_BYTES);
  store<u32>(Vars.DEV, load<u32>(Vars.DEV, ConsoleVar.READY_HEAD), ConsoleVar.READY_TAIL);
  echoText(shown);
  groupSignal(group, signal);
  return true;
}

function lineAt(index: u32): usize {
  return load<u32>(Vars.DEV, ConsoleVar.TABLE) + READY_ITEMS * 2 + index;
}

function linePut(byte: u32): void {
  const n = load<u32>(Vars.DEV, ConsoleVar.LINE_BYTES);
  store<u8>(lineAt(n), <u8>byte);
  store<u32>(Vars.DEV, n + 1, ConsoleVar.LINE_BYTES);
}

/** Hands the line so far to readers. */
function lineFlush(): void {
  const n = load<u32>(Vars.DEV, ConsoleVar.LINE_BYTES);
  for (let i: u32 = 0; i < n; i++) readyPut(load<u8>(lineAt(i)));
  store<u32>(Vars.DEV, 0, ConsoleVar.LINE_BYTES);
}

/** Shortens the line to `to` bytes and the echo with it, one column for each character. */
function eraseTo(to: u32): void {
  for (let n = load<u32>(Vars.DEV, ConsoleVar.LINE_BYTES); n > to; n--) {
    if ((load<u8>(lineAt(n - 1)) & 0xc0) != 0x80) echoText("\b \b");
  }
  store<u32>(Vars.DEV, to, ConsoleVar.LINE_BYTES);
}

/** Start of the UTF-8 character that ends at n. */
function characterStart(n: u32): u32 {
  let at = n - 1;
  while (at > 0 && (load<u8>(lineAt(at)) & 0xc0) == 0x80) at--;
  return at;
}

function wordStart(n: u32): u32 {
  let at = n;
  while (at > 0 && load<u8>(lineAt(at - 1)) == Key.SPACE) at--;
  while (at > 0 && load<u8>(lineAt(at - 1)) != Key.SPACE) at--;
  return at;
}

function isRaw(): bool {
  return load<u32>(Vars.DEV, ConsoleVar.RAW) != 0;
}

function readyCount(): u32 {
  return load<u32>(Vars.DEV, ConsoleVar.READY_HEAD) - load<u32>(Vars.DEV, ConsoleVar.READY_TAIL);
}

function readySlot(position: u32): usize {
  return load<u32>(Vars.DEV, ConsoleVar.TABLE) + ((position & (READY_ITEMS - 1)) << 1);
}

function readyPut(item: u32): void {
  const head = load<u32>(Vars.DEV, ConsoleVar.READY_HEAD);
  if (readyCount() == READY_ITEMS) return;
  store<u16>(readySlot(head), <u16>item);
  store<u32>(Vars.DEV, head + 1, ConsoleVar.READY_HEAD);
}

function readyPeek(): u32 {
  return load<u16>(readySlot(load<u32>(Vars.DEV, ConsoleVar.READY_TAIL)));
}

function readyDrop(): void {
  store<u32>(Vars.DEV, load<u32>(Vars.DEV, ConsoleVar.READY_TAIL) + 1, ConsoleVar.READY_TAIL);
}

function echo(byte: u32): void {
  if (load<u32>(Vars.DEV, ConsoleVar.SILENT) != 0) return;
  putOutput(<u8>byte);
  notifyOutput();
}

function echoText(s: string): void {
  const buffer = Vars.DEV + 0x40;
  const n = literalCopy(buffer, s);
  for (let i: u32 = 0; i < n; i++) echo(load<u8>(buffer + i));
}

function putOutput(byte: u8): void {
  const host = consoleHost();
  ringPut(
    host + ConsoleDevice.OUTPUT_HEAD,
    host + ConsoleDevice.OUTPUT,
    ConsoleDevice.OUTPUT_BYTES,
    byte,
  );
}

function notifyOutput(): void {
  atomic.notify(consoleHost() + ConsoleDevice.OUTPUT_HEAD, -1);
}
