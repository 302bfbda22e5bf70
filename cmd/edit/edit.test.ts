// The editor on a terminal: keys are typed, the terminal is looked at, and the files.

import xterm from "@xterm/headless";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Signal } from "../../abi/syscall.ts";
import { buildProgram } from "../../lib/testing/build.ts";
import { FakeSys, type RunResult } from "../../lib/testing/fakeSys.ts";

let module: WebAssembly.Module;
let sys: FakeSys;

beforeAll(async () => {
  module = await buildProgram("cmd/edit/index.ts");
});

beforeEach(() => {
  sys = new FakeSys();
  sys.programs.set("edit", module);
  sys.write("/d/keep", "");
});

/** What a look at the terminal finds; `inverse` has a # for each cell in inverse. */
interface Look {
  rows: string[];
  inverse: string[];
  cursor: [row: number, column: number];
}

const LOOK = Symbol("look");
type Step = string | (() => void) | typeof LOOK;

/** Runs the editor on a terminal of so many columns and rows. */
async function edit(words: string, steps: Step[], columns = 60, rows = 12) {
  const writes: number[] = [];
  sys.consoleSize = `${columns} ${rows}`;
  sys.typed = steps.map((step) =>
    step === LOOK ? () => void writes.push(sys.shown.length) : step,
  );
  const result: RunResult = sys.run("edit", ["edit", ...words.split(" ").filter((word) => word)]);
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const looks: Look[] = [];
  let written = 0;
  for (const end of writes) {
    const bytes = Buffer.concat(sys.shown.slice(written, end));
    written = end;
    await new Promise<void>((resolve) => terminal.write(bytes, resolve));
    looks.push(look(terminal));
  }
  return { ...result, looks, writes, last: looks.at(-1) as Look };
}

function look(terminal: xterm.Terminal): Look {
  const rows: string[] = [];
  const inverse: string[] = [];
  const buffer = terminal.buffer.active;
  for (let y = 0; y < terminal.rows; y++) {
    const line = buffer.getLine(y);
    rows.push(line?.translateToString(true).trimEnd() ?? "");
    let marks = "";
    for (let x = 0; x < terminal.cols; x++) marks += line?.getCell(x)?.isInverse() ? "#" : " ";
    inverse.push(marks.trimEnd());
  }
  return { rows, inverse, cursor: [buffer.cursorY, buffer.cursorX] };
}

const UP = "\x1b[A";
const DOWN = "\x1b[B";
const RIGHT = "\x1b[C";
const LEFT = "\x1b[D";
/** Leaves without saving. */
const QUIT = "\x18n";
const CUT = "\x0b";
const PASTE = "\x15";
const UNDO = "\x1bu";
const REDO = "\x1be";
const FIND = "\x06";
const NOTE = -3;

/** A file's text after keys that are typed into it, and saved. */
function check(text: string, keys: string, expected: string): void {
  sys.write("/d/f", text);
  sys.consoleSize = "60 12";
  sys.typed = [keys, "\x13", `${QUIT}`];
  expect(sys.run("edit", ["edit", "/d/f"]).status).toBe(0);
  expect(sys.text("/d/f")).toBe(expected);
  expect(new Set(sys.files.keys())).toEqual(new Set(["/d/keep", "/d/f"]));
}

