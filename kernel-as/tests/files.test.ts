import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { FileType, MountFlag, OpenFlag, Whence } from "../../abi/syscall.ts";
import { DATA, DEVICES, type Program, System } from "./system.ts";

const OUT = DATA + 0x4000;
let system: System;
let init: Program;

beforeAll(() => {
  system = new System("quiet");
  init = system.start();
  // Every page that the tests use is resident, so that counts of frames compare.
  for (let va = DATA; va < DATA + 0x10000; va += 4096) init.store(va, 0);
});

function names(path: string): string[] {
  const fd = init.sys("open", path, OpenFlag.DIRECTORY);
  const list: string[] = [];
  for (;;) {
    const n = init.sys("readdir", fd, OUT, 300);
    if (n < 0) throw new Error(`readdir ${path}: ${n}`);
    if (n === 0) break;
    for (let at = 0; at < n; ) {
      const bytes = init.peek(OUT + at + 9, 1).charCodeAt(0);
      list.push(init.peek(OUT + at + 10, bytes));
      at += 10 + bytes;
    }
  }
  init.sys("close", fd);
  return list;
}

describe("paths", () => {
  it.each([
    ["/etc/motd", "hello\n"],
    ["/etc/../etc//./motd", "hello\n"],
    ["/../../etc/motd", "hello\n"],
    ["etc/motd", "hello\n"],
    ["./etc/deep/../motd", "hello\n"],
  ])("%s", (path, content) => {
    expect(init.readFile(path)).toBe(content);
  });

  it.each([
    ["", -Errno.ENOENT],
    ["/nothing", -Errno.ENOENT],
    ["/etc/motd\0x", -Errno.EINVAL],
    ["/etc/motd/", 0],
    ["/etc/mot", -Errno.ENOENT],
    ["/et", -Errno.ENOENT],
  ])("open %j", (path, expected) => {
    const result = init.sys("open", path, OpenFlag.READ);
    expect(Math.min(result, 0)).toBe(expected);
    if (result >= 0) init.sys("close", result);
  });

  it("longer than the limit are refused", () => {
    expect(init.sys("open", `/${"x".repeat(1023)}`, 0)).toBe(-Errno.ENAMETOOLONG);
    expect(init.sys("open", `/${"x/".repeat(511)}`, 0)).toBe(-Errno.ENOENT);
  });

  it("are relative to the current directory", () => {
    expect(init.sys("chdir", "/etc/deep")).toBe(0);
    expect(init.readFile("../motd")).toBe("hello\n");
    expect(init.sys("getcwd", OUT, 64)).toBe(9);
    expect(init.peek(OUT, 9)).toBe("/etc/deep");
    expect(init.sys("getcwd", OUT, 8)).toBe(-Errno.ERANGE);
    expect(init.sys("chdir", "../motd")).toBe(-Errno.ENOTDIR);
    expect(init.sys("chdir", "..")).toBe(0);
    expect(init.sys("chdir", "/")).toBe(0);
  });

  it("list directories, each name once and none lost in a small buffer", () => {
    expect(names("/")).toEqual(["bin", "etc", "dev", "proc"]);
    expect(names("/bin")).toEqual(["init", "prog"]);
    expect(names("/etc")).toEqual(["motd", "deep"]);
    expect(names("/dev")).toEqual(DEVICES);
    expect(names("/proc")).toContain("1");
    const fd = init.sys("open", "/etc", 0);
    expect(init.sys("readdir", fd, OUT, 13)).toBe(-Errno.EINVAL);
    expect(init.sys("readdir", fd, OUT, 14)).toBe(14);
    expect(init.sys("readdir", fd, OUT, 14)).toBe(14);
    expect(init.sys("readdir", fd, OUT, 14)).toBe(0); // the end, however small the room
    expect(init.sys("seek", fd, 1n << 32n, Whence.SET)).toBe(2 ** 32);
    expect(init.sys("readdir", fd, OUT, 300)).toBe(0);
    init.sys("close", fd);
  });
});

