// Expressions against texts, by hand and, for where the longest match is, against all parts of the text one by one.

import { beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "./testing/build.ts";
import { FakeSys } from "./testing/fakeSys.ts";

const EXTENDED = 1;
const FOLD = 2;
const LITERAL = 4;
const WORD = 8;
const LINE = 16;
const ESCAPES = 32;

const sys = new FakeSys();

beforeAll(async () => {
  sys.programs.set("probe", await buildProgram("lib/testing/probes/regex.ts"));
});

/** The probe's answers to {flags, expression, text}. */
function match(...cases: readonly (readonly [number, string, string])[]): string[] {
  const input = cases.map((one) => `${one.join("\t")}\n`).join("");
  return sys.run("probe", ["probe"], input).out.split("\n").slice(0, -1);
}

function check(flags: number, re: string, text: string, expected: string): void {
  expect(match([flags, re, text])).toEqual([expected]);
}

describe("extended expressions", () => {
  const e = (re: string, text: string, expected: string) => check(EXTENDED, re, text, expected);
  it("characters, any, repetitions", () => {
    e("abc", "xabcx", "1,4");
    e("a.c", "abcaxc", "0,3");
    e("ab*", "xabbb", "1,5");
    e("ab+c?", "abbx", "0,3");
    e("x*", "abc", "0,0");
    e("z", "abc", "none");
  });
  it("alternatives: the longest one", () => {
    e("a|ab|abc", "xabcd", "1,4");
    e("cat|dog", "hotdog", "3,6");
    e("|a", "a", "0,1");
    e("(a|ab)(c|bcd)", "abcd", "0,4 0,1 1,4");
  });
  it("groups, the last round of a repeated one", () => {
    e("(a)(b)?", "a", "0,1 0,1 -1,-1");
    e("(a|b)*c", "abac", "0,4 2,3");
    e("((a)(b))", "ab", "0,2 0,2 0,1 1,2");
    e("(a*)*b", "aaab", "0,4 0,3");
    e("(|a)*b", "ab", "0,2 0,1");
  });
  it("places", () => {
    e("^a|b$", "bb", "1,2");
    e("^b", "ab", "none");
    e("a^b", "a^b", "none");
    e("^$", "", "0,0");
    e("(^a|x)b", "xb", "0,2 0,1");
  });
  it("words", () => {
    e("\\bis\\b", "this is", "5,7");
    e("\\<t", "at to", "3,4");
    e("s\\>", "sa as", "4,5");
    e("\\Bb", "b ab", "3,4");
    e("\\w+", "  é_1-", "2,6");
    e("\\W\\d\\D\\s\\S", "a-1b c", "1,6");
  });
  it("intervals", () => {
    e("^a{2}$", "aa", "0,2");
    e("a{2,3}", "aaaa", "0,3");
    e("a{2,}", "aaaa", "0,4");
    e("a{,2}b", "aaab", "1,4");
    e("(ab){0}c", "abc", "2,3 -1,-1");
    e("(ab){2}", "ababab", "0,4 2,4");
    e("a{x", "a{x", "0,3");
    e("[0-9]{1,3}(\\.[0-9]{1,3}){3}", "at 10.0.255.1.", "3,13 11,13");
  });
  it("sets", () => {
    e("[]a]+", "a]b", "0,2");
    e("[^]a]", "a]b", "2,3");
    e("[a-]+", "a-b", "0,2");
    e("[[:digit:][:upper:]]+", "ab12CDef", "2,6");
    e("[^[:space:]]+", " ab c", "1,3");
    e("[\\n]", "\\n", "none");
  });
  it("characters of several bytes are one", () => {
    e("^.$", "é", "0,2");
    e("[é-ü]", "aü", "1,3");
    e("^[^a]$", "€", "0,3");
    e("é+", "éé", "0,4");
  });
  it("* at the start is a star", () => e("*a", "b*a", "1,3"));
  it("says what is wrong", () => {
    e("(a", "", "a ( is not closed");
    e("[a", "", "a [ is not closed");
    e("a\\", "", "nothing follows the last backslash");
    e("(a)\\1", "", "back-references are not known in an expression");
    e("a{3,2}", "", "a repetition's numbers are the wrong way round");
    e("a{1001}", "", "a repetition is for 1000 times at most");
    e("((a{100}){100}){100}", "", "the expression is too large");
    e("(".repeat(60), "", "groups are nested too deeply");
    e("a)", "a)", "0,2");
  });
});

describe("basic expressions", () => {
  const b = (re: string, text: string, expected: string) => check(0, re, text, expected);
  it("+ ? | ( { are characters", () => b("a+?|(){1}", "xa+?|(){1}", "1,10"));
  it("and operators with a backslash", () => {
    b("\\(a\\|b\\)\\+c\\?", "xabc", "1,4 2,3");
    b("a\\{2\\}", "aaa", "0,2");
    b("\\(ab\\)*", "abab", "0,4 2,4");
  });
  it("a star after ^ or \\( is a star", () => {
    b("^*a", "*a", "0,2");
    b("\\(*a\\)", "*a", "0,2 0,2");
  });
  it("^ and $ are places at the ends only", () => {
    b("a^b$c", "a^b$c", "0,5");
    b("\\(^a\\)$", "a", "0,1 0,1");
  });
  it("a lone \\) is refused", () => b("a\\)", "", "a ) has no ( before it"));
});

describe("flags", () => {
  it("either case", () => {
    check(FOLD, "aB[x-z]", "AbY", "0,3");
    check(FOLD, "[^a]", "A", "none");
  });
  it("plain text", () => check(LITERAL, "a.*[", "xa.*[", "1,5"));
  it("whole words: a shorter one may be there", () => {
    check(WORD, "is", "this is", "5,7");
    check(EXTENDED | WORD, "a.*", "ab a-b", "0,6");
    check(EXTENDED | WORD, "foo|fo", "fo-o food", "0,2");
  });
  it("the whole line", () => {
    check(EXTENDED | LINE, "a|ab", "ab", "0,2");
    check(EXTENDED | LINE, "a|b", "ab", "none");
  });
  it("escapes in sets", () => {
    check(EXTENDED | ESCAPES, "[\\]a]+", "a]", "0,2");
    check(EXTENDED | ESCAPES, "[\\w.]+", "-a.b-", "1,4");
  });
});

/** An expression that both kinds of engine read alike, without places. */
function expression(random: () => number, depth: number): string {
  const pick = Math.floor(random() * (depth > 0 ? 9 : 4));
  const inner = () => expression(random, depth - 1);
  if (pick < 3) return "abc"[pick] ?? "a";
  if (pick === 3) return ["[ab]", "[^b]", "."][Math.floor(random() * 3)] ?? ".";
  if (pick === 4) return `${inner()}${inner()}`;
  if (pick === 5) return `(${inner()}|${inner()})`;
  if (pick === 6) return `(${inner()})*`;
  if (pick === 7)
    return `(${inner()})${["+", "?", "{2}", "{1,2}", "{0,3}"][Math.floor(random() * 5)]}`;
  return `${inner()}${inner()}${inner()}`;
}

it("finds the leftmost longest match of 2000 random expressions", () => {
  let seed = 12345;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x80000000;
  };
  const cases = Array.from({ length: 2000 }, () => {
    const re = expression(random, 3);
    const text = Array.from(
      { length: Math.floor(random() * 9) },
      () => "abcd"[Math.floor(random() * 4)],
    );
    return [EXTENDED, re, text.join("")] as const;
  });
  const answers = match(...cases);
  const wrong = cases.flatMap(([, re, text], i) => {
    const whole = new RegExp(`^(?:${re})$`);
    let expected = "none";
    for (let from = 0; from <= text.length && expected === "none"; from++)
      for (let to = from; to <= text.length; to++)
        if (whole.test(text.slice(from, to))) expected = `${from},${to}`;
    return answers[i]?.split(" ")[0] === expected ? [] : [{ re, text, expected, got: answers[i] }];
  });
  expect(wrong).toEqual([]);
});

it("takes time in proportion for what would send a backtracking engine away for ever", () => {
  check(EXTENDED, "(a*)*(a|aa)+(a?){50}b", "a".repeat(3000), "none");
});
