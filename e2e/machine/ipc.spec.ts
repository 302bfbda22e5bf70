// Servers in the browser: deaths at every step of a request with real Workers, and supervision by keyboard.

import { expect, test } from "@playwright/test";
import { runLine, terminalText, typeLine, waitForPrompt, waitForText } from "../terminal.ts";

test.beforeEach(async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page, 30_000);
});

test("either side of a request may die at every step, and nothing is left", async ({ page }) => {
  test.setTimeout(300_000);
  const tests = "servers-die clients-die both-die programs-of swap-and-deaths files-are pipes-take";
  expect(await runLine(page, `usertests ${tests}`, 240_000)).toMatch(/7 passed, 0 failed$/);
});

test("a service that is killed is back at once; svc says how often and why", async ({ page }) => {
  test.setTimeout(120_000);
  // One line each: what the log says on the console comes while its command still runs.
  const back = "until cat /dev/gpu/status > /tmp/s 2>&1; do sleep 0.05; done; head -n 1 /tmp/s";
  const model = /model Bochs[^\n]*$/;
  expect(await runLine(page, `kill -9 $(pidof gpu); ${back}`, 60_000)).toMatch(model);
  const row = await runLine(page, "svc | grep gpu");
  expect(row).toMatch(/gpu +running +\d+ +1 +signal:9 +- +\/dev\/gpu/);
  const stop = "svc stop gpu; until svc | grep -q 'gpu *stopped'; do sleep 0.05; done";
  expect(await runLine(page, `${stop}; cat /dev/gpu/status`, 60_000)).toMatch(/no such file/);
  expect(await runLine(page, `svc start gpu; ${back}`, 60_000)).toMatch(model);
});

test("a service that hangs keeps nobody: ^C gives the prompt back", async ({ page }) => {
  test.setTimeout(120_000);
  const works = "until cat /dev/patdev 2> /dev/null; do sleep 0.05; done";
  expect(await runLine(page, `svc start patdev; ${works}`)).toMatch(/^patdev: /);
  await runLine(page, "kill -STOP $(pidof patdev)");
  // A program of its own, and the shell itself.
  for (const line of ["cat /dev/patdev", "read x < /dev/patdev"]) {
    // ^C takes back what is typed and not read: the line is running when it comes.
    await typeLine(page, `echo runs; ${line}`);
    await waitForText(page, /\nruns$/);
    await expect(async () => {
      await page.keyboard.press("Control+C");
      await waitForPrompt(page, 2_000);
    }).toPass({ timeout: 20_000 });
  }
  expect(await terminalText(page)).toContain("sh: /dev/patdev: interrupted");
  expect(await runLine(page, `svc restart patdev; ${works}`)).toContain("patdev: mmap");
  await runLine(page, "svc stop patdev");
});
