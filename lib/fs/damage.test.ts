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
  fs,
  type Outcome,
  type Session,
  serveSession,
} from "../testing/fileServer.ts";
import { Block, Entry, Footer, Inode, Kind, Super } from "./format.ts";

const DISK_BLOCKS = 700;
const IMAGES = 60;

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
    const handle = yield* fs.open(full, OpenFlag.READ);
    if (handle < 0) continue;
    const { type, size } = yield* fs.stat(handle);
    if (type === FileType.DIRECTORY) all.set(full, "dir");
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

  /** The table with the root, changed in both trees that the disk may hold. */
  function withRoot(change: (view: DataView) => void): Outcome<Map<string, string>> {
    const disk = whole.copy();
    for (const number of used.get(Kind.TABLE) ?? [])
      forge(disk, number, (view) => {
        const root = Inode.ROOT * Inode.BYTES;
        if (view.getUint32(root, true) === FileType.DIRECTORY)
          change(new DataView(view.buffer, root));
      });
    return boot(disk, 1);
  }

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
      if (was === "dir") continue;
      const got = yield* fs.content(name);
      if (typeof got === "number") {
        expect(got).toBe(-Errno.EIO);
        failures++;
      } else expect(digest(got)).toBe(was);
    }
    expect(failures).toBeGreaterThan(0);
    disk.allows = () => true;
    for (const [name, was] of yield* fs.everything()) expect(was).toBe(content.get(name));
    const handle = yield* fs.open("a/small", OpenFlag.READ);
    expect(handle).toBeGreaterThan(0);
  })();
  expect(serveSession(server, disk, session).status).toBeUndefined();
});
