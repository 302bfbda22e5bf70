// Power on, as a person at the keyboard meets it: boot, look around, draw, query, crash, kill, and nothing is left behind.

import type { Page } from "@playwright/test";
import { dropFile } from "../drop.ts";
import { canvasPicture, colourCount, differingPixels } from "../pixels.ts";
import { runLine, terminalText, typeLine, waitForPrompt, waitForText } from "../terminal.ts";
import { ANY_SCREEN, boot, expect, noGate, test } from "./machine.ts";
import { assemble, HELLO, UNDRAINED } from "./programs.ts";

const BOOT_MS = 30_000;

/** Gets a program of the list, by keyboard. */
async function getProgram(page: Page, name: string): Promise<void> {
  await page.keyboard.press("F6");
  await page.keyboard.press("Enter");
  const button = page.getByRole("button", { name: `Get ${name}` });
  for (let presses = 0; presses < 10; presses++) {
    if (await button.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await expect(page.locator("#notice")).toHaveText(`Added: type ${name} to run it.`);
  await page.keyboard.press("F6");
}

/** pid of the process of this name, from ps. */
async function pidOf(page: Page, name: string): Promise<string> {
  const line = await runLine(page, "ps");
  const row = line.split("\n").find((text) => text.trimEnd().endsWith(name));
  const pid = row?.trim().split(/\s+/)[0];
  expect(pid, `${name} in:\n${line}`).toMatch(/^\d+$/);
  return pid ?? "";
}

test("the boot log tells what the machine is made of", async ({ page }, project) => {
  await boot(page);
  const text = await terminalText(page);
  expect(text).toContain("PAT: WB WT UC- UC WB WT WC UC");
  expect(text).toMatch(/1234:1111/);
  const backend = project.project.name === "webgpu" ? "WebGPU" : "2D canvas";
  await expect(page.locator("#status")).toHaveText(`Running, 1024 × 768 by ${backend}.`);
  expect(colourCount(await canvasPicture(page)), "text is drawn on the screen").toBeGreaterThan(1);
});

test("a session by keyboard: look, draw, query, crash, kill", async ({ page }) => {
  test.setTimeout(180_000);
  await boot(page);
  await test.step("srv/gpu says what it drives", async () => {
    const status = await runLine(page, "cat /dev/gpu/status");
    expect(status).toMatch(/1024x768/);
    expect(status).toMatch(/1234:1111/);
  });

  await test.step("its VRAM is mapped by a 2 MiB write-combining leaf", async () => {
    const pid = await pidOf(page, "gpu");
    const maps = await runLine(page, `maps ${pid}`);
    const start = /^\s*([0-9a-f]+)-[0-9a-f]+\s+\S+\s+WC\b/im.exec(maps)?.[1];
    expect(start, maps).toBeDefined();
    const walk = await runLine(page, `pt ${pid} 0x${start}`);
    expect(walk).toMatch(/2 MiB/);
    expect(walk).toMatch(/\bWC\b/);
  });

  await test.step("gpudemo moves on the canvas", async () => {
    const still = await canvasPicture(page);
    await typeLine(page, "gpudemo -n 150");
    await expect
      .poll(async () => differingPixels(still, await canvasPicture(page)))
      .toBeGreaterThan(100);
    const first = await canvasPicture(page);
    await expect
      .poll(async () => differingPixels(first, await canvasPicture(page)))
      .toBeGreaterThan(100);
    await waitForText(page, /150 frames in \d+ ms, \d+ bursts/);
    await typeLine(page, "gpudemo");
    await waitForText(page, /gpudemo$/);
    await page.keyboard.press("Control+c");
    await waitForPrompt(page);
  });

  await test.step("sqlite3 from the list answers a query", async () => {
    await getProgram(page, "sqlite3");
    await typeLine(page, "sqlite3");
    await waitForText(page, /sqlite>$/);
    await typeLine(page, "select (6*7) || ' is the answer';");
    await waitForText(page, "42 is the answer");
    await typeLine(page, ".quit");
    await waitForPrompt(page);
    expect(await runLine(page, "echo 'select 40+2;' | sqlite3 -batch")).toBe("42");
  });

  for (const way of ["null", "readonly"]) {
    await test.step(`crash ${way} dies alone, with a report`, async () => {
      const report = await runLine(page, `crash ${way}; echo status $?`);
      expect(report).toMatch(/crash/);
      expect(report).toMatch(/write/i);
      expect(report).toMatch(/status 139$/);
      expect(await runLine(page, "echo still here")).toBe("still here");
    });
  }

  await test.step("kill ends a program that never looks up", async () => {
    const said = await runLine(page, "spin & kill $!; wait $!; echo status $?", 30_000);
    expect(said).toMatch(/status 1(37|43)$/);
    await typeLine(page, "spin");
    await expect.poll(async () => (await terminalText(page)).endsWith("spin")).toBe(true);
    await page.keyboard.press("Control+c");
    await waitForPrompt(page, 30_000);
  });
});

test("pixels are on the screen when they are drained, not before", async ({ page }) => {
  await boot(page);
  await dropFile(page, "undrained.wasm", await assemble("undrained", UNDRAINED));
  await expect(page.locator("#notice")).toContainText("type undrained");
  const before = await canvasPicture(page);
  await typeLine(page, "undrained");
  await waitForText(page, /\nstored\n?$/);
  // 64 of 768 rows are white; a few of their pixels may be near white already.
  const whiteRows = (before.width * (before.width * 0.75) * 50) / 768;
  expect(differingPixels(before, await canvasPicture(page))).toBeLessThan(whiteRows / 2);
  await page.keyboard.press("Enter");
  await waitForText(page, /\ndrained\n?$/);
  await expect
    .poll(async () => differingPixels(before, await canvasPicture(page)))
    .toBeGreaterThan(whiteRows);
  await page.keyboard.press("Enter");
  await waitForPrompt(page);
});

test("a program of the list is fetched when its name is typed", ANY_SCREEN, async ({ page }) => {
  await boot(page);
  await page.route("**/programs/sqlite3.wasm", (route) => route.abort());
  expect(await runLine(page, "sqlite3 -batch; echo status $?", 30_000)).toMatch(
    /sqlite3: not downloaded: .+\nstatus 126$/s,
  );
  await page.unroute("**/programs/sqlite3.wasm");
  expect(await runLine(page, "echo 'select 40+2;' | sqlite3 -batch", 60_000)).toBe("42");
  await expect(page.locator("#status")).toHaveText(/^Running/);
});

test("a dropped module runs by its name", ANY_SCREEN, async ({ page }) => {
  await boot(page);
  await dropFile(page, "hello.wasm", await assemble("hello", HELLO));
  await expect(page.locator("#notice")).toHaveText("Added: type hello to run it.");
  expect(await runLine(page, "hello")).toBe("dropped and running");
});

test("srv/gpu's end gives the screen back to the kernel, and every line is kept; started again, it is shown again", async ({
  page,
}) => {
  await boot(page);
  expect(await runLine(page, "echo a line before")).toBe("a line before");
  // Killed, it is back before anybody has read a word (handoff.spec.ts); stopped, it stays away.
  await typeLine(page, "svc stop gpu");
  await expect(page.locator("#screen-words")).toContainText("given the screen back");
  const text = await terminalText(page);
  expect(text).toContain("PAT: WB WT UC- UC WB WT WC UC");
  expect(text).toContain("a line before");
  await typeLine(page, "svc start gpu");
  await expect(page.locator("#screen-words")).toBeHidden();
});

test("halt and reset: the status says it, and the machine boots again", async ({ page }) => {
  await boot(page);
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByRole("button", { name: "Reset" }).click();
  await waitForPrompt(page, BOOT_MS);
  expect(await runLine(page, "echo again")).toBe("again");
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByRole("button", { name: "Power off" }).click();
  await expect(page.locator("#status")).toContainText("Powered off.");
  noGate(page, "it is off");
});

test("a kernel panic is in the terminal with its reason, under every line before it, and the machine can be started again", async ({
  page,
}) => {
  await boot(page);
  expect(await runLine(page, "echo a line before")).toBe("a line before");
  noGate(page, "it panics");
  await typeLine(page, "crash panic");
  await waitForText(page, /panic: asked for by process \(17, 0x[0-9a-f]+\)/);
  const text = await terminalText(page);
  expect(text).toContain("PAT: WB WT UC- UC WB WT WC UC");
  expect(text.indexOf("a line before")).toBeLessThan(text.indexOf("panic: asked for"));
  expect(text.match(/^panic: asked for/gm)?.length).toBe(1);
  await expect(page.locator("#status")).toContainText("Stopped by a kernel panic: asked for");
  const what = /asked for by process.*Choose Machine, then Reset/s;
  await expect(page.locator("#screen-words")).toHaveText(what);
  await expect(page.locator("#screen canvas")).toBeHidden();
  expect(await terminalText(page)).toMatch(what);
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByRole("button", { name: "Reset" }).click();
  await waitForPrompt(page, BOOT_MS);
  expect(await runLine(page, "echo again")).toBe("again");
  await expect(page.locator("#screen canvas")).toBeVisible();
});

test(
  "grind: random system calls by several processes break no invariant",
  ANY_SCREEN,
  async ({ page }) => {
    test.setTimeout(120_000);
    await boot(page);
    expect(await runLine(page, "grind 11 3", 90_000)).toMatch(
      /^seed 11, 3 rounds\n(.*\n)*every invariant held$/,
    );
  },
);

test("on a phone nothing scrolls sideways, and the machine works", async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    baseURL,
  });
  const page = await context.newPage();
  await boot(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.locator("#terminal").tap();
  expect(await runLine(page, "echo small")).toBe("small");
  await context.close();
});