describe("a file", () => {
  it("is made, saved and looked at", async () => {
    const { status, looks } = await edit("/d/new", [
      LOOK,
      "hello\rworld",
      LOOK,
      "\x13",
      LOOK,
      "\x18",
    ]);
    expect(looks.map((one) => one.rows[0])).toEqual([
      "  edit  /d/new                                     New file",
      "  edit  /d/new                                     Modified",
      "  edit  /d/new",
    ]);
    expect(looks[1]?.rows.slice(1, 4)).toEqual(["hello", "world", ""]);
    expect(looks[1]?.cursor).toEqual([2, 5]);
    expect(looks[0]?.rows.at(NOTE)).toContain("[ A new file ]");
    expect(looks[2]?.rows.at(NOTE)).toContain("[ Wrote 2 lines ]");
    expect(status).toBe(0);
    expect(sys.text("/d/new")).toBe("hello\nworld\n");
    expect([...sys.files.keys()]).toEqual(["/d/keep", "/d/new"]);
    expect(sys.controls.at(-1)).toBe("cooked");
  });
  it.each([
    ["a file without a last newline", "a\nb"],
    ["an empty file", ""],
    ["newlines only", "\n\n\n"],
    ["lines of DOS", "a\r\n\r\nb\r\n"],
    ["lines of DOS without the last", "a\r\nb"],
    ["both kinds of line", "a\r\nb\nc\r\n"],
    ["CRs elsewhere", "a\rb\r\r\n"],
    ["no UTF-8", "\xff\xfe\0\x01\x80abc\xc3"],
  ])("%s survives", async (_name, text) => {
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    sys.files.set("/d/f", bytes);
    sys.consoleSize = "60 12";
    sys.typed = ["x\x7f", "\x13", "\x18"];
    sys.run("edit", ["edit", "/d/f"]);
    expect([...(sys.files.get("/d/f") ?? [])]).toEqual([...bytes]);
  });
  it("of DOS stays so where it is changed", () => check("a\r\nb\r\n", "x\ry", "x\r\nya\r\nb\r\n"));
  it("that cannot be read is not opened as an empty one", async () => {
    const wrong = async (words: string, err: string, status = 1) =>
      expect(await edit(words, [QUIT])).toMatchObject({ err, status, out: "" });
    await wrong("/d", "edit: /d: is a directory\n");
    await wrong("/none/f", "edit: /none/f: its directory does not exist\n");
    await wrong("/dev/null", "edit: /dev/null: is a device\n");
    sys.files.set("/d/large", new Uint8Array((16 << 20) + 1));
    await wrong("/d/large", "edit: /d/large: is too large: 16 MiB is the most\n");
    sys.files.set("/d/lines", new Uint8Array(3 << 20).fill(10));
    await wrong("/d/lines", "edit: /d/lines: has too many lines: 2097152 are the most\n");
    await wrong("+x /d/f", "usage: edit [+LINE[,COLUMN]] [FILE]\n", 2);
    await wrong("/d/f /d/g", "usage: edit [+LINE[,COLUMN]] [FILE]\n", 2);
  });
  it("needs a terminal", () => {
    expect(sys.run("edit", ["edit", "/d/f"], "x")).toEqual({
      out: "",
      err: "edit: standard input and output must be a terminal\n",
      status: 1,
    });
  });
  it("is opened at a line and a column", async () => {
    sys.write("/d/f", Array.from({ length: 100 }, (_, i) => `line ${i + 1}\n`).join(""));
    const { last } = await edit("+50,3 /d/f", [LOOK, QUIT]);
    expect(last.rows[last.cursor[0]]).toBe("line 50");
    expect(last.cursor[1]).toBe(2);
  });
});

