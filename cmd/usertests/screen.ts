// Tests of the screen: views, modes, vblanks, damage, and what happens to a program that draws when its pixels are taken back.

import { FbInfo, FbMap, PixelFormat } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { MapFlag, OpenFlag, Prot, SysInfo } from "../../abi/syscall";
import { ctlReset, ctlSend, ctlText, ctlWord } from "../../lib/ctl";
import { openLiteral, readFile } from "../../lib/files";
import {
  Found,
  framebufferClose,
  framebufferDouble,
  framebufferFault,
  framebufferFlip,
  framebufferFlush,
  framebufferFormat,
  framebufferFrame,
  framebufferMode,
  framebufferOpen,
  framebufferShown,
  framebufferSync,
  framebufferVblank,
} from "../../lib/framebuffer";
import { Surface, surfaceFill, surfaceNew, surfacePresent } from "../../lib/surface";
import {
  close,
  isError,
  mflush,
  mmap,
  mprotect,
  munmap,
  pipe,
  pread,
  read,
  sysinfo,
  write,
} from "../../lib/sys";
import { bytesFind, parseNumber } from "../../lib/text";
import {
  childFd,
  childFds,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  expectGood,
  mapPages,
  PAGE,
} from "./check";

const RW = Prot.READ | Prot.WRITE;
const s: Surface = surfaceNew();
const info: usize = memory.data(48);
const pixel: usize = memory.data(8);
const text: usize = memory.data(4097);
const ends: usize = memory.data(8);
const counts: usize = memory.data(256, 8);
let openFile = -1;

/** 1: the fault handler hands faults to the framebuffer. */
export let drawsOn = false;

function fbOpen(): i32 {
  return expectGood(openLiteral("/dev/gpu/fb", OpenFlag.READWRITE), "open fb");
}

function infoMap(fd: i32): usize {
  const at = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, FbMap.INFO);
  expect(!isError(at), "the view's page");
  return at;
}

/** Bytes that this process has sent to the display. The adapter's own count has those of the text on the screen in it too. */
function sent(): i64 {
  sysinfo(counts);
  return load<i64>(counts, SysInfo.OWN_BURST_BYTES);
}

export function viewsAreApart(): void {
  const base = fbOpen();
  const page = infoMap(base);
  const first = fbOpen();
  expectEqual(ctlText(first, "take"), 0, "take");
  const own = infoMap(first);
  expect(load<u32>(own, FbInfo.VIEW) != 0, "a view of its own");
  expectEqual(load<u32>(own, FbInfo.SHOWN), 1, "on the screen");
  expectEqual(load<u32>(page, FbInfo.SHOWN), 0, "the base view is not");
  expectEqual(load<u32>(own, FbInfo.WIDTH), load<u32>(page, FbInfo.WIDTH), "the same mode");
  const stride = load<u32>(own, FbInfo.STRIDE);
  const bytes = stride * load<u32>(own, FbInfo.HEIGHT);
  const p = mmap(0, bytes, RW, MapFlag.SHARED, first, 0);
  expect(!isError(p), "its pixels");
  for (let at: u32 = 0; at < bytes; at += 4) expectEqual(load<u32>(p + at), 0, "black");
  expectEqual(pread(base, pixel, 4, 64), 4, "a pixel of the base view");
  const before = load<u32>(pixel);
  for (let at: u32 = 0; at < bytes; at += 4) store<u32>(p + at, 0x123456);
  surfacePresent();
  expectEqual(pread(base, pixel, 4, 64), 4, "the same pixel");
  expectEqual(load<u32>(pixel), before, "not drawn on");
  expectEqual(pread(first, pixel, 4, bytes - 4), 4, "the last pixel by messages");
  expectEqual(load<u32>(pixel), 0x123456, "as drawn");
  expectErrno(mmap(0, bytes + PAGE, RW, MapFlag.SHARED, first, 0), Errno.EINVAL, "past the view");
  expectErrno(
    mmap(0, PAGE, RW, MapFlag.SHARED, first, FbMap.INFO),
    Errno.EACCES,
    "its page to write",
  );
  expectErrno(mprotect(own, PAGE, RW), Errno.EACCES, "nor afterwards");
  const second = fbOpen();
  expectEqual(ctlText(second, "take"), 0, "another view");
  expectEqual(load<u32>(own, FbInfo.SHOWN), 0, "the newer one is on top");
  expectEqual(ctlText(first, "show"), 0, "show");
  expectEqual(load<u32>(own, FbInfo.SHOWN), 1, "on top again");
  expectErrno(ctlText(first, "show 4"), Errno.ENOENT, "no such view");
  close(second);
  expectEqual(ctlText(first, "drop"), 0, "drop");
  expectEqual(load<u32>(own, FbInfo.GENERATION), 0, "the page says that the view is gone");
  expectEqual(load<u32>(page, FbInfo.SHOWN), 1, "the base view is shown again");
  munmap(p, bytes);
  munmap(own, PAGE);
  munmap(page, PAGE);
  close(first);
  close(base);
}

