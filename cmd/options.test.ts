// What the filters print for the options that POSIX and the GNU programs know, over a stand-in for the kernel. With QUIRE_HOST=1 the programs of
// the host, when they are GNU's, have to print the same.

import { spawnSync } from "node:child_process";
import { beforeAll, expect, it } from "vitest";
import { buildProgram } from "../lib/testing/build.ts";
import { FakeSys } from "../lib/testing/fakeSys.ts";

/** An input, and for each line what is printed for it. Words are between blanks or in single quotes. */
const TABLE: [string, Record<string, string>][] = [
  [
    "b 10\na  9\nc 100\na 10\nB 2\n\n  d 1\n",
    {
      sort: "\n  d 1\nB 2\na  9\na 10\nb 10\nc 100\n",
      "sort -n": "\n  d 1\nB 2\na  9\na 10\nb 10\nc 100\n",
      "sort -r": "c 100\nb 10\na 10\na  9\nB 2\n  d 1\n\n",
      "sort -f": "\n  d 1\na  9\na 10\nb 10\nB 2\nc 100\n",
      "sort -b": "\nB 2\na  9\na 10\nb 10\nc 100\n  d 1\n",
      "sort -k2": "\na  9\n  d 1\na 10\nb 10\nc 100\nB 2\n",
      "sort -k2n": "\n  d 1\nB 2\na  9\na 10\nb 10\nc 100\n",
      "sort -nk2": "\n  d 1\nB 2\na  9\na 10\nb 10\nc 100\n",
      "sort -bk2": "\n  d 1\na 10\nb 10\nc 100\nB 2\na  9\n",
      "sort -k 2,2 -k1,1r": "\na  9\n  d 1\nb 10\na 10\nc 100\nB 2\n",
      "sort -k2,2nr -k1,1": "c 100\na 10\nb 10\na  9\nB 2\n  d 1\n\n",
      "sort -k2.2,2.3": "\na  9\n  d 1\na 10\nb 10\nc 100\nB 2\n",
      "sort -s -k1,1": "\n  d 1\nB 2\na  9\na 10\nb 10\nc 100\n",
      "sort -k2,1": "\n  d 1\nB 2\na  9\na 10\nb 10\nc 100\n",
      "sort -u -k1,1": "\n  d 1\nB 2\na  9\nb 10\nc 100\n",
      "sort -k1,1f -k2,2n": "\n  d 1\na  9\na 10\nB 2\nb 10\nc 100\n",
    },
  ],
  [
    "10\n9\n-1\n-10\n0\n-0\n0.5\n.25\n1e3\n+5\nabc\n 7\n007\n12345678901234567890\n12345678901234567891\n1.50\n1.5\n-0.5\n\nnan\n",
    {
      "sort -n":
        "-10\n-1\n-0.5\n\n+5\n-0\n0\nabc\nnan\n.25\n0.5\n1e3\n1.5\n1.50\n 7\n007\n9\n10\n12345678901234567890\n12345678901234567891\n",
      "sort -nr":
        "12345678901234567891\n12345678901234567890\n10\n9\n007\n 7\n1.50\n1.5\n1e3\n0.5\n.25\nnan\nabc\n0\n-0\n+5\n\n-0.5\n-1\n-10\n",
      "sort -nu":
        "-10\n-1\n-0.5\n0\n.25\n0.5\n1e3\n1.50\n 7\n9\n10\n12345678901234567890\n12345678901234567891\n",
      "sort -g":
        "\nabc\nnan\n-10\n-1\n-0.5\n-0\n0\n.25\n0.5\n1.5\n1.50\n+5\n 7\n007\n9\n10\n1e3\n12345678901234567890\n12345678901234567891\n",
    },
  ],
  [
    "1K\n2M\n1.5M\n900K\n2000K\n1G\n5\n0\n-1K\n1T\n3k\n10\n",
    {
      "sort -h": "-1K\n0\n5\n10\n1K\n3k\n900K\n2000K\n1.5M\n2M\n1G\n1T\n",
      "sort -hr": "1T\n1G\n2M\n1.5M\n2000K\n900K\n3k\n1K\n10\n5\n0\n-1K\n",
    },
  ],
  [
    "a-1.0.tar.gz\na-1.0.1.tar.gz\na-1.0\nfile10.txt\nfile9.txt\n.hidden\nv1.10.0\nv1.2.3-rc1\nv1.2.3~rc1\nv1.2.3\nb01\nb1\n100000000000000000000\n99999999999999999999\n\n_a\n",
    {
      "sort -V":
        "\n.hidden\n99999999999999999999\n100000000000000000000\na-1.0\na-1.0.tar.gz\na-1.0.1.tar.gz\nb01\nb1\nfile9.txt\nfile10.txt\nv1.2.3~rc1\nv1.2.3\nv1.2.3-rc1\nv1.10.0\n_a\n",
    },
  ],
  [
    "root:x:0:0\nbin:y:10:3\na:z:2:3\n:q:5:5\n",
    {
      "sort -t: -k3n": "root:x:0:0\na:z:2:3\n:q:5:5\nbin:y:10:3\n",
      "sort -t : -k 3,3n": "root:x:0:0\na:z:2:3\n:q:5:5\nbin:y:10:3\n",
      "sort -t: -k4,4n -k3,3nr": "root:x:0:0\nbin:y:10:3\na:z:2:3\n:q:5:5\n",
      "sort -t: -k1.2,1.2": "a:z:2:3\nbin:y:10:3\nroot:x:0:0\n:q:5:5\n",
    },
  ],
  [
    "a\na\nA\nb\nb\nc\n",
    {
      uniq: "a\nA\nb\nc\n",
      "uniq -c": "      2 a\n      1 A\n      2 b\n      1 c\n",
      "uniq -d": "a\nb\n",
      "uniq -u": "A\nc\n",
      "uniq -i": "a\nb\nc\n",
      "uniq -di": "a\nb\n",
    },
  ],
  [
    "aé\tb\nlonger line here\n\n\tx",
    {
      "wc -l": "3\n",
      "wc -w": "6\n",
      "wc -c": "26\n",
      "wc -m": "25\n",
      "wc -L": "16\n",
    },
  ],
  [
    "one:two:three\nnone\na:b\n::x\n",
    {
      "cut -d: -f1": "one\nnone\na\n\n",
      "cut -d: -f2-": "two:three\nnone\nb\n:x\n",
      "cut -d : -f -2": "one:two\nnone\na:b\n:\n",
      "cut -d: -f3,1": "one:three\nnone\na\n:x\n",
      "cut -sd: -f2": "two\nb\n\n",
      "cut -c2-3": "ne\non\n:b\n:x\n",
      "cut -b1": "o\nn\na\n:\n",
      "cut -c1,3-": "oe:two:three\nnne\nab\n:x\n",
      "cut -f1": "one:two:three\nnone\na:b\n::x\n",
    },
  ],
  [
    "Hello  World\t12\n\naab\\b[x]\n",
    {
      "tr a-z A-Z": "HELLO  WORLD\t12\n\nAAB\\B[X]\n",
      "tr -d l": "Heo  Word\t12\n\naab\\b[x]\n",
      "tr -s l": "Helo  World\t12\n\naab\\b[x]\n",
      "tr -d '[:space:]'": "HelloWorld12aab\\b[x]",
      "tr '[:lower:]' '[:upper:]'": "HELLO  WORLD\t12\n\nAAB\\B[X]\n",
      "tr -cd '[:alnum:]\\n'": "HelloWorld12\n\naabbx\n",
      "tr -cs '[:alnum:]' '\\n'": "Hello\nWorld\n12\naab\nb\nx\n",
      "tr '\\n' ' '": "Hello  World\t12  aab\\b[x] ",
      "tr -ds l o": "Heo  Word\t12\n\naab\\b[x]\n",
      "tr a-c x": "Hello  World\t12\n\nxxx\\x[x]\n",
      "tr -t abc xy": "Hello  World\t12\n\nxxy\\y[x]\n",
      "tr '\\\\' /": "Hello  World\t12\n\naab/b[x]\n",
      "tr '[x]' '(y)'": "Hello  World\t12\n\naab\\b(y)\n",
      "tr '\\110' J": "Jello  World\t12\n\naab\\b[x]\n",
      "tr - _": "Hello  World\t12\n\naab\\b[x]\n",
      "tr lo '\\r\\n'": "He\r\r\n  W\nr\rd\t12\n\naab\\b[x]\n",
      "tr -s a-z A-Z": "HELO  WORLD\t12\n\nAB\\B[X]\n",
    },
  ],
  [
    "",
    {
      "seq 5": "1\n2\n3\n4\n5\n",
      "seq 2 5": "2\n3\n4\n5\n",
      "seq 1 2 9": "1\n3\n5\n7\n9\n",
      "seq 5 -2 1": "5\n3\n1\n",
      "seq -w 8 11": "08\n09\n10\n11\n",
      "seq -w -5 2": "-5\n-4\n-3\n-2\n-1\n00\n01\n02\n",
      "seq -s , 3": "1,2,3\n",
      "seq -s ', ' 1 3": "1, 2, 3\n",
      "seq 0 0.1 0.5": "0.0\n0.1\n0.2\n0.3\n0.4\n0.5\n",
      "seq -w 1 4.5 10": "01.0\n05.5\n10.0\n",
      "seq 10 1": "",
      "seq -3": "",
      "seq -2 2": "-2\n-1\n0\n1\n2\n",
      "seq -s, -2 2": "-2,-1,0,1,2\n",
      "seq 1.5": "1\n",
      "seq -0.5 0.5 1": "-0.5\n0.0\n0.5\n1.0\n",
      "seq 1e2 102": "100\n101\n102\n",
      "seq 4294967295 4294967297": "4294967295\n4294967296\n4294967297\n",
    },
  ],
  [
    "",
    {
      "date -d @0 +%F": "1970-01-01\n",
      "date -d @1700000000 '+%Y-%m-%d %H:%M:%S %a %A %b %B %j %u %w %y %C %e %I %p %k %l %D %R %s %Z %z %%x %h %c%n%t|'":
        "2023-11-14 22:13:20 Tue Tuesday Nov November 318 2 2 23 20 14 10 PM 22 10 11/14/23 22:13 1700000000 UTC +0000 %x Nov Tue Nov 14 22:13:20 2023\n\t|\n",
      "date -d 2024-02-29 +%j": "060\n",
      "date -d '2024-12-31 23:59:59' +%s": "1735689599\n",
      "date -d 2024-01-01T05:06 +%s": "1704085560\n",
      "date -d @-86401 '+%F %T %a'": "1969-12-30 23:59:59 Tue\n",
      "date -d 1900-03-01 '+%s %a %j'": "-2203891200 Thu 060\n",
      "date -d 2100-02-28 '+%s %a %j'": "4107456000 Sun 059\n",
      "date -d @0 -I": "1970-01-01\n",
      "date -d @0 +%N": "000000000\n",
    },
  ],
  [
    "a b  c\n'd e' f\\ g\n\n\"h\"\n",
    {
      xargs: "a b c d e f g h\n",
      "xargs -n 2": "a b\nc d e\nf g h\n",
      "xargs -L 1": "a b c\nd e f g\nh\n",
      "xargs -L2": "a b c d e f g\nh\n",
      "xargs -r": "a b c d e f g h\n",
      "xargs -I X echo '<X>'": "<a b  c>\n<d e f g>\n<h>\n",
      "xargs -I{} echo {} {}-": "a b  c a b  c-\nd e f g d e f g-\nh h-\n",
      "xargs -d '\\n'": "a b  c 'd e' f\\ g  \"h\"\n",
      "xargs -d ' ' -n1": "a\nb\n\nc\n'd\ne'\nf\\\ng\n\n\"h\"\n\n",
      "xargs -P 4 -n 3 echo x": "x a b c\nx d e f g h\n",
    },
  ],
  [
    "",
    {
      "xargs -r": "",
      xargs: "\n",
    },
  ],
  [
    "a b\0c\0\0d",
    {
      "xargs -0": "a b c  d\n",
      "xargs -0 -n1": "a b\nc\n\nd\n",
      "xargs -0 -I X echo '[X]'": "[a b]\n[c]\n[]\n[d]\n",
    },
  ],
  [
    " a b \n\n  c\n",
    {
      "xargs -I X echo X.": "a b .\nc.\n",
    },
  ],
  [
    "a\tb\n\n\n\nc\x01\x7fé\n\nd",
    {
      "cat -n":
        "     1\ta\tb\n     2\t\n     3\t\n     4\t\n     5\tc\x01\x7fé\n     6\t\n     7\td",
      "cat -b": "     1\ta\tb\n\n\n\n     2\tc\x01\x7fé\n\n     3\td",
      "cat -s": "a\tb\n\nc\x01\x7fé\n\nd",
      "cat -A": "a^Ib$\n$\n$\n$\nc^A^?M-CM-)$\n$\nd",
      "cat -E": "a\tb$\n$\n$\n$\nc\x01\x7fé$\n$\nd",
      "cat -T": "a^Ib\n\n\n\nc\x01\x7fé\n\nd",
      "cat -v": "a\tb\n\n\n\nc^A^?M-CM-)\n\nd",
      "cat -bE": "     1\ta\tb$\n$\n$\n$\n     2\tc\x01\x7fé$\n$\n     3\td",
      "cat -sn": "     1\ta\tb\n     2\t\n     3\tc\x01\x7fé\n     4\t\n     5\td",
    },
  ],
  [
    "1\n2\n3\n4\n5",
    {
      "head -n 2": "1\n2\n",
      "head -2": "1\n2\n",
      "head -n -2": "1\n2\n3\n",
      "head -n -0": "1\n2\n3\n4\n5",
      "head -n -9": "",
      "head -c 3": "1\n2",
      "head -c -3": "1\n2\n3\n",
      "head -n -1": "1\n2\n3\n4\n",
      "head -n +2": "1\n2\n",
      "nl -ba": "     1\t1\n     2\t2\n     3\t3\n     4\t4\n     5\t5\n",
    },
  ],
  [
    "a b\nc\nd\n",
    {
      "paste - -": "a b\tc\nd\t\n",
      "paste -d , - - -": "a b,c,d\n",
      "paste -d ,: - - - -": "a b,c:d,\n",
      "paste -s": "a b\tc\td\n",
      "paste -s -d +": "a b+c+d\n",
      "paste -s -d '+\\n'": "a b+c\nd\n",
      "paste -d '\\0' - -": "a bc\nd\n",
      paste: "a b\nc\nd\n",
    },
  ],
  [
    "hello, world\n",
    {
      base64: "aGVsbG8sIHdvcmxkCg==\n",
      "base64 -w 8": "aGVsbG8s\nIHdvcmxk\nCg==\n",
      "base64 -w 0": "aGVsbG8sIHdvcmxkCg==",
    },
  ],
  ["ab", { base64: "YWI=\n" }],
  ["", { base64: "", "base64 -d": "", paste: "", "paste -s": "\n" }],
  ["aGVs\nbG8sIHdv\ncmxkCg==\n", { "base64 -d": "hello, world\n", "base64 -di": "hello, world\n" }],
  ["aGV*s", { "base64 -di": "hel" }],
  [
    "",
    {
      "expr 1 + 2": "3\n",
      "expr 2 + 3 * 4": "14\n",
      "expr ( 2 + 3 ) * 4": "20\n",
      "expr 7 - 9": "-2\n",
      "expr -7 / 2": "-3\n",
      "expr -7 % 2": "-1\n",
      "expr 9223372036854775806 + 1": "9223372036854775807\n",
      "expr 10 < 9 | 5": "5\n",
      "expr 10 > 9": "1\n",
      "expr a < b": "1\n",
      "expr 10 = 010": "1\n",
      "expr x = y | z": "z\n",
      "expr 3 & 4": "3\n",
      "expr 5 | 1 / 0": "5\n",
      "expr abcde : abc": "3\n",
      "expr abcde : a\\(.\\)c": "b\n",
      "expr a.b.c : .*\\.": "4\n",
      "expr match hello h.*l": "4\n",
      "expr substr hello 2 3": "ell\n",
      "expr substr hello 4 9": "lo\n",
      "expr index hello ol": "3\n",
      "expr length héllo": "5\n",
      "expr length + length": "6\n",
      "expr 1 = 1 = 1": "1\n",
      "expr 2 : 2 + 1": "2\n",
    },
  ],
];

