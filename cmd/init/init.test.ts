import { expect, it } from "vitest";
import { buildProgram } from "../../lib/testing/build.ts";
import { FakeSys } from "../../lib/testing/fakeSys.ts";

it("waits 100 ms, doubled up to 30 s, and 100 ms again after 60 s of health", async () => {
  const sys = new FakeSys();
  sys.programs.set("probe", await buildProgram("cmd/init/testing/probe.ts"));
  expect(sys.run("probe", ["probe"]).out.split("\n")).toEqual([
    "100 200 400 800 1600 3200 6400 12800 25600 30000 30000 30000 ",
    "6400 6400 100 100 ",
  ]);
});
