// The library's functions one by one, over a FakeKernel.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WasiErrno, WasiFileType } from "./preview1.ts";
import { ExitStatus, type FakeOptions } from "./testing/fakeKernel.ts";
import { libraryBytes } from "./testing/library.ts";
import { BUFFER, Machine, OUT, OUT2, PATH, READWRITE } from "./testing/machine.ts";
import { SIGNATURES } from "./testing/signatures.ts";

type Wabt = {
  parseWat(
    name: string,
    text: string,
  ): { toBinary(options: object): { buffer: Uint8Array<ArrayBuffer> } };
};
const loadWabt = createRequire(import.meta.url)("wabt") as () => Promise<Wabt>;

const FILES = {
  "/etc/motd": "welcome\n",
  "/etc/deep/x": "x",
  "/bin/sh": "\0asm",
  "/home/me/notes.txt": "0123456789",
};

let library: WebAssembly.Module;
let bytes: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  bytes = libraryBytes();
  library = await WebAssembly.compile(bytes);
});

function boot(options: FakeOptions): Machine {
  return new Machine(library, { files: FILES, ...options });
}

let machine: Machine;
beforeEach(() => {
  machine = boot({});
});

describe("the module", () => {
  test("has every function of both WASI modules, with its exact type", async () => {
    const lines: string[] = [];
    for (const [name, params] of Object.entries(SIGNATURES)) {
      const list = params.map((param) => (param === "I" ? "i64" : "i32")).join(" ");
      const result = name === "proc_exit" ? "" : "(result i32)";
      lines.push(`(import "wasi" "${name}" (func (param ${list}) ${result}))`);
    }
    const wabt = await loadWabt();
    const binary = wabt.parseWat("types.wat", `(module ${lines.join("\n")})`).toBinary({}).buffer;
    const instance = new WebAssembly.Instance(library, {
      sys: machine.kernel.sys,
      env: { memory: machine.memory },
    });
    await WebAssembly.instantiate(binary, { wasi: instance.exports });
    expect(Object.keys(instance.exports).sort()).toEqual(Object.keys(SIGNATURES).sort());
  });

  test("imports only system calls that lib/sys declares, holds no global state and is small", () => {
    const source = readFileSync(new URL("../sys.ts", import.meta.url), "utf8");
    for (const { module, name } of WebAssembly.Module.imports(library)) {
      if (module === "env" && name === "memory") continue;
      expect(module).toBe("sys");
      expect(source).toContain(`"${name}"`);
    }
    expect(sectionIds(bytes)).not.toContain(6);
    expect(sectionIds(bytes)).not.toContain(8);
    expect(bytes.length).toBeLessThan(10_000);
  });
});

describe("arguments and environment", () => {
  test("arguments arrive with their pointers", () => {
    machine = boot({ args: ["sqlite3", "-batch", "", "é"] });
    expect(machine.call("args_sizes_get", OUT, OUT2)).toBe(0);
    expect([machine.u32(OUT), machine.u32(OUT2)]).toEqual([4, 19]);
    expect(machine.call("args_get", OUT, BUFFER)).toBe(0);
    expect(machine.text(BUFFER, 19)).toBe("sqlite3\0-batch\0\0é\0");
    expect([0, 4, 8, 12].map((at) => machine.u32(OUT + at) - BUFFER)).toEqual([0, 8, 15, 16]);
  });

  test("the environment names the current directory", () => {
    machine = boot({ cwd: "/home/me" });
    machine.call("environ_sizes_get", OUT, OUT2);
    expect(machine.u32(OUT)).toBe(5);
    machine.call("environ_get", OUT, BUFFER);
    expect(machine.text(BUFFER, machine.u32(OUT2)).split("\0")).toEqual([
      "PATH=/bin",
      "HOME=/home",
      "TERM=xterm-256color",
      "USER=root",
      "PWD=/home/me",
      "",
    ]);
  });

  test("what was given comes first, and is not replaced", () => {
    machine = boot({ environ: ["HOME=/h", "X=1", "PWD=/elsewhere"] });
    machine.call("environ_sizes_get", OUT, OUT2);
    expect(machine.u32(OUT)).toBe(6);
    machine.call("environ_get", OUT, BUFFER);
    expect(machine.text(BUFFER, machine.u32(OUT2)).split("\0")).toEqual([
      "HOME=/h",
      "X=1",
      "PWD=/elsewhere",
      "PATH=/bin",
      "TERM=xterm-256color",
      "USER=root",
      "",
    ]);
  });
});

