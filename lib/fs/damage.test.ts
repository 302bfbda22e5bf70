// A damaged disk: bits that have flipped anywhere, and blocks made up by somebody who knows the format and its checksums. The server must not
// trap, hang or believe them; what is readable stays readable, and what is lost is said.

import { crc32 } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { FileType, OpenFlag } from "../../abi/syscall.ts";
import { buildProgram } from "../testing/build.ts";
import {
  digest,
  FakeDisk,
  type FileStat,
  fs,
  type Outcome,
  type Session,
  serveSession,
} from "../testing/fileServer.ts";
import { Block, Entry, Footer, Inode, Kind, Super } from "./format.ts";

const DISK_BLOCKS = 700;
const IMAGES = 60;
const TARGET = "b/where-it-leads";

let server: WebAssembly.Module;
let whole: FakeDisk;
let content: Map<string, string>;
/** Numbers of the blocks of the tree, by kind; and those of the directory with most names. */
const used = new Map<number, number[]>();
let directory: number[];

function pattern(n: number, seed: number): Uint8Array {
  return new Uint8Array(n).map((_, i) => (i * 31 + (i >> 8) * 7 + seed * 101) & 255);
}

function* fill(): Session<void> {
  for (const name of ["a", "a/b", "many"]) yield* fs.mkdir(name);
  for (let i = 0; i < 120; i++)
    yield* fs.put(`many/file-${i}-${"x".repeat(i % 60)}`, pattern(i, i));
  yield* fs.put("a/b/large", pattern(120_000, 1)); // with a leaf
  yield* fs.symlink(TARGET, "a/link");
  yield* fs.put("a/two", pattern(100, 2));
  yield* fs.link("a/two", "a/b/two");
  // Last, as what its close commits leaves the first table alone: both trees have the same one.
  yield* fs.put("a/small", new Uint8Array(3000).fill(0xee));
}

function block(disk: FakeDisk, number: number): Uint8Array {
  const bytes = new Uint8Array(Block.BYTES);
  disk.read(number, bytes);
  return bytes;
}

