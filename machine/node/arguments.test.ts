import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";

test("the options of design 9", () => {
  const given = parseArguments([
    "-c",
    "ls; exit 3",
    "--ram=32M",
    "--add",
    "a=x/a.wasm",
    "--add",
    "b=b.wasm",
    "--dump",
    "d",
    "-v",
  ]);
  expect(given).toMatchObject({
    line: "ls; exit 3",
    ramBytes: 32 << 20,
    dumpFolder: "d",
    verbose: true,
  });
  expect(given.files).toEqual([
    { name: "a", file: "x/a.wasm" },
    { name: "b", file: "b.wasm" },
  ]);
});

test("wrong options are told in a sentence", () => {
  expect(() => parseArguments(["--nope"])).toThrow(/unknown option --nope/);
  expect(() => parseArguments(["-c"])).toThrow(/-c needs a value/);
  expect(() => parseArguments(["--add", "x"])).toThrow(/NAME=FILE/);
});
