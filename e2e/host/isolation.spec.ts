// The built site on a host that cannot send headers, in a sub folder.

import { expect, test } from "@playwright/test";
import { PLAIN_PORT } from "../ports.ts";
import { waitForPrompt } from "../terminal.ts";

test("the service worker adds the headers after one reload, and the machine boots", async ({
  page,
}) => {
  let loads = 0;
  page.on("load", () => loads++);
  await page.goto("");
  await expect.poll(() => loads).toBe(2);
  await waitForPrompt(page, 30_000);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.reload();
  await waitForPrompt(page, 30_000);
  expect(loads).toBe(3);
});

test.describe("where service workers are blocked", () => {
  test.use({ serviceWorkers: "block" });

  test("one sentence says what is missing, without a loop of reloads", async ({ page }) => {
    let loads = 0;
    page.on("load", () => loads++);
    await page.goto("");
    const sentence =
      "The server does not send the COOP and COEP headers that shared memory needs, and";
    await expect(page.locator("#status")).toContainText(sentence);
    await expect(page.locator("#screen-words")).toContainText(sentence);
    await page.waitForTimeout(500);
    expect(loads).toBe(1);
  });
});

test("a service worker without effect is tried once", async ({ page, context }) => {
  await context.route("**/coi.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: "" }),
  );
  let loads = 0;
  page.on("load", () => loads++);
  await page.goto("");
  await expect(page.locator("#status")).toContainText("had no effect");
  await page.waitForTimeout(500);
  expect(loads).toBe(2);
});

test("a page that is not secure says so", async ({ page }) => {
  await page.goto(`http://insecure.test:${PLAIN_PORT}/sub/folder/`);
  await expect(page.locator("#status")).toHaveText(
    "This page is not secure: open Quire over https, or from localhost.",
  );
});