describe("reading and writing", () => {
  test("gathers and scatters", () => {
    machine.put(BUFFER, "hello world\n");
    expect(
      machine.call("fd_write", 1, ...machine.iovs([BUFFER, 6], [BUFFER, 0], [BUFFER + 6, 6]), OUT),
    ).toBe(0);
    expect([machine.u32(OUT), machine.kernel.text(1)]).toEqual([12, "hello world\n"]);
    const fd = machine.open("home/me/notes.txt");
    expect(
      machine.call("fd_read", fd, ...machine.iovs([BUFFER, 4], [BUFFER + 100, 100]), OUT),
    ).toBe(0);
    expect(machine.u32(OUT)).toBe(10);
    expect([machine.text(BUFFER, 4), machine.text(BUFFER + 100, 6)]).toEqual(["0123", "456789"]);
  });

  test("a stream is asked once, so that a read with data never waits", () => {
    machine = boot({ stdin: "ab\ncd\n", terminal: true });
    machine.call("fd_read", 0, ...machine.iovs([BUFFER, 3], [BUFFER + 3, 3]), OUT);
    expect(machine.u32(OUT)).toBe(3);
  });

  test("at an offset, without moving", () => {
    const fd = machine.open("home/me/notes.txt");
    expect(
      machine.call("fd_pread", fd, ...machine.iovs([BUFFER, 2], [BUFFER + 2, 2]), 3n, OUT),
    ).toBe(0);
    expect(machine.text(BUFFER, machine.u32(OUT))).toBe("3456");
    expect(machine.readAll(fd)).toBe("0123456789");
    expect(machine.call("fd_pread", 0, ...machine.iovs([BUFFER, 2]), 3n, OUT)).toBe(
      WasiErrno.SPIPE,
    );
  });

  test("append, given when the file is opened or later", () => {
    machine.put(BUFFER, "+");
    const opened = machine.open("home/me/notes.txt", { rights: READWRITE, fdflags: 1 });
    machine.call("fd_write", opened, ...machine.iovs([BUFFER, 1]), OUT);
    const later = machine.open("home/me/notes.txt", { rights: READWRITE });
    machine.call("fd_fdstat_set_flags", later, 1);
    machine.call("fd_write", later, ...machine.iovs([BUFFER, 1]), OUT);
    expect(machine.readAll(machine.open("home/me/notes.txt"))).toBe("0123456789++");
    expect(machine.call("fd_fdstat_set_flags", later, 0x20)).toBe(WasiErrno.INVAL);
  });

  test("append is taken away again, also from a file that was opened with it", () => {
    machine.put(BUFFER, "+");
    const fd = machine.open("home/me/notes.txt", { rights: READWRITE, fdflags: 1 });
    const opened = machine.kernel.openCount;
    machine.call("fd_write", fd, ...machine.iovs([BUFFER, 1]), OUT);
    machine.call("fd_seek", fd, 4n, 0, OUT);
    expect(machine.call("fd_fdstat_set_flags", fd, 0)).toBe(0);
    machine.call("fd_write", fd, ...machine.iovs([BUFFER, 1]), OUT);
    expect(machine.readAll(machine.open("home/me/notes.txt"))).toBe("0123+56789+");
    machine.call("fd_fdstat_set_flags", fd, 1);
    machine.put(BUFFER, "-");
    machine.call("fd_write", fd, ...machine.iovs([BUFFER, 1]), OUT);
    expect(machine.readAll(machine.open("home/me/notes.txt"))).toBe("0123+56789+-");
    expect(machine.kernel.openCount).toBe(opened + 2);
  });

  test("append stays where the file has lost the name by which it could be opened again", () => {
    const path = machine.put(PATH, "etc/motd");
    const fd = machine.open("etc/motd", { rights: READWRITE, fdflags: 1 });
    expect(machine.call("path_unlink_file", 3, ...path)).toBe(0);
    expect(machine.call("fd_fdstat_set_flags", fd, 0)).toBe(WasiErrno.NOTSUP);
    machine.open("etc/motd", { oflags: 1, rights: READWRITE });
    const opened = machine.kernel.openCount;
    expect(machine.call("fd_fdstat_set_flags", fd, 0)).toBe(WasiErrno.NOTSUP);
    expect(machine.call("fd_fdstat_set_flags", fd, 1 | 4)).toBe(0);
    expect(machine.kernel.openCount).toBe(opened);
  });

  test("the rights to read and to write are obeyed", () => {
    const attempt = (fd: number) =>
      ["fd_read", "fd_write", "fd_pread", "fd_pwrite"].map((name) => {
        const offset = name.startsWith("fd_p") ? [0n] : [];
        return machine.call(name, fd, ...machine.iovs([BUFFER, 1]), ...offset, OUT);
      });
    const no = WasiErrno.BADF;
    expect(attempt(machine.open("etc/motd"))).toEqual([0, no, 0, no]);
    expect(attempt(machine.open("etc/motd", { rights: 0n }))).toEqual([0, no, 0, no]);
    expect(attempt(machine.open("etc/motd", { rights: 0x40n }))).toEqual([no, 0, no, 0]);
    const fd = machine.open("etc/motd", { rights: READWRITE });
    expect(attempt(fd)).toEqual([0, 0, 0, 0]);
    expect(machine.call("fd_fdstat_set_rights", fd, 0x40n, 0n)).toBe(0);
    expect(attempt(fd)).toEqual([no, 0, no, 0]);
    expect(machine.call("fd_fdstat_set_rights", fd, 0n, 0n)).toBe(0);
    expect(attempt(fd)).toEqual([no, no, no, no]);
  });

  test("descriptors that are not open, and directories, are refused", () => {
    for (const name of ["fd_read", "fd_write"]) {
      expect(machine.call(name, 9, ...machine.iovs([BUFFER, 1]), OUT)).toBe(WasiErrno.BADF);
      expect(machine.call(name, -1, ...machine.iovs([BUFFER, 1]), OUT)).toBe(WasiErrno.BADF);
      expect(machine.call(name, 3, ...machine.iovs([BUFFER, 1]), OUT)).toBe(WasiErrno.ISDIR);
    }
  });
});

