import { expect, it } from "vitest";
import { splitVtKeys } from "./vtKeys.ts";

function split(text: string): (string | number)[] {
  return splitVtKeys(new TextEncoder().encode(text)).map((part) =>
    "vt" in part ? part.vt : new TextDecoder().decode(part.bytes),
  );
}

it.each([
  ["", []],
  ["plain", ["plain"]],
  ["\x1b[1;3P", [1]],
  ["a\x1b[1;3Qb\x1b[1;3Sé", ["a", 2, "b", 4, "é"]],
  ["\x1bO3R\x1b\x1bOP", [3, 1]],
  ["\x1b[1;5P\x1bOP\x1b[A", ["\x1b[1;5P\x1bOP\x1b[A"]],
])("%j is split into %j", (text, parts) => {
  expect(split(text)).toEqual(parts);
});
