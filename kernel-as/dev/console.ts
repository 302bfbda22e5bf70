// Console: the file calls on virtual terminals. Output goes to a VT's ring, which the host empties and a console server reads; input comes
// from the host through the line discipline.
//
// Invariants
//   D2  Input that does not fit stays in the host's ring, and is taken when READY has been read.
//   D3  Once a process has chosen a VT's foreground group, only that group reads it and changes its mode, and the group of the process
//       that chose: anyone else is stopped by TTIN, until its group is the foreground or it is continued, and tries again.
//   D4  A console server that reads too slowly holds writers up for SERVER_PATIENCE_NS once, then not before it has caught up.
//
// Locks     kernel lock. Readers sleep with the VtState's address, held-up writers with SLOW_KEY.
// Not here  What typed bytes mean: dev/consoleline.ts. The server's calls: dev/consolewatch.ts. Who has the screen: dev/screen.ts.
import { ConsoleDevice, Vt, VtWord } from "../../abi/console";
import { Errno } from "../../abi/errno";
import { MachineRequest } from "../../abi/machine";
import { Access } from "../../abi/mmu";
import { Signal } from "../../abi/syscall";
import { request } from "../arch/io";
import { bytesDecimal, literalCopy, literalEquals, literalStarts } from "../lib/bytes";
import { fmtDec } from "../lib/fmt";
import { Vars } from "../lib/vars";
import { copyIn, copyOut, copyReady } from "../mm/usercopy";
import { INIT_PID } from "../proc/end";
import { Process, ProcessText } from "../proc/process";
import { groupContinueReaders, groupIsIdle, groupSignal, stopSelf } from "../proc/signal";
import {
  FOREVER,
  processSleep,
  processSleepCatching,
  processSleepOnHost,
  wakeAll,
} from "../proc/sleep";
import {
  END_OF_FILE,
  Key,
  lineCook,
  lineFlush,
  lineInput,
  lineReadyCount,
  lineTakeSignal,
  readyCount,
  readyDrop,
  readyPeek,
} from "./consoleline";
import {
  consoleEvent,
  consoleHost,
  LINE_ROOM,
  READY_ITEMS,
  VtState,
  vtFlush,
  vtHead,
  vtInput,
  vtOutput,
  vtPut,
  vtState,
  vtWords,
} from "./consolevt";
import { screenColumns, screenRows, screenShows, screenWanted } from "./screen";

export const SLOW_KEY: usize = Vars.DEV + 0x10;
/** A server that shows text may be this far behind before writers wait for it. */
const SERVER_LAG: u32 = ConsoleDevice.OUTPUT_BYTES / 2;
const SERVER_PATIENCE_NS: i64 = 200_000_000;

/** Writes kernel text to a VT; what does not fit is dropped. */
export function consolePrint(vt: u32, p: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) vtPut(vt, load<u8>(p + i));
  vtFlush(vt);
}

/** Writes n bytes of user memory; sleeps while the ring is full. Bytes, or -EFAULT, -EINTR. */
export function consoleWrite(process: Process, vt: u32, va: u32, n: u32): i32 {
  const words = vtWords(vt);
  let done: u32 = 0;
  while (done < n) {
    if (!serverAwait(vtState(vt))) return done > 0 ? <i32>done : -Errno.EINTR;
    const head = load<u32>(words, VtWord.OUTPUT_HEAD);
    const tail = atomic.load<u32>(words, VtWord.OUTPUT_TAIL);
    const room = ConsoleDevice.OUTPUT_BYTES - (head - tail);
    if (room == 0) {
      vtFlush(vt);
      if (processSleepOnHost(words + VtWord.OUTPUT_TAIL, tail)) continue;
      return done > 0 ? <i32>done : -Errno.EINTR;
    }
    const at = head & (ConsoleDevice.OUTPUT_BYTES - 1);
    const part = min<u32>(n - done, min<u32>(room, ConsoleDevice.OUTPUT_BYTES - at));
    const copied = copyIn(process.space!, vtOutput(vt) + at, va + done, min(part, SERVER_LAG));
    if (copied <= 0) return done > 0 ? <i32>done : -Errno.EFAULT;
    atomic.store<u32>(words, head + <u32>copied, VtWord.OUTPUT_HEAD);
    done += <u32>copied;
    if (<u32>copied < min(part, SERVER_LAG)) break;
  }
  vtFlush(vt);
  return <i32>done;
}

