// More memory than there is RAM, in the browser: a table that does not fit is sorted while a demonstration draws. In a profile on the host's
// disk, as people have; Playwright's own contexts are private windows, whose files are in the memory of the browser's own process, a
// hundred times as far away (docs/disk.md): there the table is only written and read.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runLine } from "../terminal.ts";
import { boot, expect, noGate, test } from "./machine.ts";

const RAM = "20M";
const ROWS = 27_000;
/** Bytes of a row's text: the table is 21.6 MB. */
const ROW_BYTES = 800;
const SORT_MS = 150_000;

// This build of sqlite keeps no temporary files: what is sorted is in memory.
const FILL = [
  "pragma temp_store = memory; pragma cache_size = -200000;",
  `create table t as with recursive n(i) as (values(1) union all select i + 1 from n where i < ${ROWS})`,
  `select i, hex(randomblob(${ROW_BYTES / 2})) as b from n;`,
].join(" ");
const sqlite = (from: string): string =>
  `sqlite3 :memory: "${FILL} select 'rows', count(*), sum(i), sum(length(b)) from ${from};"`;
const ANSWER = `rows|${ROWS}|${(ROWS * (ROWS + 1)) / 2}|${ROWS * ROW_BYTES}`;

const inProfile = test.extend({
  context: async ({ playwright, launchOptions, viewport, baseURL }, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), "quire-profile-"));
    const context = await playwright.chromium.launchPersistentContext(folder, {
      ...launchOptions,
      viewport,
      ...(baseURL === undefined ? {} : { baseURL }),
    });
    await use(context);
    await context.close();
    await rm(folder, { recursive: true, force: true });
  },
});

inProfile("sqlite sorts a table larger than RAM while gpudemo draws", async ({ page }) => {
  test.setTimeout(SORT_MS * 2);
  await boot(page, `?ram=${RAM}`);
  noGate(
    page,
    "the program that was fetched stays on the ROM card, and servers may be swapped out",
  );
  const count = async (file: string, pattern: RegExp): Promise<number> =>
    Number(pattern.exec(await runLine(page, `cat ${file}`))?.[1] ?? Number.NaN);
  const pictures = () => count("/dev/gpu/status", /^shown (\d+) pictures/m);
  const swapped = () => count("/proc/vmstat", /^swap_outs (\d+)$/m);

  const swappedBefore = await swapped();
  await runLine(page, "gpudemo -n 100000 &");
  const picturesBefore = await pictures();
  expect(await runLine(page, sqlite("(select * from t order by b)"), SORT_MS)).toContain(ANSWER);
  expect(await pictures()).toBeGreaterThan(picturesBefore);
  expect(await swapped()).toBeGreaterThan(swappedBefore);
  expect(await runLine(page, "cat /proc/vmstat")).toMatch(/^swap_errors 0$/m);
  await runLine(page, "kill %1; wait");
  expect(await runLine(page, "mmcheck")).toBe("every invariant holds");
});

test("a table larger than RAM is written and read in a private window, many pages at a time", async ({
  page,
}) => {
  test.setTimeout(SORT_MS);
  await boot(page, `?ram=${RAM}`);
  noGate(page, "the program that was fetched stays on the ROM card");
  expect(await runLine(page, sqlite("t"), SORT_MS)).toContain(ANSWER);
  const vmstat = await runLine(page, "cat /proc/vmstat");
  const count = (name: string) =>
    Number(new RegExp(`^${name} (\\d+)$`, "m").exec(vmstat)?.[1] ?? Number.NaN);
  expect(count("swap_ins")).toBeGreaterThan(4 * count("swap_reads"));
  expect(count("swap_outs")).toBeGreaterThan(4 * count("swap_writes"));
  expect(count("swap_errors")).toBe(0);
  expect(await runLine(page, "mmcheck")).toBe("every invariant holds");
});
