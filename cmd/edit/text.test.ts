// The text, its lines and undo, beside plain strings.

import { beforeAll, expect, it } from "vitest";
import { buildProgram } from "../../lib/testing/build.ts";
import { FakeSys } from "../../lib/testing/fakeSys.ts";

const sys = new FakeSys();

beforeAll(async () => {
  sys.programs.set("probe", await buildProgram("cmd/edit/testing/probe.ts"));
});

/** A linear congruential generator; numbers below n. */
function generator(seed: number) {
  let state = seed;
  return (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function printed(text: string, modified: boolean): string {
  const starts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === "|") starts.push(i + 1);
  return `${modified ? "m" : "-"} ${starts.join(" ")} ${text}`;
}

/** Each change by itself, so that the model need not know what joins: undo and redo go through the texts there were. */
function play(seed: number, count: number) {
  const random = generator(seed);
  let texts = [""];
  let at = 0;
  let saved: number | undefined = 0;
  const lines: string[] = [];
  const expected: string[] = [];
  const change = (text: string) => {
    if (text === texts[at]) return;
    if (saved !== undefined && saved > at) saved = undefined;
    texts = [...texts.slice(0, at + 1), text];
    at++;
  };
  for (let i = 0; i < count; i++) {
    const text = texts[at] ?? "";
    const place = random(text.length + 1);
    const what = random(20);
    if (what < 9) {
      const part = Array.from({ length: random(8) }, () => "ab|c|"[random(5)]).join("");
      lines.push(`i ${place} ${part}`);
      change(text.slice(0, place) + part + text.slice(place));
    } else if (what < 14) {
      const n = Math.min(random(random(6) === 0 ? 60 : 6), text.length - place);
      lines.push(`r ${place} ${n}`);
      change(text.slice(0, place) + text.slice(place + n));
    } else if (what < 17) {
      lines.push("u");
      at = Math.max(at - 1, 0);
    } else if (what < 19) {
      lines.push("e");
      at = Math.min(at + 1, texts.length - 1);
    } else {
      lines.push("s");
      saved = at;
    }
    expected.push(printed(texts[at] ?? "", saved !== at));
    lines.push("b");
    expected.push(expected.at(-1) ?? "");
  }
  return { lines, expected };
}

it.each([1, 2, 3, 4])("does what strings do, seed %i", (seed) => {
  const { lines, expected } = play(seed, 1500);
  const { out, err, status } = sys.run("probe", ["probe"], `${lines.join("\n")}\n`);
  expect({ err, status }).toEqual({ err: "", status: 0 });
  const got = out.trimEnd().split("\n");
  const wrong = got.findIndex((line, i) => line !== expected[i]);
  expect(wrong === -1 ? "" : `${lines[wrong]}: ${got[wrong]}`).toBe(
    wrong === -1 ? "" : `${lines[wrong]}: ${expected[wrong]}`,
  );
  expect(got.length).toBe(expected.length);
});

/** The texts after each change. */
function texts(...lines: string[]): string[] {
  const { out } = sys.run("probe", ["probe"], `${lines.join("\n")}\n`);
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => line.slice(line.lastIndexOf(" ") + 1));
}

it("typing, Backspace and Delete at one place are one change each", () => {
  expect(texts("i 0 a", "i 1 b", "i 2 c", "u")).toEqual(["a", "ab", "abc", ""]);
  expect(texts("i 0 abcd", "b", "r 3 1", "r 2 1", "u")).toEqual([
    "abcd",
    "abcd",
    "abc",
    "ab",
    "abcd",
  ]);
  expect(texts("i 0 abcd", "b", "r 0 1", "r 0 1", "u")).toEqual([
    "abcd",
    "abcd",
    "bcd",
    "cd",
    "abcd",
  ]);
  expect(texts("i 0 a", "i 0 b", "u")).toEqual(["a", "ba", "a"]);
  expect(texts("i 0 a", "s", "i 1 b", "u")).toEqual(["a", "a", "ab", "a"]);
});