describe("seeking", () => {
  /** [export, whence, offset, expected position]: the two modules number whence differently. */
  test.each([
    ["fd_seek", 0, 4n, 4n],
    ["fd_seek", 1, 1n, 3n],
    ["fd_seek", 2, -1n, 9n],
    ["unstable_fd_seek", 2, 4n, 4n],
    ["unstable_fd_seek", 0, 1n, 3n],
    ["unstable_fd_seek", 1, -1n, 9n],
  ])("%s whence %i", (name, whence, offset, expected) => {
    const fd = machine.open("home/me/notes.txt");
    machine.call("fd_read", fd, ...machine.iovs([BUFFER, 2]), OUT);
    expect(machine.call(name, fd, offset, whence, OUT)).toBe(0);
    expect(machine.u64(OUT)).toBe(expected);
    expect(machine.call("fd_tell", fd, OUT)).toBe(0);
    expect(machine.u64(OUT)).toBe(expected);
    expect(machine.call(name, fd, 0n, 3, OUT)).toBe(WasiErrno.INVAL);
    expect(machine.call(name, 0, 0n, whence, OUT)).toBe(WasiErrno.SPIPE);
  });
});

describe("descriptors", () => {
  test("types and rights: by them C libraries know a terminal", () => {
    const stat = (fd: number) => {
      expect(machine.call("fd_fdstat_get", fd, OUT)).toBe(0);
      return { type: machine.view.getUint8(OUT), seeks: (machine.u64(OUT + 8) & 0x24n) !== 0n };
    };
    expect(stat(0)).toEqual({ type: WasiFileType.UNKNOWN, seeks: false });
    expect(stat(3)).toEqual({ type: WasiFileType.DIRECTORY, seeks: false });
    machine = boot({ terminal: true });
    expect(stat(1)).toEqual({ type: WasiFileType.CHARACTER_DEVICE, seeks: false });
    const fd = machine.open("etc/motd", { rights: 0x26n });
    expect(stat(fd)).toEqual({ type: WasiFileType.REGULAR_FILE, seeks: true });
    expect(machine.u64(OUT + 8)).toBe(0x26n);
    expect(machine.call("fd_fdstat_set_rights", fd, 0x2n, 0n)).toBe(0);
    expect(machine.call("fd_fdstat_set_rights", fd, 0x6n, 0n)).toBe(WasiErrno.NOTCAPABLE);
  });

  test("the lowest free one is taken, and close gives it back to the kernel too", () => {
    const opened = machine.kernel.openCount;
    expect([machine.open("etc/motd"), machine.open("etc/motd")]).toEqual([5, 6]);
    expect(machine.call("fd_close", 5)).toBe(0);
    expect(machine.call("fd_close", 5)).toBe(WasiErrno.BADF);
    expect(machine.open("etc/motd")).toBe(5);
    machine.call("fd_close", 5);
    machine.call("fd_close", 6);
    expect(machine.kernel.openCount).toBe(opened);
  });

  test("run out after 64", () => {
    for (let fd = 5; fd < 64; fd++) expect(machine.open("etc/motd")).toBe(fd);
    expect(machine.open("etc/motd")).toBe(-WasiErrno.MFILE);
  });

  test("renumber closes the target", () => {
    const from = machine.open("etc/motd");
    const to = machine.open("home/me/notes.txt");
    expect(machine.call("fd_renumber", from, to)).toBe(0);
    expect(machine.readAll(to)).toBe("welcome\n");
    expect(machine.call("fd_close", from)).toBe(WasiErrno.BADF);
    expect(machine.call("fd_renumber", to, 60)).toBe(WasiErrno.BADF);
  });

  test("a renumbered directory keeps its path", () => {
    const directory = machine.open("etc", { oflags: 2 });
    const target = machine.open("etc/motd");
    machine.call("fd_renumber", directory, target);
    expect(machine.open("motd", { dirfd: target })).toBeGreaterThan(0);
  });
});

