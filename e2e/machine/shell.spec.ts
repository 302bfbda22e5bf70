// The shell as a person at the keyboard meets it: jobs, completion, the history, ^C and ^Z.

import type { Page } from "@playwright/test";
import { runLine, terminalText, typeLine, waitForPrompt, waitForText } from "../terminal.ts";
import { boot, expect, noGate, test } from "./machine.ts";

test.beforeEach(async ({ page }) => {
  await boot(page);
});

/** Waits until what was typed last is at the end of the terminal. */
async function waitForEnd(page: Page, text: string): Promise<void> {
  await expect.poll(async () => (await terminalText(page)).endsWith(text)).toBe(true);
}

test("^Z stops a command, bg and fg go on with it", async ({ page }) => {
  await typeLine(page, "cat");
  await typeLine(page, "one");
  await waitForText(page, /one\none\n?$/);
  await page.keyboard.press("Control+z");
  await waitForPrompt(page);
  expect(await terminalText(page)).toMatch(/\[1\]\+ {2}Stopped +cat/);
  expect(await runLine(page, "echo status $?; jobs")).toMatch(
    /^status 148\n\[1\]\+ {2}Stopped +cat$/,
  );

  // In the background it may not read what is typed to the shell: it stops again.
  expect(await runLine(page, "bg")).toContain("[1] cat");
  await expect.poll(async () => runLine(page, "ps")).toMatch(/stopped .* cat$/m);
  await typeLine(page, "fg");
  await waitForText(page, /fg\ncat\n?$/);
  await typeLine(page, "two");
  await waitForText(page, /two\ntwo\n?$/);
  await page.keyboard.press("Control+d");
  await waitForPrompt(page);
  expect(await runLine(page, "jobs; echo none")).toBe("none");
});

test("what is typed before its reader has come is for the command that was typed before it", async ({
  page,
}) => {
  for (const [key, shown, status] of [
    ["z", /cat\n\^Z\n\[1\]\+ {2}Stopped +cat\nquire\$ ?$/s, "148"],
    ["c", /cat\n\^C\nquire\$ ?$/, "130"],
  ] as const) {
    await typeLine(page, "cat");
    await page.keyboard.press(`Control+${key}`);
    await waitForText(page, shown);
    expect(await runLine(page, "echo $?")).toBe(status);
  }
  await runLine(page, "kill %1; wait %1");
  await typeLine(page, "cat");
  await typeLine(page, "one line");
  await page.keyboard.press("Control+d");
  await waitForText(page, /cat\none line\none line\nquire\$ ?$/);
});

test("a job in the background is announced, ended by number, and its end is said", async ({
  page,
}) => {
  expect(await runLine(page, "spin &")).toMatch(/^\[1\] \d+$/);
  expect(await runLine(page, "spin | cat &")).toMatch(/^\[2\] \d+$/);
  expect(await runLine(page, "jobs")).toMatch(
    /^\[1\]- {2}Running +spin\n\[2\]\+ {2}Running +spin \| cat$/,
  );
  expect(await runLine(page, "kill %1; wait %1; echo $?")).toBe("143");
  await typeLine(page, "kill %spin");
  // It is said before a prompt: this one, or one that Enter brings.
  await expect(async () => {
    await runLine(page, "");
    expect(await terminalText(page)).toMatch(/^\[2\]\+ {2}Ended by TERM +spin \| cat$/m);
  }).toPass();
});

test("a program that never looks up is stopped and ended all the same", async ({ page }) => {
  await typeLine(page, "spin");
  await waitForEnd(page, "spin");
  await page.keyboard.press("Control+z");
  await waitForPrompt(page);
  expect(await runLine(page, "jobs")).toMatch(/Stopped +spin/);
  await typeLine(page, "fg");
  await waitForEnd(page, "fg\nspin");
  await page.keyboard.press("Control+c");
  await waitForPrompt(page);
  expect(await runLine(page, "echo $?; jobs")).toBe("130");
});

test("^C ends a loop of the shell's own commands", async ({ page }) => {
  await typeLine(page, "while true; do :; done");
  await waitForEnd(page, "done");
  await page.keyboard.press("Control+c");
  await waitForPrompt(page);
  expect(await runLine(page, "echo $?")).toBe("130");
  await typeLine(page, "for i in 1 2 3; do sleep 60; done");
  await waitForEnd(page, "done");
  await page.keyboard.press("Control+c");
  await waitForPrompt(page);
  expect(await runLine(page, "echo $? $i")).toBe("130 1");
});

test("trap runs a script's text at ^C", async ({ page }) => {
  await typeLine(page, `sh -c 'trap "echo caught; exit 3" INT; echo ready; while :; do :; done'`);
  await waitForText(page, /\nready\n?$/);
  await page.keyboard.press("Control+c");
  await waitForPrompt(page);
  expect(await terminalText(page)).toContain("\ncaught\n");
  expect(await runLine(page, "echo $?")).toBe("3");
});