/** Waits for a console server that is far behind, but not for one that does not move. False: the process has been told to end. */
function serverAwait(state: VtState): bool {
  while (screenShows() && vtHead(state.vt) - state.fetched > SERVER_LAG) {
    if (state.behind != 0) return true;
    const fetched = state.fetched;
    consoleEvent();
    if (!processSleep(SLOW_KEY, SERVER_PATIENCE_NS)) return false;
    if (state.fetched == fetched) state.behind = 1;
  }
  state.behind = 0;
  return true;
}

/** Reads a line (cooked) or what there is (raw); sleeps while there is nothing. Bytes, 0 at the end of input, -EFAULT, -EINTR. */
export function consoleRead(process: Process, vt: u32, va: u32, n: u32): i32 {
  if (n == 0) return 0;
  const state = vtState(vt);
  while (true) {
    if (!inForeground(state, process)) return -Errno.EINTR;
    inputTake(state);
    inputCook(state);
    if (readyCount(state) > 0) break;
    if (state.closed != 0) return 0;
    if (!processSleepCatching(changetype<usize>(state), FOREVER)) return -Errno.EINTR;
  }
  const buffer = process.text + ProcessText.SCRATCH;
  const limit = min<u32>(n, ProcessText.PROGRAM - ProcessText.SCRATCH);
  if (!copyReady(process.space!, va, limit, Access.WRITE)) return -Errno.EFAULT; // nothing has been taken yet
  let count: u32 = 0;
  while (count < limit && readyCount(state) > 0) {
    const item = readyPeek(state);
    if (item == END_OF_FILE && count > 0) break; // it ends the next read
    readyDrop(state);
    if (item == END_OF_FILE) break;
    store<u8>(buffer + count, <u8>item);
    count++;
    if (item == Key.NEWLINE && state.raw == 0) break;
  }
  inputTake(state);
  if (count == 0) return 0;
  const copied = copyOut(process.space!, va, buffer, count);
  return copied <= 0 ? -Errno.EFAULT : copied;
}

/** Waits until the process may read and control the VT (D3), stopped meanwhile. False: it has been told to end. */
function inForeground(state: VtState, process: Process): bool {
  while (!mayRead(state, process.group)) {
    if (process.pid == INIT_PID) return true;
    if (!stopSelf(Signal.TTIN)) return false;
  }
  return true;
}

function mayRead(state: VtState, group: i32): bool {
  if (state.chooser == 0 || group == state.foreground || group == state.chooser) return true;
  return groupIsIdle(state.chooser);
}

/**
 * Input that can be read without waiting: bytes, and ends of the file; 1 when it has ended for good. Lines typed while the input was raw
 * count as they were typed: they are edited when they are read.
 */
export function consoleReady(vt: u32): u32 {
  const state = vtState(vt);
  return max(state.raw != 0 ? readyCount(state) : lineReadyCount(state), state.closed);
}

/**
 * Control texts: "raw", "cooked", "mode", "fg GROUP", "size", "show VT", "screen take", "screen release". The text of `given` bytes at p is
 * overwritten by the answer; returns its bytes or -errno.
 */
export function consoleControl(process: Process, vt: u32, p: usize, given: u32): i32 {
  const state = vtState(vt);
  let n = given;
  while (n > 0 && load<u8>(p + n - 1) <= <u8>Key.SPACE) n--; // blanks at the end make room for an answer
  if (literalEquals(p, n, "mode"))
    return <i32>(state.raw != 0 ? literalCopy(p, "raw") : literalCopy(p, "cooked"));
  if (literalEquals(p, n, "raw") || literalEquals(p, n, "cooked")) {
    // The text is in a buffer of the process's own: nobody writes there while it is stopped.
    if (!inForeground(state, process)) return -Errno.EINTR;
    state.raw = <u32>literalEquals(p, n, "raw");
    if (state.raw != 0) lineFlush(state);
    return 0;
  }
  if (literalStarts(p, n, "fg ")) {
    const group = bytesDecimal(p + 3, n - 3);
    if (group < 0) return -Errno.EINVAL;
    if (!inForeground(state, process)) return -Errno.EINTR;
    foregroundSet(state, process, group);
    return 0;
  }
  if (literalStarts(p, n, "show ")) return show(bytesDecimal(p + 5, n - 5));
  if (literalEquals(p, n, "screen take") || literalEquals(p, n, "screen release"))
    return screenWanted(process, literalEquals(p, n, "screen take"));
  if (!literalEquals(p, n, "size")) return -Errno.EINVAL;
  let length = fmtDec(p, screenColumns());
  length += literalCopy(p + length, " ");
  return <i32>(length + fmtDec(p + length, screenRows()));
}

