// The prompt: PS1, or PS2 for the further lines of a command, with \w (the folder) \W (its last name) \u \h \$ \s \t \n \e \! \\ and \[ \].

import { clock } from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import { utf8At, utf8Bytes } from "../../lib/utf8";
import { folderNow } from "./folder";
import { parameter, value, valueBytes, valueIsSet } from "./vars";

const PROMPT_BYTES = 512;
export const promptText: usize = memory.data(512);
export let promptBytes = 0;
/** Cells that it takes on its last row. */
export let promptCells = 0;

const PS1: usize = memory.data<u8>([0x50, 0x53, 0x31]);
const PS2: usize = memory.data<u8>([0x50, 0x53, 0x32]);
const USER: usize = memory.data<u8>([0x55, 0x53, 0x45, 0x52]);
const HOME: usize = memory.data<u8>([0x48, 0x4f, 0x4d, 0x45]);

/** Makes the prompt for the first line of a command, or for another one. */
export function promptMake(first: bool): void {
  parameter(first ? PS1 : PS2, 3);
  promptBytes = 0;
  if (!valueIsSet) promptBytes = putLiteral(promptText, first ? "quire$ " : "> ");
  else expand(value, value + valueBytes);
  cellsCount();
}

function expand(p: usize, end: usize): void {
  while (p < end) {
    const c: i32 = load<u8>(p++);
    if (c != 0x5c || p == end) put(c);
    else escape(load<u8>(p++));
  }
}

function put(c: i32): void {
  if (promptBytes < PROMPT_BYTES) store<u8>(promptText + promptBytes++, c);
}

function putBytes(p: usize, n: i32): void {
  for (let i = 0; i < n; i++) put(load<u8>(p + i));
}

function escape(c: i32): void {
  switch (c) {
    case 0x77:
    case 0x57:
      folderPut(c == 0x57);
      return;
    case 0x75:
      parameter(USER, 4);
      putBytes(value, valueBytes);
      return;
    case 0x68:
    case 0x48:
      literalPut("quire");
      return;
    case 0x73:
      literalPut("sh");
      return;
    case 0x24:
      put(0x23); // the only user is root
      return;
    case 0x74:
      timePut();
      return;
    case 0x6e:
      put(13);
      put(10);
      return;
    case 0x65:
      put(27);
      return;
    case 0x5b: // \[ and \] say that there are no cells between them: colours are seen without
    case 0x5d:
      return;
    case 0x5c:
      put(c);
      return;
  }
  put(0x5c);
  put(c);
}

function literalPut(text: string): void {
  for (let i = 0; i < text.length; i++) put(text.charCodeAt(i));
}

/** The working directory, with ~ for HOME, or its last name. */
function folderPut(last: bool): void {
  let path = folderNow();
  let n = 0;
  while (load<u8>(path + n) != 0) n++;
  parameter(HOME, 4);
  const isBelow = valueBytes > 1 && n >= valueBytes && memory.compare(path, value, valueBytes) == 0;
  if (isBelow && (n == valueBytes || load<u8>(path + valueBytes) == 0x2f)) {
    put(0x7e);
    path += valueBytes;
    n -= valueBytes;
    if (n == 0) return;
    if (last) promptBytes--;
  }
  if (last) {
    let from = n;
    while (from > 0 && load<u8>(path + from - 1) != 0x2f) from--;
    if (n > 1) {
      path += from;
      n -= from;
    }
  }
  putBytes(path, n);
}

/** The time of day, HH:MM:SS. */
function timePut(): void {
  const seconds = <i32>((clock(0) / 1000000000) % 86400);
  twoPut(seconds / 3600);
  put(0x3a);
  twoPut((seconds / 60) % 60);
  put(0x3a);
  twoPut(seconds % 60);
}

function twoPut(n: i32): void {
  put(0x30 + n / 10);
  put(0x30 + (n % 10));
}

function cellsCount(): void {
  promptCells = 0;
  const end = promptText + promptBytes;
  for (let p = promptText; p < end; ) {
    const c = utf8At(p, end);
    p += utf8Bytes;
    if (c == 27 && p < end && load<u8>(p) == 0x5b) {
      p++;
      while (p < end && load<u8>(p) < 0x40) p++;
      p++;
    } else if (c == 10) promptCells = 0;
    else if (c >= 0x20) promptCells++;
  }
}
