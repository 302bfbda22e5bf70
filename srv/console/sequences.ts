// Sequences: what escape and control sequences do to a terminal. Those that ask the terminal something are left alone: the page's
// terminal, where the keys are, answers.

import { Color } from "./cell";
import {
  cellAt,
  cellSet,
  rowDelete,
  rowErase,
  rowInsert,
  rowsDown,
  rowsErase,
  rowsUp,
} from "./cells";
import { param, paramCount } from "./parser";
import { renditionPerform } from "./rendition";
import {
  Charset,
  characterPrint,
  charsetSet,
  charsetShift,
  cursorClamp,
  cursorRestore,
  cursorSave,
  index,
  lineUp,
  modesReset,
  renditionReset,
  Terminal,
  tabBack,
  tabForward,
  tabSet,
  terminalAlternate,
  terminalReset,
} from "./terminal";

/** The final byte, and the intermediate bytes before it. */
export function escapePerform(t: Terminal, id: i32): void {
  t.last = 0;
  switch (id) {
    case 0x37: // 7: DECSC
      cursorSave(t);
      return;
    case 0x38: // 8: DECRC
      cursorRestore(t);
      return;
    case 0x44: // D: IND
      index(t);
      return;
    case 0x45: // E: NEL
      t.buffer.x = 0;
      index(t);
      return;
    case 0x48: // H: HTS
      tabSet(t.buffer);
      return;
    case 0x4d: // M: RI
      lineUp(t);
      return;
    case 0x63: // c: RIS
      terminalReset(t);
      return;
    case 0x6e: // n: LS2
    case 0x7d: // }: LS2R
      charsetShift(t, 2);
      return;
    case 0x6f: // o: LS3
    case 0x7c: // |: LS3R
      charsetShift(t, 3);
      return;
    case 0x7e: // ~: LS1R
      charsetShift(t, 1);
      return;
    case 0x2338: // # 8: DECALN
      alignment(t);
      return;
    case 0x2540: // % @
    case 0x2547: // % G
      charsetShift(t, 0);
      charsetSet(t, 0, Charset.ASCII);
      return;
  }
  // ( ) * + designate G0 to G3
  const level = (id >> 8) - 0x28;
  if (level < 0 || level > 3) return;
  const set = id & 0xff;
  if (set == 0x30) charsetSet(t, level, Charset.GRAPHICS);
  else if (set == 0x41) charsetSet(t, level, Charset.BRITISH);
  else if (set == 0x42) charsetSet(t, level, Charset.ASCII);
}

/** The final byte, and the prefix and intermediate bytes before it. */
export function csiPerform(t: Terminal, id: i32): void {
  if (id == 0x62) repeat(t, paramCount(t, 0)); // b: REP, of the character before
  t.last = 0;
  const b = t.buffer;
  const n = paramCount(t, 0);
  switch (id) {
    case 0x40: // @: ICH
      cursorClamp(t, b.columns - 1);
      rowInsert(b, b.y, b.x, n, Color.DEFAULT, t.paper, 0);
      return;
    case 0x41: // A: CUU
      up(t, n);
      return;
    case 0x42: // B: CUD
      down(t, n);
      return;
    case 0x43: // C: CUF
    case 0x61: // a: HPR
      move(t, n, 0);
      return;
    case 0x44: // D: CUB
      move(t, -n, 0);
      return;
    case 0x45: // E: CNL
      down(t, n);
      t.buffer.x = 0;
      return;
    case 0x46: // F: CPL
      up(t, n);
      t.buffer.x = 0;
      return;
    case 0x47: // G: CHA
    case 0x60: // `: HPA
      b.x = n - 1;
      cursorClamp(t, b.columns - 1);
      return;
    case 0x48: // H: CUP
    case 0x66: // f: HVP
      place(t, paramCount(t, 1) - 1, n - 1);
      return;
    case 0x49: // I: CHT
      tabForward(b, n);
      return;
    case 0x4a: // J: ED
    case 0x3f4a: // ? J: DECSED
      eraseDisplay(t);
      return;
    case 0x4b: // K: EL
    case 0x3f4b: // ? K: DECSEL
      eraseLine(t);
      return;
    case 0x4c: // L: IL
    case 0x4d: // M: DL
      lines(t, id == 0x4c, n);
      return;
    case 0x50: // P: DCH
      cursorClamp(t, b.columns - 1);
      rowDelete(b, b.y, b.x, n, t.paper);
      return;
    case 0x53: // S: SU
      rowsUp(b, b.top, b.bottom, n, t.paper);
      return;
    case 0x54: // T: SD
      rowsDown(b, b.top, b.bottom, n, Color.DEFAULT);
      return;
    case 0x58: // X: ECH
      cursorClamp(t, b.columns - 1);
      rowErase(b, b.y, b.x, min(b.x + n, b.columns), t.paper);
      return;
    case 0x5a: // Z: CBT
      tabBack(b, n);
      return;
    case 0x64: // d: VPA
      place(t, b.x, n - 1);
      return;
    case 0x65: // e: VPR
      move(t, 0, n);
      return;
    case 0x67: // g: TBC
      tabsClear(t);
      return;
    case 0x68: // h: SM
    case 0x6c: // l: RM
      modes(t, id == 0x68);
      return;
    case 0x3f68: // ? h: DECSET
    case 0x3f6c: // ? l: DECRST
      privateModes(t, id == 0x3f68);
      return;
    case 0x6d: // m: SGR
      renditionPerform(t);
      return;
    case 0x72: // r: DECSTBM
      region(t);
      return;
    case 0x73: // s: SCOSC
      cursorSave(t);
      return;
    case 0x75: // u: SCORC
      cursorRestore(t);
      return;
    case 0x2170: // ! p: DECSTR
      softReset(t);
  }
}

