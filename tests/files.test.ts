// Making, copying, moving and removing files and directories, by the commands a person types first. One machine is booted for all of these
// tests: each has a part of its script, and looks at what that part has said.

import { beforeAll, expect, it, vi } from "vitest";
import { shell } from "./headless.ts";

vi.setConfig({ hookTimeout: 120_000 });

/** Each in a shell of its own. */
const PARTS = {
  copies:
    "mkdir -p /tmp/a/b/c; echo one > /tmp/a/b/f; cp -r /tmp/a /tmp/n; mkdir /tmp/in; cp -r /tmp/a /tmp/in; find /tmp/n /tmp/in; cat /tmp/in/a/b/f; rm -r /tmp/n /tmp/in",
  moves:
    "echo two > /tmp/a/b/f; mv /tmp/a /home; ls /tmp; cat /home/a/b/f; rm -rf /home/a; ls /home; rm -rf /home/a; echo $?",
  refuses:
    "mkdir /tmp/d; echo x > /tmp/d/f; cd /tmp; rm d; rm -r /; rm -rf . ..; cp -r d d/e; mv d d/e; cp d/f ./d/../d/f; rmdir d; cat d/f; cat d; echo y > g; mv g /bin/sh; cat g; rm -r d g",
  depth: `cd /tmp; mkdir -p ${"d/".repeat(70)}; rm -r d; echo $?; ls /tmp`,
  write: "echo x > /dev/klog; echo $?",
  df: "df; echo x > /home/f; df /home | tail -n 1",
};

const said = new Map<string, string>();

beforeAll(async () => {
  const parts = Object.entries(PARTS).map(([name, line]) => `echo "== ${name}"; (${line}) 2>&1`);
  const { stdout } = await shell(parts.join("; "));
  for (const part of stdout.split("== ").slice(1)) {
    const end = part.indexOf("\n");
    said.set(part.slice(0, end), part.slice(end + 1));
  }
});

function says(part: keyof typeof PARTS): string | undefined {
  return said.get(part);
}

it("makes, copies, moves and removes trees, between file systems too", () => {
  expect(says("copies")).toBe(
    "/tmp/n\n/tmp/n/b\n/tmp/n/b/c\n/tmp/n/b/f\n/tmp/in\n/tmp/in/a\n/tmp/in/a/b\n/tmp/in/a/b/c\n/tmp/in/a/b/f\none\n",
  );
  expect(says("moves")).toBe("two\n0\n");
});

it("refuses what would lose files", () => {
  expect(says("refuses")).toBe(
    [
      "rm: d: is a directory (rm -r removes it and what is in it)",
      "rm: /: the root is not removed",
      "rm: .: . and .. are not removed",
      "rm: ..: . and .. are not removed",
      "cp: d: a directory cannot be copied into itself",
      "mv: d: a directory cannot be moved into itself",
      "cp: ./d/../d/f: is the same file",
      "rmdir: d: directory not empty",
      "x",
      "cat: d: is a directory",
      "mv: /bin/sh: read-only file system",
      "y",
      "",
    ].join("\n"),
  );
});

it("stops at a named depth and goes on with the rest", () => {
  expect(says("depth")).toMatch(/^rm: (d\/){64}d: more than 64 folders deep\n1\nd\/\n$/);
});

it("says that a builtin's output could not be written", () => {
  expect(says("write")).toBe("sh: echo: write: invalid argument\n1\n");
});

it("df shows the room in /home and in swap", () => {
  const out = says("df");
  expect(out).toMatch(/^ +KiB +used +free +use +on\n/);
  expect(out).toMatch(/\n +262144 .*% +\/home\n/);
  expect(out).toMatch(/% +swap\n/);
});