/** A seeded generator of numbers below n. */
function seeded(seed: number): (n: number) => number {
  let state = Math.imul(seed, 2654435761);
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

beforeAll(async () => {
  server = await buildProgram("srv/home/index.ts");
  whole = new FakeDisk(DISK_BLOCKS);
  serveSession(server, whole, fill());
  content = serveSession(server, whole, fs.everything()).value ?? new Map();
  walk();
  directory = holding("file-");
});

/** Finds every block of the newest tree. */
function walk(): void {
  const at = (number: number): DataView => new DataView(block(whole, number).buffer);
  const note = (kind: Kind, number: number): DataView => {
    used.set(kind, [...(used.get(kind) ?? []), number]);
    return at(number);
  };
  const pointers = (view: DataView, from: number, n: number): number[] =>
    Array.from({ length: n }, (_, i) => view.getUint32(from + 4 * i, true)).filter((p) => p !== 0);
  const newer = at(0).getUint32(Super.GENERATION, true) > at(1).getUint32(Super.GENERATION, true);
  const map = note(Kind.MAP, note(Kind.SUPER, newer ? 0 : 1).getUint32(Super.MAP, true));
  for (const table of pointers(map, 0, Block.POINTERS)) {
    const view = note(Kind.TABLE, table);
    for (let inode = 0; inode < Inode.PER_BLOCK * Inode.BYTES; inode += Inode.BYTES) {
      const bytes = pointers(view, inode + Inode.DIRECT, Inode.DIRECTS);
      for (const leaf of pointers(view, inode + Inode.LEAF, 1))
        bytes.push(...pointers(note(Kind.LEAF, leaf), 0, Block.POINTERS));
      for (const number of bytes) note(Kind.BYTES, number);
    }
  }
}

/** The blocks of bytes with this in them. */
function holding(what: string | Uint8Array): number[] {
  const all = used.get(Kind.BYTES) ?? [];
  return all.filter((number) => Buffer.from(block(whole, number)).includes(Buffer.from(what)));
}

/**
 * As fs.everything, but damage may have made names that are no text, directories that lie in themselves and files of any size: not everything
 * is looked at.
 */
function* survey(path = "", depth = 0): Session<Map<string, string>> {
  const all = new Map<string, string>();
  for (const name of yield* fs.list(path)) {
    const full = path === "" ? name : `${path}/${name}`;
    yield* fs.open(`${full}/inside`, OpenFlag.READ);
    const handle = yield* fs.open(full, OpenFlag.READ | OpenFlag.NOFOLLOW);
    if (handle < 0) continue;
    const { type, size } = yield* fs.stat(handle);
    if (type === FileType.DIRECTORY) all.set(full, "dir");
    else if (type === FileType.LINK) all.set(full, `-> ${yield* fs.target(full)}`);
    else if (size < 200_000) all.set(full, digest((yield* fs.content(full)) as Uint8Array));
    else yield* fs.read(handle, 4096, size - 10);
    yield* fs.close(handle);
    if (type === FileType.DIRECTORY && depth < 3)
      for (const [inner, was] of yield* survey(full, depth + 1)) all.set(inner, was);
  }
  return all;
}

/** Everything that a person may do next; whatever of it fails, fails with an errno. */
function* live(random: (n: number) => number): Session<Map<string, string>> {
  const found = yield* survey();
  for (let i = 0; i < 12; i++) {
    const name = `${["", "a/", "many/", "a/b/"][random(4)]}new-${random(9)}`;
    const other = [...content.keys()][random(content.size)] ?? name;
    const results = [
      yield* fs.put(name, pattern(random(9000), i)),
      yield* fs.remove(random(2) === 0 ? name : other),
      yield* fs.rename(other, name),
      yield* fs.link([...content.keys()][random(content.size)] ?? name, `${name}-l`),
      yield* fs.symlink(other, random(2) === 0 ? other : `${name}-s`),
      yield* fs.mkdir(`${name}-d`),
    ];
    for (const result of results) expect(result).toBeGreaterThan(-200);
  }
  yield* survey();
  return found;
}

/** Boots with the disk. Nothing served (status 3, and the log says so), or everything that was asked was answered. */
function boot(disk: FakeDisk, seed: number): Outcome<Map<string, string>> {
  const outcome = serveSession(server, disk, live(seeded(seed)));
  if (outcome.value === undefined) {
    expect(outcome).toMatchObject({ status: 3, log: expect.stringContaining("left alone") });
    expect(disk.events).toEqual([]);
  } else expect(outcome.status).toBeUndefined();
  return outcome;
}

describe("bits that have flipped", () => {
  it("anywhere leave a server that works with what is left, or one that says why not", () => {
    const counts = { refused: 0, older: 0, lost: 0 };
    for (let image = 0; image < IMAGES; image++) {
      const random = seeded(image + 1);
      const disk = whole.copy();
      const kinds = random(2) === 0 ? [directory] : [...used.values()];
      for (let flips = 1 + random(8); flips > 0; flips--) {
        const numbers = kinds[random(kinds.length)] ?? directory;
        const number = numbers[random(numbers.length)] ?? 0;
        const bytes = block(disk, number);
        const at = random(Block.BYTES);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        disk.apply({ type: "write", block: number, bytes });
      }
      const { value, log } = boot(disk, image);
      if (value === undefined) counts.refused++;
      else if (log.includes("newest tree is damaged")) counts.older++;
      else if (log.includes("names in it are lost")) counts.lost++;
    }
    expect(
      Object.values(counts).every((count) => count > 0),
      JSON.stringify(counts),
    ).toBe(true);
  });

  it("in a directory cost the names behind them in their block, and no others", () => {
    const disk = whole.copy();
    // The second block of "many": found by a name that is in it.
    const number = holding("file-119-")[0] ?? 0;
    const bytes = block(disk, number);
    const at = Buffer.from(bytes).indexOf("file-119-") - Entry.NAME;
    bytes[at + Entry.LENGTH] = (bytes[at + Entry.LENGTH] ?? 0) ^ 2; // no multiple of 4
    disk.apply({ type: "write", block: number, bytes });
    const { value, log } = serveSession(server, disk, fs.everything());
    const missing = [...content.keys()].filter((name) => !value?.has(name));
    expect(missing.length).toBeGreaterThan(0);
    expect(missing.every((name) => name.startsWith("many/file-"))).toBe(true);
    expect(log.match(/directory \d+ is damaged; names in it are lost/g)).toHaveLength(1);
    for (const [name, was] of value ?? []) expect(was).toBe(content.get(name));
    const session = (function* (): Session<number[]> {
      return [yield* fs.remove("many"), yield* fs.put("many/other", pattern(5, 5))];
    })();
    expect(serveSession(server, disk, session).value).toEqual([-Errno.ENOTEMPTY, 0]);
  });

  it("in a file's bytes are read as they are: only they are not checked", () => {
    const disk = whole.copy();
    const number = holding(new Uint8Array(3000).fill(0xee))[0] ?? 0;
    const bytes = block(disk, number);
    bytes[7] = (bytes[7] ?? 0) ^ 1;
    disk.apply({ type: "write", block: number, bytes });
    const { value, log } = serveSession(server, disk, fs.everything());
    const changed = [...content].filter(([name, was]) => value?.get(name) !== was);
    expect(changed.map(([name]) => name)).toEqual(["a/small"]);
    expect(value?.get("a/small")).not.toBe(digest(new Uint8Array()));
    expect(log).toBe("");
  });
});

describe("blocks that were made up, with the right checksum", () => {
  function forge(disk: FakeDisk, number: number, change: (view: DataView) => void): void {
    const bytes = block(disk, number);
    const view = new DataView(bytes.buffer);
    change(view);
    view.setUint32(Footer.CRC, crc32(bytes.subarray(0, Footer.CRC)), true);
    disk.apply({ type: "write", block: number, bytes });
  }

  it("do no more harm than others", () => {
    let served = 0;
    for (let image = 0; image < IMAGES; image++) {
      const random = seeded(image + 1000);
      const disk = whole.copy();
      for (let n = 1 + random(3); n > 0; n--) {
        const kinds = [Kind.SUPER, Kind.MAP, Kind.TABLE, Kind.LEAF];
        const numbers = used.get(kinds[random(kinds.length)] ?? 0) ?? [];
        const values = [
          0,
          1,
          2,
          3,
          DISK_BLOCKS - 1,
          DISK_BLOCKS,
          31619,
          31620,
          2 ** 31,
          2 ** 32 - 1,
        ];
        forge(disk, numbers[random(numbers.length)] ?? 0, (view) =>
          view.setUint32(random(Footer.KIND / 4) * 4, values[random(values.length)] ?? 0, true),
        );
      }
      if (boot(disk, image).value !== undefined) served++;
    }
    expect(served).toBeGreaterThan(10);
    expect(served).toBeLessThan(IMAGES);
  });

  /** The disk with changed inodes. */
  function withInodes(change: (inode: DataView, number: number) => void): FakeDisk {
    const disk = whole.copy();
    for (const [index, table] of (used.get(Kind.TABLE) ?? []).entries())
      forge(disk, table, ({ buffer }) => {
        for (let i = 0; i < Inode.PER_BLOCK; i++)
          change(new DataView(buffer, i * Inode.BYTES), index * Inode.PER_BLOCK + i);
      });
    return disk;
  }

  function withRoot(change: (inode: DataView) => void): Outcome<Map<string, string>> {
    const disk = withInodes((inode, number) => {
      if (number === Inode.ROOT) change(inode);
    });
    return boot(disk, 1);
  }

  /** The disk with another LINKS of the file with two names. */
  function withNames(count: number): FakeDisk {
    return withInodes((inode) => {
      if (inode.getUint32(Inode.LINKS, true) === 2) inode.setUint32(Inode.LINKS, count, true);
    });
  }

  function serve(disk: FakeDisk, session: () => Session<void>): void {
    const outcome = serveSession(server, disk, session());
    expect(outcome.status, outcome.log).toBeUndefined();
  }

  it.each([
    ["none", Inode.SIZE, 0],
    ["one longer than a path", Inode.SIZE, 1024],
    ["one as long as a file may be", Inode.SIZE, 0xfe000000],
    ["a hole", Inode.DIRECT, 0],
    ["one with a byte 0", undefined, 0],
  ])("a link whose target is %s leads to EIO, and can be renamed and removed", (_, at, value) => {
    const disk = withInodes((inode) => {
      const isLink = inode.getUint32(Inode.TYPE, true) === FileType.LINK;
      if (isLink && at !== undefined) inode.setUint32(at, value, true);
    });
    if (at === undefined) {
      const number = holding(TARGET)[0] ?? 0;
      const bytes = block(disk, number);
      bytes[3] = 0;
      disk.apply({ type: "write", block: number, bytes });
    }
    serve(disk, function* () {
      for (const flags of [OpenFlag.READ, OpenFlag.READ | OpenFlag.NOFOLLOW])
        for (const path of ["a/link", "a/link/x"])
          expect(yield* fs.led(fs.open(path, flags))).toBe(-Errno.EIO);
      expect(yield* fs.led(fs.remove("a/link/x"))).toBe(-Errno.EIO);
      expect(yield* fs.led(fs.rename("a/two", "a/link/x"))).toBe(-Errno.EIO);
      const all = yield* fs.everything();
      const other = [...all].filter(([name, is]) => is !== content.get(name));
      expect(other).toEqual([["a/link", `error ${-Errno.EIO}`]]);
      expect(yield* fs.rename("a/link", "a/renamed")).toBe(0);
      expect(yield* fs.link("a/renamed", "a/again")).toBe(0);
      for (const name of ["a/renamed", "a/again"]) expect(yield* fs.remove(name)).toBe(0);
    });
  });

  it("too few names: what is left without its file is not there, and no later file's name", () => {
    serve(withNames(1), function* () {
      expect(yield* fs.remove("a/two")).toBe(0);
      for (let i = 0; i < 40; i++) expect(yield* fs.put(`later-${i}`, pattern(10, i))).toBe(0);
      expect(yield* fs.open("a/b/two", OpenFlag.READ)).toBe(-Errno.ENOENT);
      expect(yield* fs.list("a/b")).toEqual(["large"]);
      expect(yield* fs.put("a/b/two", pattern(5, 5))).toBe(0);
      expect(yield* fs.list("a/b")).toEqual(expect.arrayContaining(["large", "two"]));
      for (const name of ["two", "large"]) expect(yield* fs.remove(`a/b/${name}`)).toBe(0);
      expect(yield* fs.remove("a/b")).toBe(0);
    });
  });

  it("too few names of an open file: it goes when it is closed, once", () => {
    serve(withNames(1), function* () {
      const handle = yield* fs.open("a/two", OpenFlag.READ);
      expect(yield* fs.remove("a/two")).toBe(0);
      expect(yield* fs.rename("a/b/two", "a/three")).toBe(0);
      expect(yield* fs.put("later", pattern(10, 1))).toBe(0);
      expect(yield* fs.rename("later", "a/three")).toBe(0);
      expect(yield* fs.read(handle, 100, 0)).toEqual(pattern(100, 2));
      expect((yield* fs.stat(handle)).links).toBe(0);
      yield* fs.close(handle);
      expect(yield* fs.content("a/three")).toEqual(Buffer.from(pattern(10, 1)));
    });
  });

  it("no names: the file is freed, and its names stand for nothing, now and later", () => {
    const disk = withNames(0);
    const names = ["a/two", "a/b/two"];
    serve(disk, function* () {
      for (const name of names) expect(yield* fs.open(name)).toBe(-Errno.ENOENT);
      for (let i = 0; i < 40; i++) yield* fs.put(`later-${i}`, pattern(10, i));
      for (const name of names) expect(yield* fs.open(name)).toBe(-Errno.ENOENT);
    });
    serve(disk, function* () {
      for (const name of names) expect(yield* fs.open(name)).toBe(-Errno.ENOENT);
    });
  });

  it("too many names: the file may get no more, and all can be removed", () => {
    serve(withNames(2 ** 32 - 1), function* () {
      expect(yield* fs.link("a/two", "a/three")).toBe(-Errno.EMLINK);
      for (const name of ["a/two", "a/b/two"]) expect(yield* fs.remove(name)).toBe(0);
      expect(yield* fs.open("a/two")).toBe(-Errno.ENOENT);
    });
  });

  it("a name that holds another age stands for nothing", () => {
    const disk = withInodes((inode) => {
      if (inode.getUint32(Inode.TYPE, true) === FileType.LINK)
        inode.setUint32(Inode.AGE, inode.getUint32(Inode.AGE, true) + 1, true);
    });
    serve(disk, function* () {
      expect(yield* fs.led(fs.open("a/link"))).toBe(-Errno.ENOENT);
      expect(yield* fs.symlink(TARGET, "a/link")).toBe(0);
    });
  });

  it.each([
    [0, 3],
    [1, undefined],
    [2, undefined],
    [3, 3],
  ])("a superblock of version %s", (version, status) => {
    const disk = whole.copy();
    for (const number of [0, 1])
      forge(disk, number, (view) => view.setUint32(Super.VERSION, version, true));
    expect(boot(disk, 1).status).toBe(status);
  });

  it("an image of the first version is read, with one time for both, and goes on as one of this", () => {
    const disk = withInodes((inode) => inode.setBigInt64(Inode.ATIME, 0n, true));
    for (const number of [0, 1])
      forge(disk, number, (view) => view.setUint32(Super.VERSION, Super.VERSION_FIRST, true));
    serve(disk, function* () {
      expect(yield* fs.everything()).toEqual(content);
      const st = yield* fs.lstat("a/small");
      expect(st).toMatchObject({ atime: (st as FileStat).mtime });
      expect(yield* fs.symlink("small", "a/new")).toBe(0);
    });
    serve(disk, function* () {
      expect(yield* fs.target("a/new")).toBe("small");
    });
    const versions = [0, 1].map((number) => block(disk, number)[Super.VERSION]);
    expect(versions).toContain(Super.VERSION_VALUE);
  });

  it.each([
    ["a type that is none", Inode.TYPE, 7],
    ["a size past the limit", Inode.SIZE + 4, 1],
    ["a size below 0", Inode.SIZE + 4, 2 ** 31],
  ])("an inode with %s is refused", (_, at, value) => {
    expect(withRoot((view) => view.setUint32(at, value, true)).status).toBe(3);
  });

  it("a root that is a file is no tree", () => {
    const { status } = withRoot((view) => view.setUint32(Inode.TYPE, FileType.FILE, true));
    expect(status).toBe(3);
  });
});

it("a disk that fails to read now and then answers EIO for that, and is right again after", () => {
  const disk = whole.copy();
  const session = (function* (): Session<void> {
    let reads = 0; // every third one fails
    disk.allows = (what) => what !== "read" || ++reads % 3 !== 0;
    let failures = 0;
    for (const [name, was] of content) {
      if (was === "dir" || was.startsWith("->")) continue;
      const got = yield* fs.content(name);
      if (typeof got === "number") {
        expect(got).toBe(-Errno.EIO);
        failures++;
      } else expect(was.endsWith(digest(got))).toBe(true);
    }
    expect(failures).toBeGreaterThan(0);
    disk.allows = () => true;
    for (const [name, was] of yield* fs.everything()) expect(was).toBe(content.get(name));
    const handle = yield* fs.open("a/small", OpenFlag.READ);
    expect(handle).toBeGreaterThan(0);
  })();
  expect(serveSession(server, disk, session).status).toBeUndefined();
});