describe("file status", () => {
  test("both layouts", () => {
    const [at, len] = machine.put(PATH, "home/me/notes.txt");
    expect(machine.call("path_filestat_get", 3, 0, at, len, OUT)).toBe(0);
    expect([machine.view.getUint8(OUT + 16), machine.u64(OUT + 24), machine.u64(OUT + 32)]).toEqual(
      [4, 1n, 10n],
    );
    expect(machine.u64(OUT + 48)).toBe(1_600_000_000_000_000_000n);
    expect(machine.call("unstable_path_filestat_get", 3, 0, at, len, OUT2)).toBe(0);
    expect([
      machine.view.getUint8(OUT2 + 16),
      machine.u32(OUT2 + 20),
      machine.u64(OUT2 + 24),
    ]).toEqual([4, 1, 10n]);
    expect(machine.u64(OUT2 + 40)).toBe(1_600_000_000_000_000_000n);
  });

  test("the older layout is 56 bytes, no more", () => {
    const fd = machine.open("etc/motd");
    machine.view.setUint32(OUT + 56, 0x12345678, true);
    expect(machine.call("unstable_fd_filestat_get", fd, OUT)).toBe(0);
    expect(machine.u32(OUT + 56)).toBe(0x12345678);
    expect(machine.call("fd_filestat_get", fd, OUT)).toBe(0);
    expect(machine.u32(OUT + 56)).not.toBe(0x12345678);
    expect(machine.call("fd_filestat_get", 3, OUT)).toBe(0);
    expect(machine.view.getUint8(OUT + 16)).toBe(WasiFileType.DIRECTORY);
  });
});

