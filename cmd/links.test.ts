// Commands that meet symbolic and hard links, over a stand-in for the kernel.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildProgram } from "../lib/testing/build.ts";
import { FakeSys } from "../lib/testing/fakeSys.ts";

const NAMES =
  "cp du find grep ln ls mv readlink realpath rm rmdir sed stat touch tree unlink which".split(" ");
let modules: (WebAssembly.Module | undefined)[];
let sys: FakeSys;

beforeAll(async () => {
  modules = [];
  for (const name of NAMES) modules.push(await buildProgram(`cmd/${name}/index.ts`));
});

// /d is a folder with a file, /l and /lf lead to them.
beforeEach(() => {
  sys = new FakeSys();
  NAMES.forEach((name, i) => {
    const module = modules[i];
    if (module !== undefined) sys.programs.set(name, module);
  });
  sys.tree.now = 1_000_000_000n;
  sys.write("/d/f", "word\n");
  sys.tree.symlink("d", "/l");
  sys.tree.symlink("/d/f", "/lf");
  sys.tree.symlink("nowhere", "/dead");
  sys.tree.symlink("loop", "/loop");
});

function check(line: string, out: string, err = "", status = 0, input = ""): void {
  const words = line.split(" ");
  expect(sys.run(words[0] ?? "", words, input)).toEqual({ out, err, status });
}

const target = (path: string) => sys.tree.links.get(path);

describe("ln", () => {
  it("makes symbolic links, whose target is kept as it was typed", () => {
    check("ln -s some/where/ /x", "");
    expect(target("/x")).toBe("some/where/");
    check("ln -s /far/name", "");
    expect(target("/name")).toBe("/far/name");
    check("ln -sv a b/ /d", "/d/a -> a\n/d/b -> b/\n");
    expect([target("/d/a"), target("/d/b")]).toEqual(["a", "b/"]);
  });
  it("gives files other names, of links themselves too", () => {
    check("ln -v /d/f /g", "/g => /d/f\n");
    sys.write("/g", "other");
    expect(sys.text("/d/f")).toBe("other");
    check("ln /lf /lg", "");
    expect(target("/lg")).toBe("/d/f");
    check("ln /d /e", "", "ln: /d: is a directory: only ln -s makes a link to one\n", 1);
    check("ln /none /e", "", "ln: /none: no such file or directory\n", 1);
  });
  it("replaces a name only with -f, and no directory", () => {
    sys.write("/g", "g");
    check("ln -s x /g", "", "ln: /g: already exists\n", 1);
    check("ln -sf x /g", "");
    expect([target("/g"), sys.text("/g")]).toEqual(["x", undefined]);
    check("ln -f /d/f /g", "");
    expect([target("/g"), sys.text("/g")]).toEqual([undefined, "word\n"]);
    check("ln -sfT x /d", "", "ln: /d: is a directory: not replaced\n", 1);
    expect([...sys.files.keys()].filter((name) => name.includes(".ln-"))).toEqual([]);
  });
  it("does not put a link in the place of what it leads to", () => {
    check("ln -sf f /d/f", "", "ln: /d/f: is the same file\n", 1);
    check("ln -sf /d/../d/f /d/f", "", "ln: /d/f: is the same file\n", 1);
    check("ln -f /d/f /d/f", "", "ln: /d/f: is the same file\n", 1);
    expect(sys.text("/d/f")).toBe("word\n");
  });
  it("makes a link in the folder that a link leads to, but with -n and -T", () => {
    check("ln -s v /l", "");
    expect(target("/d/v")).toBe("v");
    check("ln -sfn v /l", "");
    expect(target("/l")).toBe("v");
    check("ln -s a b /lf", "", "ln: /lf: not a directory\n", 1);
  });
});

