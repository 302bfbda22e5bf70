// View: one client's framebuffer: a mode, a region of VRAM and a page that tells about it (FbInfo). The adapter shows one view at a time.
//
// View 0 is the base view, on the screen when there is no other of the terminal that is looked at; the console draws on it. A client that takes a view gets its own region,
// so that it draws without looking who is shown, and whoever is shown next finds the pixels as it left them. While nobody has used the base
// view, as no console does when a machine only runs a line, the picture of the last program stays on the screen when it ends.
//
// Invariants
//   V1  Regions do not overlap; each starts on a page and at the start of a row of its view. View 0 has BASE_BYTES from 0 on.
//   V2  (pan + height) * strideBytes <= bytes.
//   V3  `shown` is a used view, of the base view and those of `terminal` the one with the greatest `order`, and the adapter shows it; unless `lingers`: then it is the base view, which
//       nobody has used, and the adapter shows what the view before it has left in VRAM.
//   V4  After a change of its mode a view has its old region too, until it maps the new one or ends: a client that has not heard of the
//       change draws where it is not seen, and on nobody's pixels.
//       Two changes before it has mapped: the region in between is free again.
//   V5  The words of a view's page are those of the view; its GENERATION is odd while they are not.

import { Vt } from "../../abi/console";
import { DisplayLimit, FbInfo } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { DeviceMapFlag, MapFlag, Prot, RevokeFlag } from "../../abi/syscall";
import { Surface, surfaceNew } from "../../lib/surface";
import { displayClaim, isError, mmap, mmapDevice, mrevoke, munmap, sfence } from "../../lib/sys";
import { adapterShow, modeExists, present, vramAddress, vramBytes } from "./adapter";

