// The lists of mutants keep up with the code: each still names one place. Whether tests notice them, tools/mutants.mjs finds out.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly bug: string;
}

const ROOT = join(import.meta.dirname, "../..");
const lists = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".mutants.mjs"));

it.each(lists)("%s breaks what is there, once each", async (name) => {
  const { mutants } = (await import(join(import.meta.dirname, name))) as { mutants: Mutant[] };
  const lost = mutants.filter(
    ({ file, from }) => readFileSync(join(ROOT, file), "utf8").split(from).length !== 2,
  );
  expect(lost.map(({ bug }) => bug)).toEqual([]);
  expect(mutants.length).toBeGreaterThan(0);
});