describe("files", () => {
  it("of the initrd cannot be written", () => {
    expect(init.sys("open", "/etc/motd", OpenFlag.WRITE)).toBe(-Errno.EROFS);
    expect(init.sys("open", "/etc/new", OpenFlag.WRITE | OpenFlag.CREATE)).toBe(-Errno.EROFS);
    expect(init.sys("remove", "/etc/motd")).toBe(-Errno.EROFS);
    expect(init.sys("remove", "/etc/none")).toBe(-Errno.ENOENT);
    expect(init.sys("rename", "/etc/motd", "/etc/b")).toBe(-Errno.EROFS);
    expect(init.sys("rename", "/etc/none", "/etc/b")).toBe(-Errno.ENOENT);
  });

  it("of the kernel are generated, and can be read in pieces", () => {
    expect(init.readFile("/proc/cmdline")).toBe("quiet\n");
    const whole = init.readFile("/proc/processes");
    expect(whole).toMatch(
      /^ {2}PID {2}PPID GROUP {2}UID STATE {4}CPU {5}KIB {4}SWAP {4}WSET NAME\n +1 +0 +1 +0 running +1 +\d+ +0 +\d+ init\n$/,
    );
    const fd = init.sys("open", "/proc/processes", 0);
    expect(init.sys("pread", fd, OUT, 5, 2n)).toBe(5);
    expect(init.peek(OUT, 5)).toBe(whole.slice(2, 7));
    init.sys("close", fd);
    for (const name of [
      "meminfo",
      "vmstat",
      "swaps",
      "memtypes",
      "mounts",
      "pci",
      "uptime",
      "counters",
      "cpuinfo",
      "1/maps",
      "1/status",
      "1/pt",
    ]) {
      expect(typeof init.readFile(`/proc/${name}`)).toBe("string");
    }
    expect(init.readFile("/proc/1/maps")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8} r/);
    expect(init.readFile("/proc/mmcheck")).toBe("every invariant holds\n");
    expect(init.readFile("/dev/klog")).toBe(system.log());
  });

  it("of the caller are under /proc/self", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const other = system.start();
    expect(other.readFile("/proc/self/status")).toContain(`\npid ${other.pid}\n`);
    expect(init.readFile("/proc/self/status")).toContain(`\npid ${init.pid}\n`);
    expect(init.sys("open", "/proc/selfish/status", 0)).toBe(-Errno.ENOENT);
    expect(init.sys("open", "/proc/self/x", 0)).toBe(-Errno.ENOENT);
    expect(names("/proc")).toContain("self");
    expect(names("/proc/self")).toContain("maps");
    other.ends(() => other.sys("exit", 0));
    init.sys("wait", other.pid, OUT);
  });

  it("that are open are opened again as /dev/stdin, stdout and stderr", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const program = system.start();
    for (const fd of [0, 1, 2]) program.sys("close", fd);
    for (const va of [DATA, DATA + 0x8000, OUT]) program.store(va, 0);
    const before = init.counts();
    expect(program.sys("open", "/dev/stdin", 0)).toBe(-Errno.ENOENT);
    expect(program.sys("pipe", OUT)).toBe(0);
    const [reader, writer] = [program.load(OUT), program.load(OUT + 4)];
    program.sys("dup2", reader, 10);
    program.sys("dup2", writer, 11);
    for (const fd of [reader, writer]) program.sys("close", fd);
    program.sys("dup2", 10, 0);
    program.sys("dup2", 11, 2);
    program.sys("close", 10);
    program.sys("close", 11);
    const end = program.sys("open", "/dev/stderr", OpenFlag.WRITE | OpenFlag.CREATE);
    program.sys("close", 2);
    expect(program.sys("write", end, "through", 7)).toBe(7);
    const again = program.sys("open", "/dev/stdin", OpenFlag.READ);
    program.sys("close", 0);
    program.sys("close", end);
    expect(program.readAll(again)).toBe("through");
    expect(program.sys("write", again, "x", 1)).toBe(-Errno.EBADF);
    program.sys("dup2", again, 1);
    program.sys("close", again);
    expect(program.sys("remove", "/dev/stdout")).toBe(-Errno.EROFS);
    expect(program.sys("open", "/dev/stdout", OpenFlag.DIRECTORY)).toBe(-Errno.ENOTDIR);
    program.sys("close", 1);
    expect(init.counts()).toEqual(before);
    program.ends(() => program.sys("exit", 0));
    init.sys("wait", program.pid, OUT);
  });

  it("of the kernel that tell of all memory are root's, and page tables their user's too", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const user = system.start();
    expect(user.sys("setuid", 5)).toBe(0);
    for (const path of ["/proc/mmcheck", "/proc/1/pt"])
      expect(user.sys("open", path, OpenFlag.READ)).toBe(-Errno.EACCES);
    expect(user.readFile(`/proc/${user.pid}/pt`)).toMatch(/^RANGE LEAVES SIZE ENTRY BITS\n/);
    expect(init.readFile(`/proc/${user.pid}/pt`)).toMatch(/^RANGE LEAVES SIZE ENTRY BITS\n/);
    expect(user.sys("open", "/proc/1/pt", OpenFlag.WRITE)).toBe(-Errno.EACCES);
    user.ends(() => user.sys("exit", 0));
    expect(init.sys("wait", user.pid, OUT)).toBe(user.pid);
  });

  it("report their kind", () => {
    for (const [path, type] of [
      ["/etc/motd", FileType.FILE],
      ["/etc", FileType.DIRECTORY],
      ["/dev/null", FileType.DEVICE],
    ] as const) {
      expect(init.sys("stat", path, OUT)).toBe(0);
      expect(init.load(OUT)).toBe(type);
    }
    expect(init.sys("stat", "/etc/motd", OUT)).toBe(0);
    expect(init.load(OUT + 8)).toBe(6);
  });
});

