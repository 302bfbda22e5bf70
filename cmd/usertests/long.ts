// Tests that take seconds, run when they are asked for: `usertests long`. What they must leave is what the leak gate compares.

import { DeviceMapFlag } from "../../abi/syscall";
import { isError, mmapDevice, munmap } from "../../lib/sys";
import { childFdsSame, childStart, childStatus, expect, expectEqual, PAGE } from "./check";

const ROUNDS = 10000;
const VRAM: u64 = 0xe1e00000;

export function longSpawnAndExit(): void {
  for (let i = 0; i < ROUNDS; i++) {
    childFdsSame();
    expectEqual(childStatus(childStart("--exit", i & 127)), i & 127, "status");
  }
}

export function longDeviceMappings(): void {
  let first: usize = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const pages = 1 + (i & 7);
    const p = mmapDevice(VRAM, <u64>(pages * PAGE), DeviceMapFlag.WRITECOMBINE);
    expect(!isError(p), "mmap_device");
    if (first == 0) first = p;
    expectEqual(p, first, "the same place again");
    store<u32>(p, i);
    expectEqual(munmap(p, pages * PAGE), 0, "munmap");
  }
}
