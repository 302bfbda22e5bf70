// The display adapter: where it is, its registers, its modes.
//
// Invariants
//   A1  registers and vram are mapped from adapterMap() on; registers uncached (every access is one transaction), vram write-combining.
//   A2  width * 4 <= strideBytes, and strideBytes * (panY + height) <= vramBytes.
//   A3  generation grows at every change of mode, format or panning.
//
// Not here: who may ask for a change (files.ts) and the words they use (control.ts).

import { Dispi, DisplayReg, PixelFormat } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { DeviceMapFlag } from "../../abi/syscall";
import { readFile } from "../../lib/files";
import { Surface, surfaceFill, surfaceNew } from "../../lib/surface";
import { displayClaim, isError, mmapDevice, sfence } from "../../lib/sys";
import { bytesFind, hexDigit, parseHex } from "../../lib/text";

const REGISTER_BYTES: u64 = 4096;
const EXT_ID: u32 = 0x51475055;
const DISPI_ID: u32 = 0xb0c5;
const ENABLED: u32 = 0x41; // enabled, linear frame buffer
const KEEP: u32 = 0x80; // do not clear
const PCI_BYTES = 8192;
const pci: usize = memory.data(8193);

export let vramAddress: u64 = 0; // physical
export let registerAddress: u64 = 0;
export let vramBytes: u32 = 0;
export let extVersion: u32 = 0;
export let generation: u32 = 1;
export let blanked = false;
export let panX: i32 = 0;
export let panY: i32 = 0;

/** The visible pixels. */
export const screen: Surface = surfaceNew();

let registers: usize = 0;
export let vram: usize = 0;

/** Looks for 1234:1111 in /proc/pci. False: there is none. */
export function adapterFind(): bool {
  const n = readFile("/proc/pci", pci, PCI_BYTES);
  if (n <= 0) return false;
  const at = bytesFind(pci, n, "1234:1111");
  if (at < 0) return false;
  vramAddress = barOf(pci + at, n - at, "BAR0");
  registerAddress = barOf(pci + at, n - at, "BAR2");
  return vramAddress != 0 && registerAddress != 0;
}

/** The address after a BAR's name: the first run of at least six hexadecimal digits. 0: none. */
function barOf(text: usize, n: i32, name: string): u64 {
  const at = bytesFind(text, n, name);
  if (at < 0) return 0;
  let run = 0;
  for (let i = at + name.length; i < n && load<u8>(text + i) != 10; i++) {
    run = hexDigit(load<u8>(text + i)) >= 0 ? run + 1 : 0;
    if (run == 6) return parseHex(text + i - 5, n - (i - 5));
  }
  return 0;
}

/** Maps registers and VRAM; 0, ENODEV when the ids are not the adapter's, or another -errno. */
export function adapterMap(): i32 {
  registers = mmapDevice(registerAddress, REGISTER_BYTES, DeviceMapFlag.NOCACHE);
  if (isError(registers)) return <i32>registers;
  if (dispiId() != DISPI_ID || load<u32>(registers, DisplayReg.EXT_ID) != EXT_ID)
    return -Errno.ENODEV;
  extVersion = load<u32>(registers, DisplayReg.EXT_VERSION);
  vramBytes = load<u32>(registers, DisplayReg.VRAM_BYTES);
  vram = mmapDevice(vramAddress, vramBytes, DeviceMapFlag.WRITECOMBINE | DeviceMapFlag.HUGEPAGE);
  if (isError(vram)) return <i32>vram;
  screen.base = vram;
  return 0;
}

export function dispiId(): u32 {
  return dispiRead(Dispi.ID);
}

export function extId(): u32 {
  return load<u32>(registers, DisplayReg.EXT_ID);
}

export function strideOf(width: i32): u32 {
  return <u32>width * 4;
}

/** Whether VRAM holds a mode. */
export function modeFits(width: i32, height: i32): bool {
  if (width <= 0 || height <= 0 || width > 8192 || height > 8192) return false;
  return strideOf(width) * <u32>height <= vramBytes;
}

/** Sets a 32-bit mode and clears it. EINVAL: it does not fit, or the adapter refuses; then nothing has changed. */
export function modeSet(width: i32, height: i32): i32 {
  if (!modeFits(width, height)) return -Errno.EINVAL;
  const oldWidth = screen.width;
  const oldHeight = screen.height;
  modeWrite(width, height, 0);
  if (dispiRead(Dispi.XRES) != <u32>width || dispiRead(Dispi.YRES) != <u32>height) {
    if (oldWidth > 0) {
      modeWrite(oldWidth, oldHeight, KEEP);
      dispiWrite(Dispi.X_OFFSET, panX);
      dispiWrite(Dispi.Y_OFFSET, panY);
    }
    return -Errno.EINVAL;
  }
  screen.base = vram;
  screen.width = width;
  screen.height = height;
  screen.strideBytes = strideOf(width);
  panX = 0;
  panY = 0;
  blanked = false;
  changed();
  surfaceFill(screen, 0, 0, width, height, 0);
  present();
  return 0;
}

/** Tells the console server that what it has mapped is no longer the mode. */
function changed(): void {
  displayClaim(++generation);
}

function modeWrite(width: i32, height: i32, keep: u32): void {
  dispiWrite(Dispi.ENABLE, 0);
  dispiWrite(Dispi.XRES, width);
  dispiWrite(Dispi.YRES, height);
  dispiWrite(Dispi.BPP, 32);
  dispiWrite(Dispi.ENABLE, ENABLED | keep);
  dispiWrite(Dispi.VIRT_WIDTH, width);
  dispiWrite(Dispi.X_OFFSET, 0);
  dispiWrite(Dispi.Y_OFFSET, 0);
}

/** The byte order of pixels. What is on the screen keeps its bytes, so its reds and blues swap. */
export function formatSet(format: i32): void {
  store<u32>(registers, format, DisplayReg.FORMAT);
  screen.format = format;
  changed();
  present();
}

/** Shows another part of VRAM. EINVAL when it would not lie wholly in VRAM. */
export function panSet(x: i32, y: i32): i32 {
  if (x != 0 || y < 0 || y > 65535) return -Errno.EINVAL;
  if (<u64>screen.strideBytes * <u64>(y + screen.height) > <u64>vramBytes) return -Errno.EINVAL;
  dispiWrite(Dispi.Y_OFFSET, y);
  panY = y;
  screen.base = vram + y * screen.strideBytes;
  changed();
  present();
  return 0;
}

/** Turns the picture off or on again; VRAM keeps its bytes. */
export function blankSet(on: bool): void {
  dispiWrite(Dispi.ENABLE, on ? 0 : ENABLED | KEEP);
  blanked = on;
  present();
}

/** Drains what this process has drawn and asks for a new picture. */
export function present(): void {
  sfence();
  store<u32>(registers, 1, DisplayReg.DOORBELL);
}

function dispiRead(index: i32): u32 {
  return load<u16>(registers + DisplayReg.DISPI + 2 * index);
}

function dispiWrite(index: i32, value: u32): void {
  store<u16>(registers + DisplayReg.DISPI + 2 * index, <u16>value);
}

/** BGRX is what the adapter starts with. */
export function formatStart(): void {
  store<u32>(registers, PixelFormat.BGRX, DisplayReg.FORMAT);
  screen.format = PixelFormat.BGRX;
}
