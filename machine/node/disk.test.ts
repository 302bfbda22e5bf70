// The disk over a file of this computer.

import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import type { DiskStore } from "../devices/disk/store.ts";
import { openNodeStore } from "./diskStore.ts";

const folder = mkdtempSync(path.join(tmpdir(), "quire-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function shared(bytes: number, value: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(bytes)).fill(value);
}

it.each([
  ["a named file", path.join(folder, "disk.img")],
  ["a nameless one", undefined],
])("%s keeps blocks, from and to shared memory; a hole is zeros", (_, file) => {
  const store: DiskStore = openNodeStore(file);
  store.write(5 * 4096, shared(8192, 9));
  store.flush();
  const back = shared(4 * 4096, 1);
  store.read(4 * 4096, back);
  expect([0, 4096, 8192, 12288].map((at) => back[at])).toEqual([0, 9, 9, 0]);
  store.close();
});

it("is there when it is opened again, and takes no room for holes", () => {
  const file = path.join(folder, "again.img");
  const first = openNodeStore(file);
  first.write(1024 * 4096, shared(4096, 3));
  first.close();
  const second = openNodeStore(file);
  const back = shared(4096, 0);
  second.read(1024 * 4096, back);
  second.close();
  expect(back[17]).toBe(3);
  expect(statSync(file).blocks * 512).toBeLessThan(1 << 20);
});

it("says why it cannot be opened", () => {
  expect(existsSync(path.join(folder, "none"))).toBe(false);
  expect(() => openNodeStore(path.join(folder, "none", "disk.img"))).toThrow(/ENOENT/);
});
