// Symbolic links, files with several names, slashes at the end of a path, and the times of a file, over a FakeKernel.

import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WasiErrno, WasiFileType } from "./preview1.ts";
import type { FakeOptions } from "./testing/fakeKernel.ts";
import { libraryBytes } from "./testing/library.ts";
import { BUFFER, Machine, OUT, OUT2, PATH, READWRITE } from "./testing/machine.ts";

const NOFOLLOW = 0;
const FOLLOW = 1;
const O_CREAT = 1;
const O_DIRECTORY = 2;
const O_EXCL = 4;
const O_TRUNC = 8;
const ATIM = 1;
const ATIM_NOW = 2;
const MTIM = 4;
const MTIM_NOW = 8;
const SECOND = 0x1800;
const GIVEN_NS = 1_600_000_000_000_000_000n;

let library: WebAssembly.Module;
let machine: Machine;

beforeAll(async () => {
  library = await WebAssembly.compile(libraryBytes());
});

function boot(options: FakeOptions = {}): void {
  machine = new Machine(library, { files: { "/d/file": "contents", "/d/sub/x": "x" }, ...options });
}

beforeEach(() => boot());

// Calls relative to the root, that give a WASI errno.

function symlink(target: string, path: string): number {
  return machine.call(
    "path_symlink",
    ...machine.put(SECOND, target),
    3,
    ...machine.put(PATH, path),
  );
}

function link(from: string, to: string, lookup = NOFOLLOW): number {
  const first = machine.put(PATH, from);
  return machine.call("path_link", 3, lookup, ...first, 3, ...machine.put(SECOND, to));
}

function rename(from: string, to: string): number {
  const first = machine.put(PATH, from);
  return machine.call("path_rename", 3, ...first, 3, ...machine.put(SECOND, to));
}

function onPath(name: string): (path: string) => number {
  return (path) => machine.call(name, 3, ...machine.put(PATH, path));
}

const unlink = onPath("path_unlink_file");
const mkdir = onPath("path_create_directory");
const rmdir = onPath("path_remove_directory");

/** The target, or a WASI errno; at most `capacity` bytes of it. */
function readlink(path: string, capacity = 1024): string | number {
  const errno = machine.call("path_readlink", 3, ...machine.put(PATH, path), BUFFER, capacity, OUT);
  return errno === 0 ? machine.text(BUFFER, machine.u32(OUT)) : errno;
}

interface Filestat {
  ino: bigint;
  type: number;
  links: bigint;
  size: bigint;
  atim: bigint;
  mtim: bigint;
  ctim: bigint;
}

function readFilestat(): Filestat {
  return {
    ino: machine.u64(OUT + 8),
    type: machine.view.getUint8(OUT + 16),
    links: machine.u64(OUT + 24),
    size: machine.u64(OUT + 32),
    atim: machine.u64(OUT + 40),
    mtim: machine.u64(OUT + 48),
    ctim: machine.u64(OUT + 56),
  };
}

function statErrno(path: string, lookup: number): number {
  return machine.call("path_filestat_get", 3, lookup, ...machine.put(PATH, path), OUT);
}

function stat(path: string, lookup = NOFOLLOW): Filestat {
  expect(statErrno(path, lookup)).toBe(0);
  return readFilestat();
}

function setTimes(path: string, lookup: number, atim: bigint, mtim: bigint, flags: number): number {
  const at = machine.put(PATH, path);
  return machine.call("path_filestat_set_times", 3, lookup, ...at, atim, mtim, flags);
}