/** No more than fill the screen: further ones would print the same. */
function repeat(t: Terminal, n: i32): void {
  const code = t.last;
  if (code == 0) return;
  const most = t.buffer.columns * t.buffer.rows;
  for (let i = min(n, most); i > 0; i--) characterPrint(t, code);
}

/** Up to the region's first row from inside it, else to the first. */
function up(t: Terminal, n: i32): void {
  const room = t.buffer.y - t.buffer.top;
  move(t, 0, -(room >= 0 ? min(room, n) : n));
}

function down(t: Terminal, n: i32): void {
  const room = t.buffer.bottom - t.buffer.y;
  move(t, 0, room >= 0 ? min(room, n) : n);
}

function move(t: Terminal, dx: i32, dy: i32): void {
  const b = t.buffer;
  cursorClamp(t, b.columns - 1);
  b.x = min(b.x + dx, b.columns);
  b.y = min(b.y + dy, b.rows);
  cursorClamp(t, b.columns - 1);
}

/** An absolute place, counted from the region's first row in origin mode. */
function place(t: Terminal, x: i32, y: i32): void {
  const b = t.buffer;
  b.x = x;
  b.y = t.origin ? b.top + y : y;
  cursorClamp(t, b.columns - 1);
}

function eraseDisplay(t: Terminal): void {
  const b = t.buffer;
  cursorClamp(t, b.columns);
  switch (param(t, 0)) {
    case 0:
      rowErase(b, b.y, b.x, b.columns, t.paper);
      rowsErase(b, b.y + 1, b.rows, t.paper);
      return;
    case 1:
      rowErase(b, b.y, 0, b.x + 1, t.paper);
      rowsErase(b, 0, b.y, t.paper);
      return;
    case 2:
      rowsErase(b, 0, b.rows, t.paper);
      return;
    case 3:
      b.scrolled = 0; // the text that has scrolled away; this screen keeps none
  }
}

function eraseLine(t: Terminal): void {
  const b = t.buffer;
  cursorClamp(t, b.columns);
  switch (param(t, 0)) {
    case 0:
      rowErase(b, b.y, b.x, b.columns, t.paper);
      return;
    case 1:
      rowErase(b, b.y, 0, b.x + 1, t.paper);
      return;
    case 2:
      rowErase(b, b.y, 0, b.columns, t.paper);
  }
}

/** Inserts or deletes lines at the cursor, if it is in the region. */
function lines(t: Terminal, insert: bool, n: i32): void {
  const b = t.buffer;
  cursorClamp(t, b.columns - 1);
  if (b.y < b.top || b.y > b.bottom) return;
  if (insert) rowsDown(b, b.y, b.bottom, n, t.paper);
  else rowsUp(b, b.y, b.bottom, n, t.paper);
  b.x = 0;
}

function tabsClear(t: Terminal): void {
  const b = t.buffer;
  if (param(t, 0) == 3) memory.fill(b.tabs, 0, b.columns);
  else if (param(t, 0) == 0 && b.x < b.columns) store<u8>(b.tabs + b.x, 0);
}

function modes(t: Terminal, on: bool): void {
  for (let i = 0; i < t.paramCount; i++) {
    if (param(t, i) == 4) t.insert = on;
    else if (param(t, i) == 20) t.newline = on;
  }
}

function privateModes(t: Terminal, on: bool): void {
  for (let i = 0; i < t.paramCount; i++) {
    switch (param(t, i)) {
      case 6: // DECOM
        t.origin = on;
        place(t, 0, 0);
        break;
      case 7: // DECAWM
        t.wrap = on;
        break;
      case 25: // DECTCEM
        t.hidden = !on;
        break;
      case 47:
      case 1047:
        terminalAlternate(t, on);
        break;
      case 1048:
        if (on) cursorSave(t);
        else cursorRestore(t);
        break;
      case 1049:
        if (on) cursorSave(t);
        terminalAlternate(t, on);
        if (!on) cursorRestore(t);
    }
  }
}

function region(t: Terminal): void {
  const b = t.buffer;
  const top = paramCount(t, 0);
  let bottom = param(t, 1);
  if (bottom == 0 || bottom > b.rows) bottom = b.rows;
  if (bottom <= top) return;
  b.top = top - 1;
  b.bottom = bottom - 1;
  place(t, 0, 0);
}

function softReset(t: Terminal): void {
  const b = t.buffer;
  b.top = 0;
  b.bottom = b.rows - 1;
  renditionReset(t);
  modesReset(t);
  b.savedX = 0;
  b.savedRow = b.scrolled;
  b.savedInk = Color.DEFAULT;
  b.savedPaper = Color.DEFAULT;
  b.savedFlags = 0;
  b.savedCharset = Charset.ASCII;
}

/** A screen full of E, to align the tube by. */
function alignment(t: Terminal): void {
  const b = t.buffer;
  for (let y = 0; y < b.rows; y++) {
    for (let x = 0; x < b.columns; x++) cellSet(cellAt(b, x, y), 0x45, 1, t.ink, t.paper, t.flags);
  }
  place(t, 0, 0);
}
