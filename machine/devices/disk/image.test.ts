import { expect, it } from "vitest";
import { PartitionType } from "../../../abi/disk.ts";
import { prepareImage, readTable, swapBlocks, writeTable } from "./image.ts";
import { MemoryStore } from "./memoryStore.ts";

const MIB = 1 << 20;

function table(store: MemoryStore): ReturnType<typeof readTable> {
  const block = new Uint8Array(4096);
  store.read(0, block);
  return readTable(block);
}

it("gives an empty disk a home, and swap that fits the RAM", () => {
  const store = new MemoryStore();
  expect(prepareImage(store, 64 * MIB, undefined)).toBe((1 + 256 + 512) * 256);
  expect(table(store)).toEqual([
    { type: PartitionType.HOME, first: 256, blocks: 256 * 256 },
    { type: PartitionType.SWAP, first: 257 * 256, blocks: 512 * 256 },
  ]);
  expect(swapBlocks(8 * MIB)).toBe(128 * 256);
  expect(swapBlocks(1024 * MIB)).toBe(1024 * 256);
});

it("keeps home and fits swap to a machine with another RAM", () => {
  const store = new MemoryStore();
  prepareImage(store, 64 * MIB, undefined);
  expect(prepareImage(store, 16 * MIB, undefined)).toBe((1 + 256 + 128) * 256);
  expect(table(store)?.[0]).toEqual({ type: PartitionType.HOME, first: 256, blocks: 256 * 256 });
});

it("is as large as it is told to be", () => {
  const store = new MemoryStore();
  expect(prepareImage(store, 64 * MIB, 64 * MIB)).toBe(64 * 256);
  expect(table(store)?.map(({ blocks }) => blocks)).toEqual([32 * 256 - 128, 32 * 256 - 128]);
  expect(() => prepareImage(new MemoryStore(), 64 * MIB, MIB)).toThrow(/at least 16 MiB/);
});

it("leaves another partition table and another file alone", () => {
  const other = new MemoryStore();
  const partitions = [{ type: PartitionType.HOME, first: 8, blocks: 100 }];
  other.write(0, writeTable(partitions));
  expect(prepareImage(other, 64 * MIB, undefined)).toBe(108);
  expect(table(other)).toEqual(partitions);
  const text = new MemoryStore();
  text.write(0, new TextEncoder().encode("#!/bin/sh".padEnd(4096)));
  expect(() => prepareImage(text, 64 * MIB, undefined)).toThrow(/no disk image/);
});
