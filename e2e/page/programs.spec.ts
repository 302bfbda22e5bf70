// Programs get into the machine: from the list, with the file button, dropped; and files come out of it.

import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { expect, type Page, test } from "@playwright/test";
import { PNG } from "pngjs";
import { dropFile } from "../drop.ts";
import { runLine, typeLine, waitForPrompt, waitForText } from "../terminal.ts";

/** The smallest module there is. */
const EMPTY_MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

async function openPrograms(page: Page): Promise<void> {
  await page.goto("");
  await waitForPrompt(page);
  await page.getByRole("button", { name: "Programs" }).click();
}

function note(page: Page, name: string) {
  return page.locator("#program-list li", { hasText: name }).locator(".note");
}

test("a program of the list is downloaded with the button and kept over a reset", async ({
  page,
}) => {
  await openPrograms(page);
  await page.getByRole("button", { name: "Get sqlite3" }).click();
  await expect(note(page, "sqlite3")).toHaveText("Type: sqlite3");
  await expect(page.locator("#notice")).toHaveText("Added: type sqlite3 to run it.");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await typeLine(page, "ls");
  await waitForText(page, "bin/sqlite3");
  await page.getByRole("button", { name: "Machine" }).click();
  await page.getByRole("button", { name: "Reset" }).click();
  await waitForPrompt(page);
  await typeLine(page, "ls");
  await waitForText(page, "bin/sqlite3");
});

test("the download shows its bytes", async ({ page }) => {
  await openPrograms(page);
  await page.evaluate(() => {
    const item = document.querySelector("#program-list li");
    const seen: string[] = [];
    Object.assign(window, { seen });
    if (item === null) return;
    new MutationObserver(() => seen.push(item.querySelector(".note")?.textContent ?? "")).observe(
      item,
      { subtree: true, childList: true, characterData: true },
    );
  });
  await page.getByRole("button", { name: "Get sqlite3" }).click();
  await expect(note(page, "sqlite3")).toHaveText("Type: sqlite3");
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(seen.some((text) => /^[\d.]+ (bytes|KB|MB) of 3\.6 MB$/.test(text))).toBe(true);
});

test("offline is said, and trying again works", async ({ page, context }) => {
  await openPrograms(page);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Get sqlite3" }).click();
  await expect(note(page, "sqlite3")).toHaveText(
    "Not downloaded: you are offline; connect and try again.",
  );
  await context.setOffline(false);
  await page.getByRole("button", { name: "Get sqlite3" }).click();
  await expect(note(page, "sqlite3")).toHaveText("Type: sqlite3");
});

test("a missing or changed file is refused", async ({ page }) => {
  await openPrograms(page);
  await page.route("**/programs/qjs.wasm", (route) => route.fulfill({ status: 404, body: "" }));
  await page.getByRole("button", { name: "Get qjs" }).click();
  await expect(note(page, "qjs")).toHaveText("Not downloaded: the server answered 404.");
  await page.route("**/programs/sqlite3.wasm", (route) =>
    route.fulfill({ body: Buffer.alloc(3_573_220), contentType: "application/wasm" }),
  );
  await page.getByRole("button", { name: "Get sqlite3" }).click();
  await expect(note(page, "sqlite3")).toContainText("its SHA-256 differs");
});

test("the file button adds a program under its file's name", async ({ page }) => {
  await openPrograms(page);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add a .wasm file" }).click();
  await (await chooser).setFiles({
    name: "My tool (2).wasm",
    mimeType: "application/wasm",
    buffer: EMPTY_MODULE,
  });
  await expect(page.locator("#notice")).toHaveText("Added: type My-tool-2 to run it.");
  expect(await runLine(page, "ls")).toContain("bin/My-tool-2");
});

test("a file dropped on the page is added, one that is no program is refused", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await dropFile(page, "hello.wasm", EMPTY_MODULE);
  await expect(page.locator("#notice")).toHaveText("Added: type hello to run it.");
  await typeLine(page, "ls");
  await waitForText(page, "bin/hello");
  await dropFile(page, "notes.wasm", Buffer.from("not a module"));
  await expect(page.locator("#notice")).toHaveText("notes.wasm is not a WebAssembly program.");
  await expect(page.locator("#drop")).toBeHidden();
});

test("the memory dump is a tar of its files", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await page.getByRole("button", { name: "Machine" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download a memory dump" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("quire-dump.tar.gz");
  const tar = gunzipSync(await readFile(await file.path()));
  expect(tar.toString("latin1", 0, 7)).toBe("ram.bin");
  expect(Number.parseInt(tar.toString("latin1", 124, 135), 8)).toBe(5000);
  expect(tar.subarray(512, 5512).every((byte) => byte === 7)).toBe(true);
  expect(tar.toString("latin1", 512 + 5120, 512 + 5120 + 12)).toBe("machine.json");
});

test("the screenshot is the canvas in its own size", async ({ page }) => {
  await page.goto("");
  await waitForPrompt(page);
  await page.getByRole("button", { name: "Machine" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save a screenshot" }).click();
  const png = PNG.sync.read(await readFile(await (await download).path()));
  expect([png.width, png.height]).toEqual([1024, 768]);
  expect([...png.data.subarray(0, 3)]).toEqual([0x0b, 0x25, 0x33]);
});
