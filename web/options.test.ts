import { expect, test } from "vitest";
import { parseBytes, readOptions, sizeText } from "./options.ts";

test.each([
  ["", {}],
  ["?ram=64M", { ramBytes: 64 * 2 ** 20 }],
  ["?ram=20484K&webgpu=0", { ramBytes: 20484 * 1024, webgpu: false }],
  ["?ram=1g", { ramBytes: 2 ** 30 }],
  ["?webgpu=1", { webgpu: true }],
  ["?disk=off", { disk: false }],
  ["?disk=on", {}],
])("readOptions %s", (query, expected) => {
  expect(readOptions(query)).toEqual(expected);
});

test.each(["?ram=", "?ram=2G", "?ram=4M", "?ram=65538K", "?ram=-1", "?ram=64MB"])(
  "readOptions refuses %s",
  (query) => {
    expect(readOptions(query)).toMatch(/is not a multiple of 4 KiB between 8M and 1G/);
  },
);

test("readOptions refuses an unknown disk", () => {
  expect(readOptions("?disk=maybe")).toMatch(/neither on nor off/);
});

test("parseBytes and sizeText", () => {
  expect(parseBytes("12")).toBe(12);
  expect(parseBytes("3k")).toBe(3072);
  expect(parseBytes("1.5M")).toBeNull();
  expect([sizeText(999), sizeText(1_499), sizeText(3_573_220)]).toEqual([
    "999 bytes",
    "1 KB",
    "3.6 MB",
  ]);
});