describe("a symbolic link", () => {
  test("gives its target, or as much as there is room for", () => {
    expect(symlink("../d/file", "d/link")).toBe(0);
    machine.view.setUint8(BUFFER + 9, 0x7e);
    expect(readlink("d/link")).toBe("../d/file");
    expect(machine.view.getUint8(BUFFER + 9)).toBe(0x7e);
    machine.view.setUint8(BUFFER + 4, 0x7e);
    expect(readlink("d/link", 4)).toBe("../d");
    expect(machine.view.getUint8(BUFFER + 4)).toBe(0x7e);
    expect(readlink("d/link", 0)).toBe("");
    expect(readlink("d/file")).toBe(WasiErrno.INVAL);
    expect(readlink("d")).toBe(WasiErrno.INVAL);
    expect(readlink("d/none")).toBe(WasiErrno.NOENT);
  });

  test("is made of any relative target, where nothing is yet", () => {
    expect(symlink("/d/file", "link")).toBe(WasiErrno.PERM);
    expect(symlink("/", "link")).toBe(WasiErrno.PERM);
    expect(symlink("", "link")).toBe(WasiErrno.NOENT);
    expect(symlink("t".repeat(1024), "link")).toBe(WasiErrno.NAMETOOLONG);
    expect(symlink("t".repeat(1023), "link")).toBe(0);
    expect(readlink("link")).toBe("t".repeat(1023));
    for (const taken of ["d", "d/file", "link"]) {
      expect(symlink("t", taken)).toBe(WasiErrno.EXIST);
    }
    expect(symlink("t", "none/link")).toBe(WasiErrno.NOENT);
    const fd = machine.open("d/file");
    const path = machine.put(PATH, "x");
    expect(machine.call("path_symlink", ...path, fd, ...path)).toBe(WasiErrno.NOTDIR);
    expect(machine.call("path_symlink", ...path, 60, ...path)).toBe(WasiErrno.BADF);
  });

  test("is followed by path_open where the caller says so", () => {
    symlink("file", "d/link");
    symlink("d", "directory");
    symlink("none", "dangling");
    expect(machine.readAll(machine.open("d/link"))).toBe("contents");
    expect(machine.readAll(machine.open("directory/link"))).toBe("contents");
    const opened = machine.kernel.openCount;
    for (const path of ["d/link", "directory", "dangling"]) {
      expect(machine.open(path, { lookup: NOFOLLOW })).toBe(-WasiErrno.LOOP);
      expect(machine.open(path, { lookup: NOFOLLOW, rights: READWRITE })).toBe(-WasiErrno.LOOP);
      expect(machine.open(path, { lookup: NOFOLLOW, oflags: O_CREAT })).toBe(-WasiErrno.LOOP);
      expect(machine.open(path, { lookup: NOFOLLOW, oflags: O_TRUNC })).toBe(-WasiErrno.LOOP);
      expect(machine.open(path, { lookup: NOFOLLOW, oflags: O_DIRECTORY })).toBe(-WasiErrno.NOTDIR);
      for (const lookup of [NOFOLLOW, FOLLOW]) {
        expect(machine.open(path, { lookup, oflags: O_CREAT | O_EXCL })).toBe(-WasiErrno.EXIST);
      }
    }
    expect(machine.open("dangling")).toBe(-WasiErrno.NOENT);
    expect(machine.open("d/link", { oflags: O_DIRECTORY })).toBe(-WasiErrno.NOTDIR);
    expect(machine.kernel.openCount).toBe(opened);
    expect(machine.kernel.files.get("/d/file")?.length).toBe(8);
    expect(machine.readAll(machine.open("directory/file", { lookup: NOFOLLOW }))).toBe("contents");
  });

  test("to nothing: a file is made where it leads", () => {
    symlink("d/new", "dangling");
    expect(machine.open("dangling", { oflags: O_CREAT, rights: READWRITE })).toBeGreaterThan(0);
    expect(machine.kernel.files.has("/d/new")).toBe(true);
    expect(stat("dangling").type).toBe(WasiFileType.SYMBOLIC_LINK);
  });

  test("in a circle is LOOP", () => {
    symlink("circle", "circle");
    symlink("b", "a");
    symlink("a", "b");
    for (const path of ["circle", "a", "b/x"]) {
      expect(machine.open(path)).toBe(-WasiErrno.LOOP);
      expect(statErrno(path, FOLLOW)).toBe(WasiErrno.LOOP);
    }
    expect(machine.open("circle", { lookup: NOFOLLOW })).toBe(-WasiErrno.LOOP);
    expect(readlink("circle")).toBe("circle");
    expect(unlink("circle")).toBe(0);
  });

  test("a directory opened through one is a place to start from", () => {
    symlink("d/sub", "s");
    const fd = machine.open("s", { oflags: O_DIRECTORY });
    expect(machine.readAll(machine.open("x", { dirfd: fd }))).toBe("x");
    expect(machine.open(".", { dirfd: fd, lookup: NOFOLLOW })).toBeGreaterThan(0);
    const [at, len] = machine.put(PATH, ".");
    expect(machine.call("path_filestat_get", fd, NOFOLLOW, at, len, OUT)).toBe(0);
    expect(readFilestat().type).toBe(WasiFileType.DIRECTORY);
  });

  test("has a status of its own", () => {
    symlink("d/file", "link");
    const own = stat("link");
    expect([own.type, own.size, own.links]).toEqual([WasiFileType.SYMBOLIC_LINK, 6n, 1n]);
    expect(stat("link", FOLLOW)).toEqual(stat("d/file"));
    expect(own.ino).not.toBe(stat("d/file").ino);
    const path = machine.put(PATH, "link");
    expect(machine.call("unstable_path_filestat_get", 3, NOFOLLOW, ...path, OUT)).toBe(0);
    expect(machine.view.getUint8(OUT + 16)).toBe(WasiFileType.SYMBOLIC_LINK);
    expect(machine.call("unstable_path_filestat_get", 3, FOLLOW, ...path, OUT)).toBe(0);
    expect(machine.view.getUint8(OUT + 16)).toBe(WasiFileType.REGULAR_FILE);
    symlink("none", "dangling");
    expect(statErrno("dangling", FOLLOW)).toBe(WasiErrno.NOENT);
    expect(stat("dangling").type).toBe(WasiFileType.SYMBOLIC_LINK);
  });

  test("is told from other entries of its directory", () => {
    symlink("none", "d/link");
    const fd = machine.open("d", { oflags: O_DIRECTORY });
    expect(machine.call("fd_readdir", fd, BUFFER, 4096, 4n, OUT)).toBe(0);
    expect(machine.text(BUFFER + 24, machine.u32(BUFFER + 16))).toBe("link");
    expect(machine.view.getUint8(BUFFER + 20)).toBe(WasiFileType.SYMBOLIC_LINK);
    expect(machine.u64(BUFFER + 8)).toBe(stat("d/link").ino);
  });

  test("is removed and renamed itself", () => {
    symlink("d", "link");
    expect(rmdir("link")).toBe(WasiErrno.NOTDIR);
    expect(mkdir("link")).toBe(WasiErrno.EXIST);
    expect(rename("link", "moved")).toBe(0);
    expect([readlink("moved"), readlink("link")]).toEqual(["d", WasiErrno.NOENT]);
    expect(rename("d/file", "moved")).toBe(0);
    expect(machine.readAll(machine.open("moved", { lookup: NOFOLLOW }))).toBe("contents");
    symlink("none", "dangling");
    expect(mkdir("dangling")).toBe(WasiErrno.EXIST);
    expect(unlink("dangling")).toBe(0);
    expect(statErrno("dangling", NOFOLLOW)).toBe(WasiErrno.NOENT);
    expect(stat("d").type).toBe(WasiFileType.DIRECTORY);
  });

  test("to nothing in the root hides that name in the current directory", () => {
    boot({ cwd: "/d" });
    symlink("none", "/both");
    expect(readlink("both")).toBe("none");
    expect(readlink("/d/both")).toBe(WasiErrno.NOENT);
    expect(unlink("both")).toBe(0);
    expect(symlink("file", "both")).toBe(0);
    expect(readlink("/d/both")).toBe("file");
  });
});