export function viewsHaveALimit(): void {
  for (let i = 0; i < 4; i++) {
    openFile = fbOpen();
    expectEqual(ctlText(openFile, "take"), 0, "four views");
  }
  const fifth = fbOpen();
  expectErrno(ctlText(fifth, "take"), Errno.EBUSY, "the fifth");
  expectEqual(ctlText(openFile, "drop"), 0, "one less");
  expectEqual(ctlText(fifth, "take"), 0, "room again");
}

export function modesChange(): void {
  expectEqual(framebufferOpen(s), 0, "open");
  expectErrno(framebufferMode(s, 319, 200), Errno.EINVAL, "too narrow");
  expectErrno(framebufferMode(s, 320, 199), Errno.EINVAL, "too low");
  expectErrno(framebufferMode(s, 1921, 1080), Errno.EINVAL, "too wide");
  expectErrno(framebufferMode(s, 1920, 1081), Errno.EINVAL, "too high");
  expect(s.width != 1920 && framebufferSync(s) == Found.SAME, "nothing has changed");
  expectEqual(framebufferMode(s, 320, 200), 0, "320x200");
  expectSize(320, 200);
  // What is mapped before a change stays memory; what is drawn there is not shown.
  const stale = s.base;
  const staleBytes = s.strideBytes * s.height;
  const other = fbOpen();
  expectEqual(framebufferMode(s, 1366, 768), 0, "a width that no page divides");
  expectSize(1366, 768);
  expect(stale != s.base || staleBytes != s.strideBytes * s.height, "other pixels");
  expectEqual(framebufferMode(s, 1920, 1080), 0, "1920x1080");
  expectSize(1920, 1080);
  surfaceFill(s, 0, 0, s.width, s.height, 0xff0000);
  expectEqual(load<u32>(s.base), 0xff0000, "red, BGRX");
  expectEqual(framebufferFormat(s, PixelFormat.RGBX), 0, "format");
  surfaceFill(s, 0, 0, 1, 1, 0xff0000);
  expectEqual(load<u32>(s.base), 0x0000ff, "red, RGBX");
  close(other);
  framebufferClose(s);
  const ctl = openLiteral("/dev/gpu/ctl", OpenFlag.WRITE);
  expectErrno(ctlText(ctl, "mode 640x480@0"), Errno.EINVAL, "no vblanks at all");
  expectErrno(ctlText(ctl, "mode 640"), Errno.EINVAL, "half a mode");
  expectErrno(ctlText(ctl, "mode 18446744073709552256x480"), Errno.EINVAL, "2^64 + 640");
  expectErrno(ctlText(ctl, "pan 0 60000"), Errno.EINVAL, "outside the view");
  expectErrno(ctlText(ctl, "format xrgb"), Errno.EINVAL, "another format");
  const n = readFile("/dev/gpu/status", text, 4096);
  expect(bytesFind(text, n, "refused format takes bgrx or rgbx") > 0, "the reason in words");
  close(ctl);
}

function expectSize(width: i32, height: i32): void {
  expectEqual(s.width, width, "width");
  expectEqual(s.height, height, "height");
  expect(s.strideBytes >= width * 4, "stride in bytes");
  const last = s.base + (height - 1) * s.strideBytes + (width - 1) * 4;
  store<u32>(last, 0xabcdef);
  expectEqual(load<u32>(last), 0xabcdef, "the last pixel");
}

export function staleMappingsAreMemory(): void {
  const fd = fbOpen();
  expectEqual(ctlText(fd, "take\nmode 640x480"), 0, "a view");
  const page = infoMap(fd);
  const generation = load<u32>(page, FbInfo.GENERATION);
  const old = mmap(0, 640 * 480 * 4, RW, MapFlag.SHARED, fd, 0);
  expect(!isError(old), "its pixels");
  expectEqual(ctlText(fd, "mode 320x200"), 0, "another mode");
  expectEqual(ctlText(fd, "mode 400x300"), 0, "and another, before it is mapped");
  expect(load<u32>(page, FbInfo.GENERATION) != generation, "another generation");
  store<u32>(old, 0x778899);
  surfacePresent();
  expectEqual(load<u32>(old), 0x778899, "the old pixels are memory");
  const now = mmap(0, 400 * 300 * 4, RW, MapFlag.SHARED, fd, 0);
  expect(!isError(now), "the new pixels");
  expectEqual(load<u32>(now), 0, "are not the old ones");
  expectEqual(pread(fd, pixel, 4, 0), 4, "by messages");
  expectEqual(load<u32>(pixel), 0, "neither");
  // With the new ones mapped, the old ones are gone: a child finds out (staleTouch).
  munmap(old, 640 * 480 * 4);
  munmap(now, 400 * 300 * 4);
  munmap(page, PAGE);
  close(fd);
  childFds();
  expectEqual(childStatus(childStart("--stale", 0)), 139, "old pixels after the new ones");
}

