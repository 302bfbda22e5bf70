// The disk in the browser: kept in the origin-private file system, held by one tab at a time, and not needed to boot.

import { runLine, SOON, terminalText, typeLine, waitForPrompt, waitForText } from "../terminal.ts";
import { boot, expect, noGate, test } from "./machine.ts";

const BOOT_MS = 30_000;

test("a disk with a home and swap", async ({ page }) => {
  expect(await boot(page)).toContain("disk: 769 MiB, home 256 MiB, swap 512 MiB");
  const disk = await runLine(page, "cat /proc/disk");
  expect(disk).toMatch(/^disk-home first 256 blocks 65536$/m);
  expect(disk).toMatch(/^failures 0$/m);
});

test("a second tab boots without it and says why; the first one's end gives it back", async ({
  page,
  context,
}) => {
  await boot(page);
  const second = await context.newPage();
  expect(await boot(second)).toContain("disk: none: another machine uses it");
  expect(await runLine(second, "cat /proc/disk")).toBe("none: another machine uses it");
  await page.close();
  noGate(second, "it is started again, with a disk");
  await second.reload();
  await waitForPrompt(second, BOOT_MS);
  expect(await terminalText(second)).toContain("disk: 769 MiB");
});

test("/home is there again after a reload, programs and links too, and /tmp is not", async ({
  page,
}) => {
  await boot(page);
  await runLine(
    page,
    "mkdir /home/d; echo one > /home/d/a; seq 1 3000 > /home/b; echo x > /tmp/c; cp /bin/echo /home/e; ln -s e /home/l; ln /home/b /home/d/b",
  );
  await runLine(page, "sync");
  noGate(page, "it is started again");
  await page.reload();
  await waitForPrompt(page, BOOT_MS);
  expect(await terminalText(page)).toContain("disk: 769 MiB");
  expect(await runLine(page, "cat /home/d/a; tail -n 1 /home/d/b; /home/l runs; cat /tmp/c")).toBe(
    "one\n3000\nruns\ncat: /tmp/c: no such file or directory",
  );
});

test("a reload in the middle of a write leaves the old or the new content", async ({ page }) => {
  test.setTimeout(120_000);
  await boot(page);
  noGate(page, "it is started again, in the middle of its work");
  // One line a boot: it shows what the last reload has left, and goes on replacing the file.
  const look = "wc -l < /home/f; head -n 1 /home/f; tail -n 1 /home/f";
  const again = "seq 10001 14000 > /home/g; mv /home/g /home/f; grep ^write_blocks /proc/disk";
  await typeLine(page, `seq 1 2000 > /home/f; sync; while true; do ${again}; done`);
  for (let round = 0; round < 3; round++) {
    // In full swing: blocks have been written since, and more are on their way.
    await expect
      .poll(async () => {
        const counts = [...(await terminalText(page)).matchAll(/^write_blocks (\d+)$/gm)];
        return Number(counts.at(-1)?.[1] ?? 0) - Number(counts[0]?.[1] ?? 0);
      }, SOON)
      .toBeGreaterThan(20);
    await page.reload();
    await waitForPrompt(page, BOOT_MS);
    const goesOn = round < 2 ? `; while true; do ${again}; done` : "";
    await typeLine(page, `${look}; echo end${goesOn}`);
    await waitForText(page, /^end$/m);
    const lines = /^\s*(\d+)\n(\d+)\n(\d+)\nend$/m.exec(await terminalText(page))?.slice(1);
    expect(lines?.join(" ")).toMatch(/^(2000 1 2000|4000 10001 14000)$/);
  }
});

test("sqlite keeps its database across a reload", async ({ page }) => {
  test.setTimeout(120_000);
  await boot(page);
  noGate(page, "it is started again");
  await typeLine(page, "sqlite3 /home/a.db 'create table t(a); insert into t values (41), (1);'");
  await waitForPrompt(page, 60_000);
  await page.reload();
  await waitForPrompt(page, BOOT_MS);
  await typeLine(page, "sqlite3 /home/a.db 'select sum(a) from t;'");
  await waitForText(page, /^42$/m, 60_000);
});

test("disk=off boots without one", async ({ page }) => {
  expect(await boot(page, "?disk=off")).toContain("disk: none: switched off");
});
