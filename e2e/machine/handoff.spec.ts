// The screen and the terminals beside each other: the same text in both, whoever has the screen, and none of it lost when a server dies.

import type { Page } from "@playwright/test";
import { textOf } from "../../tests/screenText.ts";
import { savedScreen, screenText } from "../screenText.ts";
import {
  PROMPT,
  runLine,
  SOON,
  terminalText,
  typeLine,
  waitForPrompt,
  waitForText,
} from "../terminal.ts";
import { ANY_SCREEN, boot, expect, noGate, test } from "./machine.ts";

/** Without white space: lines wrap elsewhere in the terminal's text than on the screen. */
function flat(text: string): string {
  return text.replace(/\s/g, "");
}

/** The screen shows the end of what the terminal holds. */
async function sameText(page: Page, scale = 1): Promise<void> {
  await expect(async () => {
    const screen = flat(await screenText(page, scale));
    expect(screen.length).toBeGreaterThan(10);
    expect(flat(await terminalText(page)).slice(-screen.length)).toBe(screen);
  }).toPass({ timeout: 20_000, ...SOON });
}

/** Clears the terminal, and what the test saw of it. */
async function clear(page: Page): Promise<void> {
  await typeLine(page, "clear");
  await expect.poll(async () => (await terminalText(page)).trim(), SOON).toBe(PROMPT.trim());
}

/** A shell function that ends a server and waits until the screen is the server's again. */
const END =
  'end() { pid=$(pidof $1); kill -9 $pid; while [ -d /proc/$pid ]; do sleep 0.01; done; }; is() { until grep -q "state $1" /proc/console; do sleep 0.02; done; }';

/** The terminal's text without the words of kernel and init, which may come in the middle of a program's line. */
function withoutLog(text: string): string {
  return text.replace(/(screen: back|init: |gpu: |servers mounted)[^\n]*\n/g, "");
}

test("text before, during and after the server has the screen is the same on it and in the terminal", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await boot(page);
  expect(await runLine(page, "echo before; console | head -2")).toMatch(
    /^before\nstate server\nowner \d+ console$/,
  );
  await sameText(page);
  expect(
    await runLine(page, "console release; echo without a server; grep state /proc/console"),
  ).toContain("without a server\nstate kernel");
  await expect(page.locator("#screen-words")).toContainText("given the screen back");
  expect(await terminalText(page)).toContain("asked for the kernel console");
  await runLine(page, "console take; seq 1 20");
  await expect(page.locator("#screen canvas")).toBeVisible();
  await sameText(page);
  const text = await terminalText(page);
  for (const line of ["PAT: WB WT UC- UC WB WT WC UC", "before", "without a server", "20"])
    expect(text).toContain(line);
});

test(
  "colours, attributes, what the font lacks, and the cursor are on the screen",
  ANY_SCREEN,
  async ({ page }) => {
    await boot(page);
    await clear(page);
    await runLine(
      page,
      "printf '\\033[31mred\\033[0m \\033[7minverse\\033[0m \\033[48;5;21mblue\\033[0m \\033[38;2;255;128;0morange\\033[0m\\n'",
    );
    await runLine(page, "printf 'é ß │─┼ 漢 ?\\n'");
    await expect.poll(() => screenText(page), SOON).toContain("é ß │─┼ \u{fffd}\u{fffd} ?");
    const png = await savedScreen(page);
    const colours = new Set<number>();
    for (let at = 0; at < png.data.length; at += 4) colours.add(png.data.readUInt32BE(at) >>> 8);
    for (const colour of [0xe5534b, 0x0000ff, 0xff8000, 0xc8d3e0, 0x0b1017])
      expect(
        [...colours].map((c) => c.toString(16)),
        colour.toString(16),
      ).toContain(colour.toString(16));
    expect(textOf(png)).toContain("red inverse blue orange");
  },
);

/** Prints 400 numbers, one by one, which takes longer than killing a server. */
const PRINTS = "lines() { n=$1; while [ $n -lt $(($1 + 400)) ]; do echo $n; n=$((n + 1)); done; }";

/** Changes the mode without a pause until it is killed: the driver dies in the middle of it. */
const MODES =
  "modes() { while true; do echo mode 800x600 >/dev/gpu/ctl; echo mode 1024x768 >/dev/gpu/ctl; done 2>/dev/null; }";