/** The child's part: touches the pixels of a mode after it has mapped those of the next. */
export function staleTouch(): i32 {
  const fd = fbOpen();
  ctlText(fd, "take\nmode 640x480");
  const old = mmap(0, 640 * 480 * 4, RW, MapFlag.SHARED, fd, 0);
  ctlText(fd, "mode 320x200");
  store<u32>(old, 1);
  mmap(0, 320 * 200 * 4, RW, MapFlag.SHARED, fd, 0);
  store<u32>(old, 2);
  return 1;
}

export function vramIsShared(): void {
  const first = fbOpen();
  expectEqual(ctlText(first, "take\nmode 1920x1080\nframes 2"), 0, "two frames");
  const second = fbOpen();
  const page = infoMap(first);
  memory.copy(info, page, FbInfo.BYTES);
  // 16 of 32 MiB, and the base view's 8: another large view has just room beside them.
  expectEqual(ctlText(second, "take\nmode 1920x1080"), 0, "a large view");
  const other = infoMap(second);
  const generation = load<u32>(other, FbInfo.GENERATION);
  expectErrno(ctlText(second, "frames 2"), Errno.EINVAL, "no room for two frames");
  expectErrno(ctlText(first, "frames 3"), Errno.EINVAL, "nor for three there");
  expectEqual(load<u32>(other, FbInfo.WIDTH), 1920, "the mode is as it was");
  expectEqual(load<u32>(other, FbInfo.GENERATION), generation, "nothing has changed");
  expectEqual(load<u32>(page, FbInfo.GENERATION), load<u32>(info, FbInfo.GENERATION), "nor there");
  expectEqual(load<u32>(page, FbInfo.FRAMES), 2, "two frames still");
  const third = fbOpen();
  expectErrno(ctlText(third, "take"), Errno.ENOSPC, "no room for a third view");
  expectEqual(ctlText(second, "mode 1280x720"), 0, "a smaller view");
  expectEqual(ctlText(third, "take"), 0, "leaves room");
  expectErrno(ctlText(third, "mode 1600x900"), Errno.EINVAL, "not for every mode");
  munmap(other, PAGE);
  close(third);
  munmap(page, PAGE);
  close(first);
  close(second);
}

export function framesFlip(): void {
  expectEqual(framebufferOpen(s), 0, "open");
  expectEqual(framebufferMode(s, 320, 200), 0, "mode");
  expectEqual(framebufferDouble(s), 0, "two frames");
  const hidden = s.base;
  surfaceFill(s, 0, 0, 320, 200, 0x111111);
  expectEqual(framebufferFlip(s), Found.SAME, "flip");
  const other = s.base;
  expect(other != hidden, "the other frame");
  expectEqual(load<u32>(other), 0, "which is black");
  surfaceFill(s, 0, 0, 320, 200, 0x222222);
  expectEqual(framebufferFlip(s), Found.SAME, "flip");
  expectEqual(s.base, hidden, "the first again");
  expectEqual(load<u32>(hidden), 0x111111, "with its pixels");
  framebufferClose(s);
}

export function vblanksWake(): void {
  expectEqual(framebufferOpen(s), 0, "open");
  const first = framebufferVblank();
  const second = framebufferVblank();
  const third = framebufferVblank();
  expect(first > 0 && second > first && third > second, "they are counted");
  expect(framebufferShown(), "on the screen");
  expectEqual(framebufferFrame(s), Found.SAME, "a frame");
  // A view that asked for one a second is told of fewer than come.
  const slow = fbOpen();
  expectEqual(ctlText(slow, "take\nmode 320x200@1\nvblank on"), 0, "a slow view");
  const slowPage = infoMap(slow);
  const slowBefore = load<u32>(slowPage, FbInfo.VBLANK);
  const fastBefore = framebufferVblank();
  for (let i = 0; i < 6; i++) framebufferVblank();
  const fast = framebufferVblank() - fastBefore;
  expect(load<u32>(slowPage, FbInfo.VBLANK) - slowBefore < fast, "fewer than come");
  munmap(slowPage, PAGE);
  close(slow);
  framebufferClose(s);
  // Nobody wants them any more: the line is masked, and the base view's count stands still.
  const fd = fbOpen();
  const page = infoMap(fd);
  const still = load<u32>(page, FbInfo.VBLANK);
  expectEqual(framebufferOpen(s), 0, "open again");
  framebufferVblank();
  framebufferVblank();
  expectEqual(load<u32>(page, FbInfo.VBLANK), still, "a view that did not ask is not told");
  framebufferClose(s);
  munmap(page, PAGE);
  close(fd);
}

