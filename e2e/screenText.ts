// The machine's screen as text: the canvas, or the picture that the page saves, read by its glyphs.

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { PNG } from "pngjs";
import { textOf } from "../tests/screenText.ts";
import { canvasPixels } from "./pixels.ts";

/** Saves the screen as the Machine menu does. */
export async function savedScreen(page: Page): Promise<PNG> {
  await page.getByRole("button", { name: "Machine" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save a screenshot" }).click();
  return PNG.sync.read(readFileSync(await (await download).path()));
}

/** The screen's text now. */
export async function screenText(page: Page, scale = 1): Promise<string> {
  return textOf(await canvasPixels(page), scale);
}
