// Prints what lib/fmt.test.ts expects.

import { errnoName, errnoText } from "../../errno";
import { line, lineBytes, lineNext, lineStart } from "../../files";
import { err, out } from "../../fmt";
import { finish } from "../../program";
import { parsedBytes, parseHex, parseNumber } from "../../text";

const text: usize = memory.data(64);

function put(s: string): i32 {
  for (let i = 0; i < s.length; i++) store<u8>(text + i, s.charCodeAt(i));
  return s.length;
}

function number(s: string): void {
  const value = parseNumber(text, put(s));
  out.dec(value).byte(0x20).dec(parsedBytes).newline();
}

export function _start(): void {
  out
    .dec(0)
    .byte(0x20)
    .dec(-1)
    .byte(0x20)
    .dec(i64.MIN_VALUE)
    .byte(0x20)
    .dec(i64.MAX_VALUE)
    .newline();
  out.dec(42, 6).byte(0x7c).dec(-42, 6).byte(0x7c).dec(1234567, 3).newline();
  out
    .hex(0)
    .byte(0x20)
    .hex(255)
    .byte(0x20)
    .hex(255, 8)
    .byte(0x20)
    .hex(u64.MAX_VALUE)
    .byte(0x20)
    .hex(0x10, 16)
    .newline();
  out
    .size(0)
    .byte(0x20)
    .size(1023)
    .byte(0x20)
    .size(1024)
    .byte(0x20)
    .size(1536)
    .byte(0x20)
    .size(10240)
    .byte(0x20);
  out
    .size(1048576)
    .byte(0x20)
    .size(33554432)
    .byte(0x20)
    .size(1 << 40)
    .byte(0x7c)
    .size(4096, 8)
    .newline();
  out.text("aé€😀").byte(0x20).dec(out.column).newline();
  out.text("ab").tab(5).text("c").tab(2).text("d").newline();
  number("123");
  number("-5x");
  number("0x1fg");
  number("");
  number("0x");
  out
    .hex(parseHex(text, put("0xE0000000 32")))
    .byte(0x20)
    .dec(parsedBytes)
    .newline();
  lineStart(text, put("one\n\ntwo"));
  while (lineNext()) out.byte(0x3c).bytes(line, lineBytes).byte(0x3e);
  out.newline();
  out
    .text(errnoName(-22))
    .byte(0x20)
    .text(errnoText(22))
    .byte(0x20)
    .text(errnoName(9999))
    .newline();
  err.text("first\nsecond");
  for (let i = 0; i < 2000; i++) out.text("1234567\n");
  finish(0);
}
