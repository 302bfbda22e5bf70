// The death sweep: at every point in the life of a request, either side or both end in every way there is. After each: the other side sees
// what docs/ipc.md says, every handle was closed once, no invariant is broken and nothing has leaked.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Tag, WaitFor } from "../../abi/ipc.ts";
import { MachineRequest } from "../../abi/machine.ts";
import { DirEntry, MapFlag, MountFlag, OpenFlag, Prot, Signal } from "../../abi/syscall.ts";
import { steppedKernel } from "./stepped.ts";
import { DATA, type Program, System } from "./system.ts";

const MESSAGE = DATA + 0x8000;
const REPLY = DATA + 0x9000;
const OUT = DATA + 0xa000;
const BUFFER = DATA + 0x10000;
const PAYLOAD = 65536;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;

/** What a readdir asks for here, and two records that fill it. */
const DIRECTORY_ROOM = 512;
const RECORDS = new Uint8Array(DIRECTORY_ROOM);
RECORDS[DirEntry.NAME_BYTES] = 255;
RECORDS[265 + DirEntry.NAME_BYTES] = DIRECTORY_ROOM - 265 - DirEntry.NAME;

const KINDS = ["exit", "fault", "kill", "terminate", "stopped"] as const;
type Kind = (typeof KINDS)[number];
/** Points in a call, where the client is asleep in the kernel; then those where it is in program code. */
const IN_CALL = ["queued", "served", "answered"] as const;
const OUTSIDE = ["idle", "returned", "closing", "closed"] as const;
type Point = (typeof IN_CALL)[number] | (typeof OUTSIDE)[number];
type Side = "client" | "server";

let kernel: WebAssembly.Module;
let system: System;
let init: Program;
let ends: [number, number];
let before: number[] | undefined;

/** The calls of a client, each with one request of interest. */
const CALLS: Record<string, (client: Program, fd: number) => number> = {
  open: (c) => c.sys("open", "/s/file", OpenFlag.READWRITE),
  create: (c) => c.sys("open", "/s/new", OpenFlag.WRITE | OpenFlag.CREATE),
  read: (c, fd) => c.sys("read", fd, BUFFER, 100),
  "read of 64 KiB": (c, fd) => c.sys("read", fd, BUFFER, PAYLOAD),
  write: (c, fd) => c.sys("write", fd, BUFFER, 100),
  "write of 64 KiB": (c, fd) => c.sys("write", fd, BUFFER, PAYLOAD),
  stat: (c, fd) => c.sys("fstat", fd, OUT),
  readdir: (c, fd) => c.sys("readdir", fd, OUT, DIRECTORY_ROOM),
  ctl: (c, fd) => c.sys("ctl", fd, OUT, 16),
  "ctl with grants": (c, fd) => {
    const at = c.sys("mmap", 0, 4096, Prot.READ | Prot.WRITE, SHARED, -1, 0n);
    const grant = c.sys("grant", at, 4096, Prot.READ);
    expect(grant).toBeGreaterThan(0);
    c.store(OUT + 64, grant);
    return c.sys("ctl_grant", fd, OUT, 16, OUT + 64);
  },
  mmap: (c, fd) => c.sys("mmap", 0, 4096, Prot.READ, MapFlag.SHARED, fd, 0n),
  truncate: (c, fd) => c.sys("truncate", fd, 5n),
  remove: (c) => c.sys("remove", "/s/file"),
  rename: (c) => c.sys("rename", "/s/file", "/s/other"),
};

/** A server that is played step by step. */
class Server {
  readonly program: Program;
  readonly handles = new Set<number>();
  tag = 0;
  #next = 1;

  constructor(program: Program) {
    this.program = program;
  }

  receive(): number {
    this.tag = this.program.sys("ipc_recv", 3, MESSAGE);
    return this.tag;
  }

  step(): void {
    this.receive();
    this.answer();
  }

  /** Everything that has come. */
  drain(): void {
    if (this.tag > 0) this.answer();
    while (this.program.sys("ipc_wait", 3, WaitFor.MESSAGE, 0n) === WaitFor.MESSAGE) this.step();
  }

