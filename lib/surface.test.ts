import { beforeAll, expect, it } from "vitest";
import { buildProgram } from "./testing/build.ts";
import { FakeSys } from "./testing/fakeSys.ts";

let lines: string[];

beforeAll(async () => {
  const sys = new FakeSys();
  sys.programs.set("probe", await buildProgram("lib/testing/probes/surface.ts"));
  lines = sys.run("probe", ["probe"]).out.split("\n");
});

it("red is red in both byte orders", () => expect(lines[0]).toBe("00112233 00332211"));
it("fills are clipped to the surface", () =>
  expect(lines.slice(1, 8)).toEqual([
    "110000000000",
    "110222200000",
    "000222200000",
    "000000000000",
    "000000000000",
    "000000000033",
    "000000000033",
  ]));
it("a glyph is drawn bit for bit, or not at all", () => expect(lines[8]).toBe("glyph drawn"));
it("nothing is written outside the surface or between its rows", () =>
  expect(lines[9]).toBe("outside 0"));
