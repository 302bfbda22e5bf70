// The system file as it is shipped: what was rewritten when it was built is as safe, and the same, as what a CPU would make of the program.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeProgram } from "../machine/cpu/program.ts";
import { unpackSystem } from "../machine/cpu/translations.ts";
import { verify } from "../machine/mmu/index.ts";

const { initrd, translations } = unpackSystem(new Uint8Array(readFileSync("build/system.bin")));

test("the initrd in it is the one that was built", () => {
  expect(Buffer.from(initrd).equals(readFileSync("build/initrd.bin"))).toBe(true);
});

test("every program passes the verifier", () => {
  expect(translations.map(({ path }) => path)).toContain("bin/init");
  for (const { bytes } of translations) verify(bytes);
});

test("a program is what its file gives, whatever name of it comes first", async () => {
  const shell = translations.find(({ path }) => path === "bin/bash");
  const { program, bytes } = await makeProgram(new Uint8Array(readFileSync("build/bin/sh.wasm")));
  expect(Buffer.from(shell?.bytes ?? []).equals(bytes)).toBe(true);
  expect(shell?.segments).toEqual(program.segments);
});
