// Commands that only read and print, run over a stand-in for the kernel.

import { beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../lib/testing/build.ts";
import { FakeSys } from "../lib/testing/fakeSys.ts";

const sys = new FakeSys();

beforeAll(async () => {
  const names = ["cat", "echo", "head", "hexdump", "kill", "ls", "ps", "sleep", "wc"];
  const modules = await Promise.all(names.map((name) => buildProgram(`cmd/${name}/index.ts`)));
  names.forEach((name, i) => {
    const module = modules[i];
    if (module) sys.programs.set(name, module);
  });
  sys.write("/f", "one two\nthree\n");
  sys.write("/d/b", "");
  sys.write("/d/a", "12345");
  sys.write("/d/sub/c", "");
  sys.write("/proc/processes", "  PID STATE   NAME\n    1 running init --x\n   23 sleeping sh\n");
});

/** A command line's output, errors and status. */
function check(line: string, out: string, err = "", status = 0, input = ""): void {
  const words = line.split(" ");
  expect(sys.run(words[0] ?? "", words, input)).toEqual({ out, err, status });
}

describe("echo", () => {
  it("joins its arguments", () => check("echo a b", "a b\n"));
  it("-n", () => check("echo -n a", "a"));
  it("-e", () => check("echo -e a\\tb\\x41\\n\\101\\0101\\c never", "a\tbA\n\\101A"));
  it("keeps backslashes otherwise", () => check("echo a\\n", "a\\n\n"));
});

describe("cat", () => {
  it("copies files and standard input", () =>
    check("cat /f - /f", "one two\nthree\nin\none two\nthree\n", "", 0, "in\n"));
  it("goes on after a missing one", () =>
    check("cat /none /d/a", "12345", "cat: /none: no such file or directory\n", 1));
  it("-n", () => check("cat -n /f", "     1\tone two\n     2\tthree\n"));
  it("says what a directory is", () => check("cat /d", "", "cat: /d: is a directory\n", 1));
});

describe("wc", () => {
  it("counts", () => check("wc /f", "       2       3      14 /f\n"));
  it("takes options together", () => check("wc -lw /f", "       2       3 /f\n"));
  it("counts one thing of standard input", () => check("wc -l", "2\n", "", 0, "a\nb\nc"));
  it("adds up", () => check("wc -c /f /d/a", "14 /f\n5 /d/a\n19 total\n"));
});

describe("head", () => {
  it("stops after so many lines", () => check("head -n 1 /f", "one two\n"));
  it("counts bytes", () => {
    check("head -c 3 /f", "one");
    check("head -c3 /f", "one");
  });
  it("takes -N", () => check("head -2", "1\n2\n", "", 0, "1\n2\n3\n"));
  it("refuses nonsense", () =>
    check("head -n x", "", "usage: head [-n LINES | -c BYTES] [-q] [FILE ...]\n", 2));
});

describe("hexdump", () => {
  it("shows bytes and text", () =>
    check(
      "hexdump -n 5 /f",
      "00000000  6f 6e 65 20 74                                    |one t|\n00000005\n",
    ));
  it("folds equal rows", () =>
    check(
      "hexdump",
      `${["00000000", "*"].map((a, i) => (i ? a : `${a}  ${"30 ".repeat(8)} ${"30 ".repeat(8)} |${"0".repeat(16)}|`)).join("\n")}\n00000030\n`,
      "",
      0,
      "0".repeat(48),
    ));
  it("starts at an offset", () =>
    check(
      "hexdump -s 12 /f",
      "0000000c  65 0a                                             |e.|\n0000000e\n",
    ));
});

describe("ls", () => {
  it("sorts", () => check("ls /d", "a\nb\nsub/\n"));
  it("names a missing path", () =>
    check("ls /none", "", "ls: /none: no such file or directory\n", 1));
  it("-l has rights and sizes", () =>
    expect(sys.run("ls", ["ls", "-l", "/d"]).out).toMatch(/^-rw-r--r-- {10}5 {20}a\n/));
  it("takes options together, apart and behind the names", () => {
    check("ls -1S /d", "a\nb\nsub/\n");
    check("ls -1 -r /d", "sub/\nb\na\n");
    check("ls /d -1 -S -r", "sub/\nb\na\n");
    check("ls -R /d", "/d:\na\nb\nsub/\n\n/d/sub:\nc\n");
    check("ls -d /d", "/d\n");
  });
  it("refuses an option that it does not know, and takes none for a name", () => {
    const { err, status } = sys.run("ls", ["ls", "-lz", "/d"]);
    expect([err.split("\n")[0], status]).toEqual(["ls: wrong option -z", 2]);
    check("ls -- -z", "", "ls: -z: no such file or directory\n", 1);
  });
  it("shows a file as itself", () => check("ls /f", "/f\n"));
});

describe("others", () => {
  it("ps lines its columns up", () =>
    check("ps", "PID  STATE     NAME\n  1  running   init  --x\n 23  sleeping  sh\n"));
  it("kill knows its signals", () => check("kill -FOO 1", "", "kill: -FOO: no such signal\n", 2));
  it("kill -l, -STOP, -s", () => {
    check("kill -l", "INT 2  KILL 9  TERM 15  CONT 18  STOP 19  TSTP 20\n");
    check("kill -STOP 99", "", "kill: 99: no such process\n", 1);
    check("kill -s SIGSTOP 99", "", "kill: 99: no such process\n", 1);
  });
  it("kill names who is not there", () => check("kill 99", "", "kill: 99: no such process\n", 1));
  it("sleep takes fractions", () => check("sleep 0.25", ""));
  it("sleep refuses words", () => check("sleep soon", "", "usage: sleep TIME ...\n", 2));
  it("--help explains", () => expect(sys.run("wc", ["wc", "--help"]).out).toMatch(/^wc .*\n$/));
});
