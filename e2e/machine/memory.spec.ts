// What people publish as failing on other systems of this kind works in the browser's engine too: the reproducers of cmd/usertests/published.ts, and a
// working set of four times the RAM, swapped to OPFS.

import { runLine } from "../terminal.ts";
import { boot, expect, noGate, test } from "./machine.ts";

const REPRODUCERS = [
  "two-shared-mappings-see-each-other",
  "prot-read-is-enforced",
  "map-fixed-and-hints-are-honoured",
  "stack-overflow-ends-the-program",
  "null-dereference-ends-the-program",
  "freed-memory-is-given-back",
];

test("published reproducers pass", async ({ page }) => {
  await boot(page);
  const said = await runLine(page, `usertests ${REPRODUCERS.join(" ")}`, 60_000);
  // Reports of the programs that had to end come between a test's name and its result.
  for (const name of REPRODUCERS) expect(said).toContain(name);
  expect(said).toMatch(new RegExp(`\n${REPRODUCERS.length} passed, 0 failed$`));
});

test("a program with four times the RAM reads what it wrote", async ({ page }) => {
  test.setTimeout(240_000);
  await boot(page, "?ram=16M");
  noGate(page, "servers may be swapped out");
  const said = await runLine(page, "usertests swap-holds-more-than-ram", 200_000);
  expect(said).toMatch(/\n1 passed, 0 failed$/);
  expect(said).not.toContain("no swap space");
  expect(await runLine(page, "cat /proc/vmstat")).toMatch(/^swap_errors 0$/m);
});