/** What ends with a sentence and no output. */
const REFUSED = [
  "sort -t ab",
  "sort -k0",
  "sort -k1x",
  "sort -k1.0",
  "cut -d ab -f1",
  "cut -f0",
  "cut -f2-1",
  "cut -f -",
  "cut -f ''",
  "tr z-a x",
  "tr a",
  "tr -d a b",
  "tr a ''",
  "seq x",
  "seq 1 0 3",
  "seq",
  "date -d 2023-02-29",
  "date -d '2024-01-01 24:00'",
  "date -d x y",
  "head -n x",
  "xargs -n 0",
  "sleep 1x",
  "sleep -- -1",
  "sleep",
  "paste -x",
  "expr",
  "expr 1 +",
  "expr 1 2",
  "expr 1 / 0",
  "expr a + 1",
  "expr ( 1",
  "expr 9223372036854775807 + 1",
  "expr 9223372036854775807 * 2",
  "expr 99999999999999999999 + 1",
  "expr a : \\(",
  `expr ${"( ".repeat(5000)}1${" )".repeat(5000)}`,
  `expr ${"length ".repeat(9000)}1`,
  "comm a",
  "cmp",
  "timeout 1",
  "timeout x true",
  "stat",
];

const sys = new FakeSys();

function wordsOf(line: string): string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/s, "$1"));
}

