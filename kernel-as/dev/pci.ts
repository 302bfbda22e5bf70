// Pci: finds the devices of the one bus, sizes their BARs by writing all ones, and gives addresses to BARs that have none
// (PCI Local Bus 3.0, 6.2.5.1).
//
// Invariants
//   B1  A function's memory decoding is off while its BARs are being sized.
//
// Locks     kernel lock, or slot 0 while it boots.
import { Frame, PhysFrame } from "../../abi/layout";
import { PciConfig, PciSlot } from "../../abi/pci";
import { busRead, busWrite } from "../arch/io";
import { Vars } from "../lib/vars";
import { resourceAdd } from "../mm/resource";

const BARS: u32 = 6;
/** Configuration space of one bus. */
const ECAM_BYTES: u32 = 1 << 20;
const COMMAND_MEMORY: u32 = 2;
const BAR_IO: u32 = 1;
const BAR_64: u32 = 4;
const BAR_PREFETCH: u32 = 8;
/** Where addresses for BARs that have none are taken from, downwards: below the local APIC. */
const WINDOW_END: u32 = 0xfec00000;

const enum PciVar {
  WINDOW = 0xc0,
  COUNT = 0xc4,
}

@unmanaged
export class PciDevice {
  slot: u32;
  vendor: u32;
  device: u32;
  class: u32;
  irqLine: u32;
  bar0: u32; // address, and size in bytes (0: no BAR), for each
  bar0Bytes: u32;
  bar2: u32;
  bar2Bytes: u32;
  flags: u32; // bit n: BAR n is prefetchable
}

const DEVICES: usize = Vars.DEV + 0x800;

/** Scans the bus once. */
export function pciScan(): void {
  store<u32>(Vars.DEV, WINDOW_END, PciVar.WINDOW);
  resourceAdd(config(0, 0), ECAM_BYTES, false, false, "ecam");
  let count: u32 = 0;
  for (let slot: u32 = 0; slot < <u32>PciSlot.COUNT; slot++) {
    const id = busRead(config(slot, PciConfig.VENDOR), 4);
    if ((id & 0xffff) == 0xffff) continue;
    const device = changetype<PciDevice>(DEVICES + count * offsetof<PciDevice>());
    device.slot = slot;
    device.vendor = id & 0xffff;
    device.device = id >>> 16;
    device.class = busRead(config(slot, PciConfig.CLASS), 2);
    device.irqLine = busRead(config(slot, PciConfig.IRQ_LINE), 1);
    sizeBars(device);
    count++;
  }
  store<u32>(Vars.DEV, count, PciVar.COUNT);
}

export function pciCount(): u32 {
  return load<u32>(Vars.DEV, PciVar.COUNT);
}

export function pciAt(index: u32): PciDevice {
  return changetype<PciDevice>(DEVICES + index * offsetof<PciDevice>());
}

/** One word for the device's class code. */
export function pciClassName(code: u32): string {
  switch (code >>> 8) {
    case 0x01:
      return "storage";
    case 0x03:
      return "display";
    case 0x05:
      return "memory";
    case 0x06:
      return "bridge";
    case 0x07:
      return "console";
    default:
      return "device";
  }
}

/** Declares the BARs as ranges that programs may map, each owned by its device's class. */
export function pciDeclareResources(): void {
  for (let i: u32 = 0; i < pciCount(); i++) {
    const device = pciAt(i);
    const name = pciClassName(device.class);
    declare(device.bar0, device.bar0Bytes, (device.flags & 1) != 0, name);
    declare(device.bar2, device.bar2Bytes, (device.flags & 4) != 0, name);
  }
}

function declare(base: u32, bytes: u32, prefetchable: bool, owner: string): void {
  if (bytes != 0) resourceAdd(base, bytes, false, prefetchable, owner);
}

function config(slot: u32, register: u32): u32 {
  return (((<u32>PhysFrame.ECAM) << Frame.SHIFT) | (slot << 15)) + register;
}

function sizeBars(device: PciDevice): void {
  const command = busRead(config(device.slot, PciConfig.COMMAND), 2);
  busWrite(config(device.slot, PciConfig.COMMAND), 2, command & ~COMMAND_MEMORY);
  let wide = false;
  for (let bar: u32 = 0; bar < BARS; bar++) {
    const low = sizeBar(device, bar, wide);
    wide = low && !wide;
  }
  busWrite(config(device.slot, PciConfig.COMMAND), 2, command | COMMAND_MEMORY);
}

/** Sizes one BAR. True if the next register is its upper half. */
function sizeBar(device: PciDevice, bar: u32, upperHalf: bool): bool {
  const register = config(device.slot, PciConfig.BAR0 + (bar << 2));
  if (upperHalf) return false;
  const old = busRead(register, 4);
  busWrite(register, 4, 0xffffffff);
  const answer = busRead(register, 4);
  if (answer == 0 || answer == 0xffffffff || (answer & BAR_IO) != 0) {
    busWrite(register, 4, old);
    return false;
  }
  const bytes = ~(answer & ~15) + 1;
  let base = old & ~15;
  if (base == 0) base = assign(bytes);
  busWrite(register, 4, base);
  if ((answer & BAR_PREFETCH) != 0) device.flags |= 1 << bar;
  if (bar == 0) {
    device.bar0 = base;
    device.bar0Bytes = bytes;
  } else if (bar == 2) {
    device.bar2 = base;
    device.bar2Bytes = bytes;
  }
  return (answer & BAR_64) != 0;
}

/** An address naturally aligned for `bytes` (a power of two). */
function assign(bytes: u32): u32 {
  const base = (load<u32>(Vars.DEV, PciVar.WINDOW) - bytes) & ~(bytes - 1);
  store<u32>(Vars.DEV, base, PciVar.WINDOW);
  return base;
}

if (PciSlot.COUNT * offsetof<PciDevice>() > 0x800)
  ERROR("the PCI devices do not fit in their page");
