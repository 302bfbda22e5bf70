// The files of /dev/gpu: info (an abi FbInfo), status (text), fb (the pixels), ctl (control.ts), and the directory itself.
//
// A handle is the file's number: the server keeps no state for an open file.
// fb is the visible frame, strideBytes * height bytes; mmap may reach all of VRAM, for drawing off screen and panning.

import { FbInfo, PixelFormat } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { DirEntry, FileType, OpenFlag, Stat } from "../../abi/syscall";
import { readText, Server } from "../../lib/server";
import { sfence } from "../../lib/sys";
import { bytesAre, putDecimal, putLiteral } from "../../lib/text";
import {
  blanked,
  extVersion,
  generation,
  modeFits,
  panX,
  panY,
  screen,
  vram,
  vramAddress,
  vramBytes,
} from "./adapter";
import { controlText } from "./control";

const enum Handle {
  DIRECTORY = 1,
  INFO = 2,
  STATUS = 3,
  FB = 4,
  CTL = 5,
  COUNT = 6,
}

const info: usize = memory.data(24);
const status: usize = memory.data(1024);
const MODES = 7;
const modes: usize = memory.data<i32>([
  640, 480, 800, 600, 1024, 768, 1280, 720, 1280, 1024, 1600, 1200, 1920, 1080,
]);

export class GpuServer extends Server {
  open(path: usize, bytes: i32, flags: i32): i32 {
    if (bytes == 0)
      return (flags & OpenFlag.ACCESS) == OpenFlag.READ ? Handle.DIRECTORY : -Errno.EISDIR;
    for (let handle: i32 = Handle.INFO; handle < Handle.COUNT; handle++) {
      if (!bytesAre(path, bytes, nameOf(handle))) continue;
      if (flags & OpenFlag.DIRECTORY) return -Errno.ENOTDIR;
      const reads = (flags & OpenFlag.ACCESS) == OpenFlag.READ;
      return !reads && (handle == Handle.INFO || handle == Handle.STATUS) ? -Errno.EACCES : handle;
    }
    return -Errno.ENOENT;
  }

  read(handle: i32, buffer: usize, count: i32, offset: u64): i32 {
    switch (handle) {
      case Handle.DIRECTORY:
        return directoryRead(buffer, count, offset);
      case Handle.INFO:
        infoFill();
        return readText(info, FbInfo.BYTES, buffer, count, offset);
      case Handle.STATUS:
        return readText(status, statusFill(), buffer, count, offset);
      case Handle.FB:
        return readText(screen.base, frameBytes(), buffer, count, offset);
    }
    return 0;
  }

  write(handle: i32, bytes: usize, count: i32, offset: u64): i32 {
    if (handle == Handle.CTL) {
      const r = controlText(bytes, count);
      return r < 0 ? r : count;
    }
    if (handle != Handle.FB) return -Errno.EACCES;
    const size = <u64>frameBytes();
    if (offset >= size) return count == 0 ? 0 : -Errno.ENOSPC;
    const left = size - offset;
    const n = <u64>count < left ? count : <i32>left;
    memory.copy(screen.base + <usize>offset, bytes, n);
    sfence();
    return n;
  }

  control(handle: i32, text: usize, bytes: i32, _answer: usize): i32 {
    return handle == Handle.CTL ? controlText(text, bytes) : -Errno.ENOTTY;
  }

  stat(handle: i32, st: usize): i32 {
    const directory = handle == Handle.DIRECTORY;
    store<u32>(st, directory ? FileType.DIRECTORY : FileType.DEVICE, Stat.TYPE);
    store<u32>(
      st,
      directory ? 0o755 : handle == Handle.FB || handle == Handle.CTL ? 0o666 : 0o444,
      Stat.MODE,
    );
    store<u64>(st, sizeOf(handle), Stat.SIZE);
    store<u32>(st, handle, Stat.INO);
    return 0;
  }

  map(handle: i32, _prot: i32, offset: u64, length: u64): i32 {
    if (handle != Handle.FB) return -Errno.ENODEV;
    if ((offset & 4095) != 0 || length == 0) return -Errno.EINVAL;
    if (offset + length < offset || offset + length > <u64>vramBytes) return -Errno.EINVAL;
    this.mapAddress = vram;
    this.mapOffset = offset;
    return 0;
  }
}

function nameOf(handle: i32): string {
  switch (handle) {
    case Handle.INFO:
      return "info";
    case Handle.STATUS:
      return "status";
    case Handle.FB:
      return "fb";
    default:
      return "ctl";
  }
}

function frameBytes(): i32 {
  return screen.strideBytes * screen.height;
}

function sizeOf(handle: i32): u64 {
  switch (handle) {
    case Handle.INFO:
      return FbInfo.BYTES;
    case Handle.STATUS:
      return statusFill();
    case Handle.FB:
      return frameBytes();
  }
  return 0;
}

function infoFill(): void {
  store<i32>(info, screen.width, FbInfo.WIDTH);
  store<i32>(info, screen.height, FbInfo.HEIGHT);
  store<i32>(info, screen.strideBytes, FbInfo.STRIDE);
  store<i32>(info, 32, FbInfo.BPP);
  store<i32>(info, screen.format, FbInfo.FORMAT);
  store<u32>(info, generation, FbInfo.GENERATION);
}

let n = 0;

function text(s: string): void {
  n += putLiteral(status + n, s);
}

function number(value: i64): void {
  n += putDecimal(status + n, value);
}

/** Writes the status text; its bytes. */
function statusFill(): i32 {
  n = 0;
  text("model Bochs display adapter 1234:1111, extension version ");
  number(extVersion);
  text("\nvram ");
  number(vramBytes);
  text(" bytes at ");
  hexadecimal(vramAddress);
  text("\nmode ");
  number(screen.width);
  text("x");
  number(screen.height);
  text("x32 ");
  text(screen.format == PixelFormat.BGRX ? "bgrx" : "rgbx");
  text(", ");
  number(screen.strideBytes);
  text(" bytes a row");
  if (panY != 0 || panX != 0) {
    text(", panned to ");
    number(panX);
    text(" ");
    number(panY);
  }
  if (blanked) text(", blank");
  text("\ngeneration ");
  number(generation);
  text("\nmodes");
  for (let i = 0; i < MODES; i++) {
    const width = load<i32>(modes + i * 8);
    const height = load<i32>(modes + i * 8 + 4);
    if (!modeFits(width, height)) continue;
    text(" ");
    number(width);
    text("x");
    number(height);
  }
  text("\n");
  return n;
}

function hexadecimal(value: u64): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    const d = <i32>((value >> shift) & 15);
    store<u8>(status + n++, d < 10 ? 0x30 + d : 0x57 + d);
  }
}

/** Whole records from record `index` on. */
function directoryRead(buffer: usize, count: i32, index: u64): i32 {
  let used = 0;
  for (let handle: i32 = Handle.INFO + <i32>index; handle < Handle.COUNT; handle++) {
    const name = nameOf(handle);
    if (used + DirEntry.NAME + name.length > count) break;
    const record = buffer + used;
    store<u32>(record, <u32>sizeOf(handle), DirEntry.SIZE);
    store<u32>(record, handle, DirEntry.INO);
    store<u8>(record, FileType.DEVICE, DirEntry.TYPE);
    store<u8>(record, name.length, DirEntry.NAME_BYTES);
    used += DirEntry.NAME + putLiteral(record + DirEntry.NAME, name);
  }
  return used;
}