describe("another name of a file", () => {
  test("shows the same file, and how many names it has", () => {
    expect(link("d/file", "d/second")).toBe(0);
    expect(link("d/file", "d/sub/third")).toBe(0);
    expect(stat("d/second")).toEqual(stat("d/file"));
    expect(stat("d/sub/third").links).toBe(3n);
    const path = machine.put(PATH, "d/file");
    expect(machine.call("unstable_path_filestat_get", 3, NOFOLLOW, ...path, OUT)).toBe(0);
    expect(machine.u32(OUT + 20)).toBe(3);
    expect(unlink("d/file")).toBe(0);
    expect(machine.readAll(machine.open("d/second"))).toBe("contents");
    expect(stat("d/second").links).toBe(2n);
  });

  test("is refused where something is, and to a directory", () => {
    symlink("none", "dangling");
    for (const taken of ["d/file", "d", "d/sub/x", "dangling"]) {
      expect(link("d/file", taken)).toBe(WasiErrno.EXIST);
    }
    expect(link("d", "other")).toBe(WasiErrno.PERM);
    expect(link("d/", "other")).toBe(WasiErrno.PERM);
    expect(link("none", "other")).toBe(WasiErrno.NOENT);
    expect(link("d/file", "none/other")).toBe(WasiErrno.NOENT);
  });

  test("of a symbolic link is of the link itself", () => {
    symlink("none", "dangling");
    symlink("circle", "circle");
    expect(link("dangling", "second")).toBe(0);
    expect(readlink("second")).toBe("none");
    expect(link("circle", "third")).toBe(0);
    expect(stat("third").links).toBe(2n);
    expect(link("dangling", "fourth", FOLLOW)).toBe(WasiErrno.INVAL);
    expect(link("d/file", "fourth", FOLLOW)).toBe(0);
  });
});