describe("saving", () => {
  it("asks for a name, with the present one given", async () => {
    sys.write("/d/f", "text\n");
    const { looks, status } = await edit("/d/f", ["\x0f", LOOK, "2\r", LOOK, "!\x13", "\x18"]);
    expect(looks[0]?.rows.at(NOTE)).toBe("Save as: /d/f");
    expect(looks[0]?.cursor).toEqual([9, 13]);
    expect(looks[0]?.rows.at(-1)).toContain("^C Cancel");
    expect(looks[1]?.rows[0]).toContain("/d/f2");
    expect([sys.text("/d/f"), sys.text("/d/f2"), status]).toEqual(["text\n", "!text\n", 0]);
  });
  it("asks before another file is replaced", async () => {
    sys.write("/d/f", "text\n");
    sys.write("/d/g", "other\n");
    const back = "\x7f";
    const { looks } = await edit("/d/f", [
      `\x0f${back}g\r`,
      LOOK,
      "n",
      LOOK,
      `\x0f${back}g\ry`,
      "\x18",
    ]);
    expect(looks[0]?.rows.at(NOTE)).toBe("There is a file /d/g; replace it?");
    expect(looks[1]?.rows.at(NOTE)).toContain("[ Not saved ]");
    expect(sys.text("/d/g")).toBe("text\n");
  });
  it("asks before it writes over what somebody else has changed", async () => {
    sys.write("/d/f", "text\n");
    const other = () => sys.write("/d/f", "another text\n");
    const { looks } = await edit("/d/f", ["x", other, "\x13", LOOK, "n", LOOK, QUIT]);
    expect(looks[0]?.rows.at(NOTE)).toMatch(/^The file has changed; write over it/);
    expect(sys.text("/d/f")).toBe("another text\n");
  });
  it("leaving asks whether to save", async () => {
    const { looks } = await edit("/d/f", ["a", "\x18", LOOK, "\x03", LOOK, "b\x18y\r"]);
    expect(looks[0]?.rows.at(NOTE)).toBe("Save the changes?");
    expect(looks[1]?.rows.at(NOTE)).toContain("[ Cancelled ]");
    expect(sys.text("/d/f")).toBe("ab\n");
    await edit("/d/f", ["c", "\x18n"]);
    expect(sys.text("/d/f")).toBe("ab\n");
    await edit("/d/f", ["c", UNDO, "\x18"]);
  });
  it("a full disk leaves the file and the text", async () => {
    sys.write("/d/f", "old\n");
    let full = true;
    sys.refuse = (call) => (call === "write" && full ? -Errno.ENOSPC : 0);
    const room = () => {
      full = false;
    };
    const files: string[] = [];
    const count = () => void files.push(sys.text("/d/f") ?? "", String(sys.files.size));
    const { looks } = await edit("/d/f", ["new ", "\x13", LOOK, count, room, "\x13", LOOK, "\x18"]);
    expect(looks[0]?.rows.at(NOTE)).toContain("[ Not saved: no space left (/d/f) ]");
    expect(looks[0]?.rows[0]).toContain("Modified");
    expect(looks[0]?.rows[1]).toBe("new old");
    expect(files).toEqual(["old\n", "2"]);
    expect(sys.text("/d/f")).toBe("new old\n");
  });
  it("saves what a link leads to, but not through one with its new file's name", async () => {
    for (const [at, to] of Object.entries({ "/l": "d/f", "/dead": "d/new", "/d/.edit-4": "keep" }))
      sys.tree.symlink(to, at);
    for (const name of ["/l", "/dead", "/d/f"]) await edit(name, ["x", "\x13", LOOK, QUIT]);
    expect(["f", "new", "keep"].map((name) => sys.text(`/d/${name}`))).toEqual(["x\n", "x\n", ""]);
    expect(sys.tree.links.size).toBe(3);
  });
  it("leaves a file its other names", async () => {
    sys.write("/d/f", "a\n");
    sys.tree.link("/d/f", "/g");
    await edit("/d/f", ["x", "\x13", "\x18"]);
    expect(sys.text("/g")).toBe("xa\n");
  });
  it("writes over a file in a directory that takes no new one, and cuts it", async () => {
    sys.write("/d/f", "a long text\n");
    sys.refuse = (call, path) => (call === "open" && path.includes(".edit") ? -Errno.EROFS : 0);
    const { looks } = await edit("/d/f", ["\x1b[3~".repeat(7), "\x13", LOOK, "\x18"]);
    expect(looks[0]?.rows.at(NOTE)).toContain("[ Written over in its place: 1 line ]");
    expect(sys.text("/d/f")).toBe("text\n");
  });
  it("says that a file cannot be changed, at once and when it is saved", async () => {
    sys.write("/d/f", "a\n");
    sys.refuse = () => -Errno.EROFS;
    const { looks } = await edit("/d/f", [LOOK, "x", "\x13", LOOK, QUIT]);
    expect(looks[0]?.rows.at(NOTE)).toContain("[ Read-only here");
    expect(looks[0]?.rows[0]).toContain("Read-only");
    expect(looks[1]?.rows.at(NOTE)).toContain("[ Not saved: read-only file system (/d/f) ]");
    expect(sys.text("/d/f")).toBe("a\n");
  });
  it("writes to a device, and keeps the text", async () => {
    const { looks } = await edit("", ["a", "\x0f/dev/null\r", LOOK, QUIT]);
    expect(looks[0]?.rows[0]).toMatch(/no name yet.*Modified/);
    expect(looks[0]?.rows.at(NOTE)).toContain("[ Wrote 1 line ]");
  });
  it("what is not saved is rescued when the editor is ended", async () => {
    sys.write("/d/f", "a\n");
    sys.write("/d/f.save", "older\n");
    const term = () => {
      sys.signals |= 1 << Signal.TERM;
    };
    expect(await edit("/d/f", ["x", term])).toMatchObject({
      err: "edit: ended from outside; the text is in /d/f.save.1\n",
      status: 143,
    });
    expect([sys.text("/d/f"), sys.text("/d/f.save"), sys.text("/d/f.save.1")]).toEqual([
      "a\n",
      "older\n",
      "xa\n",
    ]);
    expect(await edit("/d/f", [term])).toMatchObject({ err: "edit: ended from outside\n" });
    // The end of the input is as good as TERM.
    expect(await edit("", ["x"])).toMatchObject({
      err: "edit: ended from outside; the text is in edit.save\n",
    });
    expect(sys.text("/edit.save")).toBe("x\n");
  });
});

