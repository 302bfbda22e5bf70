// The file system, in memory (srv/fs) and on a disk (srv/home), against what a map of names to bytes would do.

import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { OpenFlag } from "../../abi/syscall.ts";
import { buildProgram } from "../testing/build.ts";
import {
  described,
  digest,
  FakeDisk,
  fs,
  type Outcome,
  type Session,
  serveSession,
} from "../testing/fileServer.ts";

const DISK_BLOCKS = 4096;

let memoryServer: WebAssembly.Module;
let diskServer: WebAssembly.Module;

beforeAll(async () => {
  memoryServer = await buildProgram("srv/fs/index.ts");
  diskServer = await buildProgram("srv/home/index.ts");
});

function pattern(n: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(n);
  for (let i = 0; i < n; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + seed * 101) & 255;
  return bytes;
}

function run<T>(where: string, session: Session<T>, disk = new FakeDisk(DISK_BLOCKS)): T {
  const outcome: Outcome<T> =
    where === "memory"
      ? serveSession(memoryServer, undefined, session)
      : serveSession(diskServer, disk, session);
  expect(outcome.status, outcome.log).toBeUndefined();
  return outcome.value as T;
}

describe.each(["memory", "disk"])("a file system in %s", (where) => {
  it("keeps files and directories, and their names", () => {
    run(
      where,
      (function* (): Session<void> {
        expect(yield* fs.mkdir("a")).toBe(0);
        expect(yield* fs.mkdir("a/b")).toBe(0);
        expect(yield* fs.put("a/b/file", pattern(10000, 1))).toBe(0);
        expect(yield* fs.list("a/b")).toEqual(["file"]);
        expect(yield* fs.content("a/b/file")).toEqual(Buffer.from(pattern(10000, 1)));
        expect(yield* fs.mkdir("a")).toBe(0); // without EXCLUSIVE: what is there is opened
        expect(yield* fs.create("a", OpenFlag.CREATE | OpenFlag.EXCLUSIVE)).toBe(-Errno.EEXIST);
        expect(yield* fs.create("none/x")).toBe(-Errno.ENOENT);
        expect(yield* fs.create("a/b/file/x")).toBe(-Errno.ENOTDIR);
        expect(yield* fs.create("x".repeat(256))).toBe(-Errno.ENAMETOOLONG);
        expect(yield* fs.open("x".repeat(256))).toBe(-Errno.ENAMETOOLONG);
        expect(yield* fs.open("a/b", OpenFlag.WRITE)).toBe(-Errno.EISDIR);
        expect(yield* fs.open("a/b/file", OpenFlag.DIRECTORY)).toBe(-Errno.ENOTDIR);
        expect(yield* fs.open("a/none")).toBe(-Errno.ENOENT);
      })(),
    );
  });

  it("removes what can go", () => {
    run(
      where,
      (function* (): Session<void> {
        yield* fs.mkdir("d");
        yield* fs.put("d/f", pattern(5, 1));
        expect(yield* fs.remove("d")).toBe(-Errno.ENOTEMPTY);
        expect(yield* fs.remove("")).toBe(-Errno.EBUSY);
        expect(yield* fs.remove("d/g")).toBe(-Errno.ENOENT);
        const handle = yield* fs.open("d/f", OpenFlag.READ);
        expect(yield* fs.remove("d/f")).toBe(0);
        expect(yield* fs.read(handle, 10, 0)).toEqual(pattern(5, 1)); // open files keep their bytes
        yield* fs.close(handle);
        expect(yield* fs.read(handle, 10, 0)).toBe(-Errno.EBADF);
        expect(yield* fs.remove("d")).toBe(0);
        expect((yield* fs.list("")).includes("d")).toBe(false);
      })(),
    );
  });

  it("renames, and replaces what may be replaced", () => {
    run(
      where,
      (function* (): Session<void> {
        for (const name of ["d", "d/e", "empty"]) yield* fs.mkdir(name);
        yield* fs.put("f", pattern(3, 1));
        yield* fs.put("g", pattern(4, 2));
        expect(yield* fs.rename("f", "g")).toBe(0);
        expect(yield* fs.content("g")).toEqual(Buffer.from(pattern(3, 1)));
        expect(yield* fs.content("f")).toBe(-Errno.ENOENT);
        expect(yield* fs.rename("g", "d/e/long-name-of-it")).toBe(0);
        expect(yield* fs.rename("d", "d/e/inside")).toBe(-Errno.EINVAL);
        expect(yield* fs.rename("d", "d")).toBe(0);
        expect(yield* fs.rename("empty", "d")).toBe(-Errno.ENOTEMPTY);
        expect(yield* fs.rename("d", "empty")).toBe(0);
        expect(yield* fs.rename("empty", "empty/e/long-name-of-it/x")).toBe(-Errno.EINVAL);
        yield* fs.put("plain", pattern(1, 1));
        expect(yield* fs.rename("empty", "plain")).toBe(-Errno.ENOTDIR);
        expect(yield* fs.rename("plain", "empty")).toBe(-Errno.EISDIR);
        expect(yield* fs.rename("plain", "plain/x")).toBe(-Errno.ENOTDIR);
        expect(yield* fs.list("empty/e")).toEqual(["long-name-of-it"]);
      })(),
    );
  });

  it("has holes and sizes", () => {
    run(
      where,
      (function* (): Session<void> {
        const handle = yield* fs.create("sparse");
        const far = (20 + 1020 + 5) * 4096 + 17; // past the inode's own blocks and the leaf
        expect(yield* fs.write(handle, pattern(10, 1), far)).toBe(10);
        expect((yield* fs.stat(handle)).size).toBe(far + 10);
        expect(yield* fs.read(handle, 4096, 30 * 4096)).toEqual(new Uint8Array(4096));
        expect(yield* fs.read(handle, 20, far)).toEqual(pattern(10, 1));
        expect(yield* fs.write(handle, pattern(100, 2), 25 * 4096)).toBe(100);
        expect(yield* fs.truncate(handle, 25 * 4096 + 50)).toBe(0);
        expect(yield* fs.truncate(handle, 26 * 4096)).toBe(0);
        const tail = yield* fs.read(handle, 200, 25 * 4096);
        expect(tail).toEqual(new Uint8Array([...pattern(50, 2), ...new Uint8Array(150)]));
        expect(yield* fs.write(handle, pattern(1, 1), 2 ** 44)).toBe(-Errno.EFBIG);
        expect(yield* fs.truncate(handle, 2 ** 44)).toBe(-Errno.EFBIG);
        expect(yield* fs.truncate(handle, 0)).toBe(0);
        expect((yield* fs.stat(handle)).size).toBe(0);
      })(),
    );
  });

  it("gives every block back", () => {
    run(
      where,
      (function* (): Session<void> {
        const root = yield* fs.open("", OpenFlag.READ);
        const space = function* (): Session<string> {
          return new TextDecoder().decode((yield* fs.control(root, "space")) as Uint8Array);
        };
        yield* fs.put("first", pattern(1, 1)); // the directory's own block stays
        yield* fs.remove("first");
        const before = yield* space();
        for (let i = 0; i < 20; i++) yield* fs.put(`file${i}`, pattern(30000, i));
        const handle = yield* fs.create("large");
        for (const at of [0, 19, 20, 1039, 1040, 2059, 2060, 9000])
          yield* fs.write(handle, pattern(4080, at), at * 4096);
        expect(yield* space()).not.toBe(before);
        yield* fs.remove("large");
        yield* fs.close(handle);
        for (let i = 0; i < 20; i++) expect(yield* fs.remove(`file${i}`)).toBe(0);
        expect(yield* space()).toBe(before);
      })(),
    );
  });

  it("appends where the file ends, whoever else has written meanwhile", () => {
    run(
      where,
      (function* (): Session<void> {
        const flags = OpenFlag.WRITE | OpenFlag.APPEND;
        const one = yield* fs.create("log", flags | OpenFlag.CREATE);
        const two = yield* fs.open("log", flags);
        const plain = yield* fs.open("log");
        for (const [handle, text] of [
          [one, "aa"],
          [two, "bbb"],
          [one, "c"],
        ] as const)
          expect(yield* fs.write(handle, new TextEncoder().encode(text), 0)).toBe(text.length);
        expect(yield* fs.write(plain, new TextEncoder().encode("X"), 1)).toBe(1);
        expect(`${yield* fs.content("log")}`).toBe("aXbbbc");
        expect((yield* fs.stat(one)).size).toBe(6);
        expect(yield* fs.truncate(one, 1)).toBe(0);
        expect(yield* fs.control(two, "sync")).toHaveLength(0);
        for (const handle of [one, two]) yield* fs.close(handle);
        expect(yield* fs.write(one, new Uint8Array(1), 0)).toBe(1); // open still: plain is the same file
        yield* fs.close(plain);
        expect(yield* fs.write(one, new Uint8Array(1), 0)).toBe(-Errno.EBADF);
      })(),
    );
  });

  it("lists no less than there is for want of room", () => {
    run(
      where,
      (function* (): Session<void> {
        yield* fs.mkdir("d");
        const handle = yield* fs.open("d", OpenFlag.READ);
        expect(yield* fs.read(handle, 0, 0)).toHaveLength(0);
        yield* fs.put("d/name", pattern(1, 1));
        expect(yield* fs.read(handle, 13, 0)).toBe(-Errno.EINVAL);
        expect(yield* fs.read(handle, 14, 0)).toHaveLength(14);
        expect(yield* fs.read(handle, 13, 1)).toHaveLength(0);
      })(),
    );
  });

  it("lists large directories whole, and finds every name", () => {
    run(
      where,
      (function* (): Session<void> {
        const names = Array.from({ length: 300 }, (_, i) => `name-${i}-${"x".repeat(i % 90)}`);
        for (const name of names) yield* fs.put(name, pattern(1, 1));
        expect([...(yield* fs.list(""))].filter((n) => n.startsWith("name")).sort()).toEqual(
          [...names].sort(),
        );
        for (const name of names.filter((_, i) => i % 3 === 0))
          expect(yield* fs.remove(name)).toBe(0);
        for (const [i, name] of names.entries())
          expect(typeof (yield* fs.content(name))).toBe(i % 3 === 0 ? "number" : "object");
      })(),
    );
  });

  it("tells times, and lets them be set", () => {
    run(
      where,
      (function* (): Session<void> {
        const handle = yield* fs.create("timed");
        const { mtime, atime, ctime } = yield* fs.stat(handle);
        expect([atime, ctime]).toEqual([mtime, mtime]);
        yield* fs.write(handle, pattern(1, 1), 0);
        yield* fs.read(handle, 1, 0);
        const written = yield* fs.stat(handle);
        expect(written.mtime).toBeGreaterThan(mtime);
        expect([written.atime, written.ctime]).toEqual([atime, written.mtime]);
        expect(yield* fs.setTime(handle, 12345n)).toBe(0);
        expect(yield* fs.stat(handle)).toMatchObject({ mtime: 12345n, atime, ctime: 12345n });
        expect(yield* fs.setTime(handle, 5n, 6n)).toBe(0);
        expect(yield* fs.stat(handle)).toMatchObject({ mtime: 5n, atime: 6n, ctime: 5n });
      })(),
    );
  });

  it("refuses handles that nobody has", () => {
    run(
      where,
      (function* (): Session<void> {
        for (const handle of [0, 7, 31620, -1, 0x7fffffff]) {
          expect(yield* fs.read(handle, 10, 0)).toBe(-Errno.EBADF);
          expect(yield* fs.write(handle, pattern(1, 1), 0)).toBe(-Errno.EBADF);
          expect(yield* fs.truncate(handle, 0)).toBe(-Errno.EBADF);
          expect(yield* fs.control(handle, "sync")).toBe(-Errno.EBADF);
          yield* fs.close(handle);
        }
      })(),
    );
  });

  it("does what a map of names to bytes does, a thousand times", () => {
    run(where, randomSession(1000, 7));
  });
});

