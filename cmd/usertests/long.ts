// Tests that take seconds, run when they are asked for: `usertests long`. What they must leave is what the leak gate compares.

import { DeviceMapFlag, OpenFlag } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import { isError, mmapDevice, munmap } from "../../lib/sys";
import { childFdsSame, childStart, childStatus, expect, expectEqual, PAGE } from "./check";

const ROUNDS = 10000;
const VRAM: u64 = 0xe1e00000;

/** Each child dies with files of two servers open; what they keep for each open file is in tables that would soon be full. */
export function longSpawnAndExit(): void {
  for (let i = 0; i < ROUNDS; i++) {
    childFdsSame();
    expectEqual(childStatus(childStart("--leave", i & 127)), i & 127, "status");
  }
}

/** The child's part. */
export function leaveOpen(status: i32): i32 {
  const left =
    openLiteral("/dev/gpu/fb", OpenFlag.READ) >= 0 &&
    openLiteral("/dev/gpu/ctl", OpenFlag.WRITE) >= 0 &&
    openLiteral("/tmp", OpenFlag.READ) >= 0;
  return left ? status : 255;
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
