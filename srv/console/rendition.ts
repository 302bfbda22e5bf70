// Rendition: SGR, the colours and attributes of what is printed next.

import { CellFlag, Color } from "./cell";
import { param, sub, subCount } from "./parser";
import { renditionReset, Terminal } from "./terminal";

export function renditionPerform(t: Terminal): void {
  for (let i = 0; i < t.paramCount; i++) {
    const p = param(t, i);
    if (p == 38 || p == 48 || p == 58) i += extended(t, p, i);
    else one(t, p, i);
  }
}

function one(t: Terminal, p: i32, i: i32): void {
  if (p >= 30 && p <= 37) t.ink = Color.INDEXED | (p - 30);
  else if (p >= 40 && p <= 47) t.paper = Color.INDEXED | (p - 40);
  else if (p >= 90 && p <= 97) t.ink = Color.INDEXED | (p - 90 + 8);
  else if (p >= 100 && p <= 107) t.paper = Color.INDEXED | (p - 100 + 8);
  else {
    switch (p) {
      case 0:
        renditionReset(t);
        return;
      case 1:
        t.flags |= CellFlag.BOLD;
        return;
      case 2:
        t.flags |= CellFlag.DIM;
        return;
      case 3:
        t.flags |= CellFlag.ITALIC;
        return;
      case 4:
        if (subCount(t, i) > 0 && sub(t, i, 0) == 0) t.flags &= ~CellFlag.UNDERLINE;
        else t.flags |= CellFlag.UNDERLINE;
        return;
      case 5:
        t.flags |= CellFlag.BLINK;
        return;
      case 7:
        t.flags |= CellFlag.INVERSE;
        return;
      case 8:
        t.flags |= CellFlag.INVISIBLE;
        return;
      case 9:
        t.flags |= CellFlag.STRIKE;
        return;
      case 21:
        t.flags |= CellFlag.UNDERLINE;
        return;
      case 22:
        t.flags &= ~(CellFlag.BOLD | CellFlag.DIM);
        return;
      case 23:
        t.flags &= ~CellFlag.ITALIC;
        return;
      case 24:
        t.flags &= ~CellFlag.UNDERLINE;
        return;
      case 25:
        t.flags &= ~CellFlag.BLINK;
        return;
      case 27:
        t.flags &= ~CellFlag.INVERSE;
        return;
      case 28:
        t.flags &= ~CellFlag.INVISIBLE;
        return;
      case 29:
        t.flags &= ~CellFlag.STRIKE;
        return;
      case 39:
        t.ink = Color.DEFAULT;
        return;
      case 49:
        t.paper = Color.DEFAULT;
        return;
      case 53:
        t.flags |= CellFlag.OVERLINE;
        return;
      case 55:
        t.flags &= ~CellFlag.OVERLINE;
    }
  }
}

/**
 * 38, 48 and 58: "38;5;N", "38;2;R;G;B", and with colons "38:5:N", "38:2:SPACE:R:G:B", "38:2:R:G:B". Returns how many parameters after
 * the first belong to it. 58, the underline's colour, is taken and not shown.
 */
function extended(t: Terminal, p: i32, i: i32): i32 {
  const subs = subCount(t, i);
  if (subs > 0) {
    const kind = sub(t, i, 0);
    if (kind == 5) colorSet(t, p, Color.INDEXED | (part(t, i, 1, subs) & 0xff));
    else if (kind == 2) {
      const first = subs > 4 ? 2 : 1;
      colorSet(
        t,
        p,
        direct(part(t, i, first, subs), part(t, i, first + 1, subs), part(t, i, first + 2, subs)),
      );
    }
    return 0;
  }
  const kind = param(t, i + 1);
  if (kind == 5) {
    colorSet(t, p, Color.INDEXED | (param(t, i + 2) & 0xff));
    return 2;
  }
  if (kind == 2) {
    colorSet(t, p, direct(param(t, i + 2), param(t, i + 3), param(t, i + 4)));
    return 4;
  }
  return 1;
}

function part(t: Terminal, i: i32, k: i32, subs: i32): i32 {
  return k < subs ? max(sub(t, i, k), 0) : 0;
}

function direct(r: i32, g: i32, b: i32): u32 {
  return Color.DIRECT | ((r & 0xff) << 16) | ((g & 0xff) << 8) | (b & 0xff);
}

function colorSet(t: Terminal, p: i32, color: u32): void {
  if (p == 38) t.ink = color;
  else if (p == 48) t.paper = color;
}
