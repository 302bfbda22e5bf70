// The machine's terminal as a test sees it: text is read from the terminal's buffer, keys come from the keyboard.

import { expect, type Page } from "@playwright/test";
import type { TerminalReader } from "../web/terminal.ts";

export const PROMPT = "quire$ ";

/** A terminal is looked at this often, in ms: Playwright's own pauses grow to a second, which is most of a test. */
export const INTERVALS = [20, 50, 100];

export function terminalText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const reader: TerminalReader | undefined = window.quireTerminal;
    return reader?.text() ?? "";
  });
}

/** Waits until the terminal's last line is an empty prompt. */
export async function waitForPrompt(page: Page, timeout = 20_000): Promise<void> {
  await expect
    .poll(async () => `${(await terminalText(page)).split("\n").pop()} `, {
      timeout,
      intervals: INTERVALS,
    })
    .toBe(PROMPT);
}

export async function waitForText(
  page: Page,
  pattern: string | RegExp,
  timeout = 20_000,
): Promise<void> {
  const expected =
    typeof pattern === "string" ? expect.stringContaining(pattern) : expect.stringMatching(pattern);
  await expect.poll(() => terminalText(page), { timeout, intervals: INTERVALS }).toEqual(expected);
}

/** Types a line, all at once (a key at a time takes longer than most of what is typed), and Enter. */
export async function typeLine(page: Page, line: string): Promise<void> {
  await page.keyboard.insertText(line);
  await page.keyboard.press("Enter");
}

/** Types a line at the prompt and returns what came between it and the next prompt. */
export async function runLine(page: Page, line: string, timeout = 20_000): Promise<string> {
  const before = await terminalText(page);
  await typeLine(page, line);
  const start = before.length - before.lastIndexOf("\n") - 1;
  await expect
    .poll(
      async () => {
        const text = await terminalText(page);
        return text.length > before.length + line.length && text.endsWith(`\n${PROMPT.trimEnd()}`);
      },
      { timeout, intervals: INTERVALS },
    )
    .toBe(true);
  const after = (await terminalText(page)).slice(before.length - start);
  return after.split("\n").slice(1, -1).join("\n");
}
