// serveDisk: the disk Worker's whole life, in browser and Node: opens the store, makes it a disk, announces it and serves it.

import { DiskReason, DiskStatus } from "../../../abi/disk.ts";
import { HostViews } from "../../bus/host.ts";
import { DiskDevice, setStatus } from "./device.ts";
import { FaultyStore } from "./faults.ts";
import { prepareImage } from "./image.ts";
import type { FromDisk, StartDisk } from "./messages.ts";
import { type DiskStore, DiskUnavailable } from "./store.ts";

/** Settles when there is no disk, or it was stopped: then the store is closed, so that another machine can have it. */
export async function serveDisk(
  start: StartDisk,
  open: (file: string | undefined) => DiskStore | Promise<DiskStore>,
  post: (message: FromDisk) => void,
): Promise<void> {
  const { memory, offsets, file, sizeBytes, faults } = start;
  try {
    const real = await open(file);
    try {
      const blocks = prepareImage(real, offsets.ramBytes, sizeBytes);
      const store = faults === undefined ? real : new FaultyStore(real, faults);
      const failed = (text: string): void => post({ type: "failed", text });
      const device = new DiskDevice(memory, offsets, store, blocks, failed);
      device.announce();
      device.runBlocking();
    } finally {
      real.close();
    }
  } catch (error) {
    const reason = error instanceof DiskUnavailable ? error.reason : DiskReason.FAILED;
    post({ type: "unavailable", text: error instanceof Error ? error.message : String(error) });
    setStatus(new HostViews(memory), offsets.disk, DiskStatus.ABSENT, reason);
  }
}