export const VIEWS = 5;
const PAGE: u32 = 4096;
const LARGE_PAGE: u32 = 0x200000;
/** The largest mode, in whole large pages: the base view is mapped by those alone. */
const BASE_BYTES: u32 =
  (DisplayLimit.MAX_XRES * DisplayLimit.MAX_YRES * 4 + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
const MAX_FRAMES = 3;

@unmanaged
export class View {
  used: u32;
  width: i32;
  height: i32;
  format: i32;
  strideBytes: u32;
  /** Its region: VRAM bytes [start, start + bytes), in this process at `at`. */
  start: u32;
  bytes: u32;
  at: usize;
  /** The region before the last change of mode: V4. */
  oldStart: u32;
  oldBytes: u32;
  oldAt: usize;
  frames: i32;
  pan: i32;
  /** 1: it has the base view's mode until it sets one. */
  follows: u32;
  order: u32;
  /** The virtual terminal (abi Vt) of the process that took it. */
  terminal: i32;
  generation: u32;
  /** Handles that want vblanks, the least ns between two of them (0: as they come), and when the last one was. */
  vblanks: i32;
  /** 1: a client has mapped the region that the view has now. */
  mapped: u32;
  period: i64;
  last: i64;
}
const VIEW_BYTES = 96;
if (offsetof<View>() != 96) ERROR("View is 96 bytes");
const views: usize = memory.data(480, 8);

export let shown: i32 = 0;
export let lingers = false;
let baseUsed = false;
/** The virtual terminal that is looked at, as far as the console has told. */
let terminal: i32 = Vt.FIRST;
let orders: u32 = 0;
let generations: u32 = 0;
let pages: usize = 0;

/** The base view's pixels, for the text at the start. */
export const screen: Surface = surfaceNew();

export function viewAt(i: i32): View {
  return changetype<View>(views + i * VIEW_BYTES);
}

/** The page with a view's FbInfo. */
export function viewPage(i: i32): usize {
  return pages + i * PAGE;
}

export function viewFrameBytes(view: View): u32 {
  return view.strideBytes * view.height;
}

/** First byte of the frame of a view that is shown when the view is. */
export function viewFrame(view: View): usize {
  return view.at + view.pan * view.strideBytes;
}

/** Makes the base view; 0 or -errno. */
export function viewsStart(width: i32, height: i32, format: i32): i32 {
  const sharing = MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.PREFAULT_WRITE;
  pages = mmap(0, VIEWS * PAGE, Prot.READ | Prot.WRITE, sharing, -1, 0);
  if (isError(pages)) return <i32>pages;
  const base = viewAt(0);
  const at = regionMap(0, min(BASE_BYTES, vramBytes));
  if (isError(at)) return <i32>at;
  base.used = 1;
  base.frames = 1;
  base.format = format;
  base.bytes = min(BASE_BYTES, vramBytes);
  base.at = at;
  return viewMode(0, width, height, format);
}

/** A new view of a terminal with the base view's mode, on top of those; its number, or -errno: EBUSY all are used, ENOSPC VRAM is. */
export function viewTake(vt: i32): i32 {
  let i = 1;
  while (i < VIEWS && viewAt(i).used != 0) i++;
  if (i == VIEWS) return -Errno.EBUSY;
  const view = viewAt(i);
  memory.fill(changetype<usize>(view), 0, VIEW_BYTES);
  view.frames = 1;
  view.follows = 1;
  view.terminal = vt;
  const base = viewAt(0);
  const r = regionChange(i, base.width, base.height, base.format, 1);
  if (r < 0) return r == -Errno.EINVAL ? -Errno.ENOSPC : r;
  view.used = 1;
  view.order = ++orders;
  publish(i);
  showTop();
  return i;
}

/** Its mappings in other processes are taken back, its region is free, and the view below it is shown. */
export function viewDrop(i: i32): void {
  if (i == 0) return;
  const view = viewAt(i);
  view.used = 0;
  store<u32>(viewPage(i), 0, FbInfo.GENERATION);
  retireOld(i);
  regionUnmap(view.at, view.bytes);
  view.bytes = 0;
  const wasShown = i == shown;
  const top = topOf();
  if (!wasShown || top != 0 || baseUsed) return showTop();
  lingers = true;
  shownSet(0);
}

/** A client draws on the view, or maps its pixels and may. */
export function viewUsed(i: i32): void {
  if (i != 0 || baseUsed) return;
  baseUsed = true;
  if (lingers) showTop();
}

/** Every mapping of the view's pixels in other processes vanishes. The view stays, and may be mapped again. 0 or -errno. */
export function viewRevoke(i: i32): i32 {
  retireOld(i);
  return mrevoke(viewAt(i).at, RevokeFlag.KEEP_OWN);
}

/** Puts a view on top of the others of its terminal; the base view on top of all. */
export function viewShow(i: i32): void {
  viewAt(i).order = ++orders;
  showTop();
}

/** Another virtual terminal is looked at: of its views the top one is shown, the base view when it has none. */
export function viewTerminal(vt: i32): void {
  if (vt == terminal) return;
  terminal = vt;
  showTop();
}

/**
 * Another mode, all black; the base view keeps as many of its frames as it has room for. Views that follow the base view change with it as
 * far as VRAM holds them. EINVAL: there is no such mode, or no room for it; nothing has changed.
 */
export function viewMode(i: i32, width: i32, height: i32, format: i32): i32 {
  if (!modeExists(width, height)) return -Errno.EINVAL;
  const view = viewAt(i);
  if (i == 0) {
    if (!shows(0, width, height, format)) return -Errno.EINVAL;
    view.width = width;
    view.height = height;
    view.format = format;
    view.strideBytes = width * 4;
    view.pan = 0;
    view.frames = min(view.frames, <i32>(view.bytes / viewFrameBytes(view)));
    memory.fill(view.at, 0, view.bytes);
    screen.base = view.at;
    screen.width = width;
    screen.height = height;
    screen.strideBytes = view.strideBytes;
    screen.format = format;
    publish(0);
    for (let k = 1; k < VIEWS; k++) {
      if (viewAt(k).used != 0 && viewAt(k).follows != 0)
        regionChange(k, width, height, format, viewAt(k).frames);
    }
  } else {
    const r = regionChange(i, width, height, format, view.frames);
    if (r < 0) return r;
    view.follows = 0;
  }
  showTop();
  return 0;
}

/** The byte order of pixels. What is there keeps its bytes, so its reds and blues swap. */
export function viewFormat(i: i32, format: i32): void {
  const view = viewAt(i);
  view.format = format;
  if (i == 0) screen.format = format;
  else view.follows = 0;
  publish(i);
  showTop();
}

/** Room for n frames one below the other. EINVAL: more than VRAM holds; nothing has changed. */
export function viewFrames(i: i32, n: i32): i32 {
  const view = viewAt(i);
  if (n < 1 || n > MAX_FRAMES) return -Errno.EINVAL;
  if (n == view.frames) return 0;
  if (i == 0) {
    if (<u64>viewFrameBytes(view) * n > <u64>view.bytes) return -Errno.EINVAL;
    view.frames = n;
    publish(0);
    return 0;
  }
  const r = regionChange(i, view.width, view.height, view.format, n);
  if (r < 0) return r;
  showTop();
  return 0;
}

/** Shows the view from another row on. EINVAL: not all of the picture would be in the view. */
export function viewPan(i: i32, row: i32): i32 {
  const view = viewAt(i);
  if (row < 0 || <u64>view.strideBytes * <u64>(row + view.height) > <u64>view.bytes)
    return -Errno.EINVAL;
  view.pan = row;
  if (i == 0) screen.base = viewFrame(view);
  store<u32>(viewPage(i), row, FbInfo.PAN);
  if (i == shown) showTop();
  return 0;
}

/** A client maps the region that the view has now: the one before is taken back. */
export function viewMapped(i: i32): void {
  viewAt(i).mapped = 1;
  viewUsed(i);
  retireOld(i);
}

function retireOld(i: i32): void {
  const view = viewAt(i);
  if (view.oldBytes == 0) return;
  regionUnmap(view.oldAt, view.oldBytes);
  view.oldBytes = 0;
}

/** Shows the view that was put on top last, of those that may be shown (V3). */
export function showTop(): void {
  const top = topOf();
  const view = viewAt(top);
  lingers = false;
  adapterShow(view.width, view.height, view.format, rowOf(view) + view.pan);
  shownSet(top);
  present();
}

function topOf(): i32 {
  let top = 0;
  for (let i = 1; i < VIEWS; i++) {
    const view = viewAt(i);
    if (view.used != 0 && view.terminal == terminal && view.order > viewAt(top).order) top = i;
  }
  return top;
}

function shownSet(top: i32): void {
  shown = top;
  for (let i = 0; i < VIEWS; i++) store<u32>(viewPage(i), i == top ? 1 : 0, FbInfo.SHOWN);
}

/** Whether the adapter takes a mode for the view; true for a view that is not shown, whose size modeExists() has allowed. */
function shows(i: i32, width: i32, height: i32, format: i32): bool {
  return i != shown || adapterShow(width, height, format, 0);
}

function rowOf(view: View): i32 {
  return view.start / view.strideBytes;
}

/** A region for n frames of a mode, black, in place of the view's; that one is kept as the old one. EINVAL: no room. */
function regionChange(i: i32, width: i32, height: i32, format: i32, n: i32): i32 {
  const view = viewAt(i);
  const stride: u32 = width * 4;
  const bytes = (stride * height * n + PAGE - 1) & ~(PAGE - 1);
  const start = regionFind(bytes, stride, view.mapped != 0 ? -1 : i);
  if (start == 0) return -Errno.EINVAL;
  const at = regionMap(start, bytes);
  if (isError(at)) return <i32>at;
  memory.fill(at, 0, bytes);
  sfence();
  if (view.mapped != 0) {
    view.oldStart = view.start;
    view.oldBytes = view.bytes;
    view.oldAt = view.at;
  } else if (view.bytes != 0) {
    regionUnmap(view.at, view.bytes); // a second change before anybody has mapped the first one's region
  }
  view.mapped = 0;
  view.width = width;
  view.height = height;
  view.format = format;
  view.strideBytes = stride;
  view.start = start;
  view.bytes = bytes;
  view.at = at;
  view.frames = n;
  view.pan = 0;
  if (view.used != 0) publish(i);
  return 0;
}

/**
 * The lowest place for bytes that starts on a page and at a multiple of stride and is free, or the region of view `given`, which nobody has
 * mapped. 0: none (there the base view is).
 */
function regionFind(bytes: u32, stride: u32, given: i32): u32 {
  const step = (stride >> min<u32>(<u32>ctz(stride), 12)) * PAGE; // the least common multiple
  let at = roundUp(viewAt(0).bytes, step);
  for (;;) {
    if (<u64>at + bytes > <u64>vramBytes) return 0;
    const end = overlapEnd(at, bytes, given);
    if (end == 0) return at;
    at = roundUp(end, step);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

function roundUp(n: u32, step: u32): u32 {
  return ((n + step - 1) / step) * step;
}

/** End of a region that overlaps [at, at + bytes), but for that of view `given`; 0: none does. */
function overlapEnd(at: u32, bytes: u32, given: i32): u32 {
  for (let i = 1; i < VIEWS; i++) {
    const view = viewAt(i);
    if (i != given && view.bytes != 0 && at < view.start + view.bytes && view.start < at + bytes)
      return view.start + view.bytes;
    if (view.oldBytes != 0 && at < view.oldStart + view.oldBytes && view.oldStart < at + bytes)
      return view.oldStart + view.oldBytes;
  }
  return 0;
}

/** Maps VRAM as an object of its own, so that it can be revoked on its own. */
function regionMap(start: u32, bytes: u32): usize {
  const flags = DeviceMapFlag.WRITECOMBINE | DeviceMapFlag.HUGEPAGE;
  return mmapDevice(vramAddress + start, bytes, flags);
}

/** Takes it back from every process, this one too. */
function regionUnmap(at: usize, bytes: u32): void {
  mrevoke(at, 0);
  munmap(at, bytes);
}

/** Tells whoever has mapped the view's page. */
function publish(i: i32): void {
  const view = viewAt(i);
  const page = viewPage(i);
  atomic.store<u32>(page + FbInfo.GENERATION, view.generation | 1);
  store<i32>(page, view.width, FbInfo.WIDTH);
  store<i32>(page, view.height, FbInfo.HEIGHT);
  store<u32>(page, view.strideBytes, FbInfo.STRIDE);
  store<u32>(page, DisplayLimit.BPP, FbInfo.BPP);
  store<i32>(page, view.format, FbInfo.FORMAT);
  store<i32>(page, i, FbInfo.VIEW);
  store<i32>(page, view.pan, FbInfo.PAN);
  store<i32>(page, view.frames, FbInfo.FRAMES);
  generations += 2;
  view.generation = generations;
  atomic.store<u32>(page + FbInfo.GENERATION, view.generation);
  if (i == 0) displayClaim(view.generation); // a console server that waits for text hears of it so
}
