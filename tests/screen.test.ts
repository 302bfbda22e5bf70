// The screen without one: pictures in every mode and byte order, and programs that draw while srv/gpu dies.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PNG } from "pngjs";
import { afterAll, describe, expect, test } from "vitest";
import { cardDifference, FORMATS, MODES } from "./card.ts";
import { shell } from "./headless.ts";

const TIMEOUT = 30_000;
const folder = mkdtempSync(path.join(tmpdir(), "quire-screen-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Waits in the shell until a program has a view. */
const DRAWS = "until grep -q 'view 1' /dev/gpu/status 2>/dev/null; do true; done";

/** Shows the card, and keeps it when the line has ended. */
function shows(mode: string, format: string): string {
  return `sleep 1000 | fbtest -w ${mode} ${format} card >/tmp/card & until grep -q ok /tmp/card; do true; done`;
}

describe("the test card", { timeout: TIMEOUT }, () => {
  const cases = MODES.flatMap(([width, height]) =>
    FORMATS.map((format) => ({ width, height, format })),
  );
  test.each(cases)("$width x $height $format", async ({ width, height, format }) => {
    const file = path.join(folder, `${width}x${height}${format}.png`);
    const mode = `${width}x${height}`;
    const line = `${shows(mode, format)}; cat /tmp/card; head -n 3 /dev/gpu/status | tail -n 1`;
    const { stdout, stderr } = await shell(line, "--screenshot", file);
    expect(stderr).toBe("");
    const [drawn, status] = stdout.split("\n");
    expect(drawn).toBe(`${mode} ${format} card ok`);
    expect(status).toBe(`mode ${mode}x32 ${format}, ${width * 4} bytes a row`);
    expect(cardDifference(PNG.sync.read(readFileSync(file)), width, height)).toBe("");
  });

  test("another picture, and one with red and blue exchanged, are told apart", async () => {
    const file = path.join(folder, "wrong.png");
    await shell(shows("320x200", "bgrx").replace("card >", "bars >"), "--screenshot", file);
    const bars = PNG.sync.read(readFileSync(file));
    expect(cardDifference(bars, 320, 200)).toBe("pixel 0,0 is 255 255 255, not 255 0 0");
    await shell(shows("320x200", "bgrx"), "--screenshot", file);
    const card = PNG.sync.read(readFileSync(file));
    for (let at = 0; at < card.data.length; at += 4) card.data.subarray(at, at + 3).reverse();
    expect(cardDifference(card, 320, 200)).toBe("pixel 0,0 is 0 0 255, not 255 0 0");
  });
});

describe("the base view", { timeout: TIMEOUT }, () => {
  const ctl = (command: string): string => `echo ${command} >/dev/gpu/ctl`;
  const TEXT = "these bytes are pixels, four of them for each; the fourth is not seen";

  test("shows what is written to fb, from the row on that it is panned to", async () => {
    const file = path.join(folder, "panned.png");
    const commands = [ctl("mode 320x200"), ctl("pan 0 100"), `echo -n "${TEXT}" >/dev/gpu/fb`];
    const line = [...commands, ctl("pan 0 60")].join("; ");
    await shell(line, "--screenshot", file);
    const text = Buffer.from(TEXT);
    const { data } = PNG.sync.read(readFileSync(file));
    for (let at = 0; at + 3 < text.length; at += 4) {
      const seen = [...data.subarray(40 * 320 * 4 + at, 40 * 320 * 4 + at + 3)];
      expect(seen).toEqual([text[at + 2], text[at + 1], text[at]]);
    }
    expect(
      data.subarray(0, 40 * 320 * 4).every((part, i) => part === (i % 4 === 3 ? 255 : 0)),
    ).toBe(true);
  });

  test("has no picture while it is blank, and the same one afterwards", async () => {
    const file = path.join(folder, "blank.png");
    const blank = await shell(ctl("blank"), "--screenshot", file);
    expect(blank.stderr).toContain("the display is off");
    const line = [
      ctl("mode 320x200"),
      `echo -n "${TEXT}" >/dev/gpu/fb`,
      ctl("blank"),
      ctl("blank off"),
    ];
    const { status } = await shell(line.join("; "), "--screenshot", file);
    expect(status).toBe(0);
    const { width, data } = PNG.sync.read(readFileSync(file));
    expect(width).toBe(320);
    expect(data.subarray(0, 16).some((part, i) => i % 4 !== 3 && part !== 0)).toBe(true);
  });
});

describe("the adapter", { timeout: TIMEOUT }, () => {
  test("has one owner", async () => {
    const { stdout } = await shell("/srv/gpu; echo status $?; cat /dev/gpu/nothing");
    expect(stdout).toMatch(/^gpu: .+: in use\nstatus 1\ncat: \/dev\/gpu\/nothing: /);
  });

  test("has another owner when the first is dead", async () => {
    const { stdout } = await shell(
      `kill $(pidof gpu); until cat /dev/gpu/status >/dev/null 2>/dev/null; do true; done; fbtest 320x200 bgrx card`,
    );
    expect(stdout).toBe("320x200 bgrx card ok\n1 pictures, 0 wrong\n");
  });

  test("gives reasons in words", async () => {
    const line = "echo mode 4000x3000 >/dev/gpu/ctl; tail -n 1 /dev/gpu/status";
    const { stdout } = await shell(line);
    expect(stdout).toContain(
      "refused mode: sizes are 320x200 to 1920x1080, as far as VRAM holds them",
    );
  });
});

describe("a program that draws while srv/gpu dies", { timeout: TIMEOUT }, () => {
  test.each([
    ["ends with a report", 0, 139],
    ["is asked, when it has a handler", 1, 33],
  ])("%s", async (_, kind, status) => {
    const { stdout, stderr } = await shell(
      `usertests --draw ${kind} >/dev/null & d=$!; ${DRAWS}; kill $(pidof gpu); wait $d; echo status $?`,
    );
    expect(stdout).toBe(`status ${status}\n`);
    if (kind === 0) expect(stderr).toMatch(/^fault: .* usertests: write at .* device gone: /m);
    else expect(stderr).not.toContain("fault");
  });

  test("gpudemo goes on when the server is back, three times, and nothing is left behind", async () => {
    const kill = `kill $(pidof gpu); until [ "$(pidof gpu)" ]; do true; done; ${DRAWS};`;
    const { stdout } = await shell(
      `gpudemo -n 100000 & d=$!; ${DRAWS}; ${kill} ${kill} ${kill} echo drawing; kill $d; wait $d; usertests gpu-views gpu-drawers`,
    );
    expect(stdout).toMatch(/^drawing\n/);
    expect(stdout).toMatch(/3 passed, 0 failed\n$/);
  });
});

test("snake ends with its input, and says what it was", { timeout: TIMEOUT }, async () => {
  const { stdout, status } = await shell("snake 7; echo status $?");
  expect(stdout).toBe("snake: best score 0, seed 7\nstatus 0\n");
  expect(status).toBe(0);
});
