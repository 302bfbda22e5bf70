// Parser: finds characters, controls and sequences in a stream of bytes, which may be cut anywhere. UTF-8 outside; inside, the state machine
// of DEC's VT500 series as Paul Williams has drawn it (https://vt100.net/emu/dec_ansi_parser), with parameters in ECMA-48's colon form too.
//
// Invariants
//   P1  Every byte sequence is taken to its end: nothing traps, and whatever a sequence says, at most PARAMS_MAX parameters are kept.
//   P2  A malformed byte of UTF-8 is dropped; the next one starts afresh.
//   P3  CAN and SUB end any sequence, ESC begins another, in every state.

import { csiPerform, escapePerform } from "./sequences";
import { characterPrint, controlPerform, PARAMS_MAX, SUBS_MAX, Terminal } from "./terminal";

const enum State {
  GROUND = 0,
  ESCAPE = 1,
  ESCAPE_INTERMEDIATE = 2,
  CSI_ENTRY = 3,
  CSI_PARAM = 4,
  CSI_INTERMEDIATE = 5,
  CSI_IGNORE = 6,
  OSC = 7,
  DCS_ENTRY = 8,
  DCS_PARAM = 9,
  DCS_INTERMEDIATE = 10,
  DCS_IGNORE = 11,
  DCS_DATA = 12,
  STRING = 13, // SOS, PM, APC
}

/** Takes n bytes of output. */
export function parserFeed(t: Terminal, bytes: usize, n: i32): void {
  for (let i = 0; i < n; i++) byteTake(t, load<u8>(bytes + i));
}

function byteTake(t: Terminal, byte: i32): void {
  if (t.bytesLeft > 0) {
    if ((byte & 0xc0) == 0x80) {
      t.code = (t.code << 6) | (byte & 0x3f);
      if (--t.bytesLeft == 0 && isScalar(t)) codeTake(t, t.code);
      return;
    }
    t.bytesLeft = 0;
  }
  if (byte < 0x80) codeTake(t, byte);
  else if (byte >= 0xc0 && byte < 0xf8) {
    const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    t.bytesLeft = more;
    t.code = byte & (0x3f >> more);
    t.codeLeast = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
  }
}

/** A code point that may be written so; a byte order mark is none. */
function isScalar(t: Terminal): bool {
  const code = t.code;
  return (
    code >= t.codeLeast && code <= 0x10ffff && code != 0xfeff && (code < 0xd800 || code > 0xdfff)
  );
}

function codeTake(t: Terminal, code: i32): void {
  if (t.state == State.GROUND && code >= 0x20 && code != 0x7f && (code < 0x7f || code >= 0xa0)) {
    characterPrint(t, code);
    return;
  }
  if (code == 0x18 || code == 0x1a || code == 0x1b || (code >= 0x80 && code < 0xa0))
    anywhere(t, code);
  else if (code < 0x20) control(t, code);
  else inside(t, code);
}

/** What means the same in every state. */
function anywhere(t: Terminal, code: i32): void {
  switch (code) {
    case 0x1b:
      begin(t, State.ESCAPE);
      return;
    case 0x90:
      begin(t, State.DCS_ENTRY);
      return;
    case 0x9b:
      begin(t, State.CSI_ENTRY);
      return;
    case 0x9d:
      t.state = State.OSC;
      return;
    case 0x98:
    case 0x9e:
    case 0x9f:
      t.state = State.STRING;
      return;
    case 0x9c:
      t.state = State.GROUND;
      return;
    default:
      t.state = State.GROUND;
      controlPerform(t, code);
  }
}

/** C0: performed also in the middle of a sequence, but not in the strings. */
function control(t: Terminal, code: i32): void {
  if (t.state < State.OSC) controlPerform(t, code);
  else if (t.state == State.OSC && code == 7) t.state = State.GROUND;
}

/** A code from 0x20 on, but C1, in a state. */
function inside(t: Terminal, code: i32): void {
  const wide = code >= 0xa0;
  switch (t.state) {
    case State.ESCAPE:
      if (code == 0x7f) return;
      if (wide) t.state = State.GROUND;
      else if (code < 0x30) collect(t, code, State.ESCAPE_INTERMEDIATE);
      else escape(t, code);
      return;
    case State.ESCAPE_INTERMEDIATE:
      if (code == 0x7f) return;
      if (!wide && code < 0x30) collect(t, code, State.ESCAPE_INTERMEDIATE);
      else finish(t, wide ? 0 : code, false);
      return;
    case State.CSI_ENTRY:
    case State.CSI_PARAM:
    case State.CSI_INTERMEDIATE:
      csi(t, code);
      return;
    case State.CSI_IGNORE:
      if (code >= 0x40 && code < 0x7f) t.state = State.GROUND;
      return;
    case State.DCS_ENTRY:
    case State.DCS_PARAM:
    case State.DCS_INTERMEDIATE:
      dcs(t, code);
      return;
    case State.STRING:
      if (wide) t.state = State.GROUND;
  }
}