describe("readlink, realpath, unlink", () => {
  it("readlink shows the target of a link", () => {
    check("readlink /l /lf", "d\n/d/f\n");
    check("readlink -n /l", "d");
    check("readlink /d/f", "", "", 1);
    check("readlink -v /d/f", "", "readlink: /d/f: invalid argument\n", 1);
    check("readlink -v /none", "", "readlink: /none: no such file or directory\n", 1);
  });
  it("finds the path without links, as much of it as has to be there", () => {
    sys.tree.symlink("../l/f", "/d/back");
    check("readlink -f /l/back . /l/../x /dead", "/d/f\n/\n/x\n/nowhere\n");
    check("readlink -f /none/x", "", "", 1);
    check("readlink -m /none/../l/x/y", "/d/x/y\n");
    check("readlink -e /l/x", "", "", 1);
    check("realpath /l/f //l///new /", "/d/f\n/d/new\n/\n");
    check("realpath -e /dead", "", "realpath: /dead: no such file or directory\n", 1);
  });
  it("gives up after 40 links, and for paths that get too long", () => {
    check("realpath /loop", "", "realpath: /loop: too many symbolic links\n", 1);
    for (let i = 0; i < 41; i++) sys.tree.symlink(`n${i + 1}`, `/n${i}`);
    check("realpath /n1", "/n41\n");
    check("realpath /n0", "", "realpath: /n0: too many symbolic links\n", 1);
    sys.tree.symlink(`grow/${"x".repeat(200)}`, "/grow");
    check("realpath /grow", "", "realpath: /grow: name too long\n", 1);
  });
  it("unlink removes a name, and no directory", () => {
    check("unlink /l", "");
    check("unlink /d", "", "unlink: /d: is a directory\n", 1);
    expect([target("/l"), sys.text("/d/f")]).toEqual([undefined, "word\n"]);
  });
});

describe("ls and stat", () => {
  it("ls marks links with -F, and follows one that is an argument", () => {
    check("ls /", "bin/\nd/\ndead\nl\nlf\nloop\n");
    check("ls -F /", "bin/\nd/\ndead@\nl@\nlf@\nloop@\n");
    check("ls /l", "f\n");
    check("ls /dead /loop", "/dead:\n/dead\n\n/loop:\n/loop\n");
    check("ls -d /l", "/l\n");
    check("ls -F /l", "/l@\n");
    check("ls -L /dead", "", "ls: /dead: no such file or directory\n", 1);
  });
  it("ls -l shows where links lead", () => {
    const long = (line: string) => sys.run("ls", line.split(" ")).out;
    expect(long("ls -l /l")).toMatch(/^lrwxrwxrwx +1 .* \/l -> d\n$/);
    expect(long("ls -l /l/")).toMatch(/^-rw-r--r-- +5 .* f\n$/);
    expect(long("ls -l /")).toMatch(/\nlrwxrwxrwx +7 .* dead -> nowhere\n.* l -> d\n/);
    expect(long("ls -lL /l")).toMatch(/^-rw.* f\n$/);
    expect(long("ls -lL /")).toMatch(/\nl.* dead -> nowhere\nd.* l\/\n-rw.* lf\nl/);
  });
  it("ls -R goes through no link, but for the argument and with -L", () => {
    sys.tree.symlink("..", "/d/up");
    check("ls -R /d", "/d:\nf\nup\n");
    check("ls -R /l", "/l:\nf\nup\n");
    const { out, err, status } = sys.run("ls", ["ls", "-RL", "/d"]);
    expect(err).toContain("leads back to a directory that it is in");
    expect([status, out.split("\n").length < 50]).toEqual([1, true]);
  });
  it("stat shows the link itself, with -L what it leads to", () => {
    check("ln /d/f /g", "");
    const time = "1970-01-01 00:00:01";
    const facts = `of 1 bytes, lrwxrwxrwx, number N, links 1, accessed ${time}, changed ${time}\n`;
    const { out } = sys.run("stat", ["stat", "/l"]);
    expect(out.replace(/number \d+/, "number N")).toBe(`/l -> d: symbolic link ${facts}`);
    check("stat -c %n:%F:%h:%X /g /lf", "/g:regular file:2:1\n/lf:symbolic link:1:1\n");
    check("stat -L -c %N:%F:%s /lf", "/lf:regular file:5\n");
    check("stat -c %F /l/", "directory\n");
    check("stat -L /dead", "", "stat: /dead: no such file or directory\n", 1);
  });
});

