// The screen, for a program that draws. Two calls are enough:
//
//   const screen = surfaceNew();
//   framebufferOpen(screen);                        a view of its own on the screen, mapped; screen has its size and format
//   for (;;) {
//     ... draw with lib/surface ...
//     if (framebufferFrame(screen) != Found.SAME) ...   shows it, waits for the vblank; CHANGED: another size, all black, draw everything
//   }
//
// When the program ends, whatever was on the screen before is there again, pixel for pixel. Another program that is shown meanwhile does
// not matter: each draws on its own view.
//
// When srv/gpu dies or takes the pixels back, the next touch ends the program, unless it hands its faults on:
//
//   export function __fault(address: i32, access: i32, bits: i32): i32 { return framebufferFault(address); }
//
// Then it draws into memory that nobody sees until framebufferFrame has found the server again and says CHANGED.
//
// Invariants
//   F1  While fileOpen >= 0, [mapAt, mapAt + mapBytes) is mapped: to the view's pixels, or to memory that nobody sees (`lost`).
//   F2  page is the view's FbInfo, 0 when it is not mapped. One program has at most one framebuffer.
//
// Words of /dev/gpu/ctl and what a view is: docs/gpu.md.

import { FbInfo, FbMap } from "../abi/display";
import { Errno } from "../abi/errno";
import { MapFlag, OpenFlag, Prot } from "../abi/syscall";
import { ctlReset, ctlSend, ctlText, ctlWord } from "./ctl";
import { openLiteral } from "./files";
import { Surface } from "./surface";
import { close, isError, mflush, mmap, munmap, pread, sfence } from "./sys";
import { MILLISECOND, sleepMs } from "./time";

/** What framebufferFrame and framebufferSync found. */
export const enum Found {
  SAME = 0,
  CHANGED = 1, // the surface has another size, format or place, and is black
  GONE = 2, // srv/gpu is not there; what is drawn is lost. Go on: it may come back
}

const PAGE: usize = 4096;
/** A vblank that does not come in this time: look whether the server is there. */
const VBLANK_WAIT: i64 = 500 * MILLISECOND;
const RETRY_MS = 50;

let fileOpen = -1;
let page: usize = 0;
let mapAt: usize = 0;
let mapBytes: usize = 0;
let generation: u32 = 0;
let isOwn = false;
let wantsVblank = false;
/** Two frames, and this program draws on the hidden one. Without it, frames that the view has beside the first are others' business. */
let isDouble = false;
let lost = false;

/** Takes a view, puts it on the screen and maps it: the surface is all of it, black. 0 or -errno. */
export function framebufferOpen(s: Surface): i32 {
  return begin(s, true);
}

/** The same for the base view, which is shown while no program has its own: what the console draws on. Its pixels stay as they are. */
export function framebufferOpenBase(s: Surface): i32 {
  return begin(s, false);
}

/** Shows what was drawn, sleeps until the next vblank, and follows a change of mode. */
export function framebufferFrame(s: Surface): Found {
  if (!lost) sfence();
  const found = framebufferSync(s);
  if (found == Found.GONE) sleepMs(RETRY_MS);
  else framebufferVblank();
  return found;
}

/** Follows a change of mode without showing or waiting: no system call when there is none. */
export function framebufferSync(s: Surface): Found {
  if (fileOpen < 0) return Found.GONE;
  if (lost) return reopen(s) < 0 ? Found.GONE : Found.CHANGED;
  if (atomic.load<u32>(page, FbInfo.GENERATION) == generation) return Found.SAME;
  if (mapPixels(s) == 0) return Found.CHANGED;
  lose();
  return Found.GONE;
}

/** Sleeps until the next vblank; the count of them so far. At once when the server does not answer. */
export function framebufferVblank(): u32 {
  if (fileOpen < 0 || lost) return 0;
  if (!wantsVblank) {
    wantsVblank = true;
    if (ctlText(fileOpen, "vblank on") < 0) {
      lose();
      return 0;
    }
  }
  const before = atomic.load<u32>(page, FbInfo.VBLANK);
  const woken = atomic.wait<i32>(page + FbInfo.VBLANK, before, VBLANK_WAIT);
  if (woken == 2 && ctlText(fileOpen, "") < 0) lose();
  return atomic.load<u32>(page, FbInfo.VBLANK);
}

/** True while the view is on the screen. */
export function framebufferShown(): bool {
  return fileOpen >= 0 && !lost && load<u32>(page, FbInfo.SHOWN) != 0;
}

/** Shows exactly the pixels of a rectangle, which must lie in the surface: fewer bytes than sfence, which sends whole pages. 0 or -errno. */
export function framebufferFlush(s: Surface, x: i32, y: i32, width: i32, height: i32): i32 {
  if (lost || width <= 0 || height <= 0) return 0;
  if (x < 0 || y < 0 || x + width > s.width || y + height > s.height) return -Errno.EINVAL;
  return mflush(s.base + y * s.strideBytes + x * 4, width * 4, height, s.strideBytes);
}

/** Sets the view's mode; the surface follows. EINVAL: there is none like it. Of the base view it is everybody's who has not set another. */
export function framebufferMode(s: Surface, width: i32, height: i32): i32 {
  ctlReset("mode ");
  ctlWord(width, 0x78);
  ctlWord(height, 0x20);
  return control(s);
}

/** The byte order of pixels, an abi PixelFormat. What is drawn keeps its bytes. */
export function framebufferFormat(s: Surface, format: i32): i32 {
  ctlReset(format == 0 ? "format bgrx" : "format rgbx");
  return control(s);
}

