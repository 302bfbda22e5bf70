import { expect, test } from "vitest";
import { commandName, isWasm } from "./files.ts";

test.each([
  ["hello.wasm", "hello"],
  ["Hello.WASM", "Hello"],
  ["My tool (2).wasm", "My-tool-2"],
  ["..wasm", ""],
  [".wasm", ""],
  ["-rf.wasm", "rf"],
  ["a/b\\c.wasm", "c"],
  ["tool", "tool"],
  ["größe.wasm", "gr-e"],
  [`${"x".repeat(80)}.wasm`, "x".repeat(59)],
])("commandName %s", (file, expected) => {
  expect(commandName(file)).toBe(expected);
});

test("isWasm", () => {
  expect(isWasm(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))).toBe(true);
  expect(isWasm(new Uint8Array([0, 0x61, 0x73]))).toBe(false);
});
