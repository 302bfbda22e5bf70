// The compiled shell over a stand-in for the kernel, made anew for each test: what a line prints, complains of and ends with.
//
// Besides echo and cat there are the programs `status N`, which ends with N, and `args` and `nop`, whose words a test finds in sys.spawned.

import { beforeAll, beforeEach, expect } from "vitest";
import { buildProgram } from "../../../lib/testing/build.ts";
import { FakeSys } from "../../../lib/testing/fakeSys.ts";

const COMPILED = ["sh", "echo", "cat"];

/** This test's machine. */
export let sys: FakeSys;

/** For the file that calls it. */
export function eachTestHasAShell(): void {
  let programs: [string, WebAssembly.Module][];
  beforeAll(async () => {
    const build = async (name: string): Promise<[string, WebAssembly.Module]> => [
      name,
      await buildProgram(`cmd/${name}/index.ts`),
    ];
    programs = await Promise.all(COMPILED.map(build));
  });

  beforeEach(() => {
    sys = new FakeSys();
    for (const [name, module] of programs) sys.programs.set(name, module);
    sys.programs.set("status", (argv) => Number(argv[1]));
    for (const name of ["nop", "args"]) sys.programs.set(name, () => 0);
  });
}

/** What `sh -c line` prints and its status; it complains of nothing. */
export function check(line: string, out: string, status = 0, args: string[] = []): void {
  const result = sys.run("sh", ["sh", "-c", line, ...args]);
  expect([result.out, result.err, result.status]).toEqual([out, "", status]);
}

/** What `sh -c line` complains of. */
export function checkError(line: string, err: string, status: number, out = ""): void {
  const result = sys.run("sh", ["sh", "-c", line]);
  expect([result.out, result.err, result.status]).toEqual([out, err, status]);
}
