// Loops that never call the kernel must notice within moments that a translation of theirs was cleared: that rests on the engine, which has to
// load TLB entries anew in each round of a loop although nothing in the loop changes them.

import { expect, test } from "@playwright/test";
import { runLine, waitForPrompt } from "../terminal.ts";

test("the engine loads translations anew in loops: memory that is taken back stops them", async ({
  page,
}) => {
  test.setTimeout(180_000);
  await page.goto("");
  await waitForPrompt(page, 60_000);
  const answer = await runLine(page, "usertests loops");
  expect(answer).toContain("1 passed, 0 failed");
});
