// Tests of the real machine, with the leak gate: what `free -c` counts at the prompt after a test is what it counted at the prompt before.

import { test as base, expect, type Page } from "@playwright/test";
import { runLine, terminalText, waitForPrompt } from "../terminal.ts";

export { expect };

/** Marks tests for which it is the same what shows the screen: they run where it is a 2D canvas only. */
export const ANY_SCREEN = { tag: "@any-screen" };

const BOOT_MS = 30_000;
/** Closes reach their servers after the call has returned. */
const SETTLE_MS = 20_000;
const LINE_MS = 4_000;

/** Pages with a machine at its prompt, and the counts there. */
const atPrompt = new Map<Page, string>();

export const test = base.extend<{ leakGate: undefined }>({
  leakGate: [
    // It asks for `page` so that it looks before that is closed.
    async ({ page: _ }, use, info) => {
      atPrompt.clear();
      await use(undefined);
      if (info.status !== info.expectedStatus) return;
      for (const [page, counts] of atPrompt) if (!page.isClosed()) await gate(page, counts);
    },
    { auto: true },
  ],
});

/** Boots the machine in a page up to its prompt, with the screen shown; what the terminal says by then. The gate holds from here on. */
export async function boot(page: Page, query = ""): Promise<string> {
  // SwiftShader is WebGPU emulated in software, which the machine uses only when it is told to.
  const software = test.info().project.name === "webgpu" ? ["webgpu=1"] : [];
  const options = [query.replace("?", ""), ...software].filter((text) => text !== "");
  await page.goto(options.length > 0 ? `?${options.join("&")}` : "");
  await waitForPrompt(page, BOOT_MS);
  await expect(page.locator("#screen canvas")).toBeVisible();
  const text = await terminalText(page);
  atPrompt.set(page, await runLine(page, "free -c"));
  return text;
}

/** This machine is not to be looked at after the test: why says what has happened to it. */
export function noGate(page: Page, why: string): void {
  expect(why).not.toBe("");
  atPrompt.delete(page);
}

async function gate(page: Page, counts: string): Promise<void> {
  await page.locator("#terminal textarea").focus();
  // A line of the log may come after a prompt, which is then no longer the last line: Enter brings another one.
  await expect(async () => {
    await page.keyboard.press("Enter");
    await waitForPrompt(page, LINE_MS);
    expect(await runLine(page, "free -c", LINE_MS), "the leak gate").toBe(counts);
  }).toPass({ timeout: SETTLE_MS });
}
