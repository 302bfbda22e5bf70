// The screen's measurements of the agent: the framebuffer by messages and by mapping, whole frames, and what the adapter was sent.

import { OpenFlag } from "../../../abi/syscall";
import { ctlReset, ctlSend, ctlWord } from "../../../lib/ctl";
import { openLiteral, readFile } from "../../../lib/files";
import {
  framebufferClose,
  framebufferMode,
  framebufferOpen,
  framebufferRead,
} from "../../../lib/framebuffer";
import { Surface, surfaceFill, surfaceNew, surfacePresent } from "../../../lib/surface";
import { close } from "../../../lib/sys";
import { bytesFind, parseNumber } from "../../../lib/text";
import { now } from "../../../lib/time";

const READ_BYTES = 1048576;
const WIDTH = 1024;
const HEIGHT = 768;
const s: Surface = surfaceNew();
const buffer: usize = memory.data(1048576, 8);
const status: usize = memory.data(2049);

export let messagesNs: i64 = 0;
export let mappedNs: i64 = 0;

/** Reads 1 MiB of the screen by messages and by mapping, by turns; 0 or -errno. */
export function screenRead(rounds: i32): i32 {
  const r = open();
  if (r < 0) return r;
  surfaceFill(s, 0, 0, WIDTH, HEIGHT, 0x5a5a5a);
  messagesNs = 0;
  mappedNs = 0;
  let good = true;
  for (let i = 0; i < rounds; i++) {
    memory.fill(buffer, 0, READ_BYTES);
    const t0 = now();
    if (framebufferRead(buffer, READ_BYTES, 0) != READ_BYTES) good = false;
    const t1 = now();
    if (load<u32>(buffer + READ_BYTES - 4) != 0x5a5a5a) good = false;
    memory.fill(buffer, 0, READ_BYTES);
    const t2 = now();
    memory.copy(buffer, s.base, READ_BYTES);
    const t3 = now();
    if (load<u32>(buffer + READ_BYTES - 4) != 0x5a5a5a) good = false;
    messagesNs += t1 - t0;
    mappedNs += t3 - t2;
  }
  framebufferClose(s);
  return good ? 0 : -1;
}

/** Draws and presents whole frames, as fast as they go; ns or -errno. */
export function screenRedraw(frames: i32): i64 {
  const r = open();
  if (r < 0) return r;
  const start = now();
  for (let i = 0; i < frames; i++) {
    surfaceFill(s, 0, 0, WIDTH, HEIGHT, i * 0x010305);
    surfacePresent();
  }
  const ns = now() - start;
  framebufferClose(s);
  return ns;
}

/** Sets the base view's mode, which programs that set none follow; 0 or -errno. */
export function screenMode(width: i32, height: i32): i32 {
  const fd = openLiteral("/dev/gpu/ctl", OpenFlag.WRITE);
  if (fd < 0) return fd;
  ctlReset("mode ");
  ctlWord(width, 0x78);
  ctlWord(height, 0x20);
  const r = ctlSend(fd);
  close(fd);
  return r;
}

/** Bytes that the adapter has taken so far, or -errno. */
export function screenUploaded(): i64 {
  const n = readFile("/dev/gpu/status", status, 2048);
  if (n < 0) return n;
  const at = bytesFind(status, n, " uploads, ");
  return at < 0 ? -1 : parseNumber(status + at + 10, n - at - 10);
}

function open(): i32 {
  const r = framebufferOpen(s);
  return r < 0 ? r : framebufferMode(s, WIDTH, HEIGHT);
}