  answer(): void {
    const p = this.program;
    const tag = this.tag;
    this.tag = 0;
    if (tag === Tag.T_OPEN && p.peek(MESSAGE + 12, 3) === "new") return this.#reply(-Errno.ENOENT);
    if (tag === Tag.T_OPEN || tag === Tag.T_CREATE) {
      this.handles.add(this.#next);
      return this.#reply(8, this.#next++, PAYLOAD);
    }
    if (tag === Tag.T_CLOSE) {
      expect(this.handles.delete(p.load(MESSAGE + 8))).toBe(true);
      return this.#reply(0);
    }
    if (tag === Tag.T_READ) {
      const count = p.load(MESSAGE + 12);
      if (count === DIRECTORY_ROOM) p.poke(MESSAGE + 8, RECORDS);
      return this.#replyFrom(MESSAGE, count);
    }
    if (tag === Tag.T_WRITE) return this.#reply(4, p.load(MESSAGE + 4) - 16);
    if (tag === Tag.T_STAT) return this.#reply(32, 1);
    if (tag === Tag.T_MMAP) return this.#reply(16, this.#memory(), Prot.READ, 0, 0);
    this.exchange(tag);
    this.#reply(tag === Tag.T_CTL ? 4 : 0, 0);
  }

  /** Takes the grant that came with a T_CTL and gives one back with the answer. */
  exchange(tag = this.tag): void {
    const p = this.program;
    if (tag !== Tag.T_CTL) return;
    const taken = p.sys("ipc_take", 3);
    if (taken < 0) return;
    p.sys("mmap", 0, 4096, Prot.READ, MapFlag.SHARED, taken, 0n);
    const grant = p.sys("grant", this.#memory(), 4096, Prot.READ | Prot.WRITE);
    expect(p.sys("ipc_give", 3, grant)).toBe(0);
    p.sys("close", grant);
  }

  #memory(): number {
    return this.program.sys("mmap", 0, 4096, Prot.READ | Prot.WRITE, SHARED, -1, 0n);
  }

  #reply(length: number, ...words: number[]): void {
    const p = this.program;
    p.store(REPLY, length < 0 ? Tag.R_ERROR : Tag.R_OK);
    p.store(REPLY + 4, length < 0 ? 4 : length);
    (length < 0 ? [-length] : words).forEach((word, i) => {
      p.store(REPLY + 8 + 4 * i, word);
    });
    expect(p.sys("ipc_reply", 3, REPLY)).toBe(0);
  }

  #replyFrom(at: number, length: number): void {
    this.program.store(at, Tag.R_OK);
    this.program.store(at + 4, length);
    expect(this.program.sys("ipc_reply", 3, at)).toBe(0);
  }
}

beforeAll(async () => {
  kernel = await steppedKernel();
});

function boot(): void {
  before = undefined;
  system = new System("quiet", kernel);
  init = system.start();
  for (let va = DATA; va < DATA + 0x10000; va += 4096) init.store(va, 0);
}

/** A fresh channel at /s. init keeps both ends. */
function channelMake(): void {
  expect(init.sys("ipc_pair", OUT)).toBe(0);
  ends = [init.load(OUT), init.load(OUT + 4)];
  expect(init.sys("mount", ends[0], "/s", MountFlag.REPLACE)).toBe(0);
}

function channelDrop(): void {
  expect(init.sys("unmount", "/s")).toBe(0);
  for (const fd of ends) expect(init.sys("close", fd)).toBe(0);
}

/** A child of init; with the server end as its descriptor 3 if it is to serve. */
function child(serves: boolean): Program {
  init.store(OUT, 3);
  init.store(OUT + 4, ends[1]);
  const pid = init.sys("spawn", "prog", "prog", serves ? OUT : 0, serves ? 1 : 0);
  const program = system.start();
  expect(program.pid).toBe(pid);
  return program;
}

/** Ends a program that is in its own code. */
function end(program: Program, kind: Kind): void {
  if (kind === "exit") return program.ends(() => program.sys("exit", 3));
  if (kind === "fault") return program.ends(() => program.store(4, 1));
  if (kind === "stopped") expect(init.sys("kill", program.pid, Signal.STOP)).toBe(0);
  expect(init.sys("kill", program.pid, 9)).toBe(0);
  if (kind !== "terminate") return program.ends(() => program.load(DATA));
  const seen = system.requests.length;
  system.nowNs += 1e9;
  system.poll();
  expect(system.requests.slice(seen)).toContainEqual([MachineRequest.TERMINATE, program.slot, 0]);
  system.cpuDied(program.slot);
}