export function damageIsExact(): void {
  expectEqual(framebufferOpen(s), 0, "open");
  expectEqual(framebufferMode(s, 1024, 768), 0, "mode");
  surfacePresent();
  let before = sent();
  surfacePresent();
  expectEqual(sent() - before, 0, "nothing drawn, nothing sent");
  // 30 rows of 20 pixels, by the rectangle; then their pages, by the drain.
  surfaceFill(s, 100, 50, 20, 30, 0xffffff);
  expectEqual(framebufferFlush(s, 100, 50, 20, 30), 0, "flush");
  expectEqual(sent() - before, 20 * 30 * 4, "the rectangle's bytes");
  before = sent();
  surfacePresent();
  expectEqual(sent() - before, 30 * PAGE, "the drained pages");
  before = sent();
  expectEqual(framebufferFlush(s, 0, 10, 1024, 5), 0, "whole rows");
  expectEqual(sent() - before, 1024 * 4 * 5, "one run");
  const at = s.base;
  const stride = s.strideBytes;
  expectErrno(mflush(at, 0, 1, stride), Errno.EINVAL, "no bytes");
  expectErrno(mflush(at, 4, 0, stride), Errno.EINVAL, "no rows");
  expectErrno(mflush(at, 8, 2, 4), Errno.EINVAL, "rows that overlap");
  expectErrno(mflush(at, 4096, 769, 4096), Errno.EINVAL, "past the mapping");
  expectErrno(mflush(mapPages(1), 4, 1, 4), Errno.EINVAL, "memory that is no VRAM");
  expectErrno(mflush(0xfffff000, 4096, 2, 4096), Errno.EINVAL, "past the end of memory");
  expectErrno(framebufferFlush(s, 1020, 0, 5, 1), Errno.EINVAL, "outside the surface");
  framebufferClose(s);
}

export function drawersLoseTheirPixels(): void {
  drawer(0, 139, "a program that does not look");
  drawer(1, 33, "a program that asks its handler");
}

/** A child draws without end; its view is taken back meanwhile. */
function drawer(kind: i32, status: i32, what: string): void {
  expectGood(pipe(ends), "pipe");
  childFds();
  childFd(1, load<i32>(ends, 4));
  const pid = childStart("--draw", kind);
  close(load<i32>(ends, 4));
  expectEqual(read(load<i32>(ends), pixel, 1), 1, "it draws");
  const ctl = openLiteral("/dev/gpu/ctl", OpenFlag.WRITE);
  ctlReset("revoke ");
  ctlWord(load<u8>(pixel), 0x20);
  expectEqual(ctlSend(ctl), 0, "revoke");
  expectEqual(childStatus(pid), status, what);
  close(ctl);
  close(load<i32>(ends));
}

/** The child's part: tells the number of its view and draws until its pixels are gone. With a handler (1) it then ends with 33. */
export function drawForever(kind: i32): i32 {
  drawsOn = kind == 1;
  if (framebufferOpen(s) < 0) return 1;
  surfaceFill(s, 0, 0, s.width, s.height, 0x334455);
  store<u8>(pixel, <u8>statusView());
  write(1, pixel, 1);
  while (!lostPixels) surfaceFill(s, 0, 0, s.width, s.height, 0x554433);
  surfaceFill(s, 0, 0, s.width, s.height, 0x112233); // into memory that nobody sees
  return load<u32>(s.base) == 0x112233 ? 33 : 2;
}

let lostPixels = false;

/** For __fault while drawsOn. */
export function drawerFault(address: usize): i32 {
  lostPixels = true;
  return framebufferFault(address);
}

/** The number of the view on the screen. */
function statusView(): i32 {
  const n = readFile("/dev/gpu/status", text, 4096);
  let view = 0;
  for (let at = 0; at < n; ) {
    const next = bytesFind(text + at, n - at, "\nview ");
    if (next < 0) break;
    at += next + 6;
    const line = bytesFind(text + at, n - at, "\n");
    if (bytesFind(text + at, line, "on the screen") > 0) view = <i32>parseNumber(text + at, 2);
  }
  return view;
}
