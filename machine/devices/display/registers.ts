// Display registers: BAR2 of the adapter (abi/display.ts), over the display's state page.
//
//   +0x500  DISPI, 16-bit registers      +0x604  byte order      +0x800  our extension, 32-bit registers      elsewhere zero
//
// Invariants
//   D1  XRES, YRES and BPP say what the next mode shall be. The mode in force (MODE) changes when ENABLE is written with its bit 0 set
//       and all of the next mode is valid; else ENABLE stays as it is and XRES, YRES and BPP show the mode in force again.
//   D2  MODE, VIRT_WIDTH, X_OFFSET and Y_OFFSET always describe a picture inside VRAM.
//   D3  GENERATION and WAKE are bumped after every change that can be seen on the screen.
//
// Locks     none: one process owns the adapter. Two CPUs that write at once can mix their modes, never break D2 for scan-out (frame.ts).

import {
  Dispi,
  DisplayEnable,
  DisplayIrq,
  DisplayLimit,
  DisplayReg,
  DisplayState,
  DisplayValue,
  PixelFormat,
} from "../../../abi/display.ts";
import type { DeviceOffsets, HostViews } from "../../bus/host.ts";
import { BIG_ENDIAN, PIXEL_BYTES } from "./frame.ts";

const START_XRES = 1024;
const START_YRES = 768;
const DISPI_END = DisplayReg.DISPI + 2 * Dispi.COUNT;
const ENABLE_BITS = DisplayEnable.ENABLED | DisplayEnable.LFB | DisplayEnable.NO_CLEAR;

/** Power on: disabled, with a usual mode in the registers; interrupts masked. */
export function displayInit(views: HostViews, offsets: DeviceOffsets): void {
  const state = offsets.display;
  views.bytes.fill(0, state, state + DisplayState.BYTES);
  views.store(state + DisplayState.MODE, START_XRES | (START_YRES << 16));
  setDispi(views, offsets, Dispi.ID, DisplayValue.DISPI_ID);
  restoreMode(views, offsets);
  setDispi(views, offsets, Dispi.VIRT_WIDTH, START_XRES);
  setDispi(views, offsets, Dispi.VIRT_HEIGHT, virtualHeight(offsets, START_XRES));
  views.store(state + DisplayState.BYTE_ORDER, DisplayValue.LITTLE_ENDIAN);
}

/** Reads `width` bytes at `offset`, aligned to the width, of BAR2. */
export function displayRead(
  views: HostViews,
  offsets: DeviceOffsets,
  offset: number,
  width: number,
): number {
  const word = readWord(views, offsets, offset & ~3);
  return ((word >>> (8 * (offset & 3))) & lanesOf(width)) >>> 0;
}

/** Writes `width` bytes at `offset`, aligned to the width. Bytes of a register that are not written keep their value. */
export function displayWrite(
  views: HostViews,
  offsets: DeviceOffsets,
  offset: number,
  width: number,
  value: number,
): void {
  if (offset >= DisplayReg.DISPI && offset < DISPI_END) {
    writeDispiBytes(views, offsets, offset, width, value);
    return;
  }
  const shift = 8 * (offset & 3);
  const register = offset & ~3;
  writeWord(views, offsets, register, (value << shift) >>> 0, (lanesOf(width) << shift) >>> 0);
}

function readWord(views: HostViews, offsets: DeviceOffsets, register: number): number {
  const state = offsets.display;
  if (register >= DisplayReg.DISPI && register < DISPI_END) {
    const index = (register - DisplayReg.DISPI) >> 1;
    return (dispi(views, offsets, index) | (dispi(views, offsets, index + 1) << 16)) >>> 0;
  }
  switch (register) {
    case DisplayReg.DISPI + 2 * Dispi.VIDEO_MEMORY:
      return offsets.vramBytes >>> 16;
    case DisplayReg.BYTE_ORDER:
      return views.load(state + DisplayState.BYTE_ORDER);
    case DisplayReg.EXT_ID:
      return DisplayValue.EXT_ID;
    case DisplayReg.EXT_VERSION:
      return DisplayValue.EXT_VERSION;
    case DisplayReg.VBLANK:
      return views.load(state + DisplayState.VBLANK);
    case DisplayReg.IRQ_STATUS:
      return views.load(state + DisplayState.IRQ_STATUS);
    case DisplayReg.IRQ_MASK:
      return views.load(state + DisplayState.IRQ_MASK);
    case DisplayReg.FORMAT:
      return views.load(state + DisplayState.FORMAT);
    case DisplayReg.VRAM_BYTES:
      return offsets.vramBytes;
    case DisplayReg.PRESENTED:
      return views.load(state + DisplayState.PRESENTED);
    case DisplayReg.UPLOADS:
      return views.load(state + DisplayState.UPLOADS);
    case DisplayReg.UPLOAD_BYTES_LOW:
      return views.load(state + DisplayState.UPLOAD_BYTES);
    case DisplayReg.UPLOAD_BYTES_HIGH:
      return views.load(state + DisplayState.UPLOAD_BYTES + 4);
    default:
      return 0;
  }
}