/** What has been killed in the kernel ends as its call does. */
function endInCall(program: Program, kind: Kind = "kill"): void {
  if (kind === "stopped") expect(init.sys("kill", program.pid, Signal.STOP)).toBe(0);
  expect(init.sys("kill", program.pid, 9)).toBe(0);
}

/** While somebody sleeps, this happens, once. */
function whileAsleep(body: () => void): void {
  system.onSleep = () => {
    system.onSleep = undefined;
    body();
  };
}

/** One call with the server answering whatever comes. */
function served(server: Server, call: () => number): number {
  system.onSleep = () => server.step();
  const result = call();
  system.onSleep = undefined;
  return result;
}

interface Death {
  call: string;
  point: Point;
  victims: Side[];
  kind: Kind;
}

function play({ call, point, victims, kind }: Death): void {
  channelMake();
  const server = new Server(child(true));
  const client = child(false);
  const run = CALLS[call];
  if (!run) throw new Error(call);
  const fd = served(server, () => client.sys("open", "/s/file", OpenFlag.READWRITE));
  expect(fd).toBeGreaterThan(0);
  const inCall = (IN_CALL as readonly string[]).includes(point);
  const clientDies = victims.includes("client");
  const serverDies = victims.includes("server");
  const strike = () => {
    for (const side of victims) {
      if (side === "server") end(server.program, kind);
      else if (inCall) endInCall(client, kind);
      else end(client, kind);
    }
  };
  if (point === "idle") strike();
  if (inCall) {
    const asleep = () => {
      // The request of interest is a call's last one.
      if (call === "create" && point !== "queued" && server.tag === 0) {
        server.receive();
        if ((server.tag as number) === Tag.T_OPEN) {
          server.answer();
          whileAsleep(asleep);
          return;
        }
      } else if (point !== "queued") server.receive();
      if (point === "served") server.exchange();
      if (point === "answered") server.answer();
      strike();
    };
    whileAsleep(asleep);
    if (clientDies) client.ends(() => run(client, fd));
    else {
      const result = run(client, fd);
      if (point === "answered") expect(result).toBeGreaterThanOrEqual(0);
      else expect(result).toBe(-Errno.EPIPE);
    }
  } else if (point !== "idle") {
    expect(served(server, () => run(client, fd))).toBeGreaterThanOrEqual(0);
    if (point !== "returned") client.sys("close", fd);
    if (point === "closed") expect(server.receive()).toBe(Tag.T_CLOSE);
    strike();
  }
  const closed = point === "closing" || point === "closed";
  const stale = () => {
    if (!clientDies && !closed) expect(client.sys("read", fd, OUT, 1)).toBe(-Errno.EPIPE);
    if (!clientDies) client.ends(() => client.sys("exit", 0));
    expect(init.sys("ipc_wait", ends[1], WaitFor.MESSAGE, 0n)).toBe(0);
  };
  if (!serverDies && !clientDies) throw new Error("nobody dies");
  if (serverDies) upAgain(stale);
  else stillServes(server);
  for (let i = 0; i < 2; i++) expect(init.sys("wait", -1, OUT)).toBeGreaterThan(0);
  channelDrop();
  expect(system.check()).toBe(0);
  if (before !== undefined) expect(init.counts()).toEqual(before);
}

/** A server whose client has died has closed every handle, serves others, and ends when it likes. */
function stillServes(server: Server): void {
  server.drain();
  expect([...server.handles]).toEqual([]);
  const fd = served(server, () => init.sys("open", "/s/file", OpenFlag.READ));
  expect(served(server, () => init.sys("read", fd, OUT, 10))).toBe(10);
  init.sys("close", fd);
  server.drain();
  expect([...server.handles]).toEqual([]);
  end(server.program, "exit");
}