test("Tab completes, and shows what there is", async ({ page }) => {
  await page.keyboard.type("upt");
  await page.keyboard.press("Tab");
  await waitForEnd(page, "quire$ uptime");
  await page.keyboard.press("Control+u");
  await page.keyboard.type("cat /proc/upt");
  await page.keyboard.press("Tab");
  await page.keyboard.type("| wc -l");
  await waitForEnd(page, "quire$ cat /proc/uptime | wc -l");
  await page.keyboard.press("Control+u");
  await page.keyboard.type("ls /dev/nu");
  await page.keyboard.press("Tab");
  await waitForEnd(page, "quire$ ls /dev/null");
  await page.keyboard.press("Control+u");
  await page.keyboard.type("ls /proc/mem");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await waitForText(page, /meminfo +memtypes\n.*quire\$ ls \/proc\/mem$/s);
});

test("the history: by its beginning, by ^R, and after a reload", async ({ page }) => {
  await runLine(page, "echo first");
  await runLine(page, "true second");
  await page.keyboard.type("ec");
  await page.keyboard.press("ArrowUp");
  await waitForEnd(page, "quire$ echo first");
  await page.keyboard.press("Control+u");
  await page.keyboard.press("Control+r");
  await page.keyboard.type("sec");
  await waitForEnd(page, "(search `sec') true second");
  await page.keyboard.press("Enter");
  await waitForPrompt(page);
  expect(await runLine(page, "history")).toMatch(/\d {2}echo first\n.*\d {2}true second\n/);
  noGate(page, "another machine");
  await runLine(page, "touch ~/.sh_history");
  await page.reload();
  await waitForPrompt(page, 30_000);
  await runLine(page, "echo first");
  await page.reload();
  await waitForPrompt(page, 30_000);
  await page.keyboard.type("echo f");
  await page.keyboard.press("ArrowUp");
  await waitForEnd(page, "quire$ echo first");
});

test("less shows a screen at a time, searches, is stopped and goes on; the text before it is back", async ({
  page,
}) => {
  await runLine(page, "echo before");
  await typeLine(page, "seq 500 | less");
  await waitForText(page, /lines 1-\d+ of 500/);
  await page.keyboard.type("/^123");
  await page.keyboard.press("Enter");
  await waitForText(page, /^123\n124\n.*lines 123-/ms);
  await page.keyboard.press("Control+z");
  await waitForPrompt(page);
  expect(await terminalText(page)).toMatch(
    /echo before\nbefore\n.*\[1\]\+ {2}Stopped +seq 500 \| less/s,
  );
  await typeLine(page, "fg");
  await waitForText(page, /^123\n124\n.*lines 123-/ms);
  await page.setViewportSize({ width: 1000, height: 500 });
  await waitForText(page, /lines 123-1[3-4]\d of 500/);
  await page.keyboard.type("q");
  await waitForPrompt(page);
  expect(await terminalText(page)).not.toContain("lines 123-");
});

test("the editor takes keys and pastes, finds, undoes, goes to a line and saves; the text before it is back", async ({
  page,
}) => {
  noGate(page, "srv/home has touched more of its memory");
  await runLine(page, "echo before; seq 30 > /home/f");
  await typeLine(page, "edit /home/f");
  await waitForText(page, /^1\n2\n3\n/m);
  await page.keyboard.press("Control+f");
  await page.keyboard.type("17");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+k");
  await waitForText(page, /^16\n18\n/m);
  await page.keyboard.press("Control+u");
  await page.keyboard.press("Escape");
  await page.keyboard.press("u");
  await waitForText(page, /^16\n18\n/m);
  await page.keyboard.press("Control+Shift+_");
  await waitForText(page, "Line, column:");
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "pasted\n^X\n");
    document.activeElement?.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true }),
    );
  });
  await waitForText(page, /^1\npasted\n\^X\n2\n/m);
  await page.keyboard.press("Control+c");
  await waitForText(page, /line 4\/32, col 1\/2, byte 12\//);
  expect(await terminalText(page)).not.toContain("^C2");
  await page.keyboard.press("Control+s");
  await waitForText(page, "Wrote 31 lines");
  await page.keyboard.press("Control+x");
  await waitForPrompt(page);
  expect(await terminalText(page)).toMatch(/echo before/);
  expect(await runLine(page, "head -n 3 /home/f; wc -l < /home/f")).toBe("1\npasted\n^X\n31");
});

test("the line follows the terminal's size", async ({ page }) => {
  const columns = async () => Number((await runLine(page, "stty size")).split(" ")[0]);
  const before = await columns();
  await page.setViewportSize({ width: 1000, height: 600 });
  await expect.poll(columns).toBeLessThan(before);
});

test("a link's command waits for the person, then runs in the shell", async ({ page }) => {
  await page.goto(
    `${test.info().project.name === "webgpu" ? "?webgpu=1" : ""}#c=echo%20from%20a%20%24((1%2B1))%20link`,
  );
  noGate(page, "another machine");
  await page.reload();
  await waitForPrompt(page, 30_000);
  await page.getByRole("button", { name: "Type it and run" }).click();
  await waitForText(page, "\nfrom a 2 link\n");
});
