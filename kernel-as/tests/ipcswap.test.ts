// Deaths while a request waits for a page that is out on the disk: wherever a client or its server may have to wait for one, either of them or
// both are killed. (Two CPUs at once in the middle of a copy: cmd/usertests/ipcdeaths.ts.)

import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Tag, WaitFor } from "../../abi/ipc.ts";
import { Irq } from "../../abi/machine.ts";
import { Advice, MapFlag, MountFlag, OpenFlag, Prot } from "../../abi/syscall.ts";
import { steppedKernel } from "./stepped.ts";
import { DATA, type Program, System } from "./system.ts";

/** As little as boots: much of it has to be filled before a page really goes. */
const RAM = 13 << 20;
const SWAP_BLOCKS = 2048;
const PAGE = 4096;
const OUT = DATA + 0x4000;
const MESSAGE = DATA + 0x8000;
const RW = Prot.READ | Prot.WRITE;
const GRANT_FD = 4;
const HOG_PAGES = 2800;
const SHARED_BYTES = 2 * PAGE;

type Side = "client" | "server";

let kernel: WebAssembly.Module;
let system: System;
let init: Program;
let before: number[] = [];

/** A program that has the shared pages mapped at `at`. */
interface Sharer {
  readonly program: Program;
  readonly at: number;
}

/** A channel at /s, its server, a client with a file open there, and who sends the pages away that they share. */
class World {
  readonly server: Sharer;
  readonly client: Sharer;
  readonly fd: number;
  /** A page of the client's own. */
  readonly own: number;
  /** Asleep in a call: not to be called into. */
  readonly busy = new Set<Program>();
  readonly #pager: Sharer;
  readonly #hog: number;
  readonly #fds: number[];
  readonly #alive: Set<Program>;

  constructor() {
    expect(init.sys("ipc_pair", OUT)).toBe(0);
    const [channel, end] = [init.load(OUT), init.load(OUT + 4)];
    expect(init.sys("mount", channel, "/s", MountFlag.REPLACE)).toBe(0);
    const shared = MapFlag.SHARED | MapFlag.ANONYMOUS;
    const at = init.sys("mmap", 0, SHARED_BYTES, RW, shared, -1, 0n);
    const grant = init.sys("grant", at, SHARED_BYTES, RW);
    expect(grant).toBeGreaterThan(0);
    expect(init.sys("munmap", at, SHARED_BYTES)).toBe(0); // init's own pages never go
    this.#fds = [channel, end, grant];
    this.#pager = sharer([[GRANT_FD, grant]]);
    const own = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
    this.#hog = this.#pager.program.sys("mmap", 0, HOG_PAGES * PAGE, RW, own, -1, 0n);
    this.server = sharer([
      [GRANT_FD, grant],
      [3, end],
    ]);
    this.client = sharer([[GRANT_FD, grant]]);
    this.own = this.client.program.sys("mmap", 0, PAGE, RW, own, -1, 0n);
    this.client.program.store(this.own, 1);
    this.#alive = new Set([this.#pager, this.server, this.client].map(({ program }) => program));
    system.onSleep = () => {
      this.receive();
      this.reply(MESSAGE, Tag.R_OK, 4, 7);
    };
    this.fd = this.client.program.sys("open", "/s/file", OpenFlag.READWRITE);
    expect(this.fd).toBeGreaterThanOrEqual(0);
  }