for (const [what, victims, before, after, details] of [
  ["gpu", ["gpu"], "", "", ANY_SCREEN],
  ["console", ["console"], "", "", ANY_SCREEN],
  ["gpu and console", ["gpu", "console"], "", "", ANY_SCREEN],
  ["gpu in the middle of changes of mode", ["gpu"], "modes & m=$!; sleep 0.05;", "kill $m;", {}],
] as const) {
  test(
    `killing ${what} five times during output loses no line, and the screen comes back`,
    details,
    async ({ page }) => {
      test.setTimeout(180_000);
      await boot(page);
      await runLine(page, `${END}; ${MODES}; ${PRINTS}`);
      const kills = victims.map((name) => `end ${name}`).join("; ");
      await runLine(
        page,
        `is server; for i in 0 1 2 3 4; do ${before} lines $((i * 400)) & s=$!; ${kills}; wait $s; ${after} is server; done; echo all done`,
        120_000,
      );
      const numbers = withoutLog(await terminalText(page))
        .split("\n")
        .filter((line) => /^\d+$/.test(line));
      const lost = numbers.findIndex((number, i) => Number(number) !== i);
      expect([numbers.length, lost]).toEqual([5 * 400, -1]);
      expect(
        (await terminalText(page)).match(
          /screen: back to the kernel console: \w+ \(pid \d+\) was killed/g,
        )?.length,
      ).toBeGreaterThanOrEqual(5);
      await expect(page.locator("#screen canvas")).toBeVisible();
      await runLine(page, "echo mode 1024x768 >/dev/gpu/ctl; seq 1 30");
      await sameText(page);
    },
  );
}

test("what is typed while servers die five times is not lost", ANY_SCREEN, async ({ page }) => {
  test.setTimeout(120_000);
  await boot(page);
  await runLine(page, END);
  await typeLine(
    page,
    '{ for i in 1 2 3 4 5; do is server; end console; end gpu; done; is server; echo $((2 + 3)) deaths; } & n=0; while read -r key; [ "$key" != over ]; do [ "$key" = "key $n" ] || echo "got $key"; n=$((n + 1)); done; echo "read $n"',
  );
  let typed = 0;
  while (!(await terminalText(page)).includes("5 deaths")) await typeLine(page, `key ${typed++}`);
  await typeLine(page, "over");
  await waitForText(page, /^read \d+$/m);
  expect(typed).toBeGreaterThan(10);
  expect(await terminalText(page)).toContain(`\nread ${typed}\n`);
  expect(await terminalText(page)).not.toContain("got key");
  await waitForPrompt(page);
});

test(
  "Alt+F1 to Alt+F4 switch the terminals, on the screen too, each with its own text",
  ANY_SCREEN,
  async ({ page }) => {
    test.setTimeout(120_000);
    await boot(page);
    expect(await runLine(page, "echo the first")).toBe("the first");
    await page.keyboard.press("Alt+F2");
    await waitForPrompt(page);
    expect(await terminalText(page)).toBe(PROMPT.trimEnd());
    expect(await runLine(page, "echo the second; console | grep shown")).toBe(
      "the second\nshown 2",
    );
    await sameText(page);
    await page.keyboard.press("Alt+F3");
    await waitForPrompt(page);
    expect(await runLine(page, "echo the third")).toBe("the third");
    await page.keyboard.press("Alt+F4");
    await waitForText(page, "PAT: WB WT UC- UC WB WT WC UC");
    expect(await terminalText(page)).not.toContain("the first");
    await expect.poll(() => screenText(page), SOON).toContain("servers mounted:");
    await page.locator("#terminal").click();
    await page.keyboard.press("Alt+F1");
    await expect.poll(() => terminalText(page), SOON).toMatch(/the first\nquire\$$/);
    await sameText(page);
    noGate(page, "more terminals have shells");
    // A shell that ends on the second terminal is replaced; the others do not notice.
    await page.keyboard.press("Alt+F2");
    await typeLine(page, "exit");
    await expect.poll(() => terminalText(page), SOON).toMatch(/exit\n+quire\$$/);
    await typeLine(page, "console show 1");
    await expect.poll(() => terminalText(page), SOON).toMatch(/the first\nquire\$$/);
  },
);

