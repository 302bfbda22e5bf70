// The page fits where it is read: sizes, both colour schemes, the keyboard alone.

import { expect, test } from "@playwright/test";
import { typeLine, waitForPrompt, waitForText } from "../terminal.ts";

const SIZES = [
  { width: 1440, height: 900, columns: 80 },
  { width: 1024, height: 768, columns: 60 },
  { width: 800, height: 600, columns: 80 },
  { width: 768, height: 1024, columns: 80 },
  { width: 390, height: 844, columns: 40 },
  { width: 360, height: 740, columns: 36 },
  { width: 360, height: 640, columns: 36 },
];

for (const colorScheme of ["light", "dark"] as const) {
  test(`everything is in view, ${colorScheme}, at each size`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ colorScheme, baseURL });
    const page = await context.newPage();
    for (const { width, height, columns } of SIZES) {
      await test.step(`${width}x${height}`, async () => {
        await page.setViewportSize({ width, height });
        await page.goto("");
        await waitForPrompt(page);
        const overflow = await page.evaluate(() => [
          document.documentElement.scrollWidth - innerWidth,
          document.documentElement.scrollHeight - innerHeight,
        ]);
        expect(overflow).toEqual([0, 0]);
        for (const selector of [
          ".menus button >> nth=0",
          ".menus button >> nth=1",
          width > 430 ? ".menus button >> nth=2" : ".menus button >> nth=1",
          ".views label >> nth=2",
          "#status",
          "#screen canvas",
          "#terminal .xterm-screen",
        ]) {
          const box = await page.locator(selector).boundingBox();
          expect(box, selector).not.toBeNull();
          if (box === null) continue;
          expect(box.x, selector).toBeGreaterThanOrEqual(0);
          expect(box.y, selector).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width, selector).toBeLessThanOrEqual(width);
          expect(box.y + box.height, selector).toBeLessThanOrEqual(height);
        }
        const line = "x".repeat(columns);
        await page.keyboard.type(line.slice("quire$ ".length));
        const rowsUsed = await page.locator(".xterm-rows > div", { hasText: /x{5}/ }).count();
        expect(rowsUsed, `${columns} columns`).toBe(1);
      });
    }
    await context.close();
  });
}

test("everything by keyboard: F6 to the menus and back, reset", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "before");
  await page.keyboard.press("F6");
  await expect(page.getByRole("button", { name: "Programs" })).toBeFocused();
  await page.keyboard.press("F6");
  await typeLine(page, "again");
  await waitForText(page, "sh: again: not found");
  await page.keyboard.press("F6");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Reset" })).toBeFocused();
  await page.keyboard.press("Enter");
  await waitForPrompt(page);
  await typeLine(page, "after");
  await waitForText(page, "sh: after: not found");
  await expect
    .poll(() => page.evaluate(() => window.quireTerminal?.text()))
    .not.toContain("before");
});

test("the views show one pane, and the keys still reach the machine", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await page.getByText("Screen", { exact: true }).click();
  await typeLine(page, "blind");
  await waitForText(page, "sh: blind: not found");
  await expect(page.locator("#screen canvas")).toBeInViewport();
  await page.getByText("Terminal", { exact: true }).click();
  await expect(page.locator("#screen canvas")).toBeHidden();
  await typeLine(page, "wide");
  await waitForText(page, "sh: wide: not found");
});

test("a click beside the terminal leaves the keys with the machine", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await page.locator("#screen canvas").click();
  await typeLine(page, "canvas");
  await waitForText(page, "sh: canvas: not found");
  await page.locator("footer").click({ position: { x: 700, y: 10 } });
  await typeLine(page, "footer");
  await waitForText(page, "sh: footer: not found");
});

test("selected text is copied with Ctrl+C and pasted with Ctrl+V", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("");
  await waitForPrompt(page);
  const line = await page.getByText("PAT: WB WT").boundingBox();
  await page.mouse.dblclick((line?.x ?? 0) + 10, (line?.y ?? 0) + 8);
  await page.keyboard.press("Control+c");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^PAT/);
  await page.keyboard.press("Control+v");
  await page.keyboard.press("Enter");
  await waitForText(page, /sh: PAT:?: not found/);
});
