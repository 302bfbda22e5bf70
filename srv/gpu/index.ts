// srv/gpu: owns the display adapter and serves /dev/gpu (info, status, fb, ctl).
//
// Start: find the adapter, claim it (one owner: EBUSY for a second server), map registers and VRAM, set 1024x768x32, serve. Its words go
// to the kernel log. Text on the screen is srv/console's.
//
// Status: 0 no client is left; 1 failed; 3 there is no adapter.

import { PixelFormat } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { ServerFd } from "../../abi/ipc";
import { Limit } from "../../abi/layout";
import { Irq } from "../../abi/machine";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { finish } from "../../lib/program";
import { staticDataTouch } from "../../lib/resident";
import { serve } from "../../lib/server";
import { displayClaim, fstat, irqBind, klog, write } from "../../lib/sys";
import { putDecimal, putLiteral } from "../../lib/text";
import { adapterFind, adapterMap, dispiId, extId, vramAddress, vramBytes } from "./adapter";
import { GpuServer } from "./files";
import { screen, viewsStart } from "./views";

const WIDTH = 1024;
const HEIGHT = 768;
const line: usize = memory.data(256);
const st: usize = memory.data(32, 8);
let n = 0;

export function _start(): void {
  staticDataTouch();
  if (!adapterFind()) {
    say("gpu: no display adapter 1234:1111 with BAR0 and BAR2");
    finish(3);
  }
  // The kernel releases the claim when this process ends.
  const claimed = displayClaim(0);
  if (claimed < 0) fail("the adapter", claimed);
  if (fstat(ServerFd.CHANNEL, st) == -Errno.EBADF)
    fail("descriptor 3 has no channel", -Errno.EBADF);
  let r = adapterMap();
  if (r < 0) fail("the adapter", r);
  r = irqBind(ServerFd.CHANNEL, Irq.DISPLAY);
  if (r < 0) fail("the display's interrupt", r);
  r = viewsStart(WIDTH, HEIGHT, PixelFormat.BGRX);
  if (r < 0) fail("mode 1024x768", r);
  sayAdapter();
  say("gpu: mode 1024x768x32");
  const server = new GpuServer();
  server.payload = Limit.PAYLOAD_BYTES;
  const end = serve(server);
  finish(end == -Errno.EPIPE ? 0 : 1);
}

function sayAdapter(): void {
  n = putLiteral(line, "gpu: 1234:1111, DISPI id ");
  hexadecimal(dispiId(), 4);
  n += putLiteral(line + n, ", extension ");
  for (let shift = 24; shift >= 0; shift -= 8) store<u8>(line + n++, <u8>(extId() >> shift));
  n += putLiteral(line + n, ", ");
  n += putDecimal(line + n, vramBytes >> 20);
  n += putLiteral(line + n, " MiB of VRAM at ");
  hexadecimal(<u32>vramAddress, 8);
  n += putLiteral(line + n, " mapped write-combining at ");
  hexadecimal(<u32>screen.base, 8);
  logLine();
}

function hexadecimal(value: u32, digits: i32): void {
  for (let i = digits - 1; i >= 0; i--) {
    const d = (value >> (i * 4)) & 15;
    store<u8>(line + n++, d < 10 ? 0x30 + d : 0x57 + d);
  }
}

function say(sentence: string): void {
  n = putLiteral(line, sentence);
  logLine();
}

function fail(what: string, errno: i32): void {
  n = putLiteral(line, "gpu: ");
  n += putLiteral(line + n, what);
  n += putLiteral(line + n, ": ");
  n += putLiteral(line + n, errnoText(errno));
  logLine();
  // Started by hand, the reason belongs on the caller's error output too.
  err.bytes(line, n);
  finish(1);
}

function logLine(): void {
  store<u8>(line + n++, 10);
  if (klog(line, n) < 0) write(2, line, n);
}
