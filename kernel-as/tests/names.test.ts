import { beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { MountFlag, NewNames, OpenFlag } from "../../abi/syscall.ts";
import { DATA, DEVICES, type Program, System } from "./system.ts";

const OUT = DATA + 0x4000;
const REPLACE = MountFlag.REPLACE;
const BEFORE = MountFlag.BEFORE;
const AFTER = MountFlag.AFTER;
let system: System;
let init: Program;

beforeEach(() => {
  system = new System("quiet");
  init = system.start();
  for (let va = DATA; va < DATA + 0x10000; va += 4096) init.store(va, 0);
});

function bind(from: string, to: string, flags: number = REPLACE, who = init): number {
  return who.sys("bind", from, to, flags);
}

function names(path: string, who = init, room = 300): string[] {
  const fd = who.sys("open", path, OpenFlag.DIRECTORY);
  if (fd < 0) throw new Error(`open ${path}: ${fd}`);
  const list: string[] = [];
  for (;;) {
    const n = who.sys("readdir", fd, OUT, room);
    if (n < 0) throw new Error(`readdir ${path}: ${n}`);
    if (n === 0) break;
    for (let at = 0; at < n; ) {
      const bytes = who.load(OUT + at + 9) & 0xff;
      list.push(who.peek(OUT + at + 10, bytes));
      at += 10 + bytes;
    }
  }
  who.sys("close", fd);
  return list;
}

function channel(): [number, number] {
  expect(init.sys("ipc_pair", OUT)).toBe(0);
  return [init.load(OUT), init.load(OUT + 4)];
}

/** Runs the printed name space in an empty one: the second print must be the same text. */
function rebuilt(text: string): string {
  expect(init.sys("newns", NewNames.EMPTY)).toBe(0);
  for (const line of text.split("\n").filter((l) => l !== "")) {
    const match = /^bind (?:(-[ab]) )?'(.*)' '(.*)'$/.exec(line.replaceAll("'\\''", "\u0001"));
    if (!match) throw new Error(line);
    const [from, to] = [match[2] ?? "", match[3] ?? ""].map((s) => s.replaceAll("\u0001", "'"));
    const flags = match[1] === "-b" ? BEFORE : match[1] === "-a" ? AFTER : REPLACE;
    expect(bind(from ?? "", to ?? "", flags)).toBe(0);
  }
  return init.readFile("/proc/1/ns");
}

describe("bind", () => {
  it("shows one name at another, at path boundaries, and covers the kernel's own", () => {
    const before = init.counts();
    expect(bind("/etc", "/alias")).toBe(0);
    expect(init.readFile("/alias/motd")).toBe("hello\n");
    expect(init.readFile("/alias/deep/file")).toBe("x");
    expect(init.sys("open", "/aliasx", 0)).toBe(-Errno.ENOENT);
    expect(init.sys("open", "/alias/a", OpenFlag.WRITE | OpenFlag.CREATE)).toBe(-Errno.EROFS);
    expect(bind("/etc/motd", "/dev/null")).toBe(0);
    expect(init.readFile("/dev/null")).toBe("hello\n");
    expect(names("/dev")).toEqual(DEVICES);
    expect(init.sys("unmount", "/alias")).toBe(0);
    expect(init.sys("unmount", "/dev/null")).toBe(0);
    expect(init.sys("open", "/alias", 0)).toBe(-Errno.ENOENT);
    expect(init.readFile("/dev/null")).toBe("");
    expect(init.counts()).toEqual(before);
  });

  it("looks its source up when it is called: binds cannot form a loop", () => {
    expect(bind("/etc", "/a")).toBe(0);
    expect(bind("/a", "/etc")).toBe(0);
    expect(bind("/etc", "/a")).toBe(0);
    expect(init.readFile("/a/motd")).toBe("hello\n");
    expect(init.readFile("/etc/motd")).toBe("hello\n");
    expect(bind("/", "/r")).toBe(0);
    expect(init.readFile("/r/etc/motd")).toBe("hello\n");
    expect(init.sys("open", "/r/r", 0)).toBe(-Errno.ENOENT);
    expect(bind("/a/none", "/b")).toBe(-Errno.ENOENT);
    expect(bind("/etc", "/b", 3)).toBe(-Errno.EINVAL);
    expect(bind("", "/b")).toBe(-Errno.ENOENT);
    expect(init.sys("bind", 0, 5, "/b", 0)).toBe(-Errno.EFAULT);
  });

  it("of a union to itself doubles it until the name space is full, and then changes nothing", () => {
    expect(bind("/etc", "/u")).toBe(0);
    const before = init.counts();
    for (let size = 1; size < 64; size *= 2) expect(bind("/u", "/u", AFTER)).toBe(0);
    const text = init.readFile("/proc/1/ns");
    expect(text.split("\n").length - 1).toBe(64);
    expect(bind("/u", "/u", AFTER)).toBe(-Errno.ENOSPC);
    expect(bind("/etc", "/v")).toBe(-Errno.ENOSPC);
    expect(init.readFile("/proc/1/ns")).toBe(text);
    expect(names("/u")).toEqual(["motd", "deep"]);
    expect(init.sys("unmount", "/u")).toBe(0);
    expect(bind("/etc", "/u")).toBe(0);
    expect(init.counts()).toEqual(before);
  });

  it("of the kernel's tree and of channels by number goes past what is mounted", () => {
    const [client, server] = channel();
    expect(bind("#1", "/etc")).toBe(0);
    init.sys("close", server);
    expect(init.sys("open", "/etc/motd", 0)).toBe(-Errno.EPIPE);
    expect(bind("#/etc", "/etc", BEFORE)).toBe(0);
    expect(init.readFile("/etc/motd")).toBe("hello\n");
    expect(bind("#2", "/x")).toBe(-Errno.ENOENT);
    expect(bind("#x", "/x")).toBe(-Errno.ENOENT);
    expect(bind("#", "/x")).toBe(-Errno.ENOENT);
    init.sys("close", client);
  });

  it("takes paths up to the limit", () => {
    const long = `/${"a".repeat(500)}/${"b".repeat(500)}`;
    expect(bind("/etc", long)).toBe(0);
    expect(init.readFile(`${long}/motd`)).toBe("hello\n");
    expect(init.sys("open", `${long}/${"c".repeat(100)}`, 0)).toBe(-Errno.ENAMETOOLONG);
    expect(bind(long, "/s")).toBe(0);
    expect(init.readFile("/s/motd")).toBe("hello\n");
    const [client] = channel();
    expect(bind(`#1${long}`, "/deep")).toBe(0);
    expect(init.sys("open", `/deep/${"c".repeat(30)}`, 0)).toBe(-Errno.ENAMETOOLONG);
    expect(names("/")).toEqual(
      expect.arrayContaining(["bin", "etc", "s", "deep", "a".repeat(255)]),
    );
    init.sys("close", client);
  });
});

describe("paths", () => {
  it("go back across a mount as they are written", () => {
    expect(bind("/etc/deep", "/tmp/in/deep")).toBe(0);
    expect(init.sys("chdir", "/tmp/in/deep")).toBe(0);
    expect(init.readFile("file")).toBe("x");
    expect(init.sys("open", "../motd", 0)).toBe(-Errno.ENOENT);
    expect(init.sys("chdir", "..")).toBe(0);
    expect(init.sys("getcwd", OUT, 64)).toBe(7);
    expect(init.peek(OUT, 7)).toBe("/tmp/in");
    expect(names(".")).toEqual(["deep"]);
    expect(names("/tmp")).toEqual(["in"]);
    expect(init.sys("remove", "/tmp/in")).toBe(-Errno.EBUSY);
    expect(init.sys("chdir", "/")).toBe(0);
  });

  it("that only lead to a mount are directories", () => {
    expect(bind("/etc", "/far/away/place")).toBe(0);
    expect(names("/")).toContain("far");
    expect(names("/far")).toEqual(["away"]);
    expect(names("/far/away")).toEqual(["place"]);
    expect(init.sys("open", "/far", OpenFlag.WRITE)).toBe(-Errno.EISDIR);
    expect(init.sys("open", "/farther", 0)).toBe(-Errno.ENOENT);
  });
});

describe("unions", () => {
  it("are read as one, each name once, in small steps too", () => {
    expect(bind("/etc", "/u")).toBe(0);
    expect(bind("/", "/u", AFTER)).toBe(0);
    expect(bind("/bin", "/u", BEFORE)).toBe(0);
    const all = ["init", "prog", "motd", "deep", "bin", "etc", "dev", "proc"];
    expect(names("/u")).toEqual(all);
    expect(names("/u", init, 20)).toEqual(all);
    expect(bind("/etc", "/u/etc/more")).toBe(0);
    expect(bind("/etc", "/u/new/one")).toBe(0);
    expect(bind("/etc", "/u/new/two")).toBe(0);
    expect(names("/u")).toEqual([...all, "new"]);
    const fd = init.sys("open", "/u", 0);
    expect(init.sys("readdir", fd, OUT, 4)).toBe(-Errno.EINVAL);
    expect(init.sys("readdir", fd, 0xc0000000, 100)).toBe(-Errno.EFAULT);
    expect(init.sys("readdir", fd, OUT, 14)).toBe(14);
    expect(init.sys("seek", fd, 0n, 0)).toBe(0);
    expect(init.sys("readdir", fd, OUT + 64, 14)).toBe(14);
    expect(init.peek(OUT + 64, 14)).toBe(init.peek(OUT, 14));
    init.sys("close", fd);
  });

  it("are searched in their order", () => {
    expect(bind("/etc/deep", "/u")).toBe(0);
    expect(bind("/etc", "/u", AFTER)).toBe(0);
    expect(init.readFile("/u/file")).toBe("x");
    expect(init.readFile("/u/motd")).toBe("hello\n");
    expect(init.sys("remove", "/u/motd")).toBe(-Errno.EROFS);
    expect(init.sys("rename", "/u/none", "/u/other")).toBe(-Errno.ENOENT);
    expect(init.sys("rename", "/u/motd", "/bin/other")).toBe(-Errno.EXDEV);
    expect(init.sys("open", "/u/new", OpenFlag.WRITE | OpenFlag.CREATE)).toBe(-Errno.EROFS);
  });
});

describe("name spaces", () => {
  it("are shared with children until one asks for its own", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const child = system.start();
    expect(bind("/etc", "/x")).toBe(0);
    expect(child.readFile("/x/motd")).toBe("hello\n");
    expect(child.sys("newns", 2)).toBe(-Errno.EINVAL);
    expect(child.sys("newns", NewNames.COPY)).toBe(0);
    expect(child.readFile("/x/motd")).toBe("hello\n");
    expect(child.sys("unmount", "/x")).toBe(0);
    expect(bind("/bin", "/y", REPLACE, child)).toBe(0);
    expect(init.readFile("/x/motd")).toBe("hello\n");
    expect(init.sys("open", "/y", 0)).toBe(-Errno.ENOENT);
    child.sys("spawn", "prog", "prog", 0, 0);
    const grandchild = system.start();
    expect(names("/y", grandchild)).toEqual(["init", "prog"]);
    for (const program of [grandchild, child]) program.ends(() => program.sys("exit", 0));
    expect(names("/x")).toEqual(["motd", "deep"]);
    init.sys("wait", -1, OUT);
    init.sys("wait", -1, OUT);
  });

  it("leave nothing behind", () => {
    const run = () => {
      init.sys("spawn", "prog", "prog", 0, 0);
      const child = system.start();
      const pair = child.sys("ipc_pair", OUT);
      expect(pair).toBe(0);
      expect(child.sys("mount", child.load(OUT), "/c", REPLACE)).toBe(0);
      expect(child.sys("newns", NewNames.COPY)).toBe(0);
      expect(bind("/etc", "/x", BEFORE, child)).toBe(0);
      expect(bind("#1/in/side", "/x", AFTER, child)).toBe(0);
      expect(child.sys("open", "/", 0)).toBeGreaterThan(0);
      child.ends(() => child.sys("exit", 0));
      init.sys("wait", -1, OUT);
      expect(init.sys("unmount", "/c")).toBe(0);
      expect(system.check()).toBe(0);
    };
    run();
    const before = init.counts();
    run();
    expect(init.counts()).toEqual(before);
  });

  it("are changed by root, or by a user in one of his own", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const user = system.start();
    const [client] = channel();
    expect(user.sys("setuid", 5)).toBe(0);
    expect(bind("/etc", "/x", REPLACE, user)).toBe(-Errno.EPERM);
    expect(user.sys("unmount", "/x")).toBe(-Errno.EPERM);
    expect(user.sys("mount", 0, "/x", 0)).toBe(-Errno.EPERM);
    expect(user.sys("newns", NewNames.COPY)).toBe(0);
    expect(bind("/etc", "/dev/null", REPLACE, user)).toBe(0);
    expect(user.readFile("/dev/null/motd")).toBe("hello\n");
    expect(bind("#1", "/x", REPLACE, user)).toBe(-Errno.EPERM);
    expect(bind("#/etc", "/x", REPLACE, user)).toBe(0);
    init.sys("close", client);
  });

  it("print as commands that rebuild them", () => {
    const [client, server] = channel();
    expect(init.sys("mount", client, "/dev/it's", REPLACE)).toBe(0);
    expect(bind("/etc", "/swap")).toBe(0);
    expect(bind("/bin", "/etc")).toBe(0);
    expect(bind("/swap", "/bin")).toBe(0);
    expect(init.sys("unmount", "/swap")).toBe(0);
    for (const flags of [BEFORE, AFTER, BEFORE, AFTER])
      expect(bind("/proc", "/bin", flags)).toBe(0);
    expect(init.sys("mount", client, "/bin", BEFORE)).toBe(0);
    expect(bind("#1/sub/dir", "/bin", AFTER)).toBe(0);
    expect(bind("/dev", "/only", BEFORE)).toBe(0);
    expect(bind("/proc", "/only", BEFORE)).toBe(0);
    expect(bind("/dev", "/only", AFTER)).toBe(0);
    const text = init.readFile("/proc/1/ns");
    expect(text).toContain("bind '#1' '/dev/it'\\''s'\n");
    expect(text).toContain("bind -a '#1/sub/dir' '/bin'\n");
    const order = init.readFile("/proc/mounts");
    expect(rebuilt(text)).toBe(text);
    expect(init.readFile("/proc/mounts")).toBe(order);
    init.sys("close", server);
    init.sys("close", client);
  });
});