describe("paths", () => {
  test.each([
    ["etc/motd", "welcome\n"],
    ["/etc/motd", "welcome\n"],
    ["./etc//./motd", "welcome\n"],
    ["etc/deep/../motd", "welcome\n"],
    ["../../etc/motd", "welcome\n"],
    ["etc/../../../home/me/notes.txt", "0123456789"],
  ])("%s", (path, contents) => {
    expect(machine.readAll(machine.open(path))).toBe(contents);
  });

  test("relative to a directory, and out of it by ..", () => {
    const etc = machine.open("etc/", { oflags: 2 });
    expect(machine.readAll(machine.open("motd", { dirfd: etc }))).toBe("welcome\n");
    expect(machine.readAll(machine.open("../home/me/notes.txt", { dirfd: etc }))).toBe(
      "0123456789",
    );
    expect(
      machine.readAll(machine.open("x", { dirfd: machine.open("deep", { dirfd: etc }) })),
    ).toBe("x");
    const root = machine.open(".", { oflags: 2 });
    expect(machine.readAll(machine.open("etc/motd", { dirfd: root }))).toBe("welcome\n");
  });

  test("what cannot be opened says why", () => {
    expect(machine.open("none")).toBe(-WasiErrno.NOENT);
    expect(machine.open("")).toBe(-WasiErrno.NOENT);
    expect(machine.open("etc", { rights: READWRITE })).toBe(-WasiErrno.ISDIR);
    expect(machine.open("etc/motd", { oflags: 2 })).toBe(-WasiErrno.NOTDIR);
    expect(machine.open("etc/motd", { oflags: 5 })).toBe(-WasiErrno.EXIST);
    expect(machine.open("motd", { dirfd: 77 })).toBe(-WasiErrno.BADF);
    expect(machine.open("motd", { dirfd: 1 })).toBe(-WasiErrno.NOTDIR);
    expect(machine.open("x".repeat(1022))).toBe(-WasiErrno.NOENT);
    expect(machine.open("x".repeat(1023))).toBe(-WasiErrno.NAMETOOLONG);
    expect(machine.open("x".repeat(1024))).toBe(-WasiErrno.NAMETOOLONG);
    expect(machine.kernel.openCount).toBe(3);
  });

  test("a directory is not opened to be changed, nor made by opening", () => {
    expect(machine.open("etc", { oflags: 2, rights: READWRITE })).toBe(-WasiErrno.ISDIR);
    expect(machine.open("etc", { oflags: 1 })).toBe(-WasiErrno.ISDIR);
    expect(machine.open("etc", { oflags: 8 })).toBe(-WasiErrno.ISDIR);
    expect(machine.open("new", { oflags: 1 | 2 })).toBe(-WasiErrno.INVAL);
    expect(machine.open("etc", { oflags: 2 | 8 })).toBe(-WasiErrno.INVAL);
    expect(machine.open("new")).toBe(-WasiErrno.NOENT);
    const etc = machine.open("etc", { oflags: 2 });
    expect(machine.call("fd_allocate", etc, 0n, 1n)).toBe(WasiErrno.ISDIR);
    expect(machine.call("fd_filestat_set_size", etc, 0n)).toBe(WasiErrno.BADF);
  });

  test("a file is emptied by opening it where the directory's rights allow that", () => {
    const etc = machine.open("etc", { oflags: 2 });
    expect(machine.call("fd_fdstat_get", etc, OUT)).toBe(0);
    const [base, inheriting] = [machine.u64(OUT + 8), machine.u64(OUT + 16)];
    const fd = machine.open("motd", { dirfd: etc, oflags: 8, rights: 0n });
    expect(machine.kernel.files.get("/etc/motd")?.length).toBe(0);
    expect(machine.call("fd_write", fd, ...machine.iovs([BUFFER, 1]), OUT)).toBe(WasiErrno.BADF);
    expect(machine.call("fd_fdstat_set_rights", etc, base & ~0x80000n, inheriting)).toBe(0);
    expect(machine.open("deep/x", { dirfd: etc, oflags: 8 })).toBe(-WasiErrno.NOTCAPABLE);
    expect(machine.kernel.files.get("/etc/deep/x")?.length).toBe(1);
  });

  test("a NUL in a path is refused", () => {
    expect(machine.open("etc/motd\0")).toBe(-WasiErrno.INVAL);
    expect(machine.open("etc\0/motd")).toBe(-WasiErrno.INVAL);
  });

  test("names in the directory the program was started in", () => {
    machine = boot({ cwd: "/home/me" });
    for (const dirfd of [3, 4]) {
      expect(machine.readAll(machine.open("notes.txt", { dirfd }))).toBe("0123456789");
      expect(machine.readAll(machine.open("etc/motd", { dirfd }))).toBe("welcome\n");
    }
    expect(machine.open("none.txt")).toBe(-WasiErrno.NOENT);
    machine.open("new.txt", { oflags: 1, rights: READWRITE });
    machine.open("etc/new.txt", { oflags: 1, rights: READWRITE });
    machine.call("path_create_directory", 3, ...machine.put(PATH, "sub"));
    machine.open("sub/new.txt", { oflags: 1, rights: READWRITE });
    const made = [...machine.kernel.files.keys()].filter((path) => path.endsWith("new.txt"));
    expect(made).toEqual(["/home/me/new.txt", "/etc/new.txt", "/home/me/sub/new.txt"]);
  });

  test("/dev/stdin and its kin are the standard descriptors where the kernel has no such names", () => {
    machine = boot({ stdin: "abc" });
    expect(machine.readAll(machine.open("dev/stdin"))).toBe("abc");
    const [at, len] = machine.put(PATH, "/dev/stderr");
    expect(machine.call("path_filestat_get", 3, 0, at, len, OUT)).toBe(0);
    const fd = machine.open("/dev/stdout", { rights: 0x40n });
    machine.put(BUFFER, "out");
    machine.call("fd_write", fd, ...machine.iovs([BUFFER, 3]), OUT);
    expect(machine.kernel.text(1)).toBe("out");
    expect(machine.open("dev/stdi")).toBe(-WasiErrno.NOENT);
    expect(machine.open("dev/stdin2")).toBe(-WasiErrno.NOENT);
  });

  test("names are removed and renamed, after what a caller can act on", () => {
    const path = (text: string) => machine.put(PATH, text);
    expect(machine.call("path_create_directory", 3, ...path("new"))).toBe(0);
    expect(machine.call("path_remove_directory", 3, ...path("new"))).toBe(0);
    expect(machine.call("path_create_directory", 3, ...path("etc"))).toBe(WasiErrno.EXIST);
    expect(machine.call("path_unlink_file", 3, ...path("none"))).toBe(WasiErrno.NOENT);
    expect(machine.call("path_unlink_file", 3, ...path("etc"))).toBe(WasiErrno.ISDIR);
    expect(machine.call("path_remove_directory", 3, ...path("etc/motd"))).toBe(WasiErrno.NOTDIR);
    expect(machine.call("path_remove_directory", 3, ...path("etc"))).toBe(WasiErrno.NOTEMPTY);
    const etc = machine.open("etc", { oflags: 2 });
    const to = machine.put(BUFFER, "../home/me/moved");
    expect(machine.call("path_rename", 3, ...path("etc/motd"), etc, ...to)).toBe(0);
    expect(machine.call("path_rename", 3, ...path("etc/motd"), etc, ...to)).toBe(WasiErrno.NOENT);
    expect(machine.readAll(machine.open("home/me/moved"))).toBe("welcome\n");
    expect(machine.call("path_unlink_file", 3, ...path("home/me/moved"))).toBe(0);
    expect(machine.kernel.files.has("/home/me/moved")).toBe(false);
  });

  test("sizes are set", () => {
    const fd = machine.open("home/me/notes.txt", { rights: READWRITE });
    expect(machine.call("fd_filestat_set_size", fd, 3n)).toBe(0);
    expect(machine.readAll(machine.open("home/me/notes.txt"))).toBe("012");
    expect(machine.call("fd_allocate", fd, 1n, 2n)).toBe(0);
    expect(machine.call("fd_allocate", fd, 4n, 1n)).toBe(0);
    expect(machine.readAll(machine.open("home/me/notes.txt"))).toBe("012\0\0");
    expect(machine.call("fd_filestat_set_size", fd, -1n)).toBe(WasiErrno.INVAL);
    expect(machine.call("fd_allocate", 0, 0n, 1n)).toBe(WasiErrno.SPIPE);
  });

  test("what was written is made durable, where it can be", () => {
    expect(machine.call("fd_sync", machine.open("etc/motd"))).toBe(0);
    expect(machine.call("fd_sync", 50)).toBe(WasiErrno.BADF);
  });

  test("there are no sockets", () => {
    for (const name of ["sock_accept", "sock_shutdown"]) {
      const params = SIGNATURES[name]?.length === 3 ? [0, OUT] : [0];
      expect(machine.call(name, 1, ...params)).toBe(WasiErrno.NOTSOCK);
      expect(machine.call(name, 50, ...params)).toBe(WasiErrno.BADF);
    }
    expect(machine.call("sock_open", 1, 1, OUT)).toBe(WasiErrno.NOSYS);
  });
});

