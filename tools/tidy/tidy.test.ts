// The tree keeps the layering of ARCHITECTURE.md, and every folder says what it is.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { breach, findBreaches, importsOf, sourcesUnder } from "./layers.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const MAXIMUM_LINES = 500;

test("no file imports a layer above its own", () => {
  expect(findBreaches(root)).toEqual([]);
});

test("a breach is seen", () => {
  expect(breach("kernel-as/mm/map.ts", "kernel-as/proc/process")).toMatch(/mm is below proc/);
  expect(breach("kernel-as/proc/process.ts", "kernel-as/mm/map")).toBeUndefined();
  expect(breach("cmd/ls/index.ts", "cmd/sh/lexer")).toMatch(/programs do not import each other/);
  expect(breach("lib/fmt.ts", "machine/layout.ts")).toMatch(/lib may import abi/);
  expect(breach("web/main.ts", "machine/cpu/cpu.ts")).toMatch(/web may import/);
  expect(importsOf('import { a } from "../b";\nexport * from "./c.ts";\nimport "./d";')).toEqual([
    "../b",
    "./c.ts",
    "./d",
  ]);
});

test("every folder of source has a README", () => {
  const folders = [
    "abi",
    "kernel-as",
    "machine",
    "lib",
    "srv",
    "cmd",
    "web",
    "e2e",
    "bench",
    "tools",
    "docs",
  ];
  expect(folders.filter((folder) => !existsSync(path.join(root, folder, "README.md")))).toEqual([]);
});

test(`no source file has more than ${MAXIMUM_LINES} lines`, () => {
  const long = ["kernel-as", "machine", "lib", "srv", "cmd", "web"]
    .flatMap((folder) => sourcesUnder(root, folder))
    .filter((file) => !file.includes("/font/") && !file.endsWith(".test.ts"))
    .filter(
      (file) => readFileSync(path.join(root, file), "utf8").split("\n").length > MAXIMUM_LINES,
    );
  expect(long).toEqual([]);
});