/** The channel answers EPIPE until another process receives on it; handles of the dead one are void even then, and not closed again. */
function upAgain(stale: () => void): void {
  expect(init.sys("open", "/s/file", OpenFlag.READ)).toBe(-Errno.EPIPE);
  expect(init.sys("ipc_wait", ends[1], WaitFor.SERVER, 0n)).toBe(0);
  const next = child(true);
  whileAsleep(() => {
    expect(init.sys("ipc_wait", ends[1], WaitFor.SERVER, 0n)).toBe(WaitFor.SERVER);
    stale();
    endInCall(next);
  });
  next.ends(() => next.sys("ipc_recv", 3, MESSAGE));
  expect(init.sys("wait", next.pid, OUT)).toBe(next.pid);
}

const VICTIMS: Side[][] = [["client"], ["server"], ["client", "server"], ["server", "client"]];

function sweep(calls: string[], point: Point): number {
  let deaths = 0;
  for (const call of calls) {
    for (const victims of VICTIMS) {
      const inCall = (IN_CALL as readonly string[]).includes(point);
      // In a call a client can only be killed, stopped before or not.
      const alone = inCall && victims.join() === "client";
      const kinds: readonly Kind[] = alone ? ["kill", "stopped"] : KINDS;
      for (const kind of kinds) {
        try {
          play({ call, point, victims, kind });
        } catch (error) {
          throw new Error(`${call}, ${point}, ${victims.join(" then ")} by ${kind}: ${error}`, {
            cause: error,
          });
        }
        deaths++;
      }
    }
  }
  return deaths;
}

describe("death", () => {
  beforeEach(() => {
    boot();
    // The frames that tables keep are there after the first round.
    play({ call: "ctl with grants", point: "returned", victims: ["client"], kind: "kill" });
    before = init.counts();
  });

  it.each(IN_CALL)("of either side and of both while a request is %s", (point) => {
    expect(sweep(Object.keys(CALLS), point)).toBe(Object.keys(CALLS).length * 17);
  });

  it("of either side and of both when a call has returned", () => {
    expect(sweep(Object.keys(CALLS), "returned")).toBe(Object.keys(CALLS).length * 20);
  });

  it.each(["idle", "closing", "closed"] as const)(
    "of either side and of both around requests: %s",
    (point) => {
      expect(sweep(["read", "mmap"], point)).toBe(40);
    },
  );

  it("of a server that waits for its next request", () => {
    channelMake();
    const server = new Server(child(true));
    expect(served(server, () => init.sys("open", "/s/file", OpenFlag.READ))).toBe(5);
    whileAsleep(() => endInCall(server.program));
    server.program.ends(() => server.receive());
    expect(init.sys("read", 5, OUT, 1)).toBe(-Errno.EPIPE);
    upAgain(() => expect(init.sys("read", 5, OUT, 1)).toBe(-Errno.EPIPE));
    init.sys("close", 5);
    init.sys("wait", -1, OUT);
    channelDrop();
    expect(init.counts()).toEqual(before);
  });

  it("of nobody: a client that is stopped in a call is answered, and goes on with it when it may", () => {
    channelMake();
    const server = new Server(child(true));
    const client = child(false);
    const fd = served(server, () => client.sys("open", "/s/file", OpenFlag.READWRITE));
    let sleeps = 0;
    system.onSleep = () => {
      // First for its answer, then, with the answer, as a stopped process.
      if (++sleeps === 1) {
        init.sys("kill", client.pid, Signal.STOP);
        server.step();
      } else init.sys("kill", client.pid, Signal.CONT);
    };
    expect(client.sys("read", fd, BUFFER, 100)).toBe(100);
    expect(sleeps).toBe(2);
    system.onSleep = undefined;
    for (const program of [client, server.program]) end(program, "exit");
    for (let i = 0; i < 2; i++) init.sys("wait", -1, OUT);
    channelDrop();
    expect(init.counts()).toEqual(before);
  });
});

/** A wait at a pipe. */
interface Wait {
  /** The waiter's end of the pipe, as its descriptor 0 or 1; the other one has the other end. */
  pipe: "read" | "write";
  wait: (p: Program) => number;
  /** Its result when the other one dies. */
  result: number;
}

const WAITS: Record<string, Wait> = {
  "a read of an empty pipe": {
    pipe: "read",
    wait: (p) => p.sys("read", 0, BUFFER, 100),
    result: 0,
  },
  "a write to a full pipe": {
    pipe: "write",
    wait: (p) => p.sys("write", 1, BUFFER, 100),
    result: -Errno.EPIPE,
  },
  "the rest of a long write": {
    pipe: "write",
    wait: (p) => p.sys("write", 1, BUFFER, 9000),
    result: -Errno.EPIPE,
  },
};