test("^C on one terminal leaves the others' programs alone", ANY_SCREEN, async ({ page }) => {
  await boot(page);
  await typeLine(page, "sleep 1000; echo slept");
  await page.keyboard.press("Alt+F2");
  await waitForPrompt(page);
  await typeLine(page, "sleep 1000");
  await waitForText(page, /sleep 1000$/);
  await page.keyboard.press("Control+c");
  await waitForPrompt(page);
  expect(await runLine(page, "pidof sleep | wc -w")).toBe("1");
  noGate(page, "the other terminal's program goes on");
});

test("another size of the window, and another mode of the screen, keep both the same", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await boot(page);
  await runLine(page, "seq 1 60");
  await page.setViewportSize({ width: 900, height: 600 }); // one pane above the other
  await runLine(page, "echo resized");
  await typeLine(page, "sleep 1 & wait $!; echo waited $?");
  await page.setViewportSize({ width: 800, height: 500 });
  await waitForText(page, "\nwaited 0\n");
  await waitForPrompt(page);
  await page.setViewportSize({ width: 900, height: 600 });
  await sameText(page);
  await runLine(page, "echo mode 640x480 > /dev/gpu/ctl; echo small");
  await expect(page.locator("#status")).toContainText("640 × 480");
  await runLine(page, "seq 1 40");
  await sameText(page);
  expect((await savedScreen(page)).width).toBe(640);
  const [, columns, rows] =
    /size (\d+) (\d+)/.exec(await runLine(page, "console | grep size")) ?? [];
  expect(Number(columns)).toBeLessThanOrEqual(80);
  expect(Number(rows)).toBeLessThanOrEqual(30);
  await runLine(page, "echo mode 1024x768 > /dev/gpu/ctl; seq 1 50");
  await sameText(page);
});

test("a program that draws has the screen until it ends, and then the text is there again", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await boot(page);
  await runLine(page, "seq 1 10");
  await typeLine(page, "gpudemo");
  await waitForText(page, /gpudemo$/);
  await expect.poll(() => screenText(page), SOON).toContain("\u{fffd}");
  await page.locator("#terminal").click();
  await page.keyboard.press("Control+c");
  await waitForPrompt(page);
  await sameText(page);
});

test(
  "a program's picture belongs to its terminal: another shows its text, also when the driver has died",
  ANY_SCREEN,
  async ({ page }) => {
    test.setTimeout(120_000);
    await boot(page);
    await typeLine(page, "gpudemo");
    await waitForText(page, /gpudemo$/);
    await expect.poll(() => screenText(page), SOON).toContain("\u{fffd}");
    await page.locator("#terminal").click();
    await page.keyboard.press("Alt+F2");
    await waitForPrompt(page);
    expect(await runLine(page, "grep terminal /proc/self/status")).toBe("terminal 2");
    expect(await runLine(page, "grep '^view 1' /dev/gpu/status")).toMatch(/counting, terminal 1$/);
    await sameText(page);
    await runLine(
      page,
      "kill -9 $(pidof gpu); until grep '^view 1' /dev/gpu/status 2> /dev/null; do :; done",
    );
    await sameText(page);
    // A program of this terminal is shown, the other goes on unseen.
    await typeLine(page, "fbtest -w 320x200");
    await expect(page.locator("#status")).toContainText("320 × 200");
    await page.keyboard.press("Control+c");
    await waitForPrompt(page);
    await sameText(page);
    await page.keyboard.press("Alt+F4");
    await expect.poll(() => screenText(page), SOON).toContain("servers mounted:");
    await page.keyboard.press("Alt+F1");
    await expect.poll(() => screenText(page), SOON).toContain("\u{fffd}");
    await page.keyboard.press("Control+c");
    await waitForText(page, /\^C\nquire\$$/);
    await sameText(page);
    noGate(page, "more terminals have shells");
  },
);

test(
  "on a phone the few columns fill the screen with larger glyphs",
  ANY_SCREEN,
  async ({ browser, baseURL }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      baseURL,
    });
    const page = await context.newPage();
    await boot(page);
    await page.locator("#terminal").tap();
    await clear(page);
    await runLine(page, "seq 1 9");
    await sameText(page, 2);
    await context.close();
  },
);
