// Commands that edit, compare, count and walk, over a stand-in for the kernel.

import { createHash } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildProgram } from "../lib/testing/build.ts";
import { FakeSys } from "../lib/testing/fakeSys.ts";

const NAMES = [
  "basename",
  "cal",
  "diff",
  "dirname",
  "du",
  "echo",
  "env",
  "find",
  "less",
  "man",
  "nl",
  "printenv",
  "sed",
  "sha256sum",
  "stty",
  "tac",
  "time",
  "top",
  "tree",
  "uname",
  "whoami",
  "xargs",
  "yes",
];
let modules: (WebAssembly.Module | undefined)[];
let sys: FakeSys;

beforeAll(async () => {
  modules = await Promise.all(NAMES.map((name) => buildProgram(`cmd/${name}/index.ts`)));
});

beforeEach(() => {
  sys = new FakeSys();
  NAMES.forEach((name, i) => {
    const module = modules[i];
    if (module !== undefined) sys.programs.set(name, module);
  });
  sys.programs.set("status", (argv) => Number(argv[1]));
});

/** A command's output, errors and status; words are split at blanks unless they are given apart. */
function check(line: string | string[], out: string, err = "", status = 0, input = ""): void {
  const words = typeof line === "string" ? line.split(" ") : line;
  expect(sys.run(words[0] ?? "", words, input)).toEqual({ out, err, status });
}

describe("sed", () => {
  const edit = (script: string, input: string, out: string) =>
    check(["sed", script], out, "", 0, input);
  it("replaces the first match, or all", () => {
    edit("s/a/b/", "aa\n", "ba\n");
    edit("s/a/b/g", "aaca\nx\n", "bbcb\nx\n");
    edit("s/a/b/2", "aaa\n", "aba\n");
  });
  it("knows &, escapes and other delimiters", () => {
    edit("s/[0-9]\\+/<&>/g", "a1b22\n", "a<1>b<22>\n");
    edit("s|/|\\n|", "a/b\n", "a\nb\n");
    edit("s/b/\\&/", "abc\n", "a&c\n");
  });
  it("matches the empty text once at each place", () => edit("s/x*/-/g", "abc\n", "-a-b-c-\n"));
  it("keeps ^ at the beginning", () => edit("s/^a/b/g", "aaa\n", "baa\n"));
  it("folds", () => edit("s/A/x/i", "a\n", "x\n"));
  it("deletes and quits by number, range and expression", () => {
    edit("2d", "1\n2\n3\n", "1\n3\n");
    edit("2,3d", "1\n2\n3\n4\n", "1\n4\n");
    edit("/b/,$d", "a\nb\nc\n", "a\n");
    edit("2q", "1\n2\n3\n", "1\n2\n");
    edit("$!d", "1\n2\n3\n", "3\n");
  });
  it("-n prints what is asked for", () => check(["sed", "-n", "/b/p"], "ab\n", "", 0, "a\nab\n"));
  it("several commands, together and apart", () => {
    edit("s/a/b/;s/b/c/", "a\n", "c\n");
    check(["sed", "-e", "s/a/b/", "-e", "s/b/c/"], "c\n", "", 0, "a\n");
    sys.write("/script", "# a comment\ns/a/b/\n/b/{\n  s/b/c/\n  p\n}\n");
    check(["sed", "-nf", "/script"], "c\n", "", 0, "a\n");
  });
  it("groups, in both ways of writing", () => {
    edit("s/\\(a*\\)\\(b\\)/\\2\\1/", "aab\n", "baa\n");
    check(["sed", "-E", "s/(\\w+) (\\w+)/\\2 \\1/"], "b a\n", "", 0, "a b\n");
    check(["sed", "-E", "s/a|b/x/g"], "xxc\n", "", 0, "abc\n");
  });
  it("case", () => {
    edit("s/\\w*/\\u&/g", "ab cd\n", "Ab Cd\n");
    edit("s/.*/\\U&\\E./", "ab\n", "AB.\n");
  });
  it("delimiters in brackets and behind a backslash", () => {
    edit("s/[/]/x/", "a/b\n", "axb\n");
    edit("s|a\\|b|x|", "a|b\n", "x\n");
  });
  it("y, a, i, c and =", () => {
    edit("y/abc/xyz/", "cab\n", "zxy\n");
    edit("2a\\  after\n1i before", "1\n2\n3\n", "before\n1\n2\n  after\n3\n");
    edit("2,3c two", "1\n2\n3\n4\n", "1\ntwo\n4\n");
    check(["sed", "-n", "$="], "3\n", "", 0, "1\n2\n3\n");
  });
  it("joins, holds and branches", () => {
    edit("$!N;s/\\n/ /", "1\n2\n3\n", "1 2\n3\n");
    edit(":a;N;$!ba;s/\\n/,/g", "1\n2\n3\n", "1,2,3\n");
    edit("1!G;h;$!d", "1\n2\n3\n", "3\n2\n1\n");
    edit("N;P;D", "1\n2\n3\n", "1\n2\n3\n");
    edit("s/a/b/;t;s/$/!/", "a\nc\n", "b\nc!\n");
  });
  it("more addresses", () => {
    edit("0~2d", "1\n2\n3\n4\n", "1\n3\n");
    edit("2,+1d", "1\n2\n3\n4\n", "1\n4\n");
    edit("0,/a/d", "a\na\n", "a\n");
    edit("/A/Id", "a\nb\n", "b\n");
    edit("3,2d", "1\n2\n3\n4\n", "1\n2\n4\n");
    edit("/b/s//x/", "abc\n", "axc\n");
  });
  it("-i changes the file, and leaves nothing else", () => {
    sys.write("/d/f", "a\nb\n");
    check("sed -i s/a/x/ /d/f", "");
    check("sed -i 1q /d/f", "");
    expect([...sys.files.keys()].filter((path) => path.startsWith("/d"))).toEqual(["/d/f"]);
    expect(sys.text("/d/f")).toBe("x\nb\n");
  });
  it("says what is wrong", () => {
    check(["sed", "s/a"], "", "sed: a part of the script is not ended\n", 1);
    check(["sed", "s/a(/b/", "-E"], "", "sed: a ( is not closed\n", 1);
    check(["sed", "y/a/bc/"], "", "sed: the texts of y differ in length\n", 1);
    check(
      ["sed", "v"],
      "",
      "sed: the commands are s y d D p P n N g G h H x q Q = a i c r { } b t T :\n",
      1,
    );
    check(["sed", "b x"], "", "sed: a label is not there\n", 1);
    check(["sed", "p q"], "", "sed: something is left after a command\n", 1);
    check(["sed", "{p"], "", "sed: a { is not closed\n", 1);
  });
});

