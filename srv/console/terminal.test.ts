// The console server's terminal beside @xterm/headless: the same bytes must give the same cells, whatever they are and wherever they are cut.
import xterm from "@xterm/headless";
import { beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../../lib/testing/build.ts";
import { Cell, CellFlag, Color } from "./cell.ts";

interface Probe {
  memory: WebAssembly.Memory;
  _initialize(): void;
  start(columns: number, rows: number): void;
  inputAt(): number;
  feed(n: number): void;
  cells(): number;
  cursorX(): number;
  cursorY(): number;
  cursorHidden(): number;
}

let probe: Probe;

beforeAll(async () => {
  const module = await buildProgram("srv/console/testing/probe.ts");
  const sys = new Proxy({}, { get: () => () => 0 });
  const instance = new WebAssembly.Instance(module, { sys: sys as WebAssembly.ModuleImports });
  probe = instance.exports as unknown as Probe;
  probe._initialize();
});

function feed(bytes: Uint8Array, cuts: () => number): void {
  for (let at = 0; at < bytes.length; ) {
    const n = Math.min(bytes.length - at, cuts());
    new Uint8Array(probe.memory.buffer, probe.inputAt(), n).set(bytes.subarray(at, at + n));
    probe.feed(n);
    at += n;
  }
}

const FLAGS: [string, number][] = [
  ["isBold", CellFlag.BOLD],
  ["isDim", CellFlag.DIM],
  ["isItalic", CellFlag.ITALIC],
  ["isUnderline", CellFlag.UNDERLINE],
  ["isBlink", CellFlag.BLINK],
  ["isInverse", CellFlag.INVERSE],
  ["isInvisible", CellFlag.INVISIBLE],
  ["isStrikethrough", CellFlag.STRIKE],
  ["isOverline", CellFlag.OVERLINE],
];

/** "code.width.ink.paper.flags" of every cell, and the cursor. */
function ours(columns: number, rows: number): string[] {
  const view = new DataView(probe.memory.buffer, probe.cells(), columns * rows * Cell.BYTES);
  const lines: string[] = [];
  for (let y = 0; y < rows; y++) {
    const line: string[] = [];
    for (let x = 0; x < columns; x++) {
      const at = (y * columns + x) * Cell.BYTES;
      const word = view.getUint32(at, true);
      line.push(
        [
          word & Cell.CODE_MASK,
          word >>> Cell.WIDTH_SHIFT,
          view.getUint32(at + Cell.INK, true).toString(16),
          view.getUint32(at + Cell.PAPER, true).toString(16),
          view.getUint32(at + Cell.FLAGS, true),
        ].join("."),
      );
    }
    lines.push(line.join(" "));
  }
  return [...lines, `cursor ${probe.cursorX()} ${probe.cursorY()}`];
}

function colorOf(isDefault: boolean, isIndexed: boolean, color: number): string {
  if (isDefault) return "0";
  return ((isIndexed ? Color.INDEXED : Color.DIRECT) | color).toString(16);
}

async function theirs(bytes: Uint8Array, columns: number, rows: number): Promise<string[]> {
  const terminal = new xterm.Terminal({
    allowProposedApi: true,
    cols: columns,
    rows,
    convertEol: true,
    logLevel: "off",
    scrollback: 100_000,
  });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const buffer = terminal.buffer.active;
  const lines: string[] = [];
  for (let y = 0; y < rows; y++) {
    const row = buffer.getLine(buffer.baseY + y);
    const line: string[] = [];
    for (let x = 0; x < columns; x++) {
      const cell = row?.getCell(x);
      if (cell === undefined) throw new Error(`no cell ${x} ${y}`);
      let flags = 0;
      for (const [name, flag] of FLAGS) {
        if ((cell as unknown as Record<string, () => number>)[name]?.()) flags |= flag;
      }
      line.push(
        [
          cell.getChars().codePointAt(0) ?? 0,
          cell.getWidth(),
          colorOf(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor()),
          colorOf(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor()),
          flags,
        ].join("."),
      );
    }
    lines.push(line.join(" "));
  }
  lines.push(`cursor ${buffer.cursorX} ${buffer.cursorY}`);
  terminal.dispose();
  return lines;
}

/** Numbers that are the same for the same seed. */
function random(seed: number): (n: number) => number {
  let state = (seed * 2654435761 + 1) >>> 0;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

async function check(text: string | Uint8Array, columns = 20, rows = 6): Promise<void> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const expected = await theirs(bytes, columns, rows);
  for (const step of [65536, 1, 7]) {
    probe.start(columns, rows);
    feed(bytes, () => step);
    expect(ours(columns, rows)).toEqual(expected);
  }
}

describe("terminal, as @xterm/headless", () => {
  it.each([
    ["plain lines", "one\ntwo\r\nthree\tx\by"],
    [
      "a line that wraps, and one that ends at the edge",
      "0123456789012345678901234\n01234567890123456789\nx",
    ],
    ["more lines than rows", Array.from({ length: 30 }, (_, i) => `line ${i}`).join("\n")],
    ["no wrap", "\x1b[?7l0123456789012345678901234\x1b[?7h"],
    ["16 colours", "\x1b[31;44mred\x1b[0m \x1b[1;92;105mbright\x1b[39;49m back"],
    ["256 and direct colours", "\x1b[38;5;196mA\x1b[48;2;1;2;3mB\x1b[38:2::9:8:7mC\x1b[48:5:77mD"],
    [
      "attributes",
      "\x1b[1mb\x1b[2md\x1b[3mi\x1b[4mu\x1b[5mk\x1b[7mr\x1b[8mh\x1b[9ms\x1b[53mo\x1b[22;24;29mx",
    ],
    ["erasing keeps the paper", "aaaa\nbbbb\ncccc\x1b[2;3H\x1b[42m\x1b[K\x1b[1J\x1b[4;1H\x1b[J"],
    [
      "insert and delete",
      "abcdefgh\x1b[1;3H\x1b[3@XY\x1b[1;8H\x1b[2P\x1b[1;2H\x1b[4X\x1b[4hins\x1b[4l",
    ],
    [
      "lines in a region",
      "1\n2\n3\n4\n5\n6\x1b[2;5r\x1b[3;1H\x1b[2L\x1b[M\x1b[S\x1b[2T\x1b[5;1H\nz\n\x1bM\x1bMq",
    ],
    ["a region and reverse index", "\x1b[2;3r\x1b[2;1Ha\x1bMb\x1bMc\x1b[r\x1b[6;1Hd\nnext"],
    ["origin mode", "\x1b[3;5r\x1b[?6h\x1b[1;1Ho\x1b[9;9Hp\x1b[?6l\x1b[1;1Hq"],
    ["save and restore", "ab\x1b[31m\x1b7cd\n\x1b[0mef\x1b8XY\x1b[s\x1b[4;4Hm\x1b[un"],
    ["a saved cursor goes up with its text", "a\nb\nc\x1b7\n\n\n\n\n\x1b8here"],
    ["the alternate screen", "normal\x1b[?1049h\x1b[2Jalt\x1b[5;5Hx\x1b[?1049l back"],
    ["tab stops", "\x1b[3g\x1b[1;5H\x1bH\x1b[1;9H\x1bH\r\tA\tB\tC\x1b[2ZD\x1b[2;1H\x1b[2IE"],
    ["line drawing", "\x1b(0lqqk\x0ex\x0f\x1b(B \x1b)0\x0eab~\x0f#\x1b(A#"],
    [
      "wide characters and their halves",
      "漢字ab\x1b[1;2HX\x1b[1;3HY\x1b[2;19H漢漢\x1b[2;20H\x1b[K",
    ],
    [
      "wide characters under insert and delete",
      "漢字漢字漢\x1b[1;2H\x1b[@\x1b[1;4H\x1b[P\x1b[1;5H\x1b[2X",
    ],
    ["combining marks", "e\u0301a\u0300\u0323x"],
    [
      "UTF-8 that is broken",
      new Uint8Array([65, 0xc3, 66, 0xe2, 0x82, 67, 0xff, 68, 0xf0, 0x9f, 0x98, 0x80, 0x80, 69]),
    ],
    [
      "strings are skipped",
      "a\x1b]0;title\x07b\x1b]2;t\x1b\\c\x1bP1$qm\x1b\\d\x1b_x\x1b\\e\x1b^y\x1b\\f\x1bXz\x1b\\g",
    ],
    [
      "sequences that are cut off or wrong",
      "a\x1b[12\x18b\x1b[3\x1b[1;4Hc\x1b[?1;<md\x1b[1 2qe\x1b%Gf\x1b[\x05;5Hg",
    ],
    ["repeat", "ab\x1b[3bc\x1b[31m\x1b[bd漢\x1b[2b"],
    ["resets", "\x1b[31;4m\x1b[2;4r\x1b[4hxy\x1b[!pz\n\x1b[1mq\x1bcafter"],
    ["alignment", "\x1b[32m\x1b#8"],
    ["newline mode off", "\x1b[20la\nb\x1b[20h\nc"],
    ["C1 controls in UTF-8", "a\u0085b\u009b31mc\u0084d\u008d"],
  ])("%s", (_, text) => check(text));

  it.each(Array.from({ length: 60 }, (_, i) => i + 1))("random stream %i", (seed) =>
    check(randomStream(random(seed)), 17, 7),
  );

  it.each([1, 2, 3])("random bytes %i", async (seed) => {
    const r = random(seed * 77);
    // Neither a question that the terminal would answer, nor ESC before what is not compared (modes of its own).
    const bytes = Uint8Array.from({ length: 4000 }, () => 32 + r(95));
    for (let i = 0; i < bytes.length; i += 3 + r(9)) bytes[i] = [10, 13, 8, 9, 7, 11][r(6)] ?? 10;
    await check(bytes, 30, 10);
  });

  it("has its size kept within what the cells hold", () => {
    probe.start(1, 0);
    feed(new TextEncoder().encode("ab\ncd"), () => 1);
    expect(ours(2, 1)[0]).toMatch(/^99\.1\S* 100\.1/);
    probe.start(5000, 5000);
    feed(new TextEncoder().encode("x\n".repeat(100)), () => 50);
    expect(ours(512, 40).at(-1)).toBe("cursor 0 39");
  });
});

const PIECES: ((r: (n: number) => number) => string)[] = [
  (r) => "abcdefghijklmnopqrstuvwxyz".slice(0, 1 + r(26)),
  (r) => ["漢", "字", "é", "─", "█", "😀", "ｆ", "ÿ"][r(8)] ?? "",
  (r) => ["\n", "\r", "\b", "\t", "\n\n", "\x0b", "\x07"][r(7)] ?? "",
  (r) => `\x1b[${r(9)};${r(20)}H`,
  (r) => `\x1b[${r(6)}${"ABCDEFG`adeIZ"[r(13)]}`,
  (r) => `\x1b[${r(4)}${"@LMPXST"[r(7)]}`,
  (r) => `\x1b[${r(3)}${"JK"[r(2)]}`,
  (r) =>
    `\x1b[${[0, 1, 2, 3, 4, 5, 7, 8, 9, 21, 22, 23, 24, 25, 27, 28, 29, 39, 49, 53, 55][r(21)]}m`,
  (r) => `\x1b[${30 + r(8)};${40 + r(8)};${90 + r(8)}m`,
  (r) => `\x1b[${r(2) ? 38 : 48};${r(2) ? `5;${r(256)}` : `2;${r(256)};${r(256)};${r(256)}`}m`,
  (r) => `\x1b[${r(2) ? 38 : 48}:${r(2) ? `5:${r(256)}` : `2::${r(256)}:${r(256)}:${r(256)}`}m`,
  (r) => `\x1b[${r(6)};${r(9)}r`,
  (r) => ["\x1b7", "\x1b8", "\x1bM", "\x1bD", "\x1bE", "\x1bH", "\x1b[g", "\x1b[3g"][r(8)] ?? "",
  (r) => ["\x1b[?7l", "\x1b[?7h", "\x1b[4h", "\x1b[4l", "\x1b[?25l", "\x1b[?25h"][r(6)] ?? "",
  (r) =>
    ["\x1b[?1049h", "\x1b[?1049l", "\x1b[?47h", "\x1b[?47l", "\x1b[?1047h", "\x1b[?1047l"][r(6)] ??
    "",
  (r) => ["\x1b(0", "\x1b(B", "\x1b)0", "\x0e", "\x0f", "\x1b(A"][r(6)] ?? "",
  (r) =>
    ["\x1b]0;t\x07", "\x1b[", "\x1b", "\x18", "\x1b[1;", "\x1bP0q\x1b\\", "\x1b[>1"][r(7)] ?? "",
  (r) => `q\x1b[${r(20)}b`,
  (r) => (r(12) === 0 ? ["\x1bc", "\x1b[!p", "\x1b#8"][r(3)] : undefined) ?? "",
];

function randomStream(r: (n: number) => number): string {
  let text = "";
  for (let i = 0; i < 400; i++) text += PIECES[r(PIECES.length)]?.(r) ?? "";
  return text;
}