describe("rm", () => {
  it("removes a link and leaves what it leads to", () => {
    check("rm /l /lf /dead /loop", "");
    expect([...sys.tree.links.keys()]).toEqual([]);
    expect(sys.text("/d/f")).toBe("word\n");
  });
  it("rm -r goes through no link, wherever it is", () => {
    sys.write("/t/s/g", "");
    for (const [to, at] of [
      ["/d", "/t/a"],
      ["../../d", "/t/s/b"],
      ["/", "/t/root"],
      ["..", "/t/s/up"],
      ["nowhere", "/t/dead"],
      ["self", "/t/self"],
    ] as const)
      sys.tree.symlink(to, at);
    check("rm -rv /t/a /l", "removed /t/a\nremoved /l\n");
    check("rm -rf /t", "");
    expect(sys.tree.below("/")).toEqual(["bin", "d", "dead", "lf", "loop"]);
    expect(sys.text("/d/f")).toBe("word\n");
  });
  it("goes through none that is put into a folder's place meanwhile", () => {
    sys.write("/t/s/g", "");
    const resolve = sys.tree.resolve.bind(sys.tree);
    let times = 0;
    sys.tree.resolve = (path, follows) => {
      if (path === "/t/s" && ++times === 2) {
        sys.tree.rename("/t/s", "/s");
        sys.tree.symlink("/d", "/t/s");
      }
      return resolve(path, follows);
    };
    check("rm -r /t", "", "rm: /t/s: not a directory\n", 1);
    expect([target("/t/s"), sys.text("/d/f")]).toEqual(["/d", "word\n"]);
  });
  it("takes no link for the folder that a slash asks for", () => {
    check(
      "rm -r /l/",
      "",
      "rm: /l: is a symbolic link (without a slash behind it, it is removed)\n",
      1,
    );
    check(
      "rm -rf /l/. /l/..",
      "",
      "rm: /l/.: . and .. are not removed\nrm: /l/..: . and .. are not removed\n",
      1,
    );
    check("rmdir /l", "", "rmdir: /l: not a directory\n", 1);
    expect([target("/l"), sys.text("/d/f")]).toEqual(["d", "word\n"]);
  });
  it("a link to a file asks for itself", () => {
    check("rm -i /dead", "", "remove /dead? ", 0, "y\n");
    expect(target("/dead")).toBe(undefined);
  });
});

