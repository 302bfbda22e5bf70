// Making, copying, moving and removing files and directories, by the commands a person types first, on a booted machine.

import { expect, it, vi } from "vitest";
import { shell } from "./headless.ts";

vi.setConfig({ testTimeout: 60_000 });

async function says(line: string): Promise<string> {
  return (await shell(`(${line}) 2>&1`)).stdout;
}

it("makes, copies, moves and removes trees, between file systems too", async () => {
  const made = "mkdir -p /tmp/a/b/c; echo one > /tmp/a/b/f; cp -r /tmp/a /tmp/n; mkdir /tmp/in";
  const copied = "cp -r /tmp/a /tmp/in; find /tmp/n /tmp/in; cat /tmp/in/a/b/f";
  expect(await says(`${made}; ${copied}`)).toBe(
    "/tmp/n\n/tmp/n/b\n/tmp/n/b/c\n/tmp/n/b/f\n/tmp/in\n/tmp/in/a\n/tmp/in/a/b\n/tmp/in/a/b/c\n/tmp/in/a/b/f\none\n",
  );
  const moved =
    "mkdir -p /tmp/a/b; echo two > /tmp/a/b/f; mv /tmp/a /home; ls /tmp; cat /home/a/b/f";
  expect(await says(`${moved}; rm -rf /home/a; ls /home; rm -rf /home/a; echo $?`)).toBe(
    "two\n0\n",
  );
});

it("refuses what would lose files", async () => {
  const made = "mkdir /tmp/d; echo x > /tmp/d/f; cd /tmp";
  const lines =
    "rm d; rm -r /; rm -rf . ..; cp -r d d/e; mv d d/e; cp d/f ./d/../d/f; rmdir d; cat d/f";
  expect(await says(`${made}; ${lines}`)).toBe(
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
      "",
    ].join("\n"),
  );
});

it("stops at a named depth and goes on with the rest", async () => {
  const deep = `mkdir -p ${"d/".repeat(70)}`;
  const out = await says(`cd /tmp; ${deep}; rm -r d; echo $?; ls /tmp`);
  expect(out).toMatch(/^rm: (d\/){64}d: more than 64 folders deep\n1\nd\/\n$/);
});

it("says that a builtin's output could not be written", async () => {
  expect(await says("echo x > /dev/klog; echo $?")).toBe("sh: echo: write: invalid argument\n1\n");
});

it("df shows the room in /home and in swap", async () => {
  const out = await says("df; echo x > /home/f; df /home | tail -n 1");
  expect(out).toMatch(/^ +KiB +used +free +use +on\n/);
  expect(out).toMatch(/\n +262144 .*% +\/home\n/);
  expect(out).toMatch(/% +swap\n/);
});