describe("diff", () => {
  const differ = (a: string, b: string, out: string) => {
    sys.write("/a", a);
    sys.write("/b", b);
    check("diff /a /b", out, "", out === "" ? 0 : 1);
  };
  it("is silent about equal files", () => differ("1\n2\n", "1\n2\n", ""));
  it("a line is changed", () => differ("1\n2\n3\n", "1\nx\n3\n", "2c2\n< 2\n---\n> x\n"));
  it("lines are added", () => differ("1\n4\n", "1\n2\n3\n4\n", "1a2,3\n> 2\n> 3\n"));
  it("lines are deleted", () => differ("1\n2\n3\n", "3\n", "1,2d0\n< 1\n< 2\n"));
  it("finds the fewest changes", () =>
    differ("a\nb\nc\nd\n", "b\nc\nx\nd\n", "1d0\n< a\n3a3\n> x\n"));
  it("a missing file", () =>
    check("diff /none /none", "", "diff: /none: no such file or directory\n", 2));
});

describe("sha256sum", () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 1000])("of %i bytes", (n) => {
    const input = "q".repeat(n);
    const digest = createHash("sha256").update(input).digest("hex");
    check("sha256sum", `${digest}  -\n`, "", 0, input);
  });
});

describe("xargs", () => {
  it("gives words as arguments", () => check("xargs echo a", "a b c\n", "", 0, "b\nc\n"));
  it("echo is the default", () => check("xargs", "x\n", "", 0, "x\n"));
  it("-n", () => check("xargs -n 2 echo", "1 2\n3\n", "", 0, "1 2 3\n"));
  it("-I", () => check("xargs -I X echo <X>", "<a b>\n<c>\n", "", 0, "a b\nc\n"));
  it("quotes", () => {
    sys.run("xargs", ["xargs", "status"], "'0 1' \"2\" a\\ b");
    expect(sys.spawned.at(-1)).toEqual(["status", "0 1", "2", "a b"]);
  });
  it("a run that ends with 255 is the last one", () =>
    check("xargs -n 1 status", "", "", 124, "0 255 0"));
  it("-t", () => check("xargs -t echo", "a b\n", "echo a b\n", 0, "a b"));
  it("a quote that is not closed", () =>
    check(
      "xargs",
      "",
      "xargs: a quote is not closed; -0 and -d take quotes as they are\n",
      1,
      "a 'b",
    ));
  it("more words than a line holds", () => {
    const words = Array.from({ length: 20000 }, (_, i) => `${i}`);
    const { out } = sys.run("xargs", ["xargs"], words.join("\n"));
    expect(out.trim().split(/\s/)).toEqual(words);
    expect(out.split("\n").length).toBeGreaterThan(2);
  });
  it("a failed run", () => check("xargs -n 1 status", "", "", 123, "0 7 0"));
  it("no such program", () => check("xargs none", "", "xargs: none: not found\n", 127, "a"));
});

