// Swap on the built machine in Node, over the real disk device: programs larger than RAM, and disks that fail.

import { describe, expect, it } from "vitest";
import { shell } from "./headless.ts";

const RAM = ["--ram", "20484K"];
/** Four times RAM, less what the kernel has for itself. */
const HOG = "memhog 64M";
const SUM = "checksum dfffe000 of 16384 pages\n";

describe("a program that writes and reads 64 MiB with 20 MiB of RAM", () => {
  it("has the right checksum, and gives every slot back; swapoff brings in what others have there", async () => {
    const run = await shell(
      `${HOG}; swapoff; cat /proc/swaps; swapon; grep slots_used /proc/vmstat; mmcheck`,
      ...RAM,
    );
    expect(run.stdout).toBe(
      `${SUM}PARTITION BLOCKS USED STATE\nslots_used 0\nevery invariant holds\n`,
    );
    expect(run.status).toBe(0);
  });

  it("may be filled by one call; clients and servers whose buffers are away may die", async () => {
    const run = await shell("usertests swap-and", ...RAM);
    expect(run.stdout).toContain("2 passed, 0 failed");
  });

  it("twice at a time is slower, said to be thrashing, and right", async () => {
    const run = await shell("memhog 24M & memhog 24M; wait; mmcheck", ...RAM, "-v");
    expect(run.stdout.split("checksum 121ff400 of 6144 pages\n").length).toBe(3);
    expect(run.stdout).toContain("every invariant holds");
    expect(run.stderr).toContain("thrash: pid");
  });

  it("ends alone when there is no swap, with a report; the system goes on", async () => {
    const run = await shell(`${HOG}; echo status $?; memhog 4M`, ...RAM, "--no-disk", "-v");
    expect(run.stdout).toContain("status 139\nchecksum");
    expect(run.stderr).toMatch(/fault: pid \d+ memhog: .*out of memory and swap/);
  });
});

describe("a disk that fails", () => {
  it("to write: what is in memory stays, the log says so once, and the program ends for want of memory", async () => {
    const run = await shell(
      `${HOG}; echo status $?; memhog 4M; mmcheck`,
      ...RAM,
      "-v",
      "--disk-fail",
      "writes=20",
    );
    expect(run.stdout).toMatch(/status 139\nchecksum .*\nevery invariant holds\n/);
    expect(run.stderr.split("its pages stay in memory").length).toBe(2);
    expect(run.stderr).toContain("nothing is written any more");
  });

  it("to read: who touches a page that is lost ends, and the kernel stays up", async () => {
    const run = await shell(`${HOG}; echo status $?`, ...RAM, "-v", "--disk-fail", "reads=50");
    expect(run.stderr).toMatch(/memhog: .*its page could not be read back from swap/);
    expect(run.stderr).not.toContain("panic");
  });
});