  /** The shared pages, and the client's own unless it is in a call, are on the disk and nowhere else. */
  away(): void {
    const { program, at } = this.#pager;
    const { onSleep } = system;
    system.onSleep = () => system.disk?.serve();
    expect(program.sys("madvise", at, SHARED_BYTES, Advice.PAGEOUT)).toBe(0);
    const { program: client } = this.client;
    if (!this.busy.has(client)) client.sys("madvise", this.own, PAGE, Advice.PAGEOUT);
    // What a CPU in program code may still be storing to is not written before it has entered the kernel.
    for (const { program: other } of [this.server, this.client])
      if (this.#alive.has(other) && !this.busy.has(other)) other.sys("yield");
    system.disk?.serve();
    // They are in the swap cache now, the oldest there: more than all of RAM drives them out.
    for (let i = 0; i < HOG_PAGES; i++) program.store(this.#hog + PAGE * i, 1);
    const all = HOG_PAGES * PAGE;
    expect(program.sys("madvise", this.#hog, all, Advice.DONTNEED)).toBe(0);
    expect(program.sys("mincore", at, SHARED_BYTES, OUT)).toBe(0);
    expect(program.load(OUT) & 0xffff).toBe(0);
    system.onSleep = onSleep;
  }

  receive(at = MESSAGE): number {
    return this.#inCall(this.server, () => this.server.program.sys("ipc_recv", 3, at));
  }

  reply(at: number, tag: number, length: number, ...words: number[]): void {
    const { program } = this.server;
    [tag, length, ...words].forEach((word, i) => {
      program.store(at + 4 * i, word);
    });
    expect(this.send(at)).toBe(0);
  }

  send(at: number): number {
    return this.#inCall(this.server, () => this.server.program.sys("ipc_reply", 3, at));
  }

  calls(body: (client: Program) => number): number {
    return this.#inCall(this.client, () => body(this.client.program));
  }

  #inCall(who: Sharer, body: () => number): number {
    this.busy.add(who.program);
    try {
      return body();
    } finally {
      this.busy.delete(who.program);
    }
  }

  ends(who: Sharer, body: () => void): void {
    who.program.ends(body);
    this.#alive.delete(who.program);
  }

  /** Whoever is left ends, and nothing stays. */
  over(): void {
    const { program: server } = this.server;
    if (this.#alive.has(this.client.program)) end(this.client.program);
    if (this.#alive.has(server)) {
      let closes = 0;
      while (server.sys("ipc_wait", 3, WaitFor.MESSAGE, 0n) !== 0) {
        expect(this.receive()).toBe(Tag.T_CLOSE);
        this.reply(MESSAGE, Tag.R_OK, 0);
        closes++;
      }
      expect(closes).toBe(1);
      end(server);
    }
    end(this.#pager.program);
    for (let i = 0; i < 3; i++) expect(init.sys("wait", -1, OUT)).toBeGreaterThan(0);
    expect(init.sys("unmount", "/s")).toBe(0);
    for (const fd of this.#fds) expect(init.sys("close", fd)).toBe(0);
    system.disk?.serve(); // what was still on its way out when its program ended
    system.interrupt(Irq.DISK);
    expect(system.check()).toBe(0);
  }
}

function end(program: Program): void {
  program.ends(() => program.sys("exit", 0));
}

function sharer(descriptors: [child: number, parent: number][]): Sharer {
  descriptors.forEach(([child, parent], i) => {
    init.store(OUT + 8 * i, child);
    init.store(OUT + 8 * i + 4, parent);
  });
  expect(init.sys("spawn", "prog", "prog", OUT, descriptors.length)).toBeGreaterThan(0);
  const program = system.start();
  for (let va = DATA; va < DATA + 0x10000; va += PAGE) program.store(va, 0);
  const at = program.sys("mmap", 0, SHARED_BYTES, RW, MapFlag.SHARED, GRANT_FD, 0n);
  for (const page of [0, PAGE]) program.store(at + page, 0);
  return { program, at };
}

interface Wait {
  before?: (w: World, client: Program) => void;
  /** The client's call, in which somebody waits for a page. */
  call: (w: World, client: Program) => number;
  /** What the server does while the client waits for its answer. */
  serve: (w: World) => void;
  /** Who waits for the page; "late": the client, when it has been answered. */
  waits: Side | "late";
  result: number;
  /** What the client gets when its server has been told to end in that wait. */
  orphaned: number;
}

/** The client's page is the first, the server's the second. */
const WAITS: Record<string, Wait> = {
  "a client for what it writes": {
    before: (w) => w.away(),
    call: (w, client) => client.sys("write", w.fd, w.own, 100),
    serve: (w) => {
      w.receive();
      w.reply(MESSAGE, Tag.R_OK, 4, 100);
    },
    waits: "client",
    result: 100,
    orphaned: -Errno.EPIPE,
  },
  "a client for a path": {
    before: (w, client) => {
      client.poke(w.client.at, new TextEncoder().encode("/s/file"));
      w.away();
    },
    call: (w, client) => client.sys("remove", w.client.at, 7),
    serve: (w) => {
      w.receive();
      w.reply(MESSAGE, Tag.R_OK, 0);
    },
    waits: "client",
    result: 0,
    orphaned: -Errno.EPIPE,
  },
  "a server for what its client writes": {
    call: (w, client) => client.sys("write", w.fd, w.client.at, 100),
    serve: (w) => {
      w.away();
      w.receive();
      w.reply(MESSAGE, Tag.R_OK, 4, 100);
    },
    waits: "server",
    result: 100,
    orphaned: -Errno.EPIPE,
  },
  // Its page has come, so it still does what it was about to do: its client is answered.
  "a server for where its client reads to": {
    call: (w, client) => client.sys("read", w.fd, w.client.at, 100),
    serve: (w) => {
      w.receive();
      w.away();
      w.reply(MESSAGE, Tag.R_OK, 100);
    },
    waits: "server",
    result: 100,
    orphaned: 100,
  },
  "a server for where it receives": {
    call: (w, client) => client.sys("truncate", w.fd, 5n),
    serve: (w) => {
      w.away();
      w.receive(w.server.at + PAGE);
      w.reply(MESSAGE, Tag.R_OK, 0);
    },
    waits: "server",
    result: 0,
    orphaned: -Errno.EPIPE,
  },
  "a server for its answer": {
    call: (w, client) => client.sys("truncate", w.fd, 5n),
    serve: (w) => {
      w.receive();
      w.server.program.store(w.server.at + PAGE, Tag.R_OK);
      w.server.program.store(w.server.at + PAGE + 4, 0);
      w.away();
      expect(w.send(w.server.at + PAGE)).toBe(0);
    },
    waits: "server",
    result: 0,
    orphaned: 0,
  },
  "a client for where the grant goes that came with its answer": {
    before: (w, client) => client.store(w.client.at, -1),
    call: (w, client) => client.sys("ctl_grant", w.fd, OUT, 4, w.client.at),
    serve: (w) => {
      const { program } = w.server;
      w.receive();
      const shared = MapFlag.SHARED | MapFlag.ANONYMOUS;
      const given = program.sys(
        "grant",
        program.sys("mmap", 0, PAGE, RW, shared, -1, 0n),
        PAGE,
        RW,
      );
      expect(program.sys("ipc_give", 3, given)).toBe(0);
      program.sys("close", given);
      w.reply(MESSAGE, Tag.R_OK, 0);
      w.away();
    },
    waits: "late",
    result: 0,
    orphaned: 0,
  },
};

function play(name: string, victims: readonly Side[]): void {
  const wait = WAITS[name];
  if (!wait) throw new Error(name);
  const w = new World();
  const clientDies = victims.includes("client");
  const serverDies = victims.includes("server");
  wait.before?.(w, w.client.program);
  let strikes = 0;
  const strike = () => {
    for (const side of victims) {
      const { program } = w[side];
      expect(init.sys("kill", program.pid, 9)).toBe(0);
      if (!w.busy.has(program)) w.ends(w[side], () => program.load(DATA));
    }
  };
  system.onSleep = () => {
    if (system.disk?.queued !== 0) {
      if (strikes++ === 0) strike();
      system.disk?.serve();
      return;
    }
    if (serverDies && wait.waits === "server") w.ends(w.server, () => wait.serve(w));
    else wait.serve(w);
  };
  if (clientDies) {
    w.ends(w.client, () => w.calls((client) => wait.call(w, client)));
  } else {
    const expected = serverDies ? wait.orphaned : wait.result;
    expect(w.calls((client) => wait.call(w, client))).toBe(expected);
  }
  expect(strikes).toBe(1); // somebody has waited for a page, once
  system.onSleep = undefined;
  w.over();
}

beforeAll(async () => {
  kernel = await steppedKernel();
});

function boot(): void {
  system = new System("quiet", kernel, SWAP_BLOCKS, RAM);
  init = system.start();
  for (let va = DATA; va < DATA + 0x10000; va += PAGE) init.store(va, 0);
}

const VICTIMS: Side[][] = [[], ["client"], ["server"], ["client", "server"], ["server", "client"]];

describe.each(Object.keys(WAITS))("%s waits for a page", (name) => {
  beforeAll(() => {
    boot();
    play(name, []); // the frames that tables keep are there now
    before = init.counts();
  });

  it.each(VICTIMS.map((victims) => [victims.join(" then ") || "nobody", victims] as const))(
    "and %s dies",
    (_, victims) => {
      play(name, victims);
      expect(init.counts()).toEqual(before);
    },
  );
});
