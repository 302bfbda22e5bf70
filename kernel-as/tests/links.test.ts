// Symbolic links: what becomes of paths that a server says go through one. One process serves a few names and others call, in the order that
// the test says (stepped.ts).

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { LinkAnswer, Tag } from "../../abi/ipc.ts";
import { DirEntry, FileType, MountFlag, OpenFlag, Signal, Stat } from "../../abi/syscall.ts";
import { seeded } from "./harness.ts";
import { steppedKernel } from "./stepped.ts";
import { DATA, type Program, System } from "./system.ts";

const MESSAGE = DATA + 0x8000;
const OUT = DATA + 0x4000;
const HANDLE = 7;
const DIRECTORIES = new Set(["", "d", "up/d"]);

let kernel: WebAssembly.Module;
let system: System;
let init: Program; // the client
let server: Program;
let before: number[];
/** What the server has: links by their path from its root, and files. */
let links: Map<string, string>;
let files: Set<string>;
/** What it was asked for. */
let asked: string[];
/** The type of what it opened last. */
let opened: number;

beforeAll(async () => {
  kernel = await steppedKernel();
});

beforeEach(() => {
  system = new System("quiet", kernel);
  init = system.start();
  expect(init.sys("ipc_pair", OUT)).toBe(0);
  const [client, end] = [init.load(OUT), init.load(OUT + 4)];
  init.store(OUT, 3);
  init.store(OUT + 4, end);
  init.sys("spawn", "prog", "prog", OUT, 1);
  server = system.start();
  init.sys("close", end);
  expect(init.sys("mount", client, "/s", MountFlag.REPLACE)).toBe(0);
  init.sys("close", client);
  for (let va = DATA; va < DATA + 0x10000; va += 4096)
    for (const p of [init, server]) p.store(va, 0);
  links = new Map();
  files = new Set(["", "file", "d/file"]);
  asked = [];
  before = init.counts();
});

/** Answers with these bytes of data; what ipc_reply says. */
function reply(tag: Tag, data: Uint8Array): number {
  server.store(MESSAGE, tag);
  server.store(MESSAGE + 4, data.length);
  server.poke(MESSAGE + 8, data);
  return server.sys("ipc_reply", 3, MESSAGE);
}

function words(...list: number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(list).buffer);
}

function error(errno: number): void {
  expect(reply(Tag.R_ERROR, words(errno))).toBe(0);
}

function linkAnswer(rest: number, target: string): Uint8Array {
  return new Uint8Array([...words(rest), ...new TextEncoder().encode(target)]);
}

/** How many bytes of a path are behind its first link (the last name only if it is followed), and the target. */
function meets(path: string, follows: boolean): [rest: number, target: string] | undefined {
  const names = path.split("/");
  for (let i = 1; i <= names.length; i++) {
    if (i === names.length && !follows) return undefined;
    const prefix = names.slice(0, i).join("/");
    const target = links.get(prefix);
    if (target !== undefined) return [path.length - prefix.length, target];
  }
  return undefined;
}

function answerLink(path: string, follows: boolean, second = 0): boolean {
  const met = meets(path, follows);
  if (met === undefined) return false;
  expect(reply(Tag.R_LINK, linkAnswer((met[0] | second) >>> 0, met[1]))).toBe(0);
  return true;
}

