// Filters and file commands, run over a stand-in for the kernel.

import { beforeAll, expect, it } from "vitest";
import { buildProgram } from "../lib/testing/build.ts";
import { FakeSys } from "../lib/testing/fakeSys.ts";

const sys = new FakeSys();

beforeAll(async () => {
  const names = [
    "cp",
    "cut",
    "grep",
    "mv",
    "rev",
    "rm",
    "seq",
    "sort",
    "tail",
    "tee",
    "tr",
    "uniq",
  ];
  for (const name of names) sys.programs.set(name, await buildProgram(`cmd/${name}/index.ts`));
});

function check(line: string, input: string, out: string, status = 0): void {
  const words = line.split(" ");
  expect(sys.run(words[0] ?? "", words, input)).toEqual({ out, err: "", status });
}

it("grep -n", () => check("grep -n ^b.*d$", "abd\nbcd\n", "2:bcd\n"));
it("grep -ivc", () => check("grep -ivc [A-B]x", "ax\ncx\n", "1\n"));
it("grep -E, -F, -w, -x, -o, -e", () => {
  check("grep -E a|c", "a\nb\nc\n", "a\nc\n");
  check("grep C++", "C++\n", "C++\n");
  check("grep -F a.c", "abc\na.c\n", "a.c\n");
  check("grep -w is", "this is\nthis\n", "this is\n");
  check("grep -x ab", "abc\nab\n", "ab\n");
  check("grep -on [0-9][0-9]*", "a1b22\nc\n", "1:1\n1:22\n");
  check("grep -e a -e c", "a\nb\nc\n", "a\nc\n");
  check("grep -P \\d+", "a\nb12\n", "b12\n");
});
it("grep -A, -B, -C, -m", () => {
  const lines = "1\n2\n3\n4\n5\n6\n7\n8\n";
  check("grep -n -A1 3", lines, "3:3\n4-4\n");
  check("grep -B2 3", lines, "1\n2\n3\n");
  check("grep -C1 [37]", lines, "2\n3\n4\n--\n6\n7\n8\n");
  check("grep -m1 -A1 [37]", lines, "3\n4\n");
});
it("grep does not print binary files", () => {
  const binary = "a\0b\na\n";
  expect(sys.run("grep", ["grep", "a"], binary).out).toBe("");
  expect(sys.run("grep", ["grep", "a"], binary).err).toBe("grep: -: a binary file matches\n");
  check("grep -ac a", binary, "2\n");
});
it("grep says what is wrong with an expression", () =>
  expect(sys.run("grep", ["grep", "[a"])).toEqual({
    out: "",
    err: "grep: [a: a [ is not closed\n",
    status: 2,
  }));
it("grep without a match", () => check("grep z", "a\n", "", 1));
it("sort", () => check("sort", "b\na\nc", "a\nb\nc\n"));
it("sort -nru", () => check("sort -nru", "2\n10\n2\n", "10\n2\n"));
it("sort -k, -t", () => {
  check("sort -nk2", "a 10\nb 9\n", "b 9\na 10\n");
  check("sort -t : -k 2,2r", "a:1:z\nb:2:y\n", "b:2:y\na:1:z\n");
});
it("tail -N, -c, +N", () => {
  check("tail -1", "1\n2\n3\n", "3\n");
  check("tail -2", "1\n2\n3", "2\n3");
  check("tail -c 2", "123", "23");
  check("tail -n +2", "1\n2\n3\n", "2\n3\n");
  check("tail -n 0", "1\n", "");
});
it("tail", () => check("tail -n 2", "1\n2\n3\n", "2\n3\n"));
it("uniq -c", () => check("uniq -c", "a\na\nb\n", "      2 a\n      1 b\n"));
it("cut -f", () => check("cut -d: -f 1,3-", "a:b:c:d\n", "a:c:d\n"));
it("cut -c", () => check("cut -c 2-3", "abcd\n", "bc\n"));
it("tr", () => check("tr a-z A-Z", "abc\n", "ABC\n"));
it("rev", () => check("rev", "abé\n", "éba\n"));
it("seq", () => check("seq 5 -2 1", "", "5\n3\n1\n"));
it("sort -o writes its input, -c says what is not in order, -R keeps all", () => {
  sys.write("/o", "b\na\n");
  check("sort -o /o /o", "", "");
  expect(sys.text("/o")).toBe("a\nb\n");
  check("sort -c", "a\nb\n", "");
  expect(sys.run("sort", ["sort", "-c"], "b\na\n")).toEqual({
    out: "",
    err: "sort: -:2: not in order: a\n",
    status: 1,
  });
  expect(sys.run("sort", ["sort", "-cu"], "a\na\n").status).toBe(1);
});
it("tee, cp, mv, rm", () => {
  check("tee /f", "x\n", "x\n");
  check("cp /f /g", "", "");
  check("mv /g /h", "", "");
  expect(sys.text("/h")).toBe("x\n");
  check("rm /h", "", "");
  expect(sys.text("/h")).toBeUndefined();
});
