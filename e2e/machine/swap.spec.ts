// More memory than there is RAM, in the browser: a table that does not fit is sorted while a demonstration draws.

import { runLine } from "../terminal.ts";
import { boot, expect, noGate, test } from "./machine.ts";

const RAM = "20M";
const ROWS = 27_000;
/** Bytes of a row's text: the table is 21.6 MB. */
const ROW_BYTES = 800;
const SORT_MS = 150_000;

// This build of sqlite keeps no temporary files: what is sorted is in memory.
const SQL = [
  "pragma temp_store = memory; pragma cache_size = -200000;",
  `create table t as with recursive n(i) as (values(1) union all select i + 1 from n where i < ${ROWS})`,
  `select i, hex(randomblob(${ROW_BYTES / 2})) as b from n;`,
  "select 'rows', count(*), sum(i), sum(length(b)) from (select * from t order by b);",
].join(" ");

test("sqlite sorts a table larger than RAM while gpudemo draws", async ({ page }) => {
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
  const answer = await runLine(page, `sqlite3 :memory: "${SQL}"`, SORT_MS);
  expect(answer).toContain(`rows|${ROWS}|${(ROWS * (ROWS + 1)) / 2}|${ROWS * ROW_BYTES}`);
  expect(await pictures()).toBeGreaterThan(picturesBefore);
  expect(await swapped()).toBeGreaterThan(swappedBefore);
  expect(await runLine(page, "cat /proc/vmstat")).toMatch(/^swap_errors 0$/m);
  await runLine(page, "kill %1; wait");
  expect(await runLine(page, "mmcheck")).toBe("every invariant holds");
});
