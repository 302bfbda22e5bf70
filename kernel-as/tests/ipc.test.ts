import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { MountFlag } from "../../abi/syscall.ts";
import { DATA, type Program, System } from "./system.ts";

const OUT = DATA + 0x4000;
let system: System;
let init: Program;
let worker: Worker;
let counts: Int32Array;
let server: number;

beforeEach(() => {
  system = new System("quiet");
  init = system.start();
  for (let va = DATA; va < DATA + 0x10000; va += 4096) init.store(va, 0);
  expect(init.sys("ipc_pair", OUT)).toBe(0);
  const [client, end] = [init.load(OUT), init.load(OUT + 4)];
  init.store(OUT, 3);
  init.store(OUT + 4, end);
  server = init.sys("spawn", "prog", "prog", OUT, 1);
  init.sys("close", end);
  expect(init.sys("mount", client, "/srv/test", MountFlag.REPLACE)).toBe(0);
  init.sys("close", client);
  const shared = new SharedArrayBuffer(8);
  counts = new Int32Array(shared);
  const workerData = { ...system.thread(), shared };
  worker = new Worker(join(import.meta.dirname, "server.mjs"), { workerData });
});

afterEach(async () => {
  await worker.terminate();
});

/** The worker's thread has no event to wait for but this: its count of closed handles. */
function closed(n: number): void {
  while (Atomics.load(counts, 0) < n) Atomics.wait(counts, 0, Atomics.load(counts, 0), 100);
}

describe("a file of a server", () => {
  it("is opened, read in several messages, written and closed", () => {
    const fd = init.sys("open", "/srv/test/dir/file", 2);
    expect(fd).toBeGreaterThanOrEqual(3);
    expect(init.sys("read", fd, OUT, 9000)).toBe(9000);
    for (const at of [0, 4095, 4096, 8191, 8999]) expect(init.load(OUT + at) & 0xff).toBe(at % 251);
    expect(init.sys("read", fd, OUT, 9000)).toBe(1000);
    expect(init.sys("read", fd, OUT, 9000)).toBe(0);
    expect(init.sys("pwrite", fd, OUT, 9000, 5n)).toBe(9000);
    expect(init.sys("fstat", fd, OUT)).toBe(-Errno.ENOSYS);
    expect(init.sys("pread", fd, 0xc0000000, 10, 0n)).toBe(-Errno.EFAULT);
    expect(init.sys("pwrite", fd, 0xc0000000, 10, 0n)).toBe(-Errno.EFAULT);
    expect(init.sys("open", "/srv/test/none", 0)).toBe(-Errno.ENOENT);
    expect(init.sys("dup", fd)).toBe(fd + 1);
    init.sys("close", fd);
    init.sys("close", fd + 1);
    closed(1);
    expect(Atomics.load(counts, 0)).toBe(1);
  });

  it("whose server dies answers EPIPE, now and later, and nothing stays behind", () => {
    const before = init.counts();
    const fd = init.sys("open", "/srv/test/a", 0);
    expect(init.sys("open", "/srv/test/die", 0)).toBe(-Errno.EPIPE);
    expect(init.sys("wait", server, OUT)).toBe(server);
    expect(init.load(OUT)).toBe(9);
    expect(init.sys("read", fd, OUT, 10)).toBe(-Errno.EPIPE);
    expect(init.sys("open", "/srv/test/a", 0)).toBe(-Errno.EPIPE);
    init.sys("close", fd);
    init.sys("unmount", "/srv/test");
    const after = init.counts();
    expect(after.slice(4, 9)).toEqual([
      before[4] === undefined ? 0 : before[4] - 1,
      before[5],
      before[6],
      (before[7] ?? 0) - 1,
      before[8],
    ]);
  });

  it("is not asked for by a client that has been told to end", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const client = system.start();
    expect(init.sys("kill", client.pid, 9)).toBe(0);
    client.ends(() => client.sys("open", "/srv/test/hang", 0));
    init.sys("wait", client.pid, OUT);
    expect(init.load(OUT)).toBe(137);
  });
});