function writeWord(
  views: HostViews,
  offsets: DeviceOffsets,
  register: number,
  value: number,
  lanes: number,
): void {
  const state = offsets.display;
  const merged = ((readWord(views, offsets, register) & ~lanes) | (value & lanes)) >>> 0;
  switch (register) {
    case DisplayReg.BYTE_ORDER:
      if (merged !== DisplayValue.LITTLE_ENDIAN && merged !== BIG_ENDIAN) return;
      views.store(state + DisplayState.BYTE_ORDER, merged);
      pictureChanged(views, offsets);
      return;
    case DisplayReg.FORMAT:
      if (merged !== PixelFormat.BGRX && merged !== PixelFormat.RGBX) return;
      views.store(state + DisplayState.FORMAT, merged);
      pictureChanged(views, offsets);
      return;
    case DisplayReg.DOORBELL:
      views.add(state + DisplayState.DOORBELLS, 1);
      views.bump(state + DisplayState.WAKE);
      return;
    case DisplayReg.IRQ_STATUS:
      views.merge(state + DisplayState.IRQ_STATUS, 0, value & lanes);
      return;
    case DisplayReg.IRQ_MASK:
      views.store(state + DisplayState.IRQ_MASK, merged & DisplayIrq.VBLANK);
      views.bump(state + DisplayState.WAKE);
      return;
    default:
      return;
  }
}

function writeDispiBytes(
  views: HostViews,
  offsets: DeviceOffsets,
  offset: number,
  width: number,
  value: number,
): void {
  const index = (offset - DisplayReg.DISPI) >> 1;
  if (width === 4) {
    writeDispi(views, offsets, index, value & 0xffff);
    writeDispi(views, offsets, index + 1, value >>> 16);
    return;
  }
  const shift = 8 * (offset & 1);
  const lanes = (lanesOf(width) << shift) & 0xffff;
  writeDispi(
    views,
    offsets,
    index,
    (dispi(views, offsets, index) & ~lanes) | ((value << shift) & lanes),
  );
}

function writeDispi(
  views: HostViews,
  offsets: DeviceOffsets,
  register: Dispi,
  value: number,
): void {
  switch (register) {
    case Dispi.XRES:
    case Dispi.YRES:
    case Dispi.BPP:
      setDispi(views, offsets, register, value);
      return;
    case Dispi.ENABLE:
      writeEnable(views, offsets, value & ENABLE_BITS);
      return;
    case Dispi.VIRT_WIDTH:
      writeVirtualWidth(views, offsets, value);
      return;
    case Dispi.X_OFFSET:
    case Dispi.Y_OFFSET:
      writePanning(views, offsets, register, value);
      return;
    default:
      return; // ID, BANK (there are no banks) and VIRT_HEIGHT (follows from VIRT_WIDTH) are read-only
  }
}

function writeEnable(views: HostViews, offsets: DeviceOffsets, value: number): void {
  const before = dispi(views, offsets, Dispi.ENABLE);
  if ((value & DisplayEnable.ENABLED) === 0) {
    setDispi(views, offsets, Dispi.ENABLE, value);
    if ((before & DisplayEnable.ENABLED) !== 0) pictureChanged(views, offsets);
    return;
  }
  const xres = dispi(views, offsets, Dispi.XRES);
  const yres = dispi(views, offsets, Dispi.YRES);
  if (!modeFits(offsets, xres, yres, dispi(views, offsets, Dispi.BPP))) {
    restoreMode(views, offsets);
    return;
  }
  const mode = xres | (yres << 16);
  const isInForce = views.load(offsets.display + DisplayState.MODE) === mode >>> 0;
  if (isInForce && (before & DisplayEnable.ENABLED) !== 0) {
    setDispi(views, offsets, Dispi.ENABLE, value);
    return;
  }
  // Blank while the parts of the mode change, so that scan-out never shows a mixture.
  setDispi(views, offsets, Dispi.ENABLE, 0);
  if ((value & DisplayEnable.NO_CLEAR) === 0) clearVram(views, offsets, xres * yres * PIXEL_BYTES);
  setDispi(views, offsets, Dispi.X_OFFSET, 0);
  setDispi(views, offsets, Dispi.Y_OFFSET, 0);
  setDispi(views, offsets, Dispi.VIRT_WIDTH, xres);
  setDispi(views, offsets, Dispi.VIRT_HEIGHT, virtualHeight(offsets, xres));
  views.store(offsets.display + DisplayState.MODE, mode);
  setDispi(views, offsets, Dispi.ENABLE, value);
  pictureChanged(views, offsets);
}