describe("a slash at the end of a path", () => {
  beforeEach(() => {
    symlink("d/file", "toFile");
    symlink("d", "toDirectory");
  });

  test("is for directories only, and follows a link", () => {
    for (const lookup of [NOFOLLOW, FOLLOW]) {
      for (const path of ["d/", "d///", "d/.", "toDirectory/", "toDirectory/."]) {
        expect(machine.open(path, { lookup })).toBeGreaterThan(0);
        expect(stat(path, lookup).type).toBe(WasiFileType.DIRECTORY);
      }
      for (const path of ["d/file/", "d/file///", "d/file/.", "toFile/"]) {
        expect(machine.open(path, { lookup })).toBe(-WasiErrno.NOTDIR);
        expect(machine.open(path, { lookup, rights: READWRITE, oflags: O_TRUNC })).toBe(
          -WasiErrno.NOTDIR,
        );
        expect(statErrno(path, lookup)).toBe(WasiErrno.NOTDIR);
        expect(setTimes(path, lookup, 1n, 1n, ATIM)).toBe(WasiErrno.NOTDIR);
        expect(readlink(path)).toBe(WasiErrno.NOTDIR);
      }
    }
    expect(readlink("toDirectory/")).toBe(WasiErrno.INVAL);
    expect(machine.kernel.files.get("/d/file")?.length).toBe(8);
    expect(stat("d/file").atim).toBe(GIVEN_NS);
  });

  test("no file is made", () => {
    for (const path of ["new/", "d/", "d/file/"]) {
      expect(machine.open(path, { oflags: O_CREAT, rights: READWRITE })).toBe(-WasiErrno.ISDIR);
    }
    expect(statErrno("new", NOFOLLOW)).toBe(WasiErrno.NOENT);
    expect(mkdir("new/")).toBe(0);
    expect(mkdir("d/file/")).toBe(WasiErrno.EXIST);
  });

  test("unlink and rmdir", () => {
    expect(unlink("d/")).toBe(WasiErrno.ISDIR);
    for (const path of ["d/file/", "toFile/", "toDirectory/"]) {
      expect(unlink(path)).toBe(WasiErrno.NOTDIR);
      expect(rmdir(path)).toBe(WasiErrno.NOTDIR);
    }
    expect(rmdir("d/sub/")).toBe(WasiErrno.NOTEMPTY);
    mkdir("empty");
    expect(rmdir("empty/")).toBe(0);
    expect(readlink("toDirectory")).toBe("d");
  });

  test("symlink and link", () => {
    for (const make of [
      (path: string) => symlink("t", path),
      (path: string) => link("toFile", path),
    ]) {
      expect(make("new/")).toBe(WasiErrno.NOENT);
      expect(make("d/")).toBe(WasiErrno.EXIST);
      expect(make("d/file/")).toBe(WasiErrno.NOTDIR);
      expect(statErrno("new", NOFOLLOW)).toBe(WasiErrno.NOENT);
    }
    expect(link("d/file/", "new")).toBe(WasiErrno.NOTDIR);
  });

  test("rename", () => {
    mkdir("source");
    expect(rename("source/", "target")).toBe(0);
    expect(rename("target", "source/")).toBe(0);
    expect(rename("source/", "target/")).toBe(0);
    expect(stat("target").type).toBe(WasiFileType.DIRECTORY);
    expect(rename("d/file/", "new")).toBe(WasiErrno.NOTDIR);
    expect(rename("d/file", "new/")).toBe(WasiErrno.NOTDIR);
    expect(rename("toDirectory/", "new")).toBe(WasiErrno.NOTDIR);
    expect(rename("none/", "new")).toBe(WasiErrno.NOENT);
  });
});

describe("rename", () => {
  test("replaces what may be replaced", () => {
    for (const path of ["source", "empty"]) mkdir(path);
    expect(rename("source", "d")).toBe(WasiErrno.NOTEMPTY);
    expect(rename("source", "d/file")).toBe(WasiErrno.NOTDIR);
    expect(rename("d/file", "empty")).toBe(WasiErrno.ISDIR);
    expect(rename("source", "empty")).toBe(0);
    expect(rename("d", "d/sub/inside")).toBe(WasiErrno.INVAL);
    expect(rename("d/file", "d/sub/x")).toBe(0);
    expect(machine.readAll(machine.open("d/sub/x"))).toBe("contents");
    expect(machine.open("d/file")).toBe(-WasiErrno.NOENT);
  });
});