describe("descriptors", () => {
  it("are the lowest free, end at the limit, and share an offset when duplicated", () => {
    const before = init.counts();
    const fd = init.sys("open", "/etc/motd", 0);
    expect(fd).toBe(3);
    expect(init.sys("dup", fd)).toBe(4);
    expect(init.sys("dup2", fd, 63)).toBe(63);
    expect(init.sys("dup2", fd, 64)).toBe(-Errno.EBADF);
    init.sys("read", 63, OUT, 2);
    expect(init.readAll(4)).toBe("llo\n");
    for (let next = 5; next < 63; next++) expect(init.sys("dup", fd)).toBe(next);
    expect(init.sys("dup", fd)).toBe(-Errno.EMFILE);
    expect(init.sys("open", "/etc/motd", 0)).toBe(-Errno.EMFILE);
    expect(init.sys("pipe", OUT)).toBe(-Errno.EMFILE);
    expect(init.sys("ipc_pair", OUT)).toBe(-Errno.EMFILE);
    for (let next = 3; next < 64; next++) expect(init.sys("close", next)).toBe(0);
    expect(init.sys("close", 3)).toBe(-Errno.EBADF);
    expect(init.counts()).toEqual(before);
  });
});

describe("pipes", () => {
  it("carry bytes in order across their ring's end, then the end of file", () => {
    const before = init.counts();
    expect(init.sys("pipe", OUT)).toBe(0);
    const [reader, writer] = [init.load(OUT), init.load(OUT + 4)];
    for (let round = 0; round < 5; round++) {
      const text = String(round).repeat(3000);
      init.poke(OUT, new TextEncoder().encode(text));
      expect(init.sys("write", writer, OUT, text.length)).toBe(text.length);
      let got = "";
      while (got.length < text.length) {
        const n = init.sys("read", reader, OUT + 0x2000, 4096);
        got += init.peek(OUT + 0x2000, n);
      }
      expect(got).toBe(text);
    }
    expect(init.sys("write", reader, OUT, 1)).toBe(-Errno.EBADF);
    expect(init.sys("seek", reader, 0n, Whence.SET)).toBe(-Errno.ESPIPE);
    init.sys("close", writer);
    expect(init.sys("read", reader, OUT, 10)).toBe(0);
    init.sys("close", reader);
    expect(init.counts()).toEqual(before);
  });

  it("without readers answer EPIPE", () => {
    init.sys("pipe", OUT);
    const [reader, writer] = [init.load(OUT), init.load(OUT + 4)];
    init.sys("close", reader);
    expect(init.sys("write", writer, OUT, 1)).toBe(-Errno.EPIPE);
    init.sys("close", writer);
  });
});

describe("mounts", () => {
  it("take the place of a name at a path boundary; without a server they answer EPIPE", () => {
    const before = init.counts();
    init.sys("ipc_pair", OUT);
    const [client, server] = [init.load(OUT), init.load(OUT + 4)];
    expect(init.sys("mount", client, "/dev/gpu", 7)).toBe(-Errno.EINVAL);
    expect(init.sys("mount", server, "/dev/gpu", MountFlag.REPLACE)).toBe(-Errno.EINVAL);
    expect(init.sys("mount", client, "/dev/gpu", MountFlag.REPLACE)).toBe(0);
    expect(names("/dev")).toContain("gpu");
    init.sys("close", server);
    expect(init.sys("open", "/dev/gpu/info", 0)).toBe(-Errno.EPIPE);
    expect(init.sys("open", "/dev/gpux", 0)).toBe(-Errno.ENOENT);
    init.sys("close", client);
    expect(init.sys("unmount", "/dev/gpu")).toBe(0);
    expect(init.sys("unmount", "/dev/gpu")).toBe(-Errno.EINVAL);
    expect(init.counts()).toEqual(before);
  });
});