describe("directories", () => {
  interface Entry {
    next: bigint;
    name: string;
    type: number;
  }

  /** The whole entries in a buffer of `capacity` bytes, and whether there may be more. */
  function list(fd: number, capacity: number, cookie: bigint): { entries: Entry[]; full: boolean } {
    expect(machine.call("fd_readdir", fd, BUFFER, capacity, cookie, OUT)).toBe(0);
    const used = machine.u32(OUT);
    const entries: Entry[] = [];
    let at = BUFFER;
    while (at + 24 <= BUFFER + used) {
      const nameBytes = machine.u32(at + 16);
      if (at + 24 + nameBytes > BUFFER + used) break;
      entries.push({
        next: machine.u64(at),
        name: machine.text(at + 24, nameBytes),
        type: machine.view.getUint8(at + 20),
      });
      at += 24 + nameBytes;
    }
    return { entries, full: used === capacity };
  }

  test("are listed with their dots and types", () => {
    const { entries, full } = list(machine.open("etc", { oflags: 2 }), 4096, 0n);
    expect(full).toBe(false);
    expect(entries).toEqual([
      { next: 1n, name: ".", type: WasiFileType.DIRECTORY },
      { next: 2n, name: "..", type: WasiFileType.DIRECTORY },
      { next: 3n, name: "motd", type: WasiFileType.REGULAR_FILE },
      { next: 4n, name: "deep", type: WasiFileType.DIRECTORY },
    ]);
  });

  test("of a thousand files, through a small buffer, give each once", () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 1000; i++) files[`/many/file-${i}`] = "";
    machine = boot({ files });
    const fd = machine.open("many", { oflags: 2 });
    const names: string[] = [];
    let cookie = 0n;
    for (;;) {
      const { entries, full } = list(fd, 100, cookie);
      names.push(...entries.map((entry) => entry.name));
      if (!full) break;
      cookie = entries.at(-1)?.next ?? -1n;
    }
    expect(names.slice(2)).toEqual(Object.keys(files).map((path) => path.slice("/many/".length)));
  });

  test("the preopened ones are / and .", () => {
    for (const [fd, name] of [
      [3, "/"],
      [4, "."],
    ] as const) {
      expect(machine.call("fd_prestat_get", fd, OUT)).toBe(0);
      expect([machine.u32(OUT), machine.u32(OUT + 4)]).toEqual([0, 1]);
      expect(machine.call("fd_prestat_dir_name", fd, BUFFER, 1)).toBe(0);
      expect(machine.text(BUFFER, 1)).toBe(name);
    }
    for (const fd of [0, 5]) expect(machine.call("fd_prestat_get", fd, OUT)).toBe(WasiErrno.BADF);
    expect(list(3, 4096, 2n).entries.map((entry) => entry.name)).toEqual(["etc", "bin", "home"]);
    expect(machine.call("fd_readdir", machine.open("etc/motd"), BUFFER, 100, 0n, OUT)).toBe(
      WasiErrno.NOTDIR,
    );
  });
});