function foregroundSet(state: VtState, process: Process, group: i32): void {
  state.foreground = group;
  state.chooser = process.group;
  if (group != 0) {
    groupContinueReaders(group);
    // Who puts itself in the foreground is a shell at work, which does not stop.
    const signal = lineTakeSignal(state, group != process.group);
    if (signal != 0) groupSignal(group, signal);
  }
  wakeAll(changetype<usize>(state)); // who waits for input may no longer be the one that gets it
}

/** Sends WINCH when the size is another than the last time. */
function sizeTell(state: VtState): void {
  const size = (screenColumns() << 16) | screenRows();
  if (size == state.size) return;
  state.size = size;
  const group = state.foreground != 0 ? state.foreground : state.chooser;
  if (group != 0) groupSignal(group, Signal.WINCH);
}

/** The VT that is shown becomes another. */
function show(vt: i32): i32 {
  if (vt < Vt.FIRST || vt > Vt.COUNT) return -Errno.EINVAL;
  atomic.store<u32>(consoleHost() + ConsoleDevice.SHOWN, vt);
  request(MachineRequest.VT, vt, 0);
  consoleEvent();
  return 0;
}

/** An interrupt of the console device: input, another size, another VT shown, or the kernel log has grown. */
export function consoleInterrupt(): void {
  for (let vt: u32 = Vt.FIRST; vt <= <u32>Vt.SHELLS; vt++) {
    sizeTell(vtState(vt));
    inputTake(vtState(vt));
  }
  consoleEvent();
}

/** Takes input from the host's ring through the line discipline, as far as there is room. Wakes readers. */
function inputTake(state: VtState): void {
  const words = vtWords(state.vt);
  const before = load<u32>(words, VtWord.INPUT_TAIL);
  let tail = before;
  const head = atomic.load<u32>(words, VtWord.INPUT_HEAD);
  for (; tail != head; tail++) {
    if (READY_ITEMS - readyCount(state) < LINE_ROOM + 1) {
      tail = afterInterruptKey(state, tail, head);
      break;
    }
    lineInput(state, inputAt(state, tail));
  }
  if (tail != before) {
    atomic.store<u32>(words, tail, VtWord.INPUT_TAIL);
    atomic.notify(words + VtWord.INPUT_TAIL, -1);
  }
  if (tail == head && state.vt == Vt.FIRST && inputClosed()) {
    lineFlush(state);
    state.closed = 1;
    wakeAll(changetype<usize>(state));
  }
  if (readyCount(state) > 0) wakeAll(changetype<usize>(state));
}

/** A cooked reader has come: what was typed while the input was raw becomes lines. */
function inputCook(state: VtState): void {
  if (state.raw != 0) return;
  lineCook(state);
  if (state.closed != 0) lineFlush(state);
}

function inputClosed(): bool {
  return atomic.load<u32>(consoleHost() + ConsoleDevice.INPUT_CLOSED) != 0;
}

function inputAt(state: VtState, position: u32): u32 {
  return load<u8>(vtInput(state.vt) + (position & (ConsoleDevice.INPUT_BYTES - 1)));
}

/** Nobody reads and the buffer is full: ^C is still obeyed, and discards the input before it. */
function afterInterruptKey(state: VtState, tail: u32, head: u32): u32 {
  if (state.foreground == 0) return tail;
  for (let at = tail; at != head; at++) {
    if (inputAt(state, at) != Key.CTRL_C) continue;
    lineInput(state, Key.CTRL_C);
    return at + 1;
  }
  return tail;
}