describe("death while the other one waits", () => {
  beforeEach(() => {
    boot();
    for (const name of Object.keys(WAITS)) playWait(name, ["waiter"], "kill");
    before = init.counts();
  });

  /** A waiter with one end of a full (or, to be read, empty) pipe, the other one with the other end. */
  function playWait(name: string, victims: readonly ("waiter" | "other")[], kind: Kind): void {
    const scene = WAITS[name];
    if (!scene) throw new Error(name);
    const { pipe, wait, result } = scene;
    expect(init.sys("pipe", OUT)).toBe(0);
    const [reader, writer] = [init.load(OUT), init.load(OUT + 4)];
    if (pipe === "write") expect(init.sys("write", writer, BUFFER, 4096)).toBe(4096);
    const start = (end: "read" | "write") => {
      init.store(OUT, end === "read" ? 0 : 1);
      init.store(OUT + 4, end === "read" ? reader : writer);
      expect(init.sys("spawn", "prog", "prog", OUT, 1)).toBeGreaterThan(0);
      return system.start();
    };
    const waiter = start(pipe);
    const other = start(pipe === "write" ? "read" : "write");
    for (const fd of [reader, writer]) expect(init.sys("close", fd)).toBe(0);
    whileAsleep(() => {
      for (const victim of victims) {
        if (victim === "waiter") endInCall(waiter, kind);
        else end(other, kind);
      }
    });
    if (victims.includes("waiter")) waiter.ends(() => wait(waiter));
    else {
      expect(wait(waiter)).toBe(result);
      end(waiter, "exit");
    }
    if (!victims.includes("other")) {
      // Alone now: what it does at its end of the pipe says so.
      if (pipe === "write") {
        expect(other.sys("read", 0, BUFFER, 8192)).toBe(4096);
        expect(other.sys("read", 0, BUFFER, 8192)).toBe(0);
      } else expect(other.sys("write", 1, BUFFER, 1)).toBe(-Errno.EPIPE);
      end(other, "exit");
    }
    for (let i = 0; i < 2; i++) expect(init.sys("wait", -1, OUT)).toBeGreaterThan(0);
    expect(system.check()).toBe(0);
    if (before !== undefined) expect(init.counts()).toEqual(before);
  }

  it.each(Object.keys(WAITS))("in %s", (name) => {
    let deaths = 0;
    for (const victims of [
      ["waiter"],
      ["other"],
      ["waiter", "other"],
      ["other", "waiter"],
    ] as const)
      for (const kind of victims.join() === "waiter" ? (["kill", "stopped"] as const) : KINDS) {
        playWait(name, victims, kind);
        deaths++;
      }
    expect(deaths).toBe(17);
  });

  it.each(KINDS)(
    "in a wait for a child that ends by %s: the parent is told, or init if it died too",
    (kind) => {
      const statuses = { exit: 3, fault: 139, kill: 137, terminate: 137, stopped: 137 };
      for (const victims of ["child", "parent", "parent and child", "child and parent"]) {
        const parent = child(false);
        const pid = parent.sys("spawn", "prog", "prog", 0, 0);
        const grandchild = system.start();
        whileAsleep(() => {
          if (victims.startsWith("parent")) endInCall(parent, "kill");
          if (victims.includes("child")) end(grandchild, kind);
          if (victims.endsWith("and parent")) endInCall(parent, "kill");
        });
        if (victims === "child") {
          expect(parent.sys("wait", pid, OUT)).toBe(pid);
          expect(parent.load(OUT)).toBe(statuses[kind]);
          end(parent, "exit");
        } else {
          parent.ends(() => parent.sys("wait", pid, OUT));
          if (victims === "parent") {
            expect(grandchild.sys("getppid")).toBe(1);
            end(grandchild, kind);
          }
          expect(init.sys("wait", pid, OUT)).toBe(pid); // an orphan is init's
          expect(init.load(OUT)).toBe(statuses[kind]);
        }
        expect(init.sys("wait", parent.pid, OUT)).toBe(parent.pid);
        expect(system.check()).toBe(0);
        expect(init.counts()).toEqual(before);
      }
    },
  );
});