/** Takes effect when the picture still fits: at least as wide as the mode, and all rows inside VRAM with the panning in force. */
function writeVirtualWidth(views: HostViews, offsets: DeviceOffsets, width: number): void {
  const mode = views.load(offsets.display + DisplayState.MODE);
  const height = virtualHeight(offsets, width);
  const right = dispi(views, offsets, Dispi.X_OFFSET) + (mode & 0xffff);
  const bottom = dispi(views, offsets, Dispi.Y_OFFSET) + (mode >>> 16);
  if (width < right || height < bottom) return;
  setDispi(views, offsets, Dispi.VIRT_WIDTH, width);
  setDispi(views, offsets, Dispi.VIRT_HEIGHT, height);
  pictureChanged(views, offsets);
}

function writePanning(
  views: HostViews,
  offsets: DeviceOffsets,
  register: Dispi,
  value: number,
): void {
  const mode = views.load(offsets.display + DisplayState.MODE);
  const size = register === Dispi.X_OFFSET ? mode & 0xffff : mode >>> 16;
  const limit = dispi(
    views,
    offsets,
    register === Dispi.X_OFFSET ? Dispi.VIRT_WIDTH : Dispi.VIRT_HEIGHT,
  );
  if (value + size > limit) return;
  setDispi(views, offsets, register, value);
  pictureChanged(views, offsets);
}

function modeFits(offsets: DeviceOffsets, xres: number, yres: number, bpp: number): boolean {
  if (bpp !== DisplayLimit.BPP) return false;
  if (xres < DisplayLimit.MIN_XRES || xres > DisplayLimit.MAX_XRES) return false;
  if (yres < DisplayLimit.MIN_YRES || yres > DisplayLimit.MAX_YRES) return false;
  return xres * yres * PIXEL_BYTES <= offsets.vramBytes;
}

/** Black for the aperture and, through CLEARS, for the device's copy. Never less than was cleared before, so one CLEAR_BYTES is enough. */
function clearVram(views: HostViews, offsets: DeviceOffsets, frameBytes: number): void {
  const bytes = Math.max(frameBytes, views.load(offsets.display + DisplayState.CLEAR_BYTES));
  views.bytes.fill(0, offsets.vram, offsets.vram + bytes);
  views.store(offsets.display + DisplayState.CLEAR_BYTES, bytes);
  views.add(offsets.display + DisplayState.CLEARS, 1);
}

function restoreMode(views: HostViews, offsets: DeviceOffsets): void {
  const mode = views.load(offsets.display + DisplayState.MODE);
  setDispi(views, offsets, Dispi.XRES, mode & 0xffff);
  setDispi(views, offsets, Dispi.YRES, mode >>> 16);
  setDispi(views, offsets, Dispi.BPP, DisplayLimit.BPP);
}

function virtualHeight(offsets: DeviceOffsets, width: number): number {
  return width === 0 ? 0 : Math.min(0xffff, Math.floor(offsets.vramBytes / (width * PIXEL_BYTES)));
}

function pictureChanged(views: HostViews, offsets: DeviceOffsets): void {
  views.add(offsets.display + DisplayState.GENERATION, 1);
  views.bump(offsets.display + DisplayState.WAKE);
}

function dispi(views: HostViews, offsets: DeviceOffsets, register: Dispi): number {
  return views.load(offsets.display + DisplayState.DISPI + 4 * register) & 0xffff;
}

function setDispi(views: HostViews, offsets: DeviceOffsets, register: Dispi, value: number): void {
  views.store(offsets.display + DisplayState.DISPI + 4 * register, value);
}

function lanesOf(width: number): number {
  return width === 4 ? 0xffffffff : (1 << (8 * width)) - 1;
}
