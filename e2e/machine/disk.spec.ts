// The disk in the browser: kept in the origin-private file system, held by one tab at a time, and not needed to boot.

import { runLine, terminalText, waitForPrompt } from "../terminal.ts";
import { boot, expect, noGate, test } from "./machine.ts";

const BOOT_MS = 30_000;

test("a disk with a home and swap", async ({ page }) => {
  expect(await boot(page)).toContain("disk: 769 MiB, home 256 MiB, swap 512 MiB");
  const disk = await runLine(page, "cat /proc/disk");
  expect(disk).toMatch(/^disk-home first 256 blocks 65536$/m);
  expect(disk).toMatch(/^failures 0$/m);
});

test("a second tab boots without it and says why; the first one's end gives it back", async ({
  page,
  context,
}) => {
  await boot(page);
  const second = await context.newPage();
  expect(await boot(second)).toContain("disk: none: another machine uses it");
  expect(await runLine(second, "cat /proc/disk")).toBe("none: another machine uses it");
  await page.close();
  noGate(second, "it is started again, with a disk");
  await second.reload();
  await waitForPrompt(second, BOOT_MS);
  expect(await terminalText(second)).toContain("disk: 769 MiB");
});

test("disk=off boots without one", async ({ page }) => {
  expect(await boot(page, "?disk=off")).toContain("disk: none: switched off");
});