/** What a name of the model stands for: a file's bytes, shared by all of its names, or a symbolic link's target. */
interface Thing {
  bytes: Uint8Array;
  readonly target?: string;
}

/** Random changes, compared with a model at the end. */
function* randomSession(steps: number, seed: number): Session<Map<string, string>> {
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  const model = new Map<string, Thing>();
  for (const old of [...(yield* fs.everything())].filter(([, content]) => content !== "dir"))
    yield* fs.remove(old[0]);
  for (let step = 0; step < steps; step++)
    yield* randomStep(model, `n${random(12)}`, `n${random(12)}`, step, random);
  const all = new Map([...(yield* fs.everything())].filter(([, content]) => content !== "dir"));
  const names = (thing: Thing): number => [...model.values()].filter((is) => is === thing).length;
  const expected = [...model].map(([name, thing]): [string, string] => {
    const is = thing.target === undefined ? digest(thing.bytes) : `-> ${thing.target}`;
    return [name, described(is, names(thing))];
  });
  expect(new Map([...all].sort())).toEqual(new Map(expected.sort()));
  return all;
}

function* randomStep(
  model: Map<string, Thing>,
  name: string,
  to: string,
  step: number,
  random: (n: number) => number,
): Session<void> {
  const was = model.get(name);
  const opens = was?.target === undefined; // a link is for the kernel to follow
  switch (random(7)) {
    case 0: {
      const bytes = pattern(random(40000), step);
      expect(yield* fs.put(name, bytes)).toBe(opens ? 0 : -Errno.ELOOP);
      if (was === undefined) model.set(name, { bytes });
      else was.bytes = bytes;
      break;
    }
    case 1: {
      if (was === undefined || !opens) break;
      const at = random(60000);
      const bytes = pattern(1 + random(4000), step);
      const handle = yield* fs.open(name);
      expect(yield* fs.write(handle, bytes, at)).toBe(bytes.length);
      yield* fs.close(handle);
      const next = new Uint8Array(Math.max(was.bytes.length, at + bytes.length));
      next.set(was.bytes);
      next.set(bytes, at);
      was.bytes = next;
      break;
    }
    case 2: {
      expect(yield* fs.remove(name)).toBe(was === undefined ? -Errno.ENOENT : 0);
      model.delete(name);
      break;
    }
    case 3: {
      expect(yield* fs.rename(name, to)).toBe(was === undefined ? -Errno.ENOENT : 0);
      if (was === undefined || was === model.get(to)) break;
      model.set(to, was);
      model.delete(name);
      break;
    }
    case 4: {
      const expected = was === undefined ? -Errno.ENOENT : model.has(to) ? -Errno.EEXIST : 0;
      expect(yield* fs.link(name, to)).toBe(expected);
      if (was !== undefined && !model.has(to)) model.set(to, was);
      break;
    }
    case 5: {
      const target = `${to}/${"x".repeat(random(1000))}`;
      expect(yield* fs.symlink(target, name)).toBe(was === undefined ? 0 : -Errno.EEXIST);
      if (was === undefined) model.set(name, { bytes: new Uint8Array(), target });
      break;
    }
    default: {
      if (was === undefined || !opens) break;
      const size = random(50000);
      const handle = yield* fs.open(name);
      expect(yield* fs.truncate(handle, size)).toBe(0);
      yield* fs.close(handle);
      const next = new Uint8Array(size);
      next.set(was.bytes.subarray(0, size));
      was.bytes = next;
    }
  }
}