/** Receives a request and answers it by `links` and `files`. */
function serve(): void {
  const tag = server.sys("ipc_recv", 3, MESSAGE) as Tag;
  const length = server.load(MESSAGE + 4);
  const word = server.load(MESSAGE + 8);
  switch (tag) {
    case Tag.T_OPEN:
    case Tag.T_CREATE: {
      const path = server.peek(MESSAGE + 12, length - 4);
      const follows = (word & OpenFlag.NOFOLLOW) === 0;
      asked.push(`${tag === Tag.T_OPEN ? "open" : "create"} ${path}`);
      if (answerLink(path, follows)) return;
      if (tag === Tag.T_CREATE) files.add(path);
      const type = links.has(path) ? FileType.LINK : files.has(path) ? FileType.FILE : 0;
      if (type === 0) return error(Errno.ENOENT);
      opened = type === FileType.FILE && DIRECTORIES.has(path) ? FileType.DIRECTORY : type;
      expect(reply(Tag.R_OK, words(HANDLE, 0, opened))).toBe(0);
      return;
    }
    case Tag.T_READ: // of a directory, which has no names, or a link, whose target is no record
      expect(reply(Tag.R_OK, words(...(opened === FileType.LINK ? [0x656c6966] : [])))).toBe(0);
      return;
    case Tag.T_CLOSE: // is not answered
      return;
    case Tag.T_STAT:
      expect(reply(Tag.R_OK, words(FileType.DIRECTORY, 0, 0, 0, 5, 0, 0, 0))).toBe(0);
      return;
    case Tag.T_REMOVE: {
      const path = server.peek(MESSAGE + 8, length);
      asked.push(`remove ${path}`);
      if (answerLink(path, false)) return;
      if (!files.delete(path) && !links.delete(path)) return error(Errno.ENOENT);
      expect(reply(Tag.R_OK, words())).toBe(0);
      return;
    }
    case Tag.T_RENAME:
    case Tag.T_LINK:
    case Tag.T_SYMLINK: {
      const first = server.peek(MESSAGE + 12, word);
      const second = server.peek(MESSAGE + 12 + word, length - 4 - word);
      asked.push(`${tag} ${first} ${second}`);
      if (tag !== Tag.T_SYMLINK && answerLink(first, false)) return;
      if (answerLink(second, false, tag === Tag.T_SYMLINK ? 0 : LinkAnswer.SECOND)) return;
      if (tag === Tag.T_SYMLINK) links.set(second, first);
      expect(reply(Tag.R_OK, words())).toBe(0);
      return;
    }
    default:
      throw new Error(`message ${tag}`);
  }
}

/** A call of the client, while the server answers. */
function call(name: string, ...args: (number | string)[]): number {
  system.onSleep = serve;
  const result = init.sys(name, ...args);
  system.onSleep = undefined;
  return result;
}

/** Opens, closes again; 0 or -errno. */
function open(path: string, flags: number = OpenFlag.READ): number {
  const fd = call("open", path, flags);
  if (fd < 0) return fd;
  init.sys("close", fd);
  return 0;
}

/** Takes the closes of files, so that the counts can be compared. */
function settled(): void {
  while (server.sys("ipc_wait", 3, 1, 0n) === 1) server.sys("ipc_recv", 3, MESSAGE);
  expect(init.counts()).toEqual(before);
  expect(system.check()).toBe(0);
}

describe("a symbolic link", () => {
  it.each([
    ["to a name beside it", "l", "file", "/s/l", ["open l", "open file"]],
    ["to a path below", "l", "d/file", "/s/l", ["open l", "open d/file"]],
    ["as a directory of the path", "l", "d", "/s/l/file", ["open l/file", "open d/file"]],
    ["to the directory above", "d/l", "../file", "/s/d/l", ["open d/l", "open file"]],
    ["above the root of names", "d/l", "../../../../s/file", "/s/d/l", ["open d/l", "open file"]],
    ["from the root", "l", "/s/d//./file", "/s/l", ["open l", "open d/file"]],
    ["into another place", "l", "/etc/deep", "/s/l/file", ["open l/file"]],
    ["to its own directory", "l", ".", "/s/l/file", ["open l/file", "open file"]],
    ["with a slash behind", "l", "d/", "/s/l/file", ["open l/file", "open d/file"]],
  ])("%s is followed", (_, at, target, path, expected) => {
    links.set(at, target);
    expect(open(path)).toBe(0);
    expect(asked).toEqual(expected);
    settled();
  });

  it("is itself what NOFOLLOW opens, and what EXCLUSIVE finds; links above it are followed", () => {
    links.set("l", "nowhere");
    links.set("up", ".");
    const fd = call("open", "/s/up/l", OpenFlag.NOFOLLOW);
    expect(fd).toBeGreaterThan(0);
    expect(asked).toEqual(["open up/l", "open l"]);
    expect(call("readdir", fd, OUT, 512)).toBe(-Errno.ENOTDIR);
    init.sys("close", fd);
    expect(open("/s/l", OpenFlag.CREATE | OpenFlag.EXCLUSIVE | OpenFlag.WRITE)).toBe(-Errno.EEXIST);
    expect(open("/s/l")).toBe(-Errno.ENOENT);
    settled();
  });

  it("to nothing is where CREATE makes the file", () => {
    links.set("l", "new");
    expect(open("/s/l", OpenFlag.CREATE | OpenFlag.WRITE)).toBe(0);
    expect(asked).toEqual(["open l", "open new", "create new"]);
    expect(files.has("new")).toBe(true);
    settled();
  });

  it("to itself is ELOOP after 40, as is a ring of them; 40 are followed", () => {
    links.set("self", "self");
    expect(open("/s/self")).toBe(-Errno.ELOOP);
    expect(asked.length).toBe(41);
    links.set("a", "b").set("b", "/s/a");
    expect(open("/s/a/x")).toBe(-Errno.ELOOP);
    for (let i = 0; i < 40; i++) links.set(`n${i}`, i === 39 ? "file" : `n${i + 1}`);
    expect(open("/s/n0")).toBe(0);
    links.set("more", "n0");
    expect(open("/s/more")).toBe(-Errno.ELOOP);
    settled();
  });

  it("makes a path too long, and then says so", () => {
    const long = "x/".repeat(400);
    links.set("l", long);
    expect(open(`/s/l/${"y/".repeat(200)}z`)).toBe(-Errno.ENAMETOOLONG);
    expect(open("/s/l/z")).toBe(-Errno.ENOENT);
    links.set("dots", "./".repeat(300)); // together they have no room, though the names would
    expect(open(`/s/dots/${"y/".repeat(250)}z`)).toBe(-Errno.ENAMETOOLONG);
    links.set("grow", `${"./".repeat(100)}grow/${"y/".repeat(20)}z`);
    expect(open("/s/grow")).toBe(-Errno.ENAMETOOLONG);
    settled();
  });

  it("leads where a program is, in the kernel's tree or with a server", () => {
    links.set("l", "/bin/prog");
    const pid = call("spawn", "/s/l", "l", 0, 0);
    expect(pid).toBeGreaterThan(0);
    const program = system.start();
    expect(program.readFile("/proc/self/status")).toMatch(/^name prog\n/);
    program.ends(() => program.sys("exit", 0));
    init.sys("wait", pid, OUT);
    links.set("gone", "/bin/nothing").set("self", "self");
    expect(call("spawn", "/s/gone", "l", 0, 0)).toBe(-Errno.ENOENT);
    expect(call("spawn", "/s/self", "l", 0, 0)).toBe(-Errno.ELOOP);
    settled();
  });

  it("is gone from the current directory's path, and from what bind shows", () => {
    links.set("l", "/s");
    expect(call("chdir", "/s/l")).toBe(0);
    expect(init.sys("getcwd", OUT, 64)).toBe(2);
    expect(init.peek(OUT, 2)).toBe("/s");
    expect(init.sys("chdir", "/")).toBe(0);
    links.set("e", "/etc");
    expect(call("bind", "/s/e", "/x", MountFlag.REPLACE)).toBe(0);
    expect(init.readFile("/x/motd")).toBe("hello\n");
    expect(init.sys("unmount", "/x")).toBe(0);
    settled();
  });
});