describe("keys", () => {
  it("move", () => {
    check("ab\ncd\n", `${DOWN}${RIGHT}x`, "ab\ncxd\n");
    check("ab\ncd\n", `${RIGHT.repeat(3)}x${LEFT.repeat(3)}y`, "ayb\nxcd\n");
    check("ab\ncd\n", `${DOWN}\x05x\x01y${UP}z`, "azb\nycdx\n");
    check("ab\ncd\n", "\x1b[Fx\x1b[Hy", "yabx\ncd\n");
    check("one two, three", "\x1b[1;5C\x1b[1;5Cx\x1b[1;5D\x1b[1;5Dy", "one ytwo, xthree");
    check("a\nb\nc", "\x1b/x\x1b\\y", "ya\nb\ncx");
    check("a\nb\nc", "\x1b[1;5Fx\x1b[1;5Hy", "ya\nb\ncx");
    check("abcd\n\nefgh\n", `\x05${DOWN}${DOWN}x`, "abcd\n\nefghx\n");
  });
  it("change", () => {
    check("ab\ncd\n", `${DOWN}\x7f`, "abcd\n");
    check("ab\ncd\n", "\x05\x1b[3~", "abcd\n");
    check("ab\n", "\x7f\x04\x08", "b\n");
    check("äö\n", `${RIGHT}\x7f`, "ö\n");
    check("e\u0301x\n", `${RIGHT}y${LEFT}\x7f`, "yx\n");
    check("", "a\tb\rä漢", "a\tb\nä漢\n");
    check("a\n", "\x1b[200~one\rtwo\r\n\x02\x1b[201~x", "one\ntwo\n\x02xa\n");
  });
  it("cut, copy and paste", () => {
    check("1\n2\n3\n", `${CUT}${CUT}${DOWN}${PASTE}`, "3\n1\n2\n");
    check("1\n2\n3\n", `${CUT}${DOWN}${CUT}${PASTE}${PASTE}`, "2\n3\n3\n");
    check("1\n2\n", `\x1b6\x1b6${PASTE}`, "1\n2\n1\n2\n");
    check("1", `${CUT}${PASTE}${PASTE}`, "11");
    check("", `${CUT}${PASTE}x`, "x\n");
  });
  it("undo and redo", () => {
    check("1\n2\n", `${CUT}${CUT}${UNDO}`, "2\n");
    check("1\n2\n", `${CUT}${CUT}${UNDO}${UNDO}`, "1\n2\n");
    check("1\n2\n", `${CUT}${CUT}${UNDO}${UNDO}${REDO}x`, "x2\n");
    check("", `abc\rdef${UNDO}`, "abc\n");
    check("", `abc\x1b[200~x\ry\x1b[201~${UNDO}`, "abc\n");
    check("ab\n", `${RIGHT}x${UNDO}y`, "ayb\n");
    check("a\n", "x\x1bu", "a\n");
  });
  it("find", async () => {
    sys.write("/d/f", "one\nTwo two\nthree\n");
    const { looks } = await edit("/d/f", [
      `${FIND}two\r`,
      LOOK,
      "\x1bw",
      LOOK,
      "\x1bw",
      LOOK,
      `${FIND}`,
      LOOK,
      "\r",
      `${FIND}none\r`,
      LOOK,
      `${FIND}three\r\x1bw`,
      LOOK,
      `${FIND}Two\r`,
      LOOK,
      `${FIND}x\x03`,
      LOOK,
      QUIT,
    ]);
    expect(looks.map((one) => one.cursor.join())).toEqual([
      "2,0",
      "2,4",
      "2,0",
      "9,12",
      "2,4",
      "3,0",
      "2,0",
      "2,0",
    ]);
    expect(looks[2]?.rows.at(NOTE)).toContain("[ Found from the start of the text on ]");
    expect(looks[3]?.rows.at(NOTE)).toBe("Find [two]:");
    expect(looks[4]?.rows.at(NOTE)).toContain("[ Not found: none ]");
    expect(looks[5]?.rows.at(NOTE)).toContain("[ This is the only one ]");
    expect(looks[7]?.rows.at(NOTE)).toContain("[ Cancelled ]");
  });
  it("go to a line, and say where it is", async () => {
    sys.write("/d/f", Array.from({ length: 100 }, (_, i) => `line ${i + 1}\n`).join(""));
    const steps: Step[] = [
      "\x1f42,3\r",
      LOOK,
      "\x03",
      LOOK,
      "\x1b",
      "g1000\r",
      LOOK,
      "\x1fx\r",
      LOOK,
      QUIT,
    ];
    const { looks } = await edit("/d/f", steps, 78);
    expect(looks[0]?.rows[looks[0].cursor[0]]).toBe("line 42");
    expect(looks[1]?.rows.at(NOTE)).toContain("[ line 42/101, col 3/8, byte 321/792 (40%) ]");
    expect(looks[2]?.rows[(looks[2].cursor[0] ?? 1) - 1]).toBe("line 100");
    expect(looks[3]?.rows.at(NOTE)).toContain("[ No line: x ]");
  });
  it("page, and keep the column", async () => {
    sys.write("/d/f", Array.from({ length: 100 }, (_, i) => `line ${i + 1}\n`).join(""));
    const { looks } = await edit("/d/f", [
      RIGHT,
      "\x1b[6~",
      LOOK,
      "\x1b[5~",
      LOOK,
      "\x16\x16",
      LOOK,
      QUIT,
    ]);
    expect(looks.map((one) => [one.rows[1], one.rows[one.cursor[0]], one.cursor[1]])).toEqual([
      ["line 7", "line 7", 1],
      ["line 1", "line 1", 1],
      ["line 13", "line 13", 1],
    ]);
  });
  it("show all keys and come back", async () => {
    const { looks } = await edit("/d/f", ["x\x07", LOOK, "\x1b[6~", LOOK, "q", LOOK, QUIT]);
    expect(looks[0]?.rows[1]).toContain("is Ctrl and X");
    expect(looks[1]?.rows[1]).not.toContain("is Ctrl and X");
    expect(looks[2]?.rows[1]).toBe("x");
  });
  it("pasted where there is no text are left out", async () => {
    const paste = "\x1b[200~n\rq\x1b[201~";
    const { looks } = await edit("/d/f", [
      `a\x07${paste}`,
      LOOK,
      `q\x18${paste}`,
      LOOK,
      "\x03",
      QUIT,
    ]);
    expect(looks[0]?.rows[0]).toContain("Help");
    expect(looks[1]?.rows.at(NOTE)).toBe("Save the changes?");
    expect(looks[1]?.rows[1]).toBe("a");
  });
  it("that do nothing say so", async () => {
    const { looks } = await edit("/d/f", ["\x14", LOOK, "\x1bz", LOOK, QUIT]);
    expect(looks[0]?.rows.at(NOTE)).toContain("^T does nothing here");
    expect(looks[1]?.rows.at(NOTE)).toContain("Esc z does nothing here");
  });
});

