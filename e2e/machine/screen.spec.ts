// The screen as a person sees it: the test card in every mode and byte order, a game, and what happens to both when srv/gpu dies.

import type { Page } from "@playwright/test";
import { cardDifference, cardPicture, FORMATS, MODES } from "../../tests/card.ts";
import {
  canvasDigest,
  canvasPicture,
  canvasPixels,
  colourCount,
  differingPixels,
  type Picture,
  pictureDigest,
} from "../pixels.ts";
import { runLine, SOON, terminalText, typeLine, waitForPrompt, waitForText } from "../terminal.ts";
import { boot, expect, test } from "./machine.ts";

for (const format of FORMATS) {
  test(`the test card is shown pixel for pixel in every mode, ${format}`, async ({ page }) => {
    test.setTimeout(120_000);
    await boot(page);
    await typeLine(page, `fbtest -w all ${format} card`);
    for (const [width, height] of MODES) {
      await waitForText(page, new RegExp(`${width}x${height} ${format} card ok\n?$`), 30_000);
      const card = pictureDigest({ width, height, data: cardPicture(width, height) });
      await expect(async () => {
        if ((await canvasDigest(page)) === card) return;
        expect(cardDifference(await canvasPixels(page), width, height)).toBe("");
      }).toPass({ timeout: 15_000 });
      await expect(page.locator("#status")).toContainText(`${width} × ${height} by`);
      await page.keyboard.press("Enter");
    }
    await waitForText(page, `${MODES.length} pictures, 0 wrong\n`);
    await waitForPrompt(page);
  });
}

test("red is red on the glass in both byte orders", async ({ page }) => {
  await boot(page);
  for (const format of FORMATS) {
    await typeLine(page, `fbtest -w 640x480 ${format} bars`);
    await waitForText(page, new RegExp(`640x480 ${format} bars ok\n?$`));
    const wanted = "255,255,255 255,255,0 0,255,255 0,255,0 255,0,255 255,0,0 0,0,255 0,0,0";
    await expect.poll(async () => barsOf(await canvasPicture(page)), SOON).toBe(wanted);
    await page.keyboard.press("Enter");
    await waitForPrompt(page);
  }
});

/** The colours in the middle of eight bars across a screenshot of the canvas, which the page may have scaled and put on a wider ground. */
function barsOf({
  width,
  height,
  data,
}: {
  width: number;
  height: number;
  data: Uint8Array;
}): string {
  const scale = Math.min(width / 640, height / 480);
  const left = (width - 640 * scale) / 2;
  return Array.from({ length: 8 }, (_, i) => {
    const x = Math.round(left + (i + 0.5) * 80 * scale);
    const at = (Math.round(240 * scale) * width + x) * 4;
    return [...data.subarray(at, at + 3)].join();
  }).join(" ");
}

test("text and a program that draws follow changes of mode", async ({ page }) => {
  test.setTimeout(120_000);
  await boot(page);
  await runLine(page, "gpudemo -n 100000 & d=$!");
  for (const [width, height] of [
    [320, 200],
    [1920, 1080],
    [640, 480],
    [1024, 768],
  ] as const) {
    await runLine(page, `echo mode ${width}x${height} >/dev/gpu/ctl`);
    await expect(page.locator("#status")).toContainText(`${width} × ${height} by`);
    await moves(page);
  }
  await runLine(page, "kill $d; wait $d");
  await runLine(page, "echo mode 320x200 >/dev/gpu/ctl");
  await expect
    .poll(async () => {
      const picture = await canvasPixels(page);
      return `${picture.width}x${picture.height} ${colourCount(picture) > 1}`;
    }, SOON)
    .toBe("320x200 true");
  expect(await terminalText(page)).not.toContain("fault:");
});

test("usertests of the screen pass", async ({ page }) => {
  await boot(page);
  expect(await runLine(page, "usertests gpu", 60_000)).toMatch(/\n10 passed, 0 failed$/);
});

test("gpudemo goes on after the server has died and come back; a program without a handler ends", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await boot(page);
  const draws = "until grep -q 'view 1' /dev/gpu/status 2>/dev/null; do true; done";
  await runLine(page, `gpudemo -n 100000 & d=$!; ${draws}`);
  for (let round = 1; round <= 3; round++) {
    await moves(page);
    const gone = 'until [ "$(pidof gpu)" ]; do true; done';
    await typeLine(page, `kill $(pidof gpu); ${gone}; ${draws}; echo back $((${round}+40))`);
    await waitForText(page, `back ${round + 40}`, 40_000);
  }
  await moves(page);
  await prompt(page);
  await runLine(page, "kill $d; wait $d");
  // Killed before it has mapped its pixels it would end otherwise: the open fails.
  const mapped = "until grep -q WC /proc/$d/maps 2>/dev/null; do true; done";
  const line = `usertests --draw 0 >/dev/null & d=$!; ${mapped}; kill $(pidof gpu); wait $d; echo status $?`;
  await typeLine(page, line);
  await waitForText(page, /device gone.*\nstatus 139\n/s, 40_000);
  await waitForText(page, /(starting \/srv\/gpu again.*){4}/s);
  await prompt(page);
  expect(await runLine(page, "usertests gpu-views", 40_000)).toMatch(/\n2 passed, 0 failed$/);
});

/** A fresh prompt: the log may have written behind the last one. */
async function prompt(page: Page): Promise<void> {
  await page.keyboard.press("Enter");
  await waitForPrompt(page);
}

/** The picture changes, and changes again. */
async function moves(page: Page): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const now = await canvasDigest(page);
    await expect.poll(() => canvasDigest(page), SOON).not.toBe(now);
  }
}

/** Waits until the picture is another one, by many pixels. */
async function differs(page: Page, from: Picture, by = 100): Promise<void> {
  await expect
    .poll(async () => differingPixels(from, await canvasPixels(page)), SOON)
    .toBeGreaterThan(by);
}

test("snake is played with the keyboard, and leaves the screen as it was", async ({ page }) => {
  await boot(page);
  await expect.poll(async () => colourCount(await canvasPixels(page)), SOON).toBeGreaterThan(1);
  const before = await still(page);
  const whole = before.width * before.height;
  await typeLine(page, "snake 7");
  await differs(page, before, whole / 2);
  await page.keyboard.press("p");
  const paused = await still(page);
  await page.keyboard.press("p");
  await page.keyboard.press("ArrowUp");
  await differs(page, paused);
  // Up to the wall: 20 steps. Then the sheet says so, and nothing moves.
  const over = await still(page);
  expect(differingPixels(paused, over)).toBeGreaterThan(100);
  await page.keyboard.press("r");
  await differs(page, over);
  await page.keyboard.press("q");
  await waitForText(page, /snake: best score \d+, seed 8\n/);
  await waitForPrompt(page);
  await expect
    .poll(async () => differingPixels(before, await canvasPixels(page)), SOON)
    .toBeLessThan(whole / 10);
});

/** The picture once it has stayed the same for half a second: twelve steps of the snake. */
async function still(page: Page): Promise<Picture> {
  let last = "";
  let since = 0;
  await expect
    .poll(
      async () => {
        const now = await canvasDigest(page);
        if (now !== last) since = Date.now();
        last = now;
        return Date.now() - since;
      },
      { intervals: [50] },
    )
    .toBeGreaterThan(500);
  return canvasPixels(page);
}
