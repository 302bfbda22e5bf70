// srv/console: shows the virtual terminals on the screen, and starts a shell on a terminal that is switched to and has none.
//
// It owns no text. What programs print stands in the kernel's rings (kernel-as/dev/consolevt.ts), from where the page's terminals take it
// too; this server follows the rings and draws. Started anew, it reads them from their start and shows what was shown before.
//
//   wait for a change --> fetch what was printed --> terminals (parser.ts) --> take the screen if it is free --> draw what differs
//
// Invariants
//   C1  It draws only while it owns the screen (console_take) and the base view of srv/gpu is mapped. When the driver dies, the screen is
//       the kernel's at once; this server goes on, and takes it again when there is a driver.
//   C2  All terminals have the size that programs are told: the host's, or what fits on the screen if that is smaller. At another size they
//       are filled again from the rings.
//
// Status: 1 when it cannot wait for the console: not root.

import { ConsoleDevice, ConsoleInfo, Vt } from "../../abi/console";
import { Errno } from "../../abi/errno";
import { FdMap, OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import {
  Found,
  framebufferFault,
  framebufferOpenBase,
  framebufferSync,
  framebufferTerminal,
} from "../../lib/framebuffer";
import { complain, finish, help } from "../../lib/program";
import { staticDataTouch } from "../../lib/resident";
import { Surface, surfaceNew } from "../../lib/surface";
import {
  close,
  consoleFetch,
  consoleRelease,
  consoleShow,
  consoleTake,
  consoleWait,
  getpid,
  open,
  setgroup,
  spawn,
  waitpoll,
} from "../../lib/sys";
import { putDecimal, putLiteral } from "../../lib/text";
import { MILLISECOND, now } from "../../lib/time";
import { sizeColumns, sizeRows } from "./cells";
import { drawColumns, drawReset, drawRows, drawScale, drawTerminal } from "./draw";
import { parserFeed } from "./parser";
import { Terminal, terminalNew, terminalStart } from "./terminal";

/** At most about 60 pictures a second. */
const FRAME: i64 = 16 * MILLISECOND;
/** A driver that has said it is there may need this long before it answers. */
const RETRY: i64 = 20 * MILLISECOND;
const FETCH_BYTES = 16384;

const info: usize = memory.data(68, 8);
const fetched: usize = memory.data(16384);
const positions: usize = memory.data(16, 8); // u32 for each VT: its output up to here has been fed
const path: usize = memory.data(16);
const fdmap: usize = memory.data(24);
const status: usize = memory.data(4);

const terminals = new StaticArray<Terminal>(Vt.COUNT);
const screen: Surface = surfaceNew();
const pid: i32 = getpid();

let columns = 0;
let rows = 0;
/** True once the base view is mapped for the first time. */
let mapped = false;
/** The last try to take the screen failed though there is a driver. */
let retry = false;
/** The screen's cells have another size: everything is to be drawn again. */
let cleared = false;
let drawn: i64 = 0;
/** The VT that the driver knows of as the one that is shown; 0: it does not know. */
let told = 0;
let dirty = true;

export function _start(): void {
  help("console: the console server; init starts it");
  staticDataTouch();
  for (let i = 0; i < Vt.COUNT; i++) terminals[i] = terminalNew(80, 24);
  for (;;) {
    const r = consoleWait(info, patience());
    if (r < 0 && r != -Errno.EINTR) fail("console_wait", r);
    while (waitpoll(-1, status) > 0) {}
    sizeFollow();
    for (let vt: i32 = Vt.FIRST; vt <= Vt.COUNT; vt++) follow(vt);
    shellOnDemand(word(ConsoleInfo.SHOWN));
    screenFollow();
    if (ownsScreen() && dirty && now() - drawn >= FRAME) draw();
  }
}

/** The screen vanished under a store: the store goes where nobody sees it, and screenFollow looks for the driver. */
export function __fault(address: i32, _access: i32, _bits: i32): i32 {
  return framebufferFault(address);
}

/** How long to wait for news: for ever, until the next picture is due, or until it is time to ask a driver again. */
function patience(): i64 {
  if (retry) return RETRY;
  if (!dirty || !ownsScreen()) return -1;
  return max<i64>(0, drawn + FRAME - now());
}

function word(offset: i32): i32 {
  return load<i32>(info + offset);
}

function ownsScreen(): bool {
  return word(ConsoleInfo.OWNER) == pid;
}

/** C2. While this server has the screen the terminals are no larger than that. */
function sizeFollow(): void {
  let newColumns = word(ConsoleInfo.COLUMNS) > 0 ? word(ConsoleInfo.COLUMNS) : 80;
  let newRows = word(ConsoleInfo.ROWS) > 0 ? word(ConsoleInfo.ROWS) : 25;
  if (ownsScreen()) {
    if (drawScale(screen, newColumns, newRows)) {
      consoleShow(drawColumns(screen), drawRows(screen));
      cleared = true;
    }
    newColumns = min(newColumns, drawColumns(screen));
    newRows = min(newRows, drawRows(screen));
  }
  newColumns = sizeColumns(newColumns);
  newRows = sizeRows(newRows, newColumns);
  if (newColumns == columns && newRows == rows && !cleared) return;
  cleared = false;
  columns = newColumns;
  rows = newRows;
  for (let i = 0; i < Vt.COUNT; i++) {
    terminalStart(terminals[i], columns, rows);
    store<u32>(positions + i * 4, oldest(i + Vt.FIRST));
  }
  if (ownsScreen()) drawReset(screen, columns, rows);
  dirty = true;
}

function headOf(vt: i32): u32 {
  return word(ConsoleInfo.VTS + (vt - Vt.FIRST) * ConsoleInfo.VT_BYTES);
}

/** Position of the oldest output that the ring of a VT is sure to hold. */
function oldest(vt: i32): u32 {
  const head = headOf(vt);
  return head > <u32>ConsoleDevice.OUTPUT_BYTES ? head - ConsoleDevice.OUTPUT_BYTES : 0;
}

/** Feeds a terminal what has been printed on it. Output that was overwritten before it was fetched is left out. */
function follow(vt: i32): void {
  const at = positions + (vt - Vt.FIRST) * 4;
  for (;;) {
    const n = consoleFetch(vt, load<u32>(at), fetched, FETCH_BYTES);
    if (n == -Errno.ERANGE) {
      // The head that is known may be old by now; the next round knows a newer one.
      if (load<u32>(at) == oldest(vt)) return;
      store<u32>(at, oldest(vt));
      continue;
    }
    if (n <= 0) return;
    parserFeed(terminals[vt - Vt.FIRST], fetched, n);
    store<u32>(at, load<u32>(at) + n);
    if (vt == word(ConsoleInfo.SHOWN)) dirty = true;
  }
}

let shownBefore = 0;

/** A shell on VT 2 or 3 when it is shown and nobody has it open. */
function shellOnDemand(vt: i32): void {
  if (vt != shownBefore) dirty = true;
  shownBefore = vt;
  if (vt == Vt.FIRST || vt > Vt.SHELLS) return;
  if (word(ConsoleInfo.VTS + (vt - Vt.FIRST) * ConsoleInfo.VT_BYTES + 4) != 0) return;
  let n = putLiteral(path, "/dev/vt");
  n += putDecimal(path + n, vt);
  const fd = open(path, n, OpenFlag.READWRITE);
  if (fd < 0) return;
  for (let i = 0; i < 3; i++) {
    store<i32>(fdmap + i * FdMap.BYTES, i, FdMap.CHILD);
    store<i32>(fdmap + i * FdMap.BYTES, fd, FdMap.PARENT);
  }
  n = putLiteral(path, "/bin/sh");
  memory.copy(path + 8, path + 5, 2);
  store<u8>(path + 10, 0);
  const shell = spawn(path, n, path + 8, 3, fdmap, 3);
  if (shell > 0) setgroup(shell, 0);
  close(fd);
}

/** Takes the screen when it is wanted, free and drivable; follows its mode; gives it up when its pixels are gone. */
function screenFollow(): void {
  retry = false;
  if (ownsScreen()) {
    const found = framebufferSync(screen);
    if (found == Found.SAME) return;
    if (found == Found.GONE) {
      consoleRelease();
      retry = true;
    } else show();
    return;
  }
  if (word(ConsoleInfo.OWNER) != 0 || word(ConsoleInfo.WANTED) == 0) return;
  if (word(ConsoleInfo.DRIVER) == 0) return;
  const r = mapped ? syncErrno() : framebufferOpenBase(screen);
  if (r < 0) {
    retry = true;
    return;
  }
  mapped = true;
  if (consoleTake(0, 0) < 0) return; // somebody else was faster, and an event will tell when it ends
  show();
}

function syncErrno(): i32 {
  return framebufferSync(screen) == Found.GONE ? -Errno.EPIPE : 0;
}

/** Draws everything, then says that the screen shows it. */
function show(): void {
  told = 0;
  store<i32>(info, pid, ConsoleInfo.OWNER);
  drawScale(screen, word(ConsoleInfo.COLUMNS), word(ConsoleInfo.ROWS));
  cleared = true;
  sizeFollow();
  for (let vt: i32 = Vt.FIRST; vt <= Vt.COUNT; vt++) follow(vt);
  draw();
  consoleShow(drawColumns(screen), drawRows(screen));
}

/** Draws the terminal that is shown. Its text is there before the driver hears of the switch, which may bring a picture or take one away. */
function draw(): void {
  const vt = word(ConsoleInfo.SHOWN);
  drawTerminal(screen, terminals[vt - Vt.FIRST]);
  if (vt != told && framebufferTerminal(vt) == 0) told = vt;
  drawn = now();
  dirty = false;
}

function fail(what: string, errno: i32): void {
  complain();
  err.text(what).text(": ").text(errnoText(errno)).newline();
  finish(1);
}
