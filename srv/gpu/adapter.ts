// The display adapter: where it is, and its registers.
//
// Invariants
//   A1  registers are mapped from adapterMap() on, uncached: every access is one transaction.
//   A2  What was asked to be shown is valid: inside DisplayLimit, whole in VRAM, and its first byte at the start of a row.
//
// Not here: who draws where (views.ts), who may ask for a change (files.ts), the words they use (control.ts).

import { Dispi, DisplayIrq, DisplayLimit, DisplayReg } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { DeviceMapFlag } from "../../abi/syscall";
import { readFile } from "../../lib/files";
import { isError, mmapDevice, sfence } from "../../lib/sys";
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
export let blanked = false;

let registers: usize = 0;
let modeWidth = 0;
let modeHeight = 0;

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

/** Maps the registers; 0, ENODEV when the ids are not the adapter's, or another -errno. */
export function adapterMap(): i32 {
  registers = mmapDevice(registerAddress, REGISTER_BYTES, DeviceMapFlag.NOCACHE);
  if (isError(registers)) return <i32>registers;
  if (dispiId() != DISPI_ID || extId() != EXT_ID) return -Errno.ENODEV;
  extVersion = load<u32>(registers, DisplayReg.EXT_VERSION);
  vramBytes = load<u32>(registers, DisplayReg.VRAM_BYTES);
  vblankUnmask(false);
  return 0;
}

export function dispiId(): u32 {
  return dispiRead(Dispi.ID);
}

export function extId(): u32 {
  return load<u32>(registers, DisplayReg.EXT_ID);
}

/** Whether the adapter has a mode of this size. */
export function modeExists(width: i32, height: i32): bool {
  if (width < DisplayLimit.MIN_XRES || width > DisplayLimit.MAX_XRES) return false;
  if (height < DisplayLimit.MIN_YRES || height > DisplayLimit.MAX_YRES) return false;
  return <u32>(width * height * 4) <= vramBytes;
}

/**
 * Shows width x height pixels of VRAM whose first is in row `row` of rows as long as the mode is wide. VRAM keeps its bytes. False: the
 * adapter refuses the mode; then what was shown stays.
 */
export function adapterShow(width: i32, height: i32, format: i32, row: i32): bool {
  const changes = width != modeWidth || height != modeHeight;
  if (changes || blanked) {
    dispiWrite(Dispi.XRES, width);
    dispiWrite(Dispi.YRES, height);
    dispiWrite(Dispi.BPP, DisplayLimit.BPP);
    dispiWrite(Dispi.ENABLE, ENABLED | KEEP);
    if (dispiRead(Dispi.XRES) != <u32>width || dispiRead(Dispi.YRES) != <u32>height) return false;
    modeWidth = width;
    modeHeight = height;
    blanked = false;
  }
  if (load<u32>(registers, DisplayReg.FORMAT) != <u32>format)
    store<u32>(registers, format, DisplayReg.FORMAT);
  dispiWrite(Dispi.X_OFFSET, 0);
  dispiWrite(Dispi.Y_OFFSET, row);
  return true;
}

/** Turns the picture off or on again; VRAM keeps its bytes. On needs another adapterShow, for its row is forgotten. */
export function blankSet(on: bool): void {
  if (on) dispiWrite(Dispi.ENABLE, 0);
  blanked = on;
}

/** Lets vblank interrupts through, or not. */
export function vblankUnmask(on: bool): void {
  store<u32>(registers, on ? <u32>DisplayIrq.VBLANK : 0, DisplayReg.IRQ_MASK);
  vblankTake();
}

/** Acknowledges a vblank interrupt. */
export function vblankTake(): void {
  store<u32>(registers, DisplayIrq.VBLANK, DisplayReg.IRQ_STATUS);
}

/** Drains what this process has drawn and asks for a new picture. */
export function present(): void {
  sfence();
  store<u32>(registers, 1, DisplayReg.DOORBELL);
}

/** Pictures shown, uploads, and their bytes, since power on. */
export function picturesShown(): u32 {
  return load<u32>(registers, DisplayReg.PRESENTED);
}

export function uploads(): u32 {
  return load<u32>(registers, DisplayReg.UPLOADS);
}

export function uploadBytes(): u64 {
  return (
    load<u32>(registers, DisplayReg.UPLOAD_BYTES_LOW) |
    ((<u64>load<u32>(registers, DisplayReg.UPLOAD_BYTES_HIGH)) << 32)
  );
}

function dispiRead(index: i32): u32 {
  return load<u16>(registers + DisplayReg.DISPI + 2 * index);
}

function dispiWrite(index: i32, value: u32): void {
  store<u16>(registers + DisplayReg.DISPI + 2 * index, <u16>value);
}
