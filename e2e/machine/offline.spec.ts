// A page that was open once opens without a network, and its machine boots.

import { expect, test } from "@playwright/test";
import { dropFile } from "../drop.ts";
import { runLine, waitForPrompt } from "../terminal.ts";
import { assemble, HELLO } from "./programs.ts";

test("boots again without a network", async ({ page, context }) => {
  await page.goto(test.info().project.name === "webgpu" ? "?webgpu=1" : "");
  await waitForPrompt(page, 30_000);
  // The service worker has the page once everything that it loaded is kept.
  await expect
    .poll(
      () =>
        page.evaluate(async () => {
          const cache = await caches.open("quire");
          const kept = (await cache.keys()).map((request) => request.url);
          const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
          const late: string[] = await (await fetch("assets.json")).json();
          return [...loaded, ...late.map((path) => new URL(path, document.baseURI).href)].filter(
            (name) => name.startsWith(origin) && !kept.includes(name),
          ).length;
        }),
      { timeout: 30_000 },
    )
    .toBe(0);
  await context.setOffline(true);
  await page.reload();
  await waitForPrompt(page, 30_000);
  expect(await runLine(page, "echo no network")).toBe("no network");
  await expect(page.locator("#notice")).toHaveText(/^Offline/);
  // A program of the person's own has to be rewritten, by a script that no machine has needed so far.
  await dropFile(page, "hello.wasm", await assemble("hello", HELLO));
  await expect(page.locator("#notice")).toHaveText("Added: type hello to run it.");
  expect(await runLine(page, "hello")).toBe("dropped and running");
  await context.setOffline(false);
});