describe("time, chance and the process", () => {
  test("clocks", () => {
    expect(machine.call("clock_time_get", 0, 1n, OUT)).toBe(0);
    expect(machine.u64(OUT)).toBe(machine.kernel.timeNs);
    expect(machine.call("clock_time_get", 4, 1n, OUT)).toBe(WasiErrno.INVAL);
    expect(machine.call("clock_res_get", 1, OUT)).toBe(0);
    expect(machine.u64(OUT)).toBeGreaterThan(0n);
  });

  test("random fills the buffer and no more", () => {
    expect(machine.call("random_get", BUFFER, 5)).toBe(0);
    expect(machine.text(BUFFER, 6)).toBe("\x07\x07\x07\x07\x07\0");
  });

  test("exit and signals reach the kernel", () => {
    expect(() => machine.call("proc_exit", 7)).toThrow(new ExitStatus(7));
    expect(machine.call("proc_raise", 15)).toBe(0);
    expect(machine.kernel.kills).toEqual([[42, 15]]);
    expect(machine.call("sched_yield")).toBe(0);
  });
});

describe("errors", () => {
  /** WASI's numbers: the position in this list (witx, typenames: errno). */
  const NAMES =
    "success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled child connaborted " +
    "connrefused connreset deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq inprogress intr inval io " +
    "isconn isdir loop mfile mlink msgsize multihop nametoolong netdown netreset netunreach nfile nobufs nodev " +
    "noent noexec nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty notrecoverable notsock notsup " +
    "notty nxio overflow ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale timedout txtbsy " +
    "xdev notcapable";
  const wasi = NAMES.split(" ");
  /** Linux numbers of the errors that WASI knows. */
  // biome-ignore format: a table
  const LINUX: Readonly<Record<string, number>> = {
    "2big": 7, acces: 13, addrinuse: 98, addrnotavail: 99, afnosupport: 97, again: 11, already: 114, badf: 9, badmsg: 74,
    busy: 16, canceled: 125, child: 10, connaborted: 103, connrefused: 111, connreset: 104, deadlk: 35, destaddrreq: 89,
    dom: 33, dquot: 122, exist: 17, fault: 14, fbig: 27, hostunreach: 113, idrm: 43, ilseq: 84, inprogress: 115, intr: 4,
    inval: 22, io: 5, isconn: 106, isdir: 21, loop: 40, mfile: 24, mlink: 31, msgsize: 90, multihop: 72, nametoolong: 36,
    netdown: 100, netreset: 102, netunreach: 101, nfile: 23, nobufs: 105, nodev: 19, noent: 2, noexec: 8, nolck: 37,
    nolink: 67, nomem: 12, nomsg: 42, noprotoopt: 92, nospc: 28, nosys: 38, notconn: 107, notdir: 20, notempty: 39,
    notrecoverable: 131, notsock: 88, notsup: 95, notty: 25, nxio: 6, overflow: 75, ownerdead: 130, perm: 1, pipe: 32,
    proto: 71, protonosupport: 93, prototype: 91, range: 34, rofs: 30, spipe: 29, srch: 3, stale: 116, timedout: 110,
    txtbsy: 26, xdev: 18,
  };

  test("every number that the kernel may answer is one that WASI has", () => {
    expect(wasi.length).toBe(WasiErrno.NOTCAPABLE + 1);
    const expected = new Map(
      Object.entries(LINUX).map(([name, linux]) => [linux, wasi.indexOf(name)]),
    );
    for (let errno = 1; errno <= 4095; errno++) {
      machine.kernel.yieldResult = -errno;
      expect([errno, machine.call("sched_yield")]).toEqual([
        errno,
        expected.get(errno) ?? WasiErrno.IO,
      ]);
    }
    for (const name of Object.keys(LINUX)) expect(wasi).toContain(name);
  });
});