describe("files", () => {
  beforeEach(() => {
    for (const name of ["b/two", "b/c/three", "a", "d.txt"]) sys.write(`/t/${name}`, "12345");
  });
  it("find", () => check("find /t", "/t\n/t/a\n/t/b\n/t/b/c\n/t/b/c/three\n/t/b/two\n/t/d.txt\n"));
  it("find -name -type", () => {
    check(["find", "/t", "-name", "t*"], "/t\n/t/b/c/three\n/t/b/two\n");
    check("find /t -type d", "/t\n/t/b\n/t/b/c\n");
    check(["find", "/t", "-iname", "T*"], "/t\n/t/b/c/three\n/t/b/two\n");
    check("find /t -maxdepth 1 -type f", "/t/a\n/t/d.txt\n");
    check("find /t -mindepth 3", "/t/b/c/three\n");
    check("find /t -type f -size -6c -size +4c -path */b/*", "/t/b/c/three\n/t/b/two\n");
  });
  it("find puts conditions together", () => {
    check(["find", "/t", "!", "-name", "t*", "-type", "f"], "/t/a\n/t/d.txt\n");
    check("find /t -name a -o -name two", "/t/a\n/t/b/two\n");
    check("find /t ( -name a -o -name b ) -type d", "/t/b\n");
    check("find /t -name b -o -name a -print", "/t/a\n");
    check("find /t -name c -prune -o -type f -print", "/t/a\n/t/b/two\n/t/d.txt\n");
    check("find /t/b -depth", "/t/b/c/three\n/t/b/c\n/t/b/two\n/t/b\n");
    check("find /t -name a -print0", "/t/a\0");
  });
  it("find runs programs, for each file or for all", () => {
    check(
      "find /t -type f -name t* -exec echo {}={} ;",
      "/t/b/c/three=/t/b/c/three\n/t/b/two=/t/b/two\n",
    );
    check("find /t -type f -name t* -exec echo {} +", "/t/b/c/three /t/b/two\n");
    check("find /t -name two -exec status 1 ; -print", "");
    check("find /t -name two -exec status 0 ; -print", "/t/b/two\n");
    check("find /t -name two -exec status 1 {} +", "", "", 1);
    // One kind of line does not spoil the other, which is still being made.
    check(
      "find /t/b -name t* -exec echo all {} + -exec echo one {} ;",
      "all /t/b/c/three\none /t/b/c/three\nall /t/b/two\none /t/b/two\n",
    );
  });
  it("find says what is wrong with an expression, before anything is done", () => {
    const wrong = (words: string, sentence: string) =>
      check(`find /t -print ${words}`, "", `find: ${sentence}\n`, 2);
    wrong("-bad", "-bad is no condition; try find --help");
    wrong("-name", "-name needs a value");
    wrong("( -name x", "x lacks its )");
    wrong("-name x )", ") was not expected here");
    wrong("-name x -o", "-o needs a condition behind it");
    wrong("-type q", "q is not f, d or l");
    wrong("-size 1x", "1x is not a size such as +10k");
    wrong("-mtime +x", "+x is not a number");
    wrong("-exec echo", "-exec needs a program and a ; (written \\;) or {} +");
  });
  it("find nowhere", () => check("find /none", "", "find: /none: no such file or directory\n", 1));
  it("tree", () =>
    check(
      "tree /t",
      "/t/\n├── a\n├── b/\n│   ├── c/\n│   │   └── three\n│   └── two\n└── d.txt\n\n2 folders, 4 files\n",
    ));
  it("tree -L", () =>
    check("tree -L 1 /t", "/t/\n├── a\n├── b/\n└── d.txt\n\n1 folder, 2 files\n"));
  it("du", () => {
    check("du -s /t", "       1  /t\n");
    check("du /t/b", "       1  /t/b/c\n       1  /t/b\n");
    check(
      "du -a /t/b",
      "       1  /t/b/c/three\n       1  /t/b/c\n       1  /t/b/two\n       1  /t/b\n",
    );
  });
  it("basename and dirname", () => {
    check("basename /a/b.txt .txt", "b\n");
    check("basename /a/b/", "b\n");
    check("basename /", "/\n");
    check("dirname /a/b/ b /c", "/a\n.\n/\n");
  });
});

describe("the environment", () => {
  beforeEach(() => {
    sys.environment = "A=1\0B=2\0";
  });
  it("env shows and changes it", () => {
    check("env", "A=1\nB=2\n");
    check("env -u A C=3 env", "B=2\nC=3\n");
    check("env -i env", "");
    check("env none", "", "env: none: not found\n", 127);
  });
  it("printenv", () => {
    check("printenv B", "2\n");
    check("printenv X", "", "", 1);
  });
});

