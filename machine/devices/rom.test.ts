import { expect, it } from "vitest";
import { Irq } from "../../abi/machine.ts";
import { Rom } from "../../abi/rom.ts";
import { RomCard } from "./rom.ts";
import { testMachine } from "./testing/testMemory.ts";

function card(): { test: ReturnType<typeof testMachine>; rom: RomCard } {
  const test = testMachine();
  return { test, rom: new RomCard(test.memory, test.offsets.rom, test.offsets.machine) };
}

it("appends files and tells the kernel", () => {
  const { test, rom } = card();
  rom.add("bin/one", new Uint8Array([1, 2, 3]));
  rom.add("bin/two", new Uint8Array([4]), 0o644);
  expect(rom.files()).toEqual([
    { path: "bin/one", offset: Rom.FILES, bytes: 3, mode: 0o755 },
    { path: "bin/two", offset: Rom.FILES + 8, bytes: 1, mode: 0o644 },
  ]);
  expect(test.views.bytes[test.offsets.rom + Rom.FILES + 8]).toBe(4);
  expect(test.pendingIrqs()).toBe(1 << Irq.ROM);
});

it("shadows an older file of the same path, whose bytes stay", () => {
  const { test, rom } = card();
  rom.add("bin/x", new Uint8Array([1]));
  rom.add("bin/x", new Uint8Array([2]));
  const newest = rom.files().findLast((file) => file.path === "bin/x");
  expect(test.views.bytes[test.offsets.rom + (newest?.offset ?? 0)]).toBe(2);
  expect(test.views.bytes[test.offsets.rom + Rom.FILES]).toBe(1);
});

it("accepts an empty file and the longest path", () => {
  const { rom } = card();
  rom.add("p".repeat(63), new Uint8Array(0));
  expect(rom.files()).toEqual([{ path: "p".repeat(63), offset: Rom.FILES, bytes: 0, mode: 0o755 }]);
});

it.each([
  ["", "not empty"],
  ["/bin/x", "does not start"],
  ["bin/\0", "not empty"],
  ["p".repeat(64), "limit is 63"],
  ["é".repeat(32), "64 bytes"],
])("refuses the path %j", (path, reason) => {
  const { rom } = card();
  expect(() => rom.add(path, new Uint8Array(1))).toThrow(reason);
  expect(rom.files()).toEqual([]);
});

it("says when it is full, and nothing has changed", () => {
  const { test, rom } = card();
  test.views.store(test.offsets.rom + Rom.NEXT, Rom.BYTES - 8);
  expect(() => rom.add("bin/x", new Uint8Array(9))).toThrow("1 MiB do not fit into the 0 MiB left");
  rom.add("bin/y", new Uint8Array(8));
  expect(() => rom.add("bin/z", new Uint8Array(1))).toThrow("do not fit");
  expect(rom.files()).toHaveLength(1);
  test.views.store(test.offsets.rom + Rom.COUNT, Rom.CAPACITY_FILES);
  expect(() => rom.add("bin/x", new Uint8Array(1))).toThrow("1024 files");
});

it("offers a file, which a fetched one then shadows", () => {
  const { rom } = card();
  rom.offer("bin/later");
  expect(rom.files()).toMatchObject([{ path: "bin/later", bytes: 0 }]);
  rom.add("bin/later", new Uint8Array([1, 2, 3]));
  expect(rom.files()[1]).toMatchObject({ path: "bin/later", bytes: 3 });
  expect(() => rom.offer("/bin/x")).toThrow("does not start with");
});
