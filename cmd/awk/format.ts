// printf: values written as a format says, with lib/format.
//
// Invariants
//   O1  A value is made a text before the format's next part is read: CONVFMT has a format of its own.

import { floatPut } from "../../lib/float";
import {
  FORMAT_STAR,
  formatBytes,
  formatFloat,
  formatInteger,
  formatLetter,
  formatMinus,
  formatPrecision,
  formatPrecisionSet,
  formatRead,
  formatText,
  formatWidth,
  formatWidthSet,
} from "../../lib/format";
import { utf8At, utf8Bytes, utf8Count } from "../../lib/utf8";
import { Builder } from "./builder";
import {
  CELL_BYTES,
  Cell,
  cellNumber,
  cellOrder,
  cellSetNumber,
  cellText,
  Kind,
  Order,
  unset,
} from "./cells";
import { numberPlace } from "./numbers";
import { Text, textDrop, textOf } from "./texts";
import { wrong } from "./wrong";

const outer: Builder = changetype<Builder>(memory.data(4));
const inner: Builder = changetype<Builder>(memory.data(4));
const only: Cell = changetype<Cell>(memory.data(16, 8));
const I64_END: f64 = 9.223372036854775807e18;
let builder: Builder = outer;
let values: usize = 0;
let left = 0;

/** The values, cells one after another, as the format says; held. */
export function formatted(format: Text, cells: usize, count: i32): Text {
  builder = outer;
  return made(format, cells, count);
}

/** A number as CONVFMT or OFMT says, held. It may be asked for while another text is being formatted. */
export function numberFormatted(format: Text, number: f64): Text {
  const before = builder;
  const beforeValues = values;
  const beforeLeft = left;
  builder = inner;
  cellSetNumber(only, number);
  const text = made(format, changetype<usize>(only), 1);
  builder = before;
  values = beforeValues;
  left = beforeLeft;
  return text;
}

function made(format: Text, cells: usize, count: i32): Text {
  values = cells;
  left = count;
  builder.begin();
  const end = format.at + format.bytes;
  for (let p = format.at; p < end; ) {
    const start = p;
    while (p < end && load<u8>(p) != 0x25) p++;
    if (p > start) builder.add(start, <i32>(p - start));
    if (p < end) p = conversion(p + 1, end);
  }
  return builder.built();
}

function next(): Cell {
  if (left == 0) wrong("the format asks for more values than there are");
  left--;
  const cell = changetype<Cell>(values);
  values += CELL_BYTES;
  return cell;
}

/** One %...; p is behind the percent sign. */
function conversion(p: usize, end: usize): usize {
  const past = formatRead(p, end);
  const letter = formatLetter;
  if (formatWidth == FORMAT_STAR) formatWidthSet(<i64>cellNumber(next()));
  if (formatPrecision == FORMAT_STAR) formatPrecisionSet(<i64>cellNumber(next()));
  switch (letter) {
    case 0x25:
      builder.byte(letter);
      break;
    case 0x73:
      textPut(next());
      break;
    case 0x63:
      characterPut(next());
      break;
    case 0x64:
    case 0x69:
    case 0x75:
    case 0x78:
    case 0x58:
    case 0x6f:
      wholePut(cellNumber(next()));
      break;
    case 0x65:
    case 0x45:
    case 0x66:
    case 0x46:
    case 0x67:
    case 0x47:
      formatFloat(cellNumber(next()));
      padded(formatText, formatBytes, formatWidth, formatMinus);
      break;
    default:
      // What is no conversion stays as it is.
      builder.add(p - 1, <i32>(past - p) + 1);
  }
  return past;
}

function padded(p: usize, n: i32, width: i32, minus: bool): void {
  const gap = width > 0 ? width - utf8Count(p, n) : 0;
  if (!minus) builder.spaces(gap);
  builder.add(p, n);
  if (minus) builder.spaces(gap);
}

/** A value as a text, held. CONVFMT itself may ask for one of its number: that has its usual form. */
function textTake(cell: Cell): Text {
  if (builder != inner || cell.kind != Kind.NUMBER) return cellText(cell);
  return textOf(numberPlace, floatPut(numberPlace, cell.number, 0x67, 6, false));
}

/** %s: the precision is in characters. */
function textPut(cell: Cell): void {
  const width = formatWidth;
  const minus = formatMinus;
  const most = formatPrecision;
  const text = textTake(cell);
  let bytes = text.bytes;
  if (most >= 0) bytes = bytesOf(text.at, text.bytes, most);
  padded(text.at, bytes, width, minus);
  textDrop(text);
}

/** Bytes of the first so many characters. */
export function bytesOf(p: usize, n: i32, characters: i32): i32 {
  const end = p + n;
  let q = p;
  for (; characters > 0 && q < end; characters--) {
    utf8At(q, end);
    q += utf8Bytes;
  }
  return <i32>(q - p);
}

/** %c: the character of a number, or the first one of a text. */
function characterPut(cell: Cell): void {
  cellOrder(cell, unset, Order.EQUAL); // it is looked at
  if (cell.kind != Kind.NUMBER && cell.kind != Kind.NUMERIC) {
    const text = cellText(cell);
    padded(text.at, bytesOf(text.at, text.bytes, 1), formatWidth, formatMinus);
    textDrop(text);
    return;
  }
  const c = <i64>cell.number;
  padded(
    numberPlace,
    characterEncode(c >= 0 && c < 0x110000 ? <i32>c : <i32>(c & 255)),
    formatWidth,
    formatMinus,
  );
}

/** Writes a character to numberPlace as UTF-8; its bytes. */
function characterEncode(c: i32): i32 {
  if (c < 0x80) {
    store<u8>(numberPlace, c);
    return 1;
  }
  const more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  store<u8>(numberPlace, (more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0) | (c >> (more * 6)));
  for (let i = 1; i <= more; i++) {
    store<u8>(numberPlace + i, 0x80 | ((c >> ((more - i) * 6)) & 63));
  }
  return more + 1;
}

/** %d and the like: what an i64 does not hold has all its digits, or is inf or nan. */
function wholePut(number: f64): void {
  const n = trunc(number);
  if (Math.abs(n) < I64_END) {
    formatInteger(<i64>n);
    padded(formatText, formatBytes, formatWidth, formatMinus);
    return;
  }
  padded(numberPlace, floatPut(numberPlace, n, 0x66, 0, false), formatWidth, formatMinus);
}