describe("a directory of a union", () => {
  /** The names that reading a descriptor gives. */
  function names(fd: number): string[] {
    const list: string[] = [];
    for (let n = call("readdir", fd, OUT, 512); n > 0; n = call("readdir", fd, OUT, 512)) {
      for (let at = 0; at < n; ) {
        const bytes = (init.word(OUT + at + DirEntry.TYPE) >>> 8) & 255;
        list.push(init.peek(OUT + at + DirEntry.NAME, bytes));
        at += DirEntry.NAME + bytes;
      }
    }
    return list;
  }

  beforeEach(() => {
    files.add("d");
    expect(call("bind", "/etc/deep", "/s/d", MountFlag.AFTER)).toBe(0);
    expect(call("bind", "/etc/deep", "/s/up/d", MountFlag.AFTER)).toBe(0);
  });

  it("has a link's name once, whatever is behind it", () => {
    links.set("d/file", "nowhere"); // the kernel's own directory has a file of that name
    const fd = call("open", "/s/d", 0);
    expect(names(fd)).toEqual([]);
    init.sys("close", fd);
    links.delete("d/file");
    files.delete("d/file");
    const again = call("open", "/s/d", 0);
    expect(names(again)).toEqual(["file"]);
    init.sys("close", again);
  });

  it("whose place a link has taken, it or one above it, still has the names of the others", () => {
    files.delete("d/file");
    files.add("up/d");
    const own = call("open", "/s/d", 0);
    const above = call("open", "/s/up/d", 0);
    links.set("d", "file");
    links.set("up", "elsewhere");
    for (const fd of [own, above]) {
      expect(names(fd)).toEqual(["file"]);
      init.sys("close", fd);
    }
    expect(system.check()).toBe(0);
  });
});

