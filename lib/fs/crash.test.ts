// The power goes at every moment: after each thing that the disk was told to do, and with any part of what was not yet flushed missing.
// What is found at the next boot is what was there after some request: not before the last one that was promised to stay, and never a
// mixture.

import { beforeAll, expect, it } from "vitest";
import { OpenFlag } from "../../abi/syscall.ts";
import { buildProgram } from "../testing/build.ts";
import {
  described,
  digest,
  FakeDisk,
  fs,
  type Session,
  serveSession,
} from "../testing/fileServer.ts";

/** Little more than what is kept: blocks are soon used again. */
const DISK_BLOCKS = 520;
/** Selections of unflushed blocks that are tried at each moment. */
const SELECTIONS = 3;

let server: WebAssembly.Module;

beforeAll(async () => {
  server = await buildProgram("srv/home/index.ts");
});

interface Mark {
  /** Disk events when the request was answered. */
  readonly events: number;
  readonly state: string;
  readonly isPromised: boolean;
}

function bytes(n: number, seed: number): Uint8Array {
  return new Uint8Array(n).map((_, i) => (i * 13 + seed * 57) & 255);
}

function text(all: Map<string, string>): string {
  return [...all]
    .sort()
    .map(([name, content]) => `${name}=${content}`)
    .join(" ");
}

type Model = Map<string, Uint8Array | string>;

/** What fs.everything finds: names with the same bytes in the model are names of one file. */
function stateOf(model: Model): string {
  const names = (is: Uint8Array): number =>
    [...model.values()].filter((other) => other === is).length;
  const all = [...model].map(([name, is]): [string, string] => [
    name,
    typeof is === "string" ? is : described(digest(is), names(is)),
  ]);
  return text(new Map(all));
}

/** Symbolic links and second names, made, moved, replaced and removed. */
function* linkHistory(model: Model, mark: (isPromised: boolean) => void): Session<void> {
  const done = function* (request: Session<number>, change: () => void): Session<void> {
    expect(yield* request).toBe(0);
    change();
    mark(true);
  };
  const set = (name: string, is: Uint8Array | string | undefined) => (): void => {
    if (is === undefined) model.delete(name);
    else model.set(name, is);
  };
  const file = model.get("a") as Uint8Array;
  const far = "x".repeat(1000);
  yield* done(fs.symlink("d/b", "l"), set("l", "-> d/b"));
  yield* done(fs.symlink(far, "d/far"), set("d/far", `-> ${far}`));
  yield* done(fs.link("a", "d/a2"), set("d/a2", file));
  yield* done(fs.link("d/a2", "a3"), set("a3", file));
  yield* done(fs.remove("d/a2"), set("d/a2", undefined));
  yield* done(fs.rename("l", "a3"), () => {
    set("l", undefined)();
    set("a3", "-> d/b")();
  });
  yield* done(fs.link("a", "d/a4"), set("d/a4", file));
  yield* done(fs.rename("d/a4", "d/far"), () => {
    set("d/a4", undefined)();
    set("d/far", file)();
  });
  yield* done(fs.remove("d/far"), set("d/far", undefined));
  yield* done(fs.remove("a3"), set("a3", undefined));
}

/** Requests of every kind, with the state that each leaves. */
function* history(disk: FakeDisk, marks: Mark[]): Session<void> {
  const model: Model = new Map();
  const mark = (isPromised: boolean): void => {
    marks.push({ events: disk.events.length, state: stateOf(model), isPromised });
  };
  const append = function* (handle: number, name: string, part: Uint8Array): Session<void> {
    const was = model.get(name) as Uint8Array;
    expect(yield* fs.write(handle, part, was.length)).toBe(part.length);
    model.set(name, Buffer.concat([was, part]));
    mark(false);
  };
  mark(true);
  model.set("d", "dir");
  yield* fs.mkdir("d");
  mark(true);
  for (const [i, name] of ["a", "d/b", "c"].entries()) {
    const handle = yield* fs.create(name);
    model.set(name, new Uint8Array());
    mark(true);
    for (let k = 0; k < 4; k++) yield* append(handle, name, bytes(3000 + 700 * i, k));
    yield* fs.close(handle);
    mark(true);
  }
  yield* linkHistory(model, mark);
  const again = yield* fs.open("a", OpenFlag.READWRITE);
  expect(yield* fs.write(again, bytes(9000, 9).subarray(0, 4000), 0)).toBe(4000);
  const over = new Uint8Array(model.get("a") as Uint8Array);
  over.set(bytes(9000, 9).subarray(0, 4000));
  model.set("a", over);
  mark(false);
  yield* fs.control(again, "sync");
  mark(true);
  yield* append(again, "a", bytes(2000, 4));
  expect(yield* fs.truncate(again, 5000)).toBe(0);
  model.set("a", (model.get("a") as Uint8Array).slice(0, 5000));
  mark(false);
  expect(yield* fs.rename("c", "d/b")).toBe(0); // replaces a file, and settles what was open too
  model.set("d/b", model.get("c") as Uint8Array);
  model.delete("c");
  mark(true);
  expect(yield* fs.remove("a")).toBe(0);
  model.delete("a");
  mark(true);
  yield* fs.close(again);
  mark(true);
  const large = yield* fs.create("large");
  model.set("large", new Uint8Array());
  mark(true);
  for (let k = 0; k < 250; k++) yield* append(large, "large", bytes(4080, k)); // past the inode's own blocks
  yield* fs.close(large);
  mark(true);
  const rewritten = yield* fs.open("large", OpenFlag.READWRITE);
  for (let round = 0; round < 9; round++) {
    for (let k = 0; k < 30; k++) {
      const at = ((round * 97 + k * 11) % 240) * 4096;
      const part = bytes(4080, round);
      expect(yield* fs.write(rewritten, part, at)).toBe(part.length);
      const next = new Uint8Array(model.get("large") as Uint8Array);
      next.set(part, at);
      model.set("large", next);
    }
    mark(false);
    yield* fs.control(rewritten, "sync");
    mark(true);
  }
  yield* fs.close(rewritten);
  mark(true);
  expect(yield* fs.remove("large")).toBe(0);
  model.delete("large");
  mark(true);
}

