import { beforeAll, expect, it } from "vitest";
import { buildProgram } from "./testing/build.ts";
import { FakeSys, type RunResult } from "./testing/fakeSys.ts";

let result: RunResult;
let lines: string[];

beforeAll(async () => {
  const sys = new FakeSys();
  sys.programs.set("probe", await buildProgram("lib/testing/probes/fmt.ts"));
  result = sys.run("probe", ["probe"]);
  lines = result.out.split("\n");
});

/** Line `index` of the probe's output. */
const check = (index: number, expected: string) => expect(lines[index]).toBe(expected);

it("decimal, to both ends of i64", () => check(0, "0 -1 -9223372036854775808 9223372036854775807"));
it("decimal, right-aligned", () => check(1, "    42|   -42|1234567"));
it("hexadecimal", () => check(2, "0 ff 000000ff ffffffffffffffff 0000000000000010"));
it("sizes", () => check(3, "0 1023 1.0K 1.5K 10K 1.0M 32M 1.0T|    4.0K"));
it("UTF-8, counted in characters", () => check(4, "aé€😀 5"));
it("columns", () => check(5, "ab   c d"));
it("numbers, and where they stop", () =>
  expect(lines.slice(6, 11)).toEqual(["123 3", "-5 2", "31 4", "0 0", "0 1"]));
it("hexadecimal numbers", () => check(11, "e0000000 10"));
it("lines, the last one without a newline", () => check(12, "<one><><two>"));
it("errors by name and sentence", () => check(13, "EINVAL invalid argument E?"));
it("more than a buffer of output", () =>
  expect(lines.slice(14)).toEqual([...Array(2000).fill("1234567"), ""]));
it("standard error at the end", () => expect(result.err).toBe("first\nsecond"));
