// The machine in Node, from its command line (design 9).

import { describe, expect, test } from "vitest";
import { headless, shell } from "./headless.ts";

const TIMEOUT = 60_000;

describe("headless -c", { timeout: TIMEOUT }, () => {
  test("prints only what the line printed", async () => {
    expect(await shell("echo hi | cat; false || echo ok")).toEqual({
      status: 0,
      stdout: "hi\nok\n",
      stderr: "",
    });
  });

  test("exits with the line's status", async () => {
    expect((await shell("exit 7")).status).toBe(7);
    expect((await shell("false")).status).toBe(1);
    expect((await shell("nosuchprogram")).status).toBe(127);
  });

  test("passes standard input on, and its end", async () => {
    expect(await headless(["-c", "wc -l"], "a\nb\nc\n")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\s*3\s*$/),
    });
  });

  test.each(["20484K", "1G"])("boots with %s of RAM", async (ram) => {
    expect(await shell("echo up", "--ram", ram)).toMatchObject({ status: 0, stdout: "up\n" });
  });

  test("says what is wrong with its arguments", async () => {
    expect(await shell("true", "--ram", "100K")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/too small/),
    });
    expect(await headless(["--add", "x"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/NAME=FILE/),
    });
  });
});

describe("a program that dies", { timeout: TIMEOUT }, () => {
  test.each([
    ["crash null", 139],
    ["crash readonly", 139],
    ["crash divide", 136],
    ["crash unreachable", 132],
  ])("%s ends with %i and a report, alone", async (line, status) => {
    const result = await shell(`${line}; echo status $?`);
    expect(result.stdout).toContain(`status ${status}\n`);
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(/^(fault|trap): pid \d+ crash: /);
  });
});

describe("a report", { timeout: TIMEOUT }, () => {
  test("has the entry and the PTE that refused it", async () => {
    const { stderr } = await shell("crash readonly");
    expect(stderr).toMatch(
      /^fault: pid \d+ crash: write at 0x[0-9a-f]{8}, error 0x7 \(protection, write, user\), entry 0x[0-9a-f]{8}-0x[0-9a-f]{8} r--, pte 0x[0-9a-f]+$/m,
    );
  });
});

describe("the boot log", { timeout: TIMEOUT }, () => {
  test("tells the memory types, the devices and the servers", async () => {
    const { stderr } = await shell("true", "-v");
    expect(stderr).toContain("PAT: WB WT UC- UC WB WT WC UC");
    expect(stderr).toMatch(/1234:1111/);
  });
});

describe("the long tests", { timeout: 300_000 }, () => {
  test("10,000 programs and 10,000 device mappings leave every count as it was", async () => {
    const { status, stdout } = await shell("usertests long");
    expect(stdout).toMatch(/^2 passed, 0 failed$/m);
    expect(status).toBe(0);
  });

  test("grind: random calls by several processes break no invariant and leave nothing", async () => {
    const { status, stdout } = await shell("grind 20 6");
    expect(stdout).toBe("seed 20, 6 rounds\nevery invariant held\n");
    expect(status).toBe(0);
  });
});

describe("a kernel panic", { timeout: TIMEOUT }, () => {
  test("stops the machine, says why, and is root's to ask for", async () => {
    const { status, stderr, stdout } = await shell("echo before; crash panic; echo never");
    expect(stdout).toMatch(/^before\n\npanic: asked for by process \(17, 0x[0-9a-f]+\)\n$/);
    expect(stderr).toMatch(/kernel panic: asked for by process/);
    expect(status).toBe(70);
  });
});