it("finds a whole tree, old or new, wherever the power was cut", () => {
  const disk = new FakeDisk(DISK_BLOCKS);
  serveSession(server, disk, fs.list("")); // made, and empty
  const start = disk.copy();
  disk.events.length = 0;
  const marks: Mark[] = [];
  const outcome = serveSession(server, disk, history(disk, marks));
  expect(outcome.status).toBeUndefined();
  let seed = 1;
  const chance = (): boolean => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 16) % 2 === 0;
  };
  const durable = start.copy();
  let flushed = 0; // events that `durable` holds
  const seen = new Set<string>();
  for (let cut = 0; cut <= disk.events.length; cut++) {
    if (cut > 0 && disk.events[cut - 1]?.type === "flush") {
      for (const event of disk.events.slice(flushed, cut)) durable.apply(event);
      flushed = cut;
    }
    const promised = marks.findLastIndex((m) => m.isPromised && m.events <= cut);
    const next = marks.findIndex((m) => m.events >= cut);
    const latest = marks.findLastIndex((m) => m.events <= cut);
    const allowed = marks.slice(promised, Math.max(next, latest) + 1).map(({ state }) => state);
    for (let selection = 0; selection < SELECTIONS; selection++) {
      const found = durable.copy();
      for (const event of disk.events.slice(flushed, cut)) {
        if (event.type === "flush") continue;
        for (let at = 0; at < event.bytes.length; at += 4096) {
          const block = { block: event.block + at / 4096, bytes: event.bytes.slice(at, at + 4096) };
          if (selection === 0 || chance()) found.apply({ type: "write", ...block });
        }
      }
      const boot = serveSession(server, found, fs.everything());
      const state =
        boot.value === undefined ? `ended ${boot.status}: ${boot.log}` : text(boot.value);
      if (!allowed.includes(state))
        expect.fail(
          `cut after event ${cut}, selection ${selection}: found "${state}", not one of\n${allowed.join("\n")}`,
        );
      seen.add(state);
      if (flushed === cut) break; // nothing is in doubt
    }
  }
  expect(disk.events.length).toBeGreaterThan(60);
  expect(seen.size).toBeGreaterThan(12);
});

it("uses the tree before, and says so, when the newest is damaged", () => {
  const disk = new FakeDisk(DISK_BLOCKS);
  serveSession(server, disk, fs.put("file", bytes(5000, 1)));
  serveSession(server, disk, fs.put("file2", bytes(5000, 2)));
  const newest = disk.events.findLast((event) => event.type === "write" && event.block < 2);
  if (newest?.type !== "write") throw new Error("no superblock was written");
  const map = new DataView(newest.bytes.buffer, newest.bytes.byteOffset).getUint32(20, true);
  disk.apply({ type: "write", block: map, bytes: bytes(4096, 5) });
  const boot = serveSession(server, disk, fs.list(""));
  expect(boot.log).toContain("the newest tree is damaged");
  expect(boot.value).toContain("file");
  // Both gone: nothing is served, and nothing is written.
  const ruined = disk.copy();
  for (const block of [0, 1]) ruined.apply({ type: "write", block, bytes: bytes(4096, 6) });
  expect(serveSession(server, ruined, fs.list(""))).toMatchObject({ status: 3 });
  expect(ruined.events).toEqual([]);
});
