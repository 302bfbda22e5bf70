// The page says in words how the machine is, in every state that a machine can be in.

import { expect, test } from "@playwright/test";
import { terminalText, typeLine, waitForPrompt, waitForText } from "../terminal.ts";

test("boots with the keyboard in the terminal and the picture on the canvas", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await expect(page.locator("#status")).toHaveText("Running, 1024 × 768 by WebGPU.");
  await expect(page.locator("#screen canvas")).toBeVisible();
  await typeLine(page, "nonsense");
  await waitForText(page, "sh: nonsense: not found");
});

test("before the display server runs, the screen's place says what it waits for", async ({
  page,
}) => {
  await page.goto("?kernel");
  await waitForPrompt(page);
  await expect(page.locator("#screen canvas")).toBeHidden();
  await expect(page.locator("#screen-words")).toContainText(
    "when the display server, srv/gpu, takes",
  );
  await expect(page.locator("#status")).toContainText("Booting");
});

test("the screen goes back to the kernel and is taken again, with every line kept", async ({
  page,
}) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "release");
  await waitForText(page, "the kernel console is back");
  await expect(page.locator("#screen canvas")).toBeHidden();
  await expect(page.locator("#screen-words")).toContainText("given the screen back");
  await expect(page.locator("#status")).toHaveText("Running on the kernel console.");
  await typeLine(page, "take");
  await expect(page.locator("#screen canvas")).toBeVisible();
  await waitForText(page, "PAT: WB WT UC- UC WB WT WC UC");
});

test("a panic's own text is in the terminal, with the call stack", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "panic 0x12");
  await waitForText(page, "kernel panic 7 (argument 0x12)\n  at walk");
  await expect(page.locator("#status")).not.toContainText("at walk");
});

test("a panic is in place of the picture, with what to do", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "panic 0x12");
  await expect(page.locator("#screen-words")).toContainText("Kernel panic");
  await expect(page.locator("#screen-words")).toContainText("Choose Machine, then Reset");
  await waitForText(page, "Choose Machine, then Reset");
});

test("Alt+F2 shows another terminal, and so does the machine", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await page.keyboard.press("Alt+F2");
  await expect.poll(() => terminalText(page)).toBe("terminal 2");
  await expect(page.getByLabel("Terminal 2 input")).toBeFocused();
  await page.keyboard.press("Alt+F1");
  await waitForPrompt(page);
  await typeLine(page, "vt 2");
  await expect.poll(() => terminalText(page)).toBe("terminal 2");
  await expect(page.getByLabel("Terminal 2 input")).toBeFocused();
});

test("while a server shows text the terminal is no larger than the screen", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "limit");
  await waitForPrompt(page);
  await typeLine(page, "x".repeat(60));
  await expect.poll(async () => await page.locator("#terminal .xterm-rows > div").count()).toBe(10);
});

for (const [line, sentence] of [
  ["panic 0x12", "Stopped by a kernel panic 7 (argument 0x12). Choose Machine, then Reset"],
  ["halt 0", "Halted with code 0. Choose Machine, then Reset"],
  ["halt 3", "Halted with code 3. Choose Machine, then Reset"],
] as const) {
  test(`says what ended the machine: ${line}`, async ({ page }) => {
    await page.goto("");
    await waitForPrompt(page);
    await typeLine(page, line);
    await expect(page.locator("#status")).toContainText(sentence);
    await page.getByRole("button", { name: "Machine" }).click();
    await expect(page.getByRole("button", { name: "Power off" })).toBeDisabled();
    await page.getByRole("button", { name: "Reset" }).click();
    await waitForPrompt(page);
    await expect(page.locator("#status")).toContainText("Running");
  });
}

test("power off stops the machine, reset starts a fresh one", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "before");
  await waitForText(page, "sh: before: not found");
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByRole("button", { name: "Power off" }).click();
  await expect(page.locator("#status")).toContainText("Powered off.");
  await page.keyboard.type("lost");
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByRole("button", { name: "Reset" }).click();
  await waitForPrompt(page);
  expect(await terminalText(page)).not.toMatch(/before|lost/);
});

test("a machine that cannot start says why", async ({ page }) => {
  await page.goto("?fail=the memory cannot be had");
  await expect(page.locator("#status")).toContainText("Not started: the memory cannot be had.");
});

test("an option that makes no sense is refused in words", async ({ page }) => {
  await page.goto("?ram=5");
  await expect(page.locator("#status")).toHaveText(
    "ram=5 in the address is not a multiple of 4 KiB between 8M and 1G.",
  );
});

test("progress is shown with its words", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "progress");
  await expect(page.locator("#status")).toHaveText("Reading the disk");
  await expect(page.locator("#progress")).toBeVisible();
});

test("a flood of output arrives whole", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await typeLine(page, "flood");
  await waitForText(page, "flood ends");
});

for (const [what, script, sentence] of [
  ["WebAssembly", "delete globalThis.WebAssembly", "no WebAssembly"],
  ["Workers", "delete globalThis.Worker", "no Web Workers"],
  ["threads", "WebAssembly.validate = () => false", "WebAssembly has no threads"],
  ["SharedArrayBuffer", "delete globalThis.SharedArrayBuffer", "no SharedArrayBuffer"],
] as const) {
  test(`one sentence when the browser lacks ${what}`, async ({ page }) => {
    await page.addInitScript(script);
    await page.goto("");
    await expect(page.locator("#status")).toContainText(sentence);
    await expect(page.locator("#screen-words")).toContainText(sentence);
    await expect(page.getByRole("button", { name: "Machine" })).toBeDisabled();
  });
}
