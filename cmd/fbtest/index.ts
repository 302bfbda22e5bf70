// fbtest: draws known patterns on the screen and reads them back, by mapping and by messages. Without arguments in every mode that the adapter
// lists, in both byte orders.
//
// What is on the glass is for eyes, and for screenshots: fbtest can say only that each pixel is in VRAM as it should be.

import { PixelFormat } from "../../abi/display";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { readFile } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import {
  framebufferClose,
  framebufferFormat,
  framebufferMode,
  framebufferOpen,
  framebufferRead,
} from "../../lib/framebuffer";
import { complain, finish, help, usage } from "../../lib/program";
import { colorPixel, Surface, surfaceNew, surfacePresent } from "../../lib/surface";
import { read } from "../../lib/sys";
import { bytesFind, parsedBytes, parseNumber } from "../../lib/text";
import { Pattern, patternColor, patternName, patternOf } from "./pattern";

const USAGE = "fbtest [-w] [MODE|all [bgrx|rgbx|both [PATTERN|every]]]";
const STATUS_BYTES = 2048;
const ROW_BYTES = 7680; // 1920 pixels
const screen: Surface = surfaceNew();
const status: usize = memory.data(2049);
const row: usize = memory.data(7680, 8);
const line: usize = memory.data(16);

let waits = false;
let pictures = 0;
let failures = 0;

export function _start(): void {
  help(
    "fbtest [-w] [MODE|all [bgrx|rgbx|both [PATTERN|every]]]: draws test pictures and reads them back; patterns are bars, gradient, grid, corners and card; -w waits for Enter after each picture",
  );
  let at = 1;
  for (; at < argc() && load<u8>(arg(at)) == 0x2d; at++) {
    if (argIs(at, "-w")) waits = true;
    else usage(USAGE);
  }
  if (argc() - at > 3) usage(USAGE);
  const r = framebufferOpen(screen);
  if (r < 0) failure("/dev/gpu", r);
  if (at >= argc() || argIs(at, "all")) everyMode(at + 1);
  else modeWord(arg(at), argBytes(at), at + 1);
  framebufferClose(screen);
  out.dec(pictures).text(" pictures, ").dec(failures).text(" wrong").newline();
  finish(failures == 0 ? 0 : 1);
}

/** The modes of /dev/gpu/status. */
function everyMode(formatAt: i32): void {
  const n = readFile("/dev/gpu/status", status, STATUS_BYTES);
  if (n < 0) failure("/dev/gpu/status", n);
  let at = status + bytesFind(status, n, "\nmodes ") + 7;
  for (;;) {
    const bytes = wordBytes(at, status + n);
    if (bytes == 0 || load<u8>(at) < 0x30 || load<u8>(at) > 0x39) return;
    modeWord(at, load<u8>(at + bytes - 1) == 0x2c ? bytes - 1 : bytes, formatAt);
    at += bytes + 1;
  }
}

function wordBytes(p: usize, end: usize): i32 {
  let n = 0;
  while (p + n < end && load<u8>(p + n) > 0x20) n++;
  return n;
}

function modeWord(word: usize, bytes: i32, formatAt: i32): void {
  const width = <i32>parseNumber(word, bytes);
  const used = parsedBytes;
  if (used == 0 || used + 1 >= bytes || load<u8>(word + used) != 0x78) usage(USAGE);
  const height = <i32>parseNumber(word + used + 1, bytes - used - 1);
  const r = framebufferMode(screen, width, height);
  if (r < 0) {
    out.flush();
    complain();
    err.text("mode ").bytes(word, bytes).text(": ").text(errnoText(r)).newline();
    failures++;
    return;
  }
  const both = formatAt >= argc() || argIs(formatAt, "both");
  if (!both && !argIs(formatAt, "bgrx") && !argIs(formatAt, "rgbx")) usage(USAGE);
  if (both || argIs(formatAt, "bgrx")) formatted(PixelFormat.BGRX, formatAt + 1);
  if (both || argIs(formatAt, "rgbx")) formatted(PixelFormat.RGBX, formatAt + 1);
}

function formatted(format: i32, patternAt: i32): void {
  const r = framebufferFormat(screen, format);
  if (r < 0) failure("format", r);
  if (patternAt < argc() && !argIs(patternAt, "every")) {
    const pattern = patternOf(arg(patternAt), argBytes(patternAt));
    if (pattern == Pattern.NONE) usage(USAGE);
    picture(pattern);
    return;
  }
  for (let pattern: i32 = Pattern.BARS; pattern < Pattern.COUNT; pattern++) picture(pattern);
}

/** Draws, shows and compares one picture, and says so in a line. */
function picture(pattern: i32): void {
  for (let y = 0; y < screen.height; y++) rowDraw(screen.base + y * screen.strideBytes, pattern, y);
  surfacePresent();
  const mapped = compareMapped(pattern);
  const read = compareRead(pattern);
  pictures++;
  if (mapped + read != 0) failures++;
  out.dec(screen.width).text("x").dec(screen.height);
  out.text(screen.format == PixelFormat.BGRX ? " bgrx " : " rgbx ").text(patternName(pattern));
  if (mapped + read == 0) out.text(" ok");
  else
    out.text(": wrong pixels: ").dec(mapped).text(" by mapping, ").dec(read).text(" by messages");
  out.newline().flush();
  if (waits) while (read0() == 1 && load<u8>(line) != 10) {}
}

function rowDraw(p: usize, pattern: i32, y: i32): void {
  const format = screen.format;
  const width = screen.width;
  const height = screen.height;
  for (let x = 0; x < width; x++)
    store<u32>(p + x * 4, colorPixel(format, patternColor(pattern, x, y, width, height)));
}

/** Wrong pixels as the mapping shows them. */
function compareMapped(pattern: i32): i32 {
  let wrong = 0;
  for (let y = 0; y < screen.height; y++)
    wrong += rowCompare(screen.base + y * screen.strideBytes, pattern, y);
  return wrong;
}

/** Wrong pixels as the server reads them: the visible frame, which is this one. */
function compareRead(pattern: i32): i32 {
  let wrong = 0;
  for (let y = 0; y < screen.height; y++) {
    const bytes = screen.width * 4;
    const n = framebufferRead(row, bytes, <u64>y * <u64>screen.strideBytes);
    if (n != bytes) return wrong + screen.width * (screen.height - y);
    wrong += rowCompare(row, pattern, y);
  }
  return wrong;
}

/** The byte order is told apart here by bytes, not with what drew them. */
function rowCompare(p: usize, pattern: i32, y: i32): i32 {
  const red = screen.format == PixelFormat.BGRX ? 2 : 0;
  let wrong = 0;
  for (let x = 0; x < screen.width; x++) {
    const color = patternColor(pattern, x, y, screen.width, screen.height);
    const at = p + x * 4;
    const good =
      load<u8>(at + red) == ((color >> 16) & 255) &&
      load<u8>(at + 1) == ((color >> 8) & 255) &&
      load<u8>(at + 2 - red) == (color & 255);
    if (!good) wrong++;
  }
  return wrong;
}

function read0(): i32 {
  return read(0, line, 1);
}

function failure(what: string, errno: i32): void {
  out.flush();
  complain();
  err.text(what).text(": ").text(errnoText(errno)).newline();
  finish(1);
}