beforeAll(async () => {
  const lines = [...TABLE.flatMap(([, cases]) => Object.keys(cases)), ...REFUSED, "echo"];
  for (const name of new Set(lines.map((line) => line.split(" ")[0] ?? "")))
    sys.programs.set(name, await buildProgram(`cmd/${name}/index.ts`));
});

const rows = TABLE.flatMap(([input, cases]) =>
  Object.entries(cases).map(([line, out]) => ({ line, input, out })),
);

it.each(rows)("$line", ({ line, input, out }) => {
  const words = wordsOf(line);
  expect(sys.run(words[0] ?? "", words, input)).toEqual({ out, err: "", status: 0 });
});

it.each(REFUSED)("%s is refused", (line) => {
  const words = wordsOf(line);
  const { out, err, status } = sys.run(words[0] ?? "", words);
  expect(out).toBe("");
  expect(err).not.toBe("");
  expect(status).toBeGreaterThan(0);
});

if (process.env.QUIRE_HOST === "1") {
  it.each(rows)("the host: $line", ({ line, input, out }) => {
    const [program = "", ...words] = wordsOf(line);
    // Characters are counted in UTF-8, everything else is about bytes.
    const LC_ALL = program === "wc" || program === "expr" ? "C.UTF-8" : "C";
    const env = { ...process.env, LC_ALL, TZ: "UTC" };
    expect(spawnSync(program, words, { input, env, encoding: "utf8" }).stdout).toBe(out);
  });
}