describe("cp", () => {
  it("copies what a link leads to, but with -P, -d and -a the link", () => {
    check("cp /lf /g", "");
    expect(sys.text("/g")).toBe("word\n");
    for (const letter of ["P", "d", "a", "R"]) {
      check(`cp -${letter} /lf /c${letter}`, "");
      expect(target(`/c${letter}`)).toBe("/d/f");
    }
    check("cp /dead /h", "", "cp: /dead: no such file or directory\n", 1);
    check("cp -P /dead /g", "");
    expect([target("/g"), sys.text("/g")]).toEqual(["nowhere", undefined]);
  });
  it("copies the links of a tree as links, with -L what they lead to", () => {
    sys.write("/t/g", "g");
    sys.tree.symlink("/d", "/t/l");
    check("cp -r /t /c", "");
    expect([target("/c/l"), sys.text("/c/g")]).toEqual(["/d", "g"]);
    check("cp -rL /t /e", "");
    expect([target("/e/l"), sys.text("/e/l/f")]).toEqual([undefined, "word\n"]);
    check("cp -rH /l /h", "");
    check("cp -r /l/ /i", "");
    check("cp -r /l /j", "");
    expect([sys.text("/h/f"), sys.text("/i/f"), target("/j")]).toEqual(["word\n", "word\n", "d"]);
    sys.tree.symlink("/gone", "/t/dead");
    check("cp -rL /t /k", "", "cp: /t/dead: no such file or directory\n", 1);
  });
  it("does not write over what it copies, or through a link in its way", () => {
    check("cp /lf /d/f", "", "cp: /d/f: is the same file\n", 1);
    check("cp /d/f /lf", "", "cp: /lf: is the same file\n", 1);
    check("cp -P /lf /d/f", "", "cp: /d/f: is the same file\n", 1);
    check(
      "cp /d/f /dead",
      "",
      "cp: /dead: is a symbolic link that leads nowhere: it is not written through\n",
      1,
    );
    sys.write("/s/sub/x", "x");
    sys.tree.makeFolder("/to");
    sys.tree.makeFolder("/to/s");
    sys.tree.symlink("/d", "/to/s/sub");
    check(
      "cp -r /s /to",
      "",
      "cp: /to/s/sub: is a symbolic link: nothing is copied through it\n",
      1,
    );
    sys.write("/s/x", "y");
    sys.tree.symlink("/s/x", "/to/s/x");
    expect(sys.run("cp", ["cp", "-r", "/s", "/to"]).err).toContain("/to/s/x: is the same file\n");
    expect([sys.text("/d/f"), sys.text("/d/x"), sys.text("/s/x")]).toEqual([
      "word\n",
      undefined,
      "y",
    ]);
  });
  it("does not copy a folder into itself through a link", () => {
    check("cp -r /d /l", "", "cp: /d: a directory cannot be copied into itself\n", 1);
    sys.tree.makeFolder("/to");
    sys.tree.symlink("/to", "/d/to");
    check("cp -rL /d /to", "", "cp: /d/to: a directory cannot be copied into itself\n", 1);
    expect(sys.tree.below("/to/d")).toEqual(["f"]);
  });
  it("-p keeps both times, of a link its own", () => {
    sys.tree.facts("/d/f").accessed = 5n;
    sys.tree.facts("/lf").modified = 7n;
    sys.tree.now = 9n;
    check("cp -p /d/f /g", "");
    check("cp -a /lf /h", "");
    const { modified, accessed } = sys.tree.facts("/g");
    expect([modified, accessed, sys.tree.facts("/h").modified]).toEqual([1_000_000_000n, 5n, 7n]);
  });
});

describe("mv", () => {
  it("moves links and replaces them, without following", () => {
    check("mv /l /m", "");
    expect([target("/m"), target("/l")]).toEqual(["d", undefined]);
    sys.write("/g", "g");
    check("mv /g /lf", "");
    expect([target("/lf"), sys.text("/lf"), sys.text("/d/f")]).toEqual([undefined, "g", "word\n"]);
    check("mv /dead /m", "");
    expect(target("/d/dead")).toBe("nowhere");
  });
  it("does not lose a file", () => {
    check("mv /lf /d/f", "", "mv: /d/f: is the same file\n", 1);
    check("mv /d /l", "", "mv: /d: a directory cannot be moved into itself\n", 1);
    check("mv -n /lf /dead", "");
    expect([target("/dead"), sys.text("/d/f")]).toEqual(["nowhere", "word\n"]);
  });
  it("copies links as links to another file system, and leaves what they lead to", () => {
    sys.refuse = (call) => (call === "rename" ? -18 : 0);
    sys.write("/t/g", "g");
    sys.tree.symlink("/d", "/t/l");
    check("mv /t /lf /m", "", "mv: /m: not a directory\n", 1);
    check("mv /t /m", "");
    check("mv /lf /n", "");
    check("mv /m/g /dead", "");
    expect([target("/m/l"), target("/n"), sys.text("/dead")]).toEqual(["/d", "/d/f", "g"]);
    expect([sys.tree.below("/").includes("t"), sys.text("/d/f")]).toEqual([false, "word\n"]);
  });
});