describe("remove, rename, link and symlink", () => {
  it("follow the directories of a path, and take the last name as it is", () => {
    links.set("l", "d").set("d/end", "file");
    expect(call("remove", "/s/l/end")).toBe(0);
    expect(links.has("d/end")).toBe(false);
    links.set("d/end", "file");
    asked = [];
    expect(call("rename", "/s/l/end", "/s/l/new")).toBe(0);
    expect(call("link", "/s/d/end", "/s/l/more")).toBe(0);
    expect(call("symlink", "../any where", "/s/l/made")).toBe(0);
    expect(asked).toEqual([
      `${Tag.T_RENAME} l/end l/new`,
      `${Tag.T_RENAME} d/end l/new`,
      `${Tag.T_RENAME} d/end d/new`,
      `${Tag.T_LINK} d/end l/more`,
      `${Tag.T_LINK} d/end d/more`,
      "open l/made",
      "open d/made",
      `${Tag.T_SYMLINK} ../any where d/made`,
    ]);
    expect(links.get("d/made")).toBe("../any where");
    settled();
  });

  it("refuse what cannot be, and loops", () => {
    links.set("self", "self").set("out", "/etc");
    for (const path of ["/s/self/x", "/s/file"]) {
      const other = path === "/s/file" ? "/s/self/x" : "/s/file";
      expect(call("rename", path, other)).toBe(-Errno.ELOOP);
      expect(call("link", path, other)).toBe(-Errno.ELOOP);
    }
    expect(call("remove", "/s/self/x")).toBe(-Errno.ELOOP);
    expect(call("symlink", "x", "/s/self/x")).toBe(-Errno.ELOOP);
    expect(call("symlink", "", "/s/x")).toBe(-Errno.ENOENT);
    expect(call("symlink", "x".repeat(1024), "/s/x")).toBe(-Errno.ENAMETOOLONG);
    expect(call("symlink", "x", "/s/self")).toBe(-Errno.EEXIST);
    expect(call("symlink", "x", "/etc/motd")).toBe(-Errno.EEXIST);
    expect(call("symlink", "x", "/etc/new")).toBe(-Errno.EROFS);
    expect(call("symlink", "x", "/nowhere/new")).toBe(-Errno.ENOENT);
    expect(call("link", "/etc/motd", "/s/x")).toBe(-Errno.EXDEV);
    expect(call("link", "/s/file", "/s/out/x")).toBe(-Errno.EXDEV);
    expect(call("link", "/etc/motd", "/etc/new")).toBe(-Errno.EROFS);
    expect(init.sys("symlink", 0xc0000000, 4, "/s/x")).toBe(-Errno.EFAULT);
    settled();
  });
});

describe("a server's answer about a link", () => {
  /** An open of a path that the server answers so; what the client gets, and what the server got for its answers. */
  function answered(path: string, ...answers: [Tag, Uint8Array][]): [number, number[]] {
    const said: number[] = [];
    system.onSleep = () => {
      server.sys("ipc_recv", 3, MESSAGE);
      for (const [tag, data] of answers) said.push(reply(tag, data));
    };
    const result = init.sys("open", path, 0);
    system.onSleep = undefined;
    return [result, said];
  }

  it.each([
    ["behind its end", 2, -Errno.EIO],
    ["far behind it", 0x7fffffff, -Errno.EIO],
    ["in the middle of a name", 1, -Errno.EIO],
    ["at the mount's name", 7, -Errno.EIO],
  ])("that is %s is EIO", (_, rest, expected) => {
    const path = rest === 7 ? "/s/d/file" : "/s/ab";
    expect(answered(path, [Tag.R_LINK, linkAnswer(rest, "x")])[0]).toBe(expected);
    settled();
  });

  it("without a target, or with one that is too long or has a NUL, is refused", () => {
    const refused: [Tag, Uint8Array][] = [
      [Tag.R_LINK, linkAnswer(0, "")],
      [Tag.R_LINK, new Uint8Array(3)],
      [Tag.R_LINK, linkAnswer(0, "x".repeat(1024))],
      [Tag.R_ERROR, words(Errno.ENOSPC)],
    ];
    const [result, said] = answered("/s/l", ...refused);
    expect(said).toEqual([-Errno.EINVAL, -Errno.EINVAL, -Errno.EINVAL, 0]);
    expect(result).toBe(-Errno.ENOSPC);
    expect(answered("/s/l", [Tag.R_LINK, linkAnswer(0, "a\0b")])[0]).toBe(-Errno.EINVAL);
    settled();
  });

  it("to a request without a path is refused", () => {
    const fd = call("open", "/s/file", 0);
    system.onSleep = () => {
      server.sys("ipc_recv", 3, MESSAGE);
      expect(reply(Tag.R_LINK, linkAnswer(0, "x"))).toBe(-Errno.EINVAL);
      error(Errno.EPERM);
    };
    expect(init.sys("read", fd, OUT, 8)).toBe(-Errno.EPERM);
    system.onSleep = undefined;
    init.sys("close", fd);
    settled();
  });

  it("that comes when its client has gone harms nobody", () => {
    const pid = init.sys("spawn", "prog", "prog", 0, 0);
    const client = system.start();
    system.onSleep = () => {
      expect(server.sys("ipc_recv", 3, MESSAGE)).toBe(Tag.T_OPEN);
      init.sys("kill", pid, Signal.KILL);
      system.onSleep = undefined;
    };
    client.ends(() => client.sys("open", "/s/l", 0));
    expect(reply(Tag.R_LINK, linkAnswer(0, "x"))).toBe(0);
    init.sys("wait", pid, OUT);
    settled();
  });
});

