// Disk registers: BAR0 of the disk (abi/disk.ts), over its state page. Registers are 32-bit; what is not one reads as zero.

import { DiskIrq, DiskReg, DiskState, DiskValue } from "../../../abi/disk.ts";
import type { DeviceOffsets, HostViews } from "../../bus/host.ts";

/** Power on: no disk until a device announces one. */
export function diskInit(views: HostViews, offsets: DeviceOffsets): void {
  views.bytes.fill(0, offsets.disk, offsets.disk + DiskState.BYTES);
}

/** The word of an aligned register. */
export function diskRead(views: HostViews, offsets: DeviceOffsets, register: number): number {
  const state = offsets.disk;
  switch (register) {
    case DiskReg.ID:
      return DiskValue.ID;
    case DiskReg.VERSION:
      return DiskValue.VERSION;
    case DiskReg.BLOCKS:
      return views.load(state + DiskState.BLOCKS);
    case DiskReg.STATUS:
      return views.load(state + DiskState.STATUS);
    case DiskReg.IRQ_STATUS:
      return views.load(state + DiskState.IRQ_STATUS);
    case DiskReg.IRQ_MASK:
      return views.load(state + DiskState.IRQ_MASK);
    case DiskReg.REASON:
      return views.load(state + DiskState.REASON);
    default:
      return 0;
  }
}

/** Writes the bits of `lanes` of `value` to an aligned register. */
export function diskWrite(
  views: HostViews,
  offsets: DeviceOffsets,
  register: number,
  value: number,
  lanes: number,
): void {
  const state = offsets.disk;
  switch (register) {
    case DiskReg.DOORBELL:
      views.bump(state + DiskState.WAKE);
      return;
    case DiskReg.IRQ_STATUS:
      views.merge(state + DiskState.IRQ_STATUS, 0, value & lanes);
      return;
    case DiskReg.IRQ_MASK:
      views.merge(state + DiskState.IRQ_MASK, value & DiskIrq.DONE, lanes);
      return;
  }
}
