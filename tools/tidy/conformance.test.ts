// docs/vm-conformance.md names tests that exist and counts its rows: that would otherwise stop being true without anybody noticing.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const KERNEL_TESTS = "kernel-as/tests";
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** Where the tests of a name are that is not the name of a file in kernel-as/tests. */
const ELSEWHERE: Record<string, string> = {
  usertests: "cmd/usertests/list.ts",
  programs: "tests/hostile.test.ts",
  dump: "tests/dump.test.ts",
  headless: "tests/headless.test.ts",
  screen: "tests/screen.test.ts",
  layout: "machine/layout.test.ts",
  e2e: "e2e/machine/poweron.spec.ts",
  page: "e2e/page/states.spec.ts",
};

function fileOf(name: string): string {
  if (name.startsWith("mutants-")) return `${KERNEL_TESTS}/${name.slice(8)}.mutants.mjs`;
  return ELSEWHERE[name] ?? `${KERNEL_TESTS}/${name}.test.ts`;
}

describe("docs/vm-conformance.md", () => {
  const text = read("docs/vm-conformance.md");

  test("names tests that exist", () => {
    const named = [...text.matchAll(/`([a-z0-9-]+): ([^`]+)`/g)];
    expect(named.length).toBeGreaterThan(200);
    const missing = named
      .filter(([, file = "", name = ""]) => {
        const title = file === "usertests" ? `"${name}"` : name;
        return !read(fileOf(file)).includes(title);
      })
      .map(([whole]) => whole);
    expect(missing).toEqual([]);
  });

  test("counts its rows", () => {
    const states = [...text.matchAll(/^\| [^|]*[^| ][^|]* \| (pass|partly|not yet)/gm)];
    const count = (state: string): number => states.filter((row) => row[1] === state).length;
    expect(text).toContain(
      `${count("pass")} rows pass, ${count("partly")} partly, ${count("not yet")} not yet.`,
    );
  });
});