describe("others", () => {
  it("cal", () => {
    check(
      "cal 2 2028",
      "   February 2028\nMo Tu We Th Fr Sa Su\n    1  2  3  4  5  6\n 7  8  9 10 11 12 13\n14 15 16 17 18 19 20\n21 22 23 24 25 26 27\n28 29\n\n",
    );
    check("cal 13 2028", "", "usage: cal [[MONTH] YEAR]\n", 2);
  });
  it("nl and tac", () => {
    check("nl", "     1\ta\n\n     2\tb\n", "", 0, "a\n\nb\n");
    check("tac", "3\n2\n1\n", "", 0, "1\n2\n3\n");
  });
  it("uname and whoami", () => {
    check("uname", "Quire\n");
    check("uname -m", "wasm32\n");
    check("whoami", "root\n");
    check("whoami x", "", "usage: whoami\n", 2);
  });
  it("time gives the program's status", () => {
    const { status, err } = sys.run("time", ["time", "status", "3"]);
    expect([status, err]).toEqual([3, "0.000 s\n"]);
  });
  it("man shows a program with its examples, and finds by a word", () => {
    sys.write("/share/help", "cat [FILE]: copies\n  cat /f\necho: prints\nls: lists files\n");
    check("man cat", "cat [FILE]: copies\n  cat /f\n");
    check("man", "cat [FILE]: copies\necho: prints\nls: lists files\n");
    check("man -k files", "ls: lists files\n");
    check("man -k FILES", "ls: lists files\n");
    check("man -k zebra", "", "man: zebra: nothing has this word\n", 1);
    sys.programs.set("apropos", modules[NAMES.indexOf("man")] as WebAssembly.Module);
    check("apropos lists", "ls: lists files\n");
    check("man nope", "", "man: nope: nothing is known about it; try nope --help\n", 1);
  });
  it("less into a pipe copies", () => {
    sys.write("/f", "a\nb");
    check("less /f", "a\nb");
  });
  it("less on a console shows a screen, scrolls, searches and leaves", () => {
    sys.consoleSize = "20 4";
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`).join("\n");
    sys.write("/f", `${lines}\n`);
    const { out, status } = sys.run("less", ["less", "/f"], " /ne 2\rGq");
    const screens = out.split("\x1b[H").slice(1);
    const first = screens.map((screen) => screen.split("\x1b[K")[0]);
    expect(first).toEqual(["line 1", "line 3", "line 20", "line 28"]);
    expect(screens.at(-1)).toContain("lines 28-30 of 30 (end)");
    expect(out.endsWith("\x1b[?25h\x1b[?1049l")).toBe(true);
    expect(sys.controls.at(-1)).toBe("cooked");
    expect(status).toBe(0);
  });
  it("less cuts long lines and moves along them", () => {
    sys.consoleSize = "10 3";
    sys.write("/f", "0123456789abcdefghij\n\tx\x01\n");
    const { out } = sys.run("less", ["less", "/f"], "\x1b[Cq");
    const screens = out.split("\x1b[H").slice(1);
    const [first, second] = screens.map((screen) => screen.split("\x1b[K\r\n"));
    expect(first?.slice(0, 2)).toEqual(["0123456789", "        x^"]);
    expect(second?.[0]).toBe("56789abcde");
  });
  it("top lists processes, the largest first when asked", () => {
    sys.write(
      "/proc/processes",
      "  PID  PPID GROUP  UID STATE    CPU     KIB NAME\n    1     0     1    0 sleeping   1     100 init\n   12     1    12    0 running    3     900 sh\n",
    );
    sys.write("/proc/meminfo", "total_kib 1000\nfree_kib 400\n");
    check(
      "top -n 1",
      "2 processes, 400 of 1000 KiB free\n  PID      KIB   CALLS/S  FAULTS/S  STATE     NAME\n    1      100         0         0  sleeping  init\n   12      900         0         0  running   sh\n",
    );
    sys.consoleSize = "80 24";
    const { out } = sys.run("top", ["top"], "mq");
    const rows = out.split("\x1b[H").at(-1) ?? "";
    expect(rows.indexOf(" sh")).toBeLessThan(rows.indexOf(" init"));
  });
  it("stty says the size of a console, and what is none", () => {
    check("stty", "", "stty: standard input is not a console\n", 1);
    sys.consoleSize = "100 30";
    expect(sys.run("stty", ["stty", "size"]).out).toBe("100 30\n");
  });
});

it.each(NAMES)("%s explains itself", (name) => {
  const { out, status } = sys.run(name, [name, "--help"]);
  expect(status).toBe(0);
  expect(out.startsWith(`${name}`)).toBe(true);
  expect(out).toContain(": ");
});