describe("the screen", () => {
  it("shows tabs, controls, wide characters and what is no character", async () => {
    sys.files.set(
      "/d/f",
      new Uint8Array([9, 120, 1, 0xff, 0xc2, 0x85, ...Buffer.from("漢e\u0301!\n")]),
    );
    const { last } = await edit("/d/f", [`\x05`, LOOK, QUIT]);
    expect(last.rows[1]).toBe("        x^A??漢e\u0301!");
    expect(last.inverse[1]).toBe("         ####");
    expect(last.cursor).toEqual([1, 17]);
  });
  it("scrolls the cursor's line sideways, with marks where lines go on", async () => {
    const long = "0123456789".repeat(5);
    sys.write("/d/f", `${long}\n${long}\n0123456789abcdefghij\n`);
    const { looks } = await edit("/d/f", [LOOK, "\x05", LOOK, "\x1f2,19\r", LOOK, QUIT], 20);
    expect(looks[0]?.rows.slice(1, 4)).toEqual([
      "0123456789012345678>",
      "0123456789012345678>",
      "0123456789abcdefghij",
    ]);
    expect(looks[0]?.inverse[1]).toBe(`${" ".repeat(19)}#`);
    expect(looks[1]?.rows[1]?.[0]).toBe("<");
    expect(looks[1]?.rows[1]?.endsWith("9")).toBe(true);
    expect(looks[1]?.rows[2]).toBe("0123456789012345678>");
    expect(looks[1]?.cursor[1]).toBe(looks[1]?.rows[1]?.length);
    expect(looks[2]?.rows[1]).toBe("0123456789012345678>");
  });
  it("a wide character at the edge is not cut", async () => {
    sys.write("/d/f", `${"漢".repeat(12)}\n`);
    const { last } = await edit("/d/f", [LOOK, QUIT], 21);
    expect(last.rows[1]).toBe(`${"漢".repeat(10)}>`);
  });
  it("is sent in one write for each frame, and only what has changed", async () => {
    sys.write("/d/f", Array.from({ length: 100 }, (_, i) => `line ${i + 1}\n`).join(""));
    const sizes: number[] = [];
    const size = () => void sizes.push(sys.shown.length, sys.shown.at(-1)?.length ?? 0);
    await edit("/d/f", [size, RIGHT, size, "x", size, "y", size, QUIT]);
    const [first = 0, firstBytes = 0, second, secondBytes = 0, third, , fourth, fourthBytes = 0] =
      sizes;
    expect([second, third, fourth]).toEqual([first + 1, first + 2, first + 3]);
    expect(firstBytes).toBeGreaterThan(200);
    expect(secondBytes).toBeLessThan(10);
    expect(fourthBytes).toBeLessThan(40);
  });
  it("follows the terminal's size; a small one has fewer hints, and then none", async () => {
    const small = (size: string) => () => {
      sys.consoleSize = size;
      sys.signals |= 1 << Signal.WINCH;
    };
    sys.write("/d/f", "a\nb\nc\n");
    const { looks } = await edit(
      "/d/f",
      [LOOK, small("40 6"), LOOK, small("20 3"), LOOK, small("10 1"), LOOK, QUIT],
      40,
    );
    expect(looks[0]?.rows.slice(-2)).toEqual([
      "^G Help      ^S Save      ^F Find",
      "^X Exit      ^O Save as   Esc U Undo",
    ]);
    expect(looks[1]?.rows.slice(0, 5)).toEqual([" /d/f", "a", "b", "c", ""]);
    expect(looks[2]?.rows.slice(0, 2)).toEqual(["a", "b"]);
    expect(looks[3]?.rows[0]).toBe("a");
  });
});

it("a mebibyte of 100,000 lines is edited at once", () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join("");
  sys.write("/d/f", text);
  sys.consoleSize = "80 24";
  const jumps = Array.from({ length: 40 }, (_, i) => (i % 2 ? "\x1b\\x" : "\x1b/y")).flatMap(
    (one) => [one],
  );
  let last = 0;
  const times: number[] = [];
  const clock = () => {
    const now = performance.now();
    if (last > 0) times.push(now - last);
    last = now;
  };
  sys.typed = [clock, ...jumps.flatMap((one) => [one, clock]), "\x13", "\x18"];
  sys.run("edit", ["edit", "/d/f"]);
  expect(sys.text("/d/f")).toBe(`${"x".repeat(20)}${text}${"y".repeat(20)}\n`);
  // Each goes from one end of the text to the other. The bound is far above what it takes, for a slow machine.
  expect(times.sort((a, b) => a - b)[times.length >> 1]).toBeLessThan(50);
});
