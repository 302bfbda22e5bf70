// Real programs, built by others, over the library and a FakeKernel; and the same under node:wasi, which must print the same.

import { beforeAll, describe, expect, test } from "vitest";
import type { FakeOptions } from "./testing/fakeKernel.ts";
import { libraryBytes, realProgram } from "./testing/library.ts";
import { runReference } from "./testing/reference.ts";
import { type Result, runProgram, runRewritten } from "./testing/run.ts";

let library: WebAssembly.Module;
beforeAll(async () => {
  library = await WebAssembly.compile(libraryBytes());
});

/** Runs it both ways and checks that both said the same. */
async function check(
  file: string,
  options: FakeOptions,
  expected: { stdout?: string; status?: number },
): Promise<Result> {
  const program = await WebAssembly.compile(realProgram(file));
  const result = await runProgram(library, program, options);
  const reference = await runReference(program, options);
  expect(result.stderr).toBe(reference.stderr);
  expect(result.stdout).toBe(reference.stdout);
  expect(result.status).toBe(reference.status);
  if (expected.stdout !== undefined) expect(result.stdout).toBe(expected.stdout);
  expect(result.status).toBe(expected.status ?? 0);
  return result;
}

describe("sqlite3 (wasi_unstable)", () => {
  const args = ["sqlite3", "-batch"];

  test("answers SQL from stdin", async () => {
    await check("sqlite.wasm", { args, stdin: "select 1+1;\n" }, { stdout: "2\n" });
  });

  test("keeps tables and sorts", async () => {
    const stdin = `create table t(n, s); insert into t values (2,'b'),(1,'a'),(3,'c');
select group_concat(s, '') from (select s from t order by n desc); select sum(n) from t;
.mode csv
select * from t order by n;
`;
    await check("sqlite.wasm", { args, stdin }, { stdout: "cba\n6\n1,a\r\n2,b\r\n3,c\r\n" });
  });

  test("keeps a database in a file", async () => {
    const program = await WebAssembly.compile(realProgram("sqlite.wasm"));
    const database = [...args, "/tmp/a.db"];
    const files = { "/tmp/other": "" };
    const stdin = "create table t(a); insert into t values (41),(1);";
    const first = await runProgram(library, program, { args: database, files, stdin });
    expect(first).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect([...first.kernel.files.keys()]).toEqual(["/tmp/other", "/tmp/a.db"]);
    const kept = Object.fromEntries(first.kernel.files);
    const again = { args: database, files: kept, stdin: "select sum(a) from t;" };
    expect((await runProgram(library, program, again)).stdout).toBe("42\n");
  });

  test("says what is wrong and exits 1", async () => {
    const result = await check(
      "sqlite.wasm",
      { args: [...args, "-bail"], stdin: "selec 1;\n" },
      { status: 1 },
    );
    expect(result.stderr).toContain('near "selec": syntax error');
  });

  test("reads a script file", async () => {
    const files = { "/sql/a.sql": "select upper('quire'), length('abc');\n" };
    await check(
      "sqlite.wasm",
      { args: [...args, "-cmd", ".read /sql/a.sql"], files, stdin: "" },
      { stdout: "QUIRE|3\n" },
    );
  });

  test("at a console it prompts", async () => {
    const program = await WebAssembly.compile(realProgram("sqlite.wasm"));
    const result = await runProgram(library, program, {
      args: ["sqlite3"],
      terminal: true,
      stdin: "select 6*7;\n.quit\n",
    });
    expect(result.stdout).toContain("sqlite> 42\nsqlite> ");
    expect(result.status).toBe(0);
  });
});

describe("QuickJS", () => {
  test("runs a script with arguments", async () => {
    const files = { "/a.js": "print(args.slice(1).join('+'), 6 * 7, [3, 1, 2].sort())" };
    await check(
      "wasmedge_quickjs.wasm",
      { args: ["quickjs", "/a.js", "x", "y"], files },
      { stdout: "x+y 42 1,2,3\n" },
    );
  });

  test("runs a script from stdin", async () => {
    const program = await WebAssembly.compile(realProgram("wasmedge_quickjs.wasm"));
    const options = { args: ["quickjs", "/dev/stdin"], stdin: "let a = 6;\nprint(a * 7)\n" };
    expect((await runProgram(library, program, options)).stdout).toBe("42\n");
  });

  test("reports an exception", async () => {
    const files = { "/a.js": "throw new Error('no')" };
    await check("wasmedge_quickjs.wasm", { args: ["quickjs", "/a.js"], files }, {});
  });

  test("fails when there is no such file", async () => {
    const result = await check("wasmedge_quickjs.wasm", { args: ["quickjs", "/none.js"] }, {});
    expect(result.stdout + result.stderr).toContain("No such file or directory");
  });
});

describe("Python", () => {
  test("prints, imports, reads files, lists directories", async () => {
    const code = `
import json, os, sys
print(json.dumps({"sum": sum(range(10)), "big": 2**100, "argv": sys.argv[1:]}))
print(sorted(os.listdir("/")), os.path.getsize("/data/a.txt"))
print(open("/data/a.txt").read().upper(), os.environ["HOME"], os.path.isdir("/data"), os.path.exists("/data/none"))
`;
    const files = { "/data/a.txt": "hello", "/b.txt": "" };
    await check("python-3.11.3.wasm", { args: ["python", "-c", code, "x"], files }, {});
  });

  test("exits with the program's status", async () => {
    await check(
      "python-3.11.3.wasm",
      { args: ["python", "-c", "import sys; sys.exit(3)"] },
      { status: 3 },
    );
  });
});

describe("Ruby", () => {
  test("prints and reads a file", async () => {
    const code =
      "puts 6*7, Dir.children('/').sort.inspect, File.read('/a.txt'), File.stat('/a.txt').size; $stderr.puts 'err'";
    await check(
      "ruby-3.2.0.wasm",
      { args: ["ruby", "-e", code], files: { "/a.txt": "hello" } },
      {
        stdout: '42\n["a.txt"]\nhello\n5\n',
      },
    );
  });
});

describe("PHP", () => {
  test("runs a script", async () => {
    const files = {
      "/a.php":
        "<?php echo 6*7, ' ', implode(',', array_diff(scandir('/'), ['.', '..'])), ' ', file_get_contents('/b.txt');",
      "/b.txt": "hello",
    };
    const result = await check("php-cgi-8.2.0.wasm", { args: ["php", "-q", "/a.php"], files }, {});
    expect(result.stdout).toContain("42 a.php,b.txt hello");
  });
});

describe("rewritten, over page tables", () => {
  const sqlite = { args: ["sqlite3", "-batch"], stdin: "select 6*7; select sqlite_version();\n" };
  const script = {
    args: ["quickjs", "/a.js", "x"],
    files: { "/a.js": "print(args.join(), 6 * 7)" },
  };

  /** [file, options, 4 KiB frames] */
  test.each<[string, FakeOptions, number]>([
    ["sqlite.wasm", sqlite, 4096],
    ["wasmedge_quickjs.wasm", script, 8192],
  ])("%s prints the same", async (file, options, frames) => {
    const bytes = realProgram(file);
    const plain = await runProgram(library, await WebAssembly.compile(bytes), options);
    const rewritten = await runRewritten(libraryBytes(), bytes, options, frames);
    expect(plain.stdout).toContain("42");
    expect(rewritten.stdout).toBe(plain.stdout);
    expect(rewritten.stderr).toBe(plain.stderr);
    expect(rewritten.status).toBe(plain.status);
  });
});
