// Symbolic links, which the server leaves to the kernel to follow, and files with several names.

import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Tag } from "../../abi/ipc.ts";
import { DirEntry, FileType, OpenFlag } from "../../abi/syscall.ts";
import { buildProgram } from "../testing/build.ts";
import { FakeDisk, fs, type LinkReply, type Session, serveSession } from "../testing/fileServer.ts";
import { LinkLimit } from "./format.ts";

const NOFOLLOW = OpenFlag.READ | OpenFlag.NOFOLLOW;

let memoryServer: WebAssembly.Module;
let diskServer: WebAssembly.Module;

beforeAll(async () => {
  memoryServer = await buildProgram("srv/fs/index.ts");
  diskServer = await buildProgram("srv/home/index.ts");
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function link(target: string, rest: number, isSecond = false): LinkReply {
  return { target, rest, isSecond };
}

function* space(): Session<string> {
  const root = yield* fs.open("", OpenFlag.READ);
  return new TextDecoder().decode((yield* fs.control(root, "space")) as Uint8Array);
}

/** Two texts behind a length of the first that may not be true. */
function claimed(length: number, text: string): Uint8Array {
  const data = new Uint8Array(4 + text.length);
  new DataView(data.buffer).setUint32(0, length, true);
  data.set(bytes(text), 4);
  return data;
}

describe.each(["memory", "disk"])("in %s", (where) => {
  const run = (session: () => Session<void>): void => {
    const outcome =
      where === "memory"
        ? serveSession(memoryServer, undefined, session())
        : serveSession(diskServer, new FakeDisk(4096), session());
    expect(outcome.status, outcome.log).toBeUndefined();
  };

  it("a symbolic link keeps its target, and can be opened itself", () => {
    run(function* () {
      const longest = "t".repeat(LinkLimit.TARGET_BYTES);
      for (const [name, target] of [
        ["l", "../some//where/"],
        ["longest", longest],
      ] as const) {
        expect(yield* fs.symlink(target, name)).toBe(0);
        expect(yield* fs.target(name)).toBe(target);
        const st = { type: FileType.LINK, size: target.length, links: 1 };
        expect(yield* fs.lstat(name)).toMatchObject(st);
      }
      for (const flags of [OpenFlag.WRITE, OpenFlag.READWRITE, OpenFlag.TRUNCATE]) {
        expect(yield* fs.led(fs.open("l", flags))).toEqual(link("../some//where/", 0));
        expect(yield* fs.led(fs.open("l", flags | OpenFlag.NOFOLLOW))).toBe(-Errno.ELOOP);
      }
      expect(yield* fs.open("l", NOFOLLOW | OpenFlag.DIRECTORY)).toBe(-Errno.ENOTDIR);
      const handle = yield* fs.open("l", NOFOLLOW);
      expect(yield* fs.read(handle, 4, 3)).toEqual(bytes("some"));
      expect(yield* fs.write(handle, bytes("x"), 0)).toBe(-Errno.EINVAL);
      expect(yield* fs.truncate(handle, 0)).toBe(-Errno.EINVAL);
      expect(yield* fs.target("l")).toBe("../some//where/");
    });
  });

  it("what cannot be a symbolic link is refused", () => {
    run(function* () {
      yield* fs.mkdir("d");
      expect(yield* fs.symlink("", "l")).toBe(-Errno.ENOENT);
      expect(yield* fs.symlink("t".repeat(1024), "l")).toBe(-Errno.ENAMETOOLONG);
      expect(yield* fs.symlink("a\0b", "l")).toBe(-Errno.EINVAL);
      for (const there of ["d", ""]) expect(yield* fs.symlink("t", there)).toBe(-Errno.EEXIST);
      expect(yield* fs.symlink("t", "l")).toBe(0);
      expect(yield* fs.led(fs.symlink("t", "l"))).toBe(-Errno.EEXIST);
      expect(yield* fs.symlink("t", "none/l")).toBe(-Errno.ENOENT);
      expect(yield* fs.symlink("t", "x".repeat(256))).toBe(-Errno.ENAMETOOLONG);
    });
  });

  it("who comes to a link is told its target and what is behind it", () => {
    run(function* () {
      yield* fs.mkdir("d");
      yield* fs.put("d/f", bytes("f"));
      yield* fs.symlink("d", "l");
      yield* fs.symlink("f", "d/m");
      for (const flags of [OpenFlag.READ, OpenFlag.WRITE, OpenFlag.DIRECTORY])
        expect(yield* fs.led(fs.open("l", flags))).toEqual(link("d", 0));
      for (const flags of [OpenFlag.READ, NOFOLLOW])
        expect(yield* fs.led(fs.open("l/m", flags))).toEqual(link("d", 2));
      expect(yield* fs.led(fs.open("d/m"))).toEqual(link("f", 0));
      expect(yield* fs.led(fs.open("d/m/x/yz"))).toEqual(link("f", 5));
      expect(yield* fs.led(fs.create("l"))).toEqual(link("d", 0));
      expect(yield* fs.led(fs.create("l/new"))).toEqual(link("d", 4));
      const exclusive = OpenFlag.CREATE | OpenFlag.EXCLUSIVE;
      expect(yield* fs.led(fs.create("l", exclusive))).toBe(-Errno.EEXIST);
      expect(yield* fs.led(fs.create("l/new", exclusive))).toEqual(link("d", 4));
      expect(yield* fs.led(fs.create("l", OpenFlag.CREATE | NOFOLLOW))).toBeGreaterThan(0);
      expect(yield* fs.led(fs.remove("l/f"))).toEqual(link("d", 2));
      expect(yield* fs.led(fs.symlink("t", "l/new"))).toEqual(link("d", 4));
      expect(yield* fs.list("")).toEqual(expect.arrayContaining(["d", "l"]));
      expect((yield* fs.list("d")).sort()).toEqual(["f", "m"]);
    });
  });

  it("of two paths it is said in which the link is", () => {
    run(function* () {
      yield* fs.mkdir("d");
      yield* fs.put("f", bytes("f"));
      yield* fs.symlink("d", "l");
      for (const act of [fs.rename, fs.link]) {
        expect(yield* fs.led(act("l/f", "g"))).toEqual(link("d", 2));
        expect(yield* fs.led(act("f", "l/long"))).toEqual(link("d", 5, true));
        expect(yield* fs.led(act("l", "l/x"))).toEqual(link("d", 2, true));
        expect(yield* fs.led(act("none", "l/x"))).toBe(-Errno.ENOENT);
      }
    });
  });

  it("removing and renaming act on the link", () => {
    run(function* () {
      yield* fs.mkdir("d");
      yield* fs.put("f", bytes("f"));
      for (const name of ["l", "m"]) yield* fs.symlink("d", name);
      expect(yield* fs.remove("m")).toBe(0);
      expect(yield* fs.rename("l", "d")).toBe(-Errno.EISDIR);
      expect(yield* fs.rename("d", "l")).toBe(-Errno.ENOTDIR);
      expect(yield* fs.rename("l", "f")).toBe(0);
      expect(yield* fs.target("f")).toBe("d");
      expect(yield* fs.rename("f", "d/l")).toBe(0);
      expect(yield* fs.list("d")).toEqual(["l"]);
      expect(yield* fs.remove("d/l")).toBe(0);
      expect(yield* fs.remove("d")).toBe(0);
    });
  });

  it("names of a file are all the same, and the last one takes it along", () => {
    run(function* () {
      yield* fs.mkdir("d");
      yield* fs.put("x", bytes("x"));
      yield* fs.remove("x");
      const before = yield* space();
      yield* fs.put("f", bytes("one"));
      expect(yield* fs.link("f", "d/g")).toBe(0);
      expect(yield* fs.link("d/g", "h")).toBe(0);
      expect(yield* fs.lstat("h")).toMatchObject({ links: 3 });
      expect(yield* fs.lstat("d")).toMatchObject({ links: 1 });
      yield* fs.put("h", bytes("other"));
      expect(yield* fs.content("f")).toEqual(Buffer.from("other"));
      expect(yield* fs.rename("f", "h")).toBe(0); // the same file: both stay
      expect(yield* fs.remove("f")).toBe(0);
      expect(yield* fs.rename("h", "i")).toBe(0);
      expect(yield* fs.lstat("i")).toMatchObject({ links: 2 });
      yield* fs.put("k", bytes("k"));
      expect(yield* fs.rename("k", "i")).toBe(0); // one name less
      const handle = yield* fs.open("d/g", OpenFlag.READ);
      expect(yield* fs.stat(handle)).toMatchObject({ links: 1 });
      for (const name of ["d/g", "i"]) expect(yield* fs.remove(name)).toBe(0);
      expect(yield* fs.stat(handle)).toMatchObject({ links: 0 });
      expect(yield* fs.read(handle, 10, 0)).toEqual(bytes("other"));
      yield* fs.close(handle);
      expect(yield* space()).toBe(before);
    });
  });

  it("a link may have several names, a directory not", () => {
    run(function* () {
      yield* fs.mkdir("d");
      yield* fs.put("f", bytes("f"));
      yield* fs.symlink("f", "l");
      expect(yield* fs.link("l", "m")).toBe(0);
      expect(yield* fs.lstat("m")).toMatchObject({ type: FileType.LINK, links: 2 });
      for (const directory of ["d", ""]) expect(yield* fs.link(directory, "e")).toBe(-Errno.EPERM);
      for (const there of ["d", "f", "l", ""])
        expect(yield* fs.led(fs.link("f", there))).toBe(-Errno.EEXIST);
      expect(yield* fs.link("none", "e")).toBe(-Errno.ENOENT);
      expect(yield* fs.link("f", "none/e")).toBe(-Errno.ENOENT);
      expect(yield* fs.link("f", "f/e")).toBe(-Errno.ENOTDIR);
      expect(yield* fs.link("f", "x".repeat(256))).toBe(-Errno.ENAMETOOLONG);
    });
  });

  it("directories say what is a link", () => {
    run(function* () {
      yield* fs.mkdir("d");
      yield* fs.symlink("target", "d/l");
      const handle = yield* fs.open("d", OpenFlag.READ);
      const record = (yield* fs.read(handle, 100, 0)) as Uint8Array;
      expect(record[DirEntry.TYPE]).toBe(FileType.LINK);
      expect(record[DirEntry.SIZE]).toBe(6);
    });
  });

  it("lengths that are not true are refused", () => {
    run(function* () {
      yield* fs.put("f", bytes("f"));
      for (const tag of [Tag.T_RENAME, Tag.T_SYMLINK, Tag.T_LINK]) {
        for (const length of [3, 4096, 2 ** 31, 2 ** 32 - 4, 2 ** 32 - 1])
          expect(yield* fs.raw(tag, claimed(length, "fg"))).toBe(-Errno.EINVAL);
        for (const n of [0, 3]) expect(yield* fs.raw(tag, new Uint8Array(n))).toBe(-Errno.EINVAL);
      }
      const handle = yield* fs.open("f");
      for (const n of [0, 8, 39, 41, 55, 57]) {
        const data = new Uint8Array(Math.max(n, 4));
        data[0] = handle;
        expect(yield* fs.raw(Tag.T_WSTAT, data.subarray(0, n))).toBe(-Errno.EINVAL);
      }
      expect((yield* fs.list("")).includes("f")).toBe(true);
    });
  });
});

it("a file has at most 65535 names", () => {
  const outcome = serveSession(
    memoryServer,
    undefined,
    (function* (): Session<void> {
      yield* fs.put("f", bytes("f"));
      for (let i = 1; i < LinkLimit.NAMES; i++) {
        if (i % 250 === 1) yield* fs.mkdir(`d${Math.floor(i / 250)}`);
        const name = `d${Math.floor((i - 1) / 250)}/${i}`;
        if ((yield* fs.link("f", name)) !== 0) expect.fail(name);
      }
      expect(yield* fs.link("f", "more")).toBe(-Errno.EMLINK);
      expect(yield* fs.lstat("f")).toMatchObject({ links: LinkLimit.NAMES });
      expect(yield* fs.remove("d0/1")).toBe(0);
      expect(yield* fs.link("f", "more")).toBe(0);
    })(),
  );
  expect(outcome.status).toBeUndefined();
});

it("names and links leave memory to others: ENOSPC before it runs out", () => {
  let frames = 2000;
  const outcome = serveSession(
    memoryServer,
    undefined,
    (function* (): Session<number[]> {
      yield* fs.put("f", bytes("f"));
      frames = 1000; // fewer than are left to others
      const results: number[] = [];
      for (let i = 0; i < 40; i++) results.push(yield* fs.link("f", `name${i}`));
      for (let i = 0; i < 40; i++) results.push(yield* fs.symlink("f", `link${i}`));
      return [results[39] ?? 0, results[79] ?? 0];
    })(),
    () => frames,
  );
  expect(outcome.value).toEqual([-Errno.ENOSPC, -Errno.ENOSPC]);
});

it("a full disk refuses names and links whole, and can remove", () => {
  const outcome = serveSession(
    diskServer,
    new FakeDisk(400),
    (function* (): Session<void> {
      yield* fs.mkdir("d");
      const handle = yield* fs.create("f");
      let at = 0;
      for (let wasAt = -1; wasAt !== at; ) {
        wasAt = at;
        while ((yield* fs.write(handle, new Uint8Array(4080), at)) === 4080) at += 4096;
        yield* fs.control(handle, "sync"); // blocks that only the tree before needed are free now
      }
      yield* fs.close(handle);
      for (const act of [fs.link, fs.symlink]) {
        const before = (yield* fs.list("d")).length;
        let made = 0;
        let result = 0;
        while (result === 0 && made < 200) {
          result = yield* act("f", `d/${act === fs.link ? "h" : "s"}${made}-${"x".repeat(240)}`);
          if (result === 0) made++;
        }
        expect(result).toBe(-Errno.ENOSPC);
        expect(yield* fs.list("d")).toHaveLength(before + made);
        if (act === fs.link) expect(yield* fs.lstat("f")).toMatchObject({ links: 1 + made });
      }
      for (const name of yield* fs.list("d")) expect(yield* fs.remove(`d/${name}`)).toBe(0);
      expect(yield* fs.lstat("f")).toMatchObject({ links: 1 });
      expect(yield* fs.remove("f")).toBe(0);
      expect(yield* fs.symlink("f", "d/l")).toBe(0);
    })(),
  );
  expect(outcome.status, outcome.log).toBeUndefined();
});