describe("in memory", () => {
  it("leaves memory to others: ENOSPC before it runs out", () => {
    let frames = 4000;
    const outcome = serveSession(
      memoryServer,
      undefined,
      (function* (): Session<number> {
        const handle = yield* fs.create("big");
        for (let at = 0; ; at += 4080) {
          const n = yield* fs.write(handle, pattern(4080, 1), at);
          if (n !== 4080) return n;
          frames--;
        }
      })(),
      () => frames,
    );
    expect([-Errno.ENOSPC, ...Array(4080).keys()]).toContain(outcome.value);
    expect(frames).toBeGreaterThan(900);
  });
});

describe("on a disk", () => {
  it("is there again after a reboot", () => {
    const disk = new FakeDisk(DISK_BLOCKS);
    const first = run("disk", randomSession(300, 3), disk);
    expect(run("disk", fs.everything(), disk)).toEqual(first);
    const second = run("disk", randomSession(300, 5), disk);
    expect(run("disk", fs.everything(), disk)).toEqual(second);
  });

  it("is full at some point, can remove then, and goes on", () => {
    run(
      "disk",
      (function* (): Session<void> {
        let n = 0;
        while ((yield* fs.put(`f${n}`, pattern(100_000, n))) === 0) n++;
        expect(n).toBeGreaterThan(30);
        expect(yield* fs.put("one-more", pattern(100_000, 1))).not.toBe(0);
        for (let i = 0; i <= n; i++) expect(yield* fs.remove(`f${i}`)).toBe(0);
        expect(yield* fs.put("again", pattern(100_000, 1))).toBe(0);
      })(),
      new FakeDisk(1024),
    );
  });

  it("gives back what was removed while it was open when the power went", () => {
    const disk = new FakeDisk(DISK_BLOCKS);
    const space = function* (): Session<string> {
      const root = yield* fs.open("", OpenFlag.READ);
      return new TextDecoder().decode((yield* fs.control(root, "space")) as Uint8Array);
    };
    const before = run(
      "disk",
      (function* (): Session<string> {
        yield* fs.put("first", pattern(1, 1));
        yield* fs.remove("first");
        return yield* space();
      })(),
      disk,
    );
    run(
      "disk",
      (function* (): Session<void> {
        yield* fs.put("open", pattern(50000, 1));
        yield* fs.open("open", OpenFlag.READ);
        yield* fs.remove("open");
      })(),
      disk,
    );
    expect(run("disk", space(), disk)).toBe(before);
  });

  it("leaves a disk that holds something else alone", () => {
    const disk = new FakeDisk(DISK_BLOCKS);
    disk.apply({ type: "write", block: 0, bytes: pattern(4096, 1) });
    const outcome = serveSession(diskServer, disk, fs.list(""));
    expect(outcome).toMatchObject({ status: 3, log: expect.stringContaining("left alone") });
    expect(disk.events).toEqual([]);
  });

  it("changes nothing more once a superblock could not be written", () => {
    const disk = new FakeDisk(DISK_BLOCKS);
    run("disk", fs.put("kept", pattern(5000, 1)), disk);
    run(
      "disk",
      (function* (): Session<void> {
        let flushes = 0;
        disk.allows = (what) => what !== "flush" || ++flushes !== 2; // the one behind the superblock
        expect(yield* fs.put("new", pattern(5000, 2))).toBe(-Errno.EIO);
        expect(yield* fs.put("other", pattern(5, 3))).toBe(-Errno.EROFS);
        expect(yield* fs.content("kept")).toEqual(Buffer.from(pattern(5000, 1)));
      })(),
      disk,
    );
    disk.allows = () => true;
    expect(run("disk", fs.everything(), disk).get("kept")).toBe(digest(pattern(5000, 1)));
  });
});