it("paths through random links are those that a model finds", () => {
  const random = seeded(7);
  const names = ["a", "b", "c", "d"];
  const path = (n: number) =>
    Array.from({ length: 1 + random(n) }, () => [...names, "..", "."][random(6)]).join("/");
  for (let round = 0; round < 150; round++) {
    links = new Map();
    files = new Set([""]);
    for (let i = random(6); i > 0; i--)
      links.set(
        Array.from({ length: 1 + random(2) }, () => names[random(4)]).join("/"),
        `${random(3) === 0 ? "/s/" : ""}${path(3)}`,
      );
    for (const one of names) for (const two of ["", "/a", "/b"]) files.add(one + two);
    const given = `/s/${path(4)}`;
    const [expected, target] = model(given);
    asked = [];
    expect(open(given), `${given} ${JSON.stringify([...links])}`).toBe(expected);
    if (target !== undefined) expect(`/s/${asked.at(-1)?.slice("open ".length)}`).toBe(target);
  }
  settled();
});

/** What open gives for a path, and the path without links if it ends with the server. */
function model(given: string): [result: number, path: string | undefined] {
  let path = normal(given);
  for (let i = 0; i <= 40; i++) {
    if (path === "/s") return [0, undefined];
    if (!path.startsWith("/s/")) return [open(path), undefined];
    const inside = path.slice(3);
    const met = meets(inside, true);
    if (met === undefined) return [files.has(inside) ? 0 : -Errno.ENOENT, path];
    const end = path.length - met[0];
    const directory = path.slice(0, path.lastIndexOf("/", end - 1));
    const from = met[1].startsWith("/") ? "" : directory;
    path = normal(`${from}/${met[1]}${path.slice(end)}`);
  }
  return [-Errno.ELOOP, undefined];
}

function normal(path: string): string {
  const kept: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") kept.pop();
    else if (name !== "" && name !== ".") kept.push(name);
  }
  return `/${kept.join("/")}`;
}

describe("fstatx", () => {
  it("gives as much as is asked for, of servers that tell of one time too", () => {
    const fd = call("open", "/s/file", 0);
    expect(call("fstatx", fd, OUT, Stat.LONG_BYTES)).toBe(0);
    for (const at of [Stat.MTIME, Stat.ATIME, Stat.CTIME]) expect(init.load(OUT + at)).toBe(5);
    init.store(OUT + Stat.ATIME, 77);
    expect(call("fstatx", fd, OUT, Stat.BYTES)).toBe(0);
    expect(init.load(OUT + Stat.ATIME)).toBe(77);
    expect(init.sys("fstatx", fd, OUT, 40)).toBe(-Errno.EINVAL);
    expect(init.sys("wstatx", fd, OUT, 40)).toBe(-Errno.EINVAL);
    expect(init.sys("fstatx", 99, OUT, Stat.BYTES)).toBe(-Errno.EBADF);
    const wanted = [Stat.LONG_BYTES, Stat.BYTES];
    system.onSleep = () => {
      expect(server.sys("ipc_recv", 3, MESSAGE)).toBe(Tag.T_WSTAT);
      expect(server.load(MESSAGE + 4)).toBe(8 + Number(wanted.shift()));
      expect(reply(Tag.R_OK, words())).toBe(0);
    };
    expect(init.sys("wstatx", fd, OUT, Stat.LONG_BYTES)).toBe(0);
    expect(init.sys("wstat", fd, OUT)).toBe(0);
    system.onSleep = undefined;
    init.sys("close", fd);
    const own = init.sys("open", "/etc/motd", 0);
    expect(init.sys("fstatx", own, OUT, Stat.LONG_BYTES)).toBe(0);
    expect(init.load(OUT + Stat.LINKS)).toBe(1);
    expect(init.load(OUT + Stat.ATIME)).toBe(init.load(OUT + Stat.MTIME));
    init.sys("close", own);
    settled();
  });
});