describe("trees", () => {
  it("find does not follow links, but with -L, and one with -H", () => {
    sys.tree.symlink("/", "/d/root");
    check("find /d", "/d\n/d/f\n/d/root\n");
    check("find /d -type l", "/d/root\n");
    check("find /l", "/l\n");
    check("find -H /l", "/l\n/l/f\n/l/root\n");
    check("find /l/ -type f", "/l/f\n");
    check("find -L /l -type f -maxdepth 1", "/l/f\n");
    check("find -L /dead /lf", "/dead\n/lf\n");
    check("find / -type l -delete", "");
    expect([[...sys.tree.links.keys()], sys.text("/d/f")]).toEqual([[], "word\n"]);
  });
  it("find -L ends where links lead round", () => {
    sys.tree.symlink("/d", "/d/a");
    sys.tree.symlink("../d", "/d/b");
    sys.tree.symlink("/l", "/d/c");
    const { out, err, status } = sys.run("find", ["find", "-L", "/d"]);
    expect(out).toBe("/d\n/d/a\n/d/b\n/d/c\n/d/f\n");
    expect(err.match(/leads back to a directory that it is in/g)?.length).toBe(3);
    expect(status).toBe(1);
  });
  it("find -links", () => {
    check("ln /d/f /d/g", "");
    check("find /d -type f -links +1", "/d/f\n/d/g\n");
  });
  it("du counts what is there once", () => {
    sys.write("/t/big", "x".repeat(4096));
    sys.tree.symlink("big", "/t/l");
    sys.tree.symlink("..", "/t/up");
    check("du -s /t", "       4  /t\n");
    check("du -s /l", "       0  /l\n");
    check("du -s /l/", "       1  /l\n");
  });
  it("grep -r passes over links, -R does not", () => {
    sys.write("/t/g", "word\n");
    sys.tree.symlink("/d/f", "/t/l");
    sys.tree.symlink("/d", "/t/s");
    check("grep -r word /t", "/t/g:word\n");
    check("grep -R word /t", "/t/g:word\n/t/l:word\n/t/s/f:word\n");
    check("grep -r word /l", "/l/f:word\n");
  });
  it("tree shows where links lead and does not go in", () => {
    sys.tree.symlink("..", "/d/up");
    check("tree /l", "/l/\n├── f\n└── up -> ..\n\n0 folders, 2 files\n");
  });
  it("which finds programs through links", () => {
    sys.tree.symlink("ls", "/bin/dir");
    sys.tree.symlink("gone", "/bin/gone");
    check("which dir gone", "/bin/dir\n", "", 1);
  });
});

describe("times", () => {
  const times = (path: string) => {
    const { modified, accessed } = sys.tree.facts(path);
    return [modified, accessed];
  };
  it("touch sets both, or one", () => {
    const old = 1_000_000_000n;
    sys.tree.now = 5n;
    check("touch -a /d/f", "");
    expect(times("/d/f")).toEqual([old, 5n]);
    sys.tree.now = 6n;
    check("touch -m /lf", "");
    expect(times("/d/f")).toEqual([6n, 5n]);
    sys.tree.now = 7n;
    check("touch /lf", "");
    expect(times("/d/f")).toEqual([7n, 7n]);
  });
  it("touch -h is for the link itself and makes nothing", () => {
    sys.tree.facts("/lf");
    sys.tree.now = 5n;
    check("touch -h /lf", "");
    expect([times("/lf"), times("/d/f")[0]]).toEqual([[5n, 5n], 1_000_000_000n]);
    check("touch -h /none", "", "touch: /none: no such file or directory\n", 1);
    check("touch -hc /none", "");
  });
  it("touch makes the file that a link leads to", () => {
    check("touch /dead", "");
    expect([sys.text("/nowhere"), target("/dead")]).toEqual(["", "nowhere"]);
    check("touch /loop", "", "touch: /loop: too many symbolic links\n", 1);
  });
});

describe("sed -i", () => {
  it("writes through no link that has the name of its new file", () => {
    sys.write("/g", "a\n");
    sys.tree.symlink("/d/f", "/g.sed0");
    check("sed -i s/a/b/ /g", "");
    expect([sys.text("/g"), sys.text("/d/f")]).toEqual(["b\n", "word\n"]);
  });
});
