// The page's own controls: a link that types, the bar of keys, colours, the machine menu, and what is said without a network.

import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { terminalText, typeLine, waitForPrompt, waitForText } from "../terminal.ts";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function start(page: Page, address = ""): Promise<void> {
  await page.goto(address);
  await waitForPrompt(page);
}

test.describe("a link with a command", () => {
  const box = (page: Page) => page.getByRole("dialog", { name: "A link's command" });

  test("shows it, and runs it when the person says so", async ({ page }) => {
    await start(page, "#c=hello%20%7C%20there");
    await expect(box(page).locator("pre")).toHaveText("hello | there");
    await page.waitForTimeout(300);
    expect(await terminalText(page)).not.toContain("hello");
    await page.getByRole("button", { name: "Type it and run" }).click();
    await waitForText(page, "quire$ hello | there\nsh: hello: not found");
    await expect(box(page)).toBeHidden();
    expect(new URL(page.url()).hash).toBe("");
    await typeLine(page, "after");
    await waitForText(page, "sh: after: not found");
  });

  test("types it without Enter, or not at all", async ({ page }) => {
    await start(page, "#c=ls");
    await page.getByRole("button", { name: "Type it only" }).click();
    await waitForText(page, /quire\$ ls$/);
    await page.evaluate(() => {
      location.hash = "#c=other";
    });
    await expect(box(page).locator("pre")).toHaveText("other");
    await expect(page.getByRole("button", { name: "Dismiss" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(box(page)).toBeHidden();
    expect(await terminalText(page)).not.toContain("other");
  });

  test("with invisible characters is refused in words", async ({ page }) => {
    await start(page, "#c=ls%1b%5b2J");
    await expect(page.locator("#notice")).toHaveText(
      "The link's command has invisible characters in it.",
    );
    await expect(box(page)).toBeHidden();
  });

  test("shows a long command whole on a phone", async ({ browser, baseURL }) => {
    const context = await browser.newContext({ ...PHONE, baseURL });
    const page = await context.newPage();
    await start(page, `#c=${"echo%20long%20".repeat(40)}`);
    const [width, scroll] = await page.evaluate(() => [
      innerWidth,
      document.documentElement.scrollWidth,
    ]);
    expect(scroll).toBe(width);
    await page.getByRole("button", { name: "Dismiss" }).tap();
    await context.close();
  });
});

test.describe("the bar of keys", () => {
  test("is there for fingers, and keeps the focus where it is", async ({ browser, baseURL }) => {
    const context = await browser.newContext({ ...PHONE, baseURL });
    const page = await context.newPage();
    await start(page);
    const bar = page.getByRole("toolbar", { name: "Keys" });
    await expect(bar).toBeVisible();
    await page.locator("#terminal").tap();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    expect(await focused()).toBe("Terminal input");
    await page.keyboard.type("a");
    await bar.getByRole("button", { name: "Slash" }).tap();
    await bar.getByRole("button", { name: "Minus" }).tap();
    await page.keyboard.type("b");
    await waitForText(page, /quire\$ a\/-b$/);
    expect(await focused()).toBe("Terminal input");
    for (const button of await bar.getByRole("button").all()) {
      const size = await button.boundingBox();
      expect((size?.x ?? 0) + (size?.width ?? 0), "in view").toBeLessThanOrEqual(360);
      expect(size?.height, "large enough to hit").toBeGreaterThanOrEqual(40);
    }
    await context.close();
  });

  test("Ctrl goes with the next key, and is let go", async ({ page }) => {
    await start(page, "?keys");
    await page.getByRole("button", { name: "Machine" }).click();
    await page.getByLabel("Bar of keys").check();
    await page.keyboard.press("F6");
    const control = page.getByRole("button", { name: "Ctrl" });
    await control.click();
    await expect(control).toHaveAttribute("aria-pressed", "true");
    await page.keyboard.type("a");
    await expect(control).toHaveAttribute("aria-pressed", "false");
    await page.keyboard.type("a");
    await page.getByRole("button", { name: "Left" }).click();
    await page.getByRole("button", { name: "Esc" }).click();
    await page.getByRole("button", { name: "Tab" }).click();
    await waitForText(page, "<01><61><1b><5b><44><1b><09>");
    await page.reload();
    await waitForPrompt(page);
    await expect(control).toBeVisible();
  });

  test("is not there for a mouse", async ({ page }) => {
    await start(page);
    await expect(page.getByRole("toolbar", { name: "Keys" })).toBeHidden();
  });
});

test("colours: the person's choice is kept, and the terminal has it too", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await start(page);
  const shown = () =>
    page.evaluate(() => [
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(
        document.querySelector("#terminal .xterm-viewport, #terminal .xterm-scrollable-element") ??
          document.body,
      ).backgroundColor,
    ]);
  const light = await shown();
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByLabel("Dark", { exact: true }).check();
  await expect.poll(shown).not.toEqual(light);
  const dark = await shown();
  await page.reload();
  await waitForPrompt(page);
  expect(await shown()).toEqual(dark);
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByLabel("As the system").check();
  await expect.poll(shown).toEqual(light);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(shown).toEqual(dark);
});

test("the machine menu: a dump, a screenshot, power off and reset", async ({ page }) => {
  await start(page);
  const choose = async (name: string) => {
    await page.getByRole("button", { name: "Machine" }).click();
    await page.getByRole("button", { name }).click();
  };
  const saved = async (name: string) => {
    const download = page.waitForEvent("download");
    await choose(name);
    const file = await download;
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  };
  const dump = await saved("Download a memory dump");
  expect(dump.name).toBe("quire-dump.tar.gz");
  expect([...dump.bytes.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
  const picture = await saved("Save a screenshot");
  expect(picture.name).toBe("quire-screen.png");
  expect(picture.bytes.subarray(1, 4).toString()).toBe("PNG");
  await choose("Power off");
  await expect(page.locator("#status")).toContainText("Powered off. Choose Machine, then Reset");
  await page.getByRole("button", { name: "Machine" }).click();
  await expect(page.getByRole("button", { name: "Power off" })).toBeDisabled();
  await page.getByRole("button", { name: "Reset" }).click();
  await waitForPrompt(page);
});

test("the keys are listed, by keyboard alone", async ({ page }) => {
  await start(page);
  await page.keyboard.press("F6");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Keys" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Keys" })).toContainText("completes a command");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeHidden();
  await page.keyboard.press("F6");
  await typeLine(page, "back");
  await waitForText(page, "sh: back: not found");
});

test("without a network the page says so, and when it is back", async ({ page, context }) => {
  await start(page);
  await context.setOffline(true);
  await expect(page.locator("#notice")).toHaveText(/^Offline: the machine runs on/);
  await typeLine(page, "still");
  await waitForText(page, "sh: still: not found");
  await context.setOffline(false);
  await expect(page.locator("#notice")).toHaveText("");
});

test("nothing moves while nothing happens", async ({ page }) => {
  await start(page);
  await waitForPrompt(page);
  await expect(page.locator("#terminal .xterm-cursor")).toHaveCount(1);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