describe("poll_oneoff", () => {
  const SUBSCRIPTIONS = 0x2000;
  const EVENTS = 0x3000;

  /** Layouts: preview 1 has 48-byte subscriptions; wasi_unstable 56, with a clock's fields 8 further on. */
  describe.each([
    ["poll_oneoff", 48, 0],
    ["unstable_poll_oneoff", 56, 8],
  ])("%s", (name, stride, shift) => {
    function clock(
      index: number,
      userdata: bigint,
      timeout: bigint,
      absolute: boolean,
      id = 1,
    ): void {
      const at = SUBSCRIPTIONS + index * stride;
      machine.view.setBigUint64(at, userdata, true);
      machine.view.setUint8(at + 8, 0);
      machine.view.setUint32(at + 16 + shift, id, true);
      machine.view.setBigUint64(at + 24 + shift, timeout, true);
      machine.view.setUint16(at + 40 + shift, absolute ? 1 : 0, true);
    }

    function descriptor(index: number, userdata: bigint, type: number, fd: number): void {
      const at = SUBSCRIPTIONS + index * stride;
      machine.view.setBigUint64(at, userdata, true);
      machine.view.setUint8(at + 8, type);
      machine.view.setUint32(at + 16, fd, true);
    }

    function poll(
      count: number,
    ): { userdata: bigint; error: number; type: number; nbytes: bigint }[] {
      expect(machine.call(name, SUBSCRIPTIONS, EVENTS, count, OUT)).toBe(0);
      return Array.from({ length: machine.u32(OUT) }, (_, index) => {
        const at = EVENTS + index * 32;
        return {
          userdata: machine.u64(at),
          error: machine.view.getUint16(at + 8, true),
          type: machine.view.getUint8(at + 10),
          nbytes: machine.u64(at + 16),
        };
      });
    }

    test("clocks alone sleep until the first", () => {
      clock(0, 11n, 5_000_000n, false);
      clock(1, 12n, 3_000_000n, false);
      expect(poll(2)).toEqual([{ userdata: 12n, error: 0, type: 0, nbytes: 0n }]);
      expect(machine.kernel.sleeps).toEqual([3_000_000n]);
    });

    test("an absolute time that has passed does not sleep; one to come does", () => {
      clock(0, 1n, 5n, true);
      expect(poll(1)).toHaveLength(1);
      expect(machine.kernel.sleeps).toEqual([]);
      clock(0, 1n, machine.kernel.timeNs + 1_000_000n, true);
      expect(poll(1)).toHaveLength(1);
      expect(Number(machine.kernel.sleeps[0])).toBeGreaterThan(900_000);
    });

    test("with a descriptor nothing sleeps", () => {
      clock(0, 1n, 5_000_000n, false);
      descriptor(1, 2n, 1, machine.open("home/me/notes.txt"));
      descriptor(2, 3n, 2, 1);
      descriptor(3, 4n, 1, 40);
      expect(poll(4)).toEqual([
        { userdata: 2n, error: 0, type: 1, nbytes: 10n },
        { userdata: 3n, error: 0, type: 2, nbytes: 1n },
        { userdata: 4n, error: WasiErrno.BADF, type: 1, nbytes: 0n },
      ]);
      expect(machine.kernel.sleeps).toEqual([]);
    });

    test("nothing to wait for is an error, an unknown clock an event", () => {
      expect(machine.call(name, SUBSCRIPTIONS, EVENTS, 0, OUT)).toBe(WasiErrno.INVAL);
      clock(0, 9n, 5n, false, 17);
      expect(poll(1)).toEqual([{ userdata: 9n, error: WasiErrno.INVAL, type: 0, nbytes: 0n }]);
    });
  });
});

/** The ids of a module's sections: 6 is globals, 8 the start function. */
function sectionIds(module: Uint8Array): number[] {
  const ids: number[] = [];
  let at = 8;
  while (at < module.length) {
    ids.push(module[at++] ?? 0);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++] ?? 0;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
  }
  return ids;
}