describe("the times of a file", () => {
  test("are set one by one, and the other stays as it was", () => {
    const fd = machine.open("d/file");
    expect(machine.call("fd_filestat_set_times", fd, 5n, 77n, MTIM)).toBe(0);
    expect(stat("d/file")).toMatchObject({ atim: GIVEN_NS, mtim: 77n, ctim: 77n });
    expect(machine.call("fd_filestat_set_times", fd, 5n, 78n, ATIM)).toBe(0);
    expect(stat("d/file")).toMatchObject({ atim: 5n, mtim: 77n });
    expect(setTimes("d/file", NOFOLLOW, 6n, 79n, ATIM | MTIM)).toBe(0);
    expect(machine.call("fd_filestat_get", fd, OUT)).toBe(0);
    expect(readFilestat()).toMatchObject({ atim: 6n, mtim: 79n, size: 8n });
    expect(machine.call("unstable_fd_filestat_get", fd, OUT2)).toBe(0);
    expect([32, 40, 48].map((at) => machine.u64(OUT2 + at))).toEqual([6n, 79n, 79n]);
    expect(setTimes("d/file", NOFOLLOW, 9n, 9n, 0)).toBe(0);
    expect(stat("d/file")).toMatchObject({ atim: 6n, mtim: 79n });
  });

  test("can be now", () => {
    const before = machine.kernel.timeNs;
    expect(setTimes("d/file", NOFOLLOW, 1n, 2n, ATIM_NOW | MTIM)).toBe(0);
    expect(stat("d/file").atim).toBeGreaterThan(before);
    expect(stat("d/file").mtim).toBe(2n);
    expect(setTimes("d/file", NOFOLLOW, 1n, 2n, ATIM | MTIM_NOW)).toBe(0);
    expect(stat("d/file").atim).toBe(1n);
    expect(stat("d/file").mtim).toBeGreaterThan(before);
  });

  test("cannot be both given and now", () => {
    const fd = machine.open("d/file");
    for (const flags of [ATIM | ATIM_NOW, MTIM | MTIM_NOW, 15, 16, -1]) {
      expect(machine.call("fd_filestat_set_times", fd, 1n, 2n, flags)).toBe(WasiErrno.INVAL);
      expect(setTimes("d/file", NOFOLLOW, 1n, 2n, flags)).toBe(WasiErrno.INVAL);
    }
    expect(stat("d/file")).toMatchObject({ atim: GIVEN_NS, mtim: GIVEN_NS });
    expect(machine.call("fd_filestat_set_times", 60, 1n, 2n, MTIM)).toBe(WasiErrno.BADF);
    expect(machine.call("fd_filestat_set_times", 1, 1n, 2n, MTIM)).toBe(WasiErrno.PERM);
    expect(setTimes("none", NOFOLLOW, 1n, 2n, MTIM)).toBe(WasiErrno.NOENT);
  });

  test("of a link and of what it leads to are two things", () => {
    symlink("d/file", "link");
    expect(setTimes("link", NOFOLLOW, 1n, 2n, ATIM | MTIM)).toBe(0);
    expect(stat("link")).toMatchObject({ atim: 1n, mtim: 2n });
    expect(stat("d/file")).toMatchObject({ atim: GIVEN_NS, mtim: GIVEN_NS });
    expect(setTimes("link", FOLLOW, 3n, 4n, MTIM)).toBe(0);
    expect(stat("link")).toMatchObject({ atim: 1n, mtim: 2n });
    expect(stat("d/file")).toMatchObject({ atim: GIVEN_NS, mtim: 4n });
  });

  test("of a server that tells only the last change: it stands for all three, and a file has one name", () => {
    boot({ tellsLess: true });
    expect(stat("d/file")).toMatchObject({ atim: GIVEN_NS, mtim: GIVEN_NS, ctim: GIVEN_NS });
    expect(stat("d/file").links).toBe(1n);
    expect(setTimes("d/file", NOFOLLOW, 3n, 4n, MTIM)).toBe(0);
    expect(stat("d/file")).toMatchObject({ atim: 4n, mtim: 4n, ctim: 4n });
  });
});