/** ESC and a final byte: another kind of sequence, or one of its own. */
function escape(t: Terminal, code: i32): void {
  switch (code) {
    case 0x5b:
      begin(t, State.CSI_ENTRY);
      return;
    case 0x5d:
      t.state = State.OSC;
      return;
    case 0x50:
      begin(t, State.DCS_ENTRY);
      return;
    case 0x58:
    case 0x5e:
    case 0x5f:
      t.state = State.STRING;
      return;
    default:
      finish(t, code, false);
  }
}

function csi(t: Terminal, code: i32): void {
  if (code == 0x7f) return;
  if (code >= 0xa0) t.state = State.GROUND;
  else if (code >= 0x40) finish(t, code, true);
  else if (code < 0x30) collect(t, code, State.CSI_INTERMEDIATE);
  else if (t.state == State.CSI_INTERMEDIATE) t.state = State.CSI_IGNORE;
  else if (code < 0x3c) {
    t.state = State.CSI_PARAM;
    parameter(t, code);
  } else if (t.state == State.CSI_ENTRY) collect(t, code, State.CSI_PARAM);
  else t.state = State.CSI_IGNORE;
}

/** Device control strings are skipped; only where they end matters. */
function dcs(t: Terminal, code: i32): void {
  if (code == 0x7f) return;
  if (code >= 0xa0) t.state = State.GROUND;
  else if (code >= 0x40) t.state = State.DCS_DATA;
  else if (code < 0x30) t.state = State.DCS_INTERMEDIATE;
  else if (t.state == State.DCS_INTERMEDIATE) t.state = State.DCS_IGNORE;
  else if (code >= 0x3c && t.state == State.DCS_PARAM) t.state = State.DCS_IGNORE;
  else t.state = State.DCS_PARAM;
}

function begin(t: Terminal, state: State): void {
  t.state = state;
  t.collect = 0;
  t.paramCount = 0;
  t.subCount = 0;
  t.full = false;
  parameterAdd(t);
}

function collect(t: Terminal, code: i32, next: State): void {
  t.collect = (t.collect << 8) | code;
  t.state = next;
}

/** Performs a sequence (code 0: none) and goes back to the ground. */
function finish(t: Terminal, code: i32, isCsi: bool): void {
  t.state = State.GROUND;
  if (code == 0) return;
  if (isCsi) csiPerform(t, (t.collect << 8) | code);
  else escapePerform(t, (t.collect << 8) | code);
}

function parameter(t: Terminal, code: i32): void {
  if (code == 0x3b) parameterAdd(t);
  else if (code == 0x3a) subAdd(t);
  else digit(t, code - 0x30);
}

function parameterAdd(t: Terminal): void {
  t.isSub = false;
  if (t.paramCount == PARAMS_MAX) {
    t.full = true;
    return;
  }
  const at = changetype<usize>(t.params) + t.paramCount * 8;
  store<i32>(at, 0);
  store<u16>(at, t.subCount, 4);
  store<u16>(at, t.subCount, 6);
  t.paramCount++;
}

/** An empty sub-parameter is -1. */
function subAdd(t: Terminal): void {
  t.isSub = true;
  if (t.full || t.subCount == SUBS_MAX) {
    t.full = true;
    return;
  }
  store<i32>(subAt(t, t.subCount), -1);
  t.subCount++;
  store<u16>(changetype<usize>(t.params) + (t.paramCount - 1) * 8, t.subCount, 6);
}

function digit(t: Terminal, value: i32): void {
  if (t.full) return;
  const at = t.isSub
    ? subAt(t, t.subCount - 1)
    : changetype<usize>(t.params) + (t.paramCount - 1) * 8;
  const so = load<i32>(at);
  store<i32>(at, so < 0 ? value : so > 99999999 ? 999999999 : so * 10 + value);
}

function subAt(t: Terminal, i: i32): usize {
  return changetype<usize>(t.params) + PARAMS_MAX * 8 + i * 4;
}

/** Parameter i of the sequence; 0 when it was left out. */
export function param(t: Terminal, i: i32): i32 {
  return i < t.paramCount ? load<i32>(changetype<usize>(t.params) + i * 8) : 0;
}

/** Parameter i, 1 when it is 0 or was left out: a count or a position. */
export function paramCount(t: Terminal, i: i32): i32 {
  return max(param(t, i), 1);
}

/** How many sub-parameters parameter i has. */
export function subCount(t: Terminal, i: i32): i32 {
  const at = changetype<usize>(t.params) + i * 8;
  return <i32>load<u16>(at, 6) - <i32>load<u16>(at, 4);
}

/** Sub-parameter k of parameter i; -1: empty. */
export function sub(t: Terminal, i: i32, k: i32): i32 {
  return load<i32>(subAt(t, <i32>load<u16>(changetype<usize>(t.params) + i * 8, 4) + k));
}