/** For the console server: virtual terminal `vt` is looked at, so programs of others are not shown. EPERM: not root. */
export function framebufferTerminal(vt: i32): i32 {
  if (fileOpen < 0 || lost) return -Errno.EPIPE;
  ctlReset("vt ");
  ctlWord(vt, 0x20);
  return ctlSend(fileOpen);
}

/** Two frames, one of them hidden: from now on the surface is the hidden one, and framebufferFlip shows it and hides the other. */
export function framebufferDouble(s: Surface): i32 {
  ctlReset("frames 2");
  const r = control(s);
  if (r < 0) return r;
  isDouble = true;
  s.base = mapAt + <usize>s.height * s.strideBytes;
  return 0;
}

/** Shows the hidden frame from the next vblank on, which it waits for. The other one, with what was drawn before the last flip, is next. */
export function framebufferFlip(s: Surface): Found {
  if (!lost && isDouble) {
    sfence();
    const second = s.base != mapAt;
    ctlReset("pan 0 ");
    ctlWord(second ? s.height : 0, 0x20);
    if (ctlSend(fileOpen) < 0) lose();
    else s.base = second ? mapAt : mapAt + <usize>s.height * s.strideBytes;
  }
  const found = framebufferSync(s);
  if (found == Found.GONE) sleepMs(RETRY_MS);
  else framebufferVblank();
  return found;
}

/** Reads bytes of the visible frame by messages, as a program without a mapping would; bytes or -errno. */
export function framebufferRead(buffer: usize, n: i32, offset: u64): i32 {
  return fileOpen < 0 ? -Errno.EBADF : pread(fileOpen, buffer, n, offset);
}

/** For __fault: 1 when the address was the framebuffer's and can be stored to again, 0 when it is somebody else's business. */
export function framebufferFault(address: usize): i32 {
  if (address < mapAt || address >= mapAt + mapBytes) return 0;
  return lose() ? 1 : 0;
}

/** Gives the view back; the one below it is on the screen again. */
export function framebufferClose(s: Surface): void {
  if (fileOpen < 0) return;
  if (mapBytes != 0) munmap(mapAt, mapBytes);
  if (page != 0) munmap(page, PAGE);
  close(fileOpen);
  fileOpen = -1;
  page = 0;
  mapBytes = 0;
  s.width = 0;
  s.height = 0;
}

function begin(s: Surface, own: bool): i32 {
  if (fileOpen >= 0) return -Errno.EBUSY;
  isOwn = own;
  wantsVblank = false;
  isDouble = false;
  mapBytes = 0;
  return reopen(s);
}

/** A new file, page and mapping in place of those there were; 0 or -errno, and then those there were are kept. */
function reopen(s: Surface): i32 {
  const fd = openLiteral("/dev/gpu/fb", OpenFlag.READWRITE);
  if (fd < 0) return fd;
  let r = isOwn ? ctlText(fd, "take") : 0;
  let at: usize = 0;
  if (r >= 0) {
    at = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, FbMap.INFO);
    if (isError(at)) r = <i32>at;
  }
  if (r < 0) {
    close(fd);
    return r;
  }
  const oldFile = fileOpen;
  const oldPage = page;
  fileOpen = fd;
  page = at;
  if (isDouble) r = ctlText(fd, "frames 2");
  if (r >= 0) r = mapPixels(s);
  if (r < 0) {
    munmap(at, PAGE);
    close(fd);
    fileOpen = oldFile;
    page = oldPage;
    return r;
  }
  if (oldPage != 0) munmap(oldPage, PAGE);
  if (oldFile >= 0) close(oldFile);
  wantsVblank = false;
  lost = false;
  return 0;
}

/** Reads the view's words and maps its pixels into the surface in place of what is mapped; 0, or -errno and nothing has changed. */
function mapPixels(s: Surface): i32 {
  for (let tries = 0; tries < 1000; tries++) {
    const before = atomic.load<u32>(page, FbInfo.GENERATION);
    if (before == 0) return -Errno.EPIPE;
    if (before & 1) continue;
    const width = load<i32>(page, FbInfo.WIDTH);
    const height = load<i32>(page, FbInfo.HEIGHT);
    const stride = load<i32>(page, FbInfo.STRIDE);
    const format = load<i32>(page, FbInfo.FORMAT);
    const n = load<i32>(page, FbInfo.FRAMES);
    if (atomic.load<u32>(page, FbInfo.GENERATION) != before) continue;
    const bytes = <usize>stride * height * n;
    const at = mmap(0, bytes, Prot.READ | Prot.WRITE, MapFlag.SHARED, fileOpen, 0);
    if (isError(at)) {
      if (atomic.load<u32>(page, FbInfo.GENERATION) != before) continue; // changed again, and smaller now
      return <i32>at;
    }
    if (mapBytes != 0) munmap(mapAt, mapBytes);
    mapAt = at;
    mapBytes = bytes;
    generation = before;
    s.base = isDouble && n > 1 ? at + <usize>stride * height : at;
    s.width = width;
    s.height = height;
    s.strideBytes = stride;
    s.format = format;
    return 0;
  }
  return -Errno.EPIPE;
}

/** Sends the command that ctlReset began and follows what it changed; 0 or -errno. */
function control(s: Surface): i32 {
  if (fileOpen < 0 || lost) return -Errno.EPIPE;
  const r = ctlSend(fileOpen);
  if (r < 0) return r;
  return framebufferSync(s) == Found.GONE ? -Errno.EPIPE : 0;
}

/** The server is not there: from now on the pixels are memory that nobody sees. False: there is no memory for that either. */
function lose(): bool {
  lost = true;
  if (mapBytes == 0) return true;
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED;
  return !isError(mmap(mapAt, mapBytes, Prot.READ | Prot.WRITE, flags, -1, 0));
}
