// What may be in messages: lengths, payloads, forged replies, bad buffers on either side, grants. One process serves and others call, in
// the order that the test says (stepped.ts).

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Tag, WaitFor } from "../../abi/ipc.ts";
import {
  FileType,
  MapFlag,
  MountFlag,
  ObjectKind,
  OpenFlag,
  PageInfo,
  Prot,
  Signal,
  Stat,
} from "../../abi/syscall.ts";
import { seeded } from "./harness.ts";
import { steppedKernel } from "./stepped.ts";
import { DATA, type Program, System } from "./system.ts";

const MESSAGE = DATA + 0x8000;
const OUT = DATA + 0x4000;
const BIG = DATA + 0x10000;
const BAD = 0xc0000000;
const HEAP_END = 0x40000;
const RW = Prot.READ | Prot.WRITE;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;

let kernel: WebAssembly.Module;
let system: System;
let init: Program; // the client
let server: Program;
let tags: number[];

beforeAll(async () => {
  kernel = await steppedKernel();
});

function spawn(descriptor3: number): Program {
  init.store(OUT, 3);
  init.store(OUT + 4, descriptor3);
  expect(init.sys("spawn", "prog", "prog", OUT, 1)).toBeGreaterThan(0);
  return system.start();
}

beforeEach(() => {
  system = new System("quiet", kernel);
  init = system.start();
  expect(init.sys("ipc_pair", OUT)).toBe(0);
  const [client, end] = [init.load(OUT), init.load(OUT + 4)];
  server = spawn(end);
  init.sys("close", end);
  expect(init.sys("mount", client, "/s", MountFlag.REPLACE)).toBe(0);
  init.sys("close", client);
  tags = [];
});

function receive(at = MESSAGE): number {
  const tag = server.sys("ipc_recv", 3, at);
  tags.push(tag);
  return tag;
}

function reply(tag: number, length: number, ...words: number[]): number {
  server.store(MESSAGE, tag);
  server.store(MESSAGE + 4, length);
  words.forEach((word, i) => {
    server.store(MESSAGE + 8 + 4 * i, word);
  });
  return server.sys("ipc_reply", 3, MESSAGE);
}

/** A call of the client, while the server does this for each of its messages. */
function call(body: () => number, serves: () => void): number {
  system.onSleep = serves;
  const result = body();
  system.onSleep = undefined;
  return result;
}

function open(...answer: number[]): number {
  return call(
    () => init.sys("open", "/s/file", OpenFlag.READWRITE),
    () => {
      receive();
      expect(reply(Tag.R_OK, answer.length * 4, ...answer)).toBe(0);
    },
  );
}

/** The counts that T_READ or T_WRITE messages ask for in one call. */
function counts(name: "read" | "write", fd: number, n: number): number[] {
  const list: number[] = [];
  const result = call(
    () => init.sys(name, fd, BIG, n),
    () => {
      receive(BIG);
      const count = server.load(BIG + 12);
      list.push(count);
      if (name === "write") expect(server.load(BIG + 4)).toBe(16 + count);
      server.store(BIG + 8, count);
      server.store(BIG, Tag.R_OK);
      server.store(BIG + 4, name === "read" ? count : 4);
      expect(server.sys("ipc_reply", 3, BIG)).toBe(0);
    },
  );
  expect(result).toBe(n);
  return list;
}

describe("a payload", () => {
  it.each([
    [[7], [4096, 4096, 808], [4080, 4080, 840]],
    [
      [7, 0],
      [4096, 4096, 808],
      [4080, 4080, 840],
    ],
    [
      [7, 4095],
      [4096, 4096, 808],
      [4080, 4080, 840],
    ],
    [
      [7, 4096],
      [4096, 4096, 808],
      [4096, 4096, 808],
    ],
    [
      [7, 9000],
      [8192, 808],
      [8192, 808],
    ],
    [[7, 65536], [9000], [9000]],
  ])("offered as %j is split so", (answer, reads, writes) => {
    const fd = open(...answer);
    expect(counts("read", fd, 9000)).toEqual(reads);
    expect(counts("write", fd, 9000)).toEqual(writes);
  });

  it("is at most 64 KiB, whatever the server offers", () => {
    const fd = open(7, -1);
    expect(counts("read", fd, 100_000)).toEqual([65536, 34464]);
    expect(counts("write", fd, 100_000)).toEqual([65536, 34464]);
  });

  it("goes from one memory to the other, at 64-bit offsets", () => {
    const fd = open(7, 65536);
    const text = "0123456789abcdef".repeat(4000);
    init.poke(BIG, new TextEncoder().encode(text));
    const offset = (1n << 40n) + 3n;
    const wrote = call(
      () => init.sys("pwrite", fd, BIG, text.length, offset),
      () => {
        receive(BIG + 0x123);
        expect(server.load(BIG + 0x123 + 16)).toBe(3);
        expect(server.load(BIG + 0x123 + 20)).toBe(256);
        expect(server.peek(BIG + 0x123 + 24, text.length)).toBe(text);
        reply(Tag.R_OK, 4, text.length);
      },
    );
    expect(wrote).toBe(text.length);
  });
});

describe("a reply", () => {
  it("comes from the server that received, once, and is well formed; else the message stays", () => {
    const other = spawn(0);
    expect(other.sys("ipc_recv", 3, MESSAGE)).toBe(-Errno.EINVAL);
    expect(other.sys("ipc_recv", 4, MESSAGE)).toBe(-Errno.EBADF);
    expect(init.sys("ipc_recv", 0, MESSAGE)).toBe(-Errno.EINVAL);
    const fd = open(7);
    const result = call(
      () => init.sys("read", fd, OUT, 10),
      () => {
        expect(reply(Tag.R_OK, 0)).toBe(-Errno.EINVAL); // nothing received yet
        expect(receive()).toBe(Tag.T_READ);
        expect(reply(Tag.T_READ, 0)).toBe(-Errno.EINVAL);
        expect(reply(Tag.R_OK, 4097)).toBe(-Errno.EMSGSIZE);
        expect(reply(Tag.R_OK, -1)).toBe(-Errno.EMSGSIZE);
        expect(server.sys("ipc_reply", 3, BAD)).toBe(-Errno.EFAULT);
        server.store(HEAP_END - 12, Tag.R_OK);
        server.store(HEAP_END - 8, 10);
        expect(server.sys("ipc_reply", 3, HEAP_END - 12)).toBe(-Errno.EFAULT);
        server.store(HEAP_END - 12, Tag.R_ERROR);
        server.store(HEAP_END - 8, 4);
        expect(server.sys("ipc_reply", 3, HEAP_END - 8 - 2)).toBe(-Errno.EINVAL);
        expect(server.sys("ipc_reply", 0, MESSAGE)).toBe(-Errno.EBADF);
        expect(reply(Tag.R_OK, 10)).toBe(0);
        expect(reply(Tag.R_OK, 10)).toBe(-Errno.EINVAL);
      },
    );
    expect(result).toBe(10);
  });

  it.each([
    ["an errno", [Tag.R_ERROR, 4, Errno.ENOSPC], -Errno.ENOSPC],
    ["EAGAIN, which is not R_AGAIN", [Tag.R_ERROR, 4, Errno.EAGAIN], -Errno.EAGAIN],
    ["no errno", [Tag.R_ERROR, 4, 0], -Errno.EIO],
    ["an errno that is none", [Tag.R_ERROR, 4, 4096], -Errno.EIO],
    ["an error without one", [Tag.R_ERROR, 0], -Errno.EIO],
    ["handle 0", [Tag.R_OK, 4, 0], -Errno.EIO],
    ["no handle", [Tag.R_OK, 0], -Errno.EIO],
  ])("to an open with %s", (_, [tag = 0, length = 0, ...words], expected) => {
    const result = call(
      () => init.sys("open", "/s/file", 0),
      () => {
        receive();
        reply(tag, length, ...words);
      },
    );
    expect(result).toBe(expected);
  });

  it("that is given by receiving again is EIO", () => {
    const fd = open(7);
    const inner = () => {
      throw new Error("the server sleeps");
    };
    const result = call(
      () => init.sys("read", fd, OUT, 10),
      () => {
        receive();
        system.onSleep = inner;
        expect(() => receive()).toThrow("the server sleeps");
      },
    );
    expect(result).toBe(-Errno.EIO);
  });
});

describe("a buffer that cannot be reached", () => {
  it("of the client is its own EFAULT, and the server does not see the message", () => {
    const client = spawn(0);
    const fd = call(
      () => client.sys("open", "/s/file", OpenFlag.READWRITE),
      () => {
        receive();
        reply(Tag.R_OK, 8, 7, 65536);
      },
    );
    const result = call(
      () => client.sys("write", fd, HEAP_END - 5000, 65536),
      () => {
        // The message is dropped while it is received: the server goes on to wait.
        system.onSleep = () => expect(init.sys("kill", server.pid, 9)).toBe(0);
        server.ends(() => receive(BIG));
      },
    );
    expect(result).toBe(-Errno.EFAULT);
  });

  it("of the client for an answer is its own EFAULT, and the server's reply is good", () => {
    const fd = open(7);
    const result = call(
      () => init.sys("read", fd, BAD, 100),
      () => {
        receive();
        expect(reply(Tag.R_OK, 100)).toBe(0);
      },
    );
    expect(result).toBe(-Errno.EFAULT);
  });

  it.each([
    ["all of it", BAD],
    ["all but the header", HEAP_END - 24],
    ["its last page", HEAP_END - 4096],
  ])("of the server, %s, is the server's EFAULT, and the message stays", (_, at) => {
    const fd = open(7, 65536);
    const result = call(
      () => init.sys("write", fd, BIG, 8192),
      () => {
        expect(receive(at)).toBe(-Errno.EFAULT);
        expect(receive(at)).toBe(-Errno.EFAULT);
        expect(receive(BIG)).toBe(Tag.T_WRITE);
        reply(Tag.R_OK, 4, 8192);
      },
    );
    expect(result).toBe(8192);
  });
});

describe("clients", () => {
  it("queue in their order, as many as there are", () => {
    const clients = [0, 1, 2].map(() => spawn(0));
    const fd = open(7);
    const order: number[] = [];
    const serveAll = () => {
      for (let i = 0; i <= clients.length; i++) {
        receive();
        server.sys("ipc_client", 3, OUT);
        order.push(server.load(OUT));
        expect(server.load(OUT + 4)).toBe(0);
        expect(server.load(OUT + 8)).toBe(1);
        expect(reply(Tag.R_ERROR, 4, Errno.ENOENT)).toBe(0);
      }
    };
    const next = (i: number) => {
      const client = clients[i];
      system.onSleep = () => (client ? next(i + 1) : serveAll());
      const who = i === 0 ? init : (clients[i - 1] ?? init);
      expect(who.sys("open", "/s/x", 0)).toBe(-Errno.ENOENT);
    };
    next(0);
    system.onSleep = undefined;
    expect(order).toEqual([init.pid, ...clients.map((c) => c.pid)]);
    init.sys("close", fd);
    expect(receive()).toBe(Tag.T_CLOSE);
    expect(server.sys("ipc_client", 3, OUT)).toBe(-Errno.ESRCH);
  });
});

it("a client's virtual terminal is that of its descriptors 2, 0 or 1; without one the first", () => {
  const terminal = () => {
    let vt = 0;
    system.onSleep = () => {
      receive();
      expect(server.sys("ipc_client", 3, OUT)).toBe(0);
      vt = server.load(OUT + 8);
      expect(reply(Tag.R_ERROR, 4, Errno.ENOENT)).toBe(0);
    };
    expect(init.sys("open", "/s/x", 0)).toBe(-Errno.ENOENT);
    system.onSleep = undefined;
    return vt;
  };
  const console = [0, 1, 2].map((fd) => init.sys("dup2", fd, 10 + fd));
  expect(console).toEqual([10, 11, 12]);
  const other = init.sys("open", "/dev/vt2", OpenFlag.READWRITE);
  const third = init.sys("open", "/dev/vt3", OpenFlag.READWRITE);
  init.sys("dup2", third, 1);
  init.sys("dup2", other, 2);
  expect(terminal()).toBe(2);
  init.sys("close", 2);
  expect(terminal()).toBe(1);
  init.sys("close", 0);
  expect(terminal()).toBe(3);
  init.sys("close", 1);
  expect(terminal()).toBe(1);
  for (const fd of [0, 1, 2]) init.sys("dup2", 10 + fd, fd);
  for (const fd of [10, 11, 12, other, third]) init.sys("close", fd);
});

/** An open whose server tells the type, and the flags that it got. */
function openAs(type: number, flags: number = OpenFlag.READWRITE): [fd: number, flags: number] {
  let got = -1;
  const fd = call(
    () => init.sys("open", "/s/file", flags),
    () => {
      receive();
      got = server.load(MESSAGE + 8);
      expect(reply(Tag.R_OK, 12, 7, 0, type)).toBe(0);
    },
  );
  return [fd, got];
}

const asleep = () => {
  throw new Error("a message was sent");
};

describe("the type that an open told", () => {
  it("keeps directories from being read as files, and files as directories", () => {
    const [directory] = openAs(FileType.DIRECTORY);
    expect(call(() => init.sys("read", directory, OUT, 10), asleep)).toBe(-Errno.EISDIR);
    expect(call(() => init.sys("pread", directory, OUT, 10, 0n), asleep)).toBe(-Errno.EISDIR);
    const [file] = openAs(FileType.FILE);
    expect(call(() => init.sys("readdir", file, OUT, 500), asleep)).toBe(-Errno.ENOTDIR);
  });

  it("EXCLUSIVE only looks at what is there: it is neither emptied nor refused for its kind", () => {
    const flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.EXCLUSIVE;
    const looks = OpenFlag.READ | OpenFlag.NOFOLLOW;
    expect(openAs(FileType.FILE, flags | OpenFlag.TRUNCATE)).toEqual([-Errno.EEXIST, looks]);
    expect(receive()).toBe(Tag.T_CLOSE);
    reply(Tag.R_OK, 0);
    expect(openAs(FileType.DIRECTORY, flags)).toEqual([-Errno.EEXIST, looks]);
  });
});

describe("a directory", () => {
  const record = (name: string) => [
    ...`\0\0\0\0\0\0\0\0\u0001${String.fromCharCode(name.length)}${name}`,
  ];
  const answer = (bytes: string[]) => {
    receive();
    server.poke(MESSAGE + 8, new Uint8Array(bytes.map((c) => c.charCodeAt(0))));
    expect(reply(Tag.R_OK, bytes.length)).toBe(0);
  };
  const names = ["one", "two", "three"];

  it("is read in rooms that are smaller than the longest name", () => {
    const [fd] = openAs(FileType.DIRECTORY);
    const read = (room: number) => {
      let asked = -1;
      const n = call(
        () => init.sys("readdir", fd, OUT, room),
        () => {
          receive();
          asked = server.load(MESSAGE + 16);
          server.poke(MESSAGE + 8, new Uint8Array());
          const bytes = names.slice(asked).flatMap(record);
          server.poke(MESSAGE + 8, new Uint8Array(bytes.map((c) => c.charCodeAt(0))));
          expect(reply(Tag.R_OK, bytes.length)).toBe(0);
        },
      );
      return [asked, n];
    };
    expect(read(12)).toEqual([0, -Errno.EINVAL]);
    expect(read(13)).toEqual([0, 13]);
    expect(init.peek(OUT + 10, 3)).toBe("one");
    expect(read(0)).toEqual([1, -Errno.EINVAL]);
    expect(read(40)).toEqual([1, 28]);
    expect(read(10)).toEqual([3, 0]);
  });

  it.each([300, 100])("whose server answers no whole records is EIO (room %i)", (room) => {
    const [fd] = openAs(FileType.DIRECTORY);
    const read = (bytes: string[]) =>
      call(
        () => init.sys("readdir", fd, OUT, room),
        () => answer(bytes),
      );
    expect(read([..."abc"])).toBe(-Errno.EIO);
    expect(read(record("name").slice(0, 12))).toBe(-Errno.EIO);
    expect(read(record("name"))).toBe(14);
  });
});

describe("the offset of a file", () => {
  /** Two children with the file as descriptor 4. */
  const sharers = (fd: number): Program[] =>
    [0, 1].map(() => {
      init.store(OUT, 4);
      init.store(OUT + 4, fd);
      expect(init.sys("spawn", "prog", "prog", OUT, 1)).toBeGreaterThan(0);
      return system.start();
    });

  it("is used by one call at a time, also when processes share the file", () => {
    const [one, two] = sharers(openAs(FileType.FILE)[0]);
    if (!one || !two) throw new Error("no sharers");
    let waits = 0;
    const wrote = call(
      () => one.sys("write", 4, BIG, 100),
      () => {
        expect(receive()).toBe(Tag.T_WRITE);
        // The other one waits and sends nothing; it is ended, since the first cannot go on before it returns here.
        system.onSleep = () => {
          waits++;
          expect(server.sys("ipc_wait", 3, WaitFor.MESSAGE, 0n)).toBe(0);
          expect(init.sys("kill", two.pid, 9)).toBe(0);
        };
        two.ends(() => two.sys("write", 4, BIG, 100));
        system.onSleep = undefined;
        reply(Tag.R_OK, 4, 100);
      },
    );
    expect([wrote, waits]).toEqual([100, 1]);
    expect(one.sys("seek", 4, 0n, 1)).toBe(100);
  });

  it("of a device is anybody's: a read that waits keeps no write away", () => {
    const [one, two] = sharers(openAs(FileType.DEVICE)[0]);
    if (!one || !two) throw new Error("no sharers");
    let wrote = 0;
    const got = call(
      () => one.sys("read", 4, BIG, 10),
      () => {
        const answerBoth = () => {
          receive();
          reply(Tag.R_OK, 0);
          receive();
          reply(Tag.R_OK, 4, 10);
        };
        wrote = call(() => two.sys("write", 4, BIG, 10), answerBoth);
      },
    );
    expect([got, wrote]).toEqual([0, 10]);
  });

  it("never goes past the last, whatever the server takes, and a size below 0 is none", () => {
    const [fd] = openAs(FileType.DEVICE);
    const last = (1n << 63n) - 1n;
    expect(init.sys("seek", fd, last - 3n, 0)).toBeGreaterThan(0);
    const wrote = call(
      () => init.sys("write", fd, OUT, 10),
      () => {
        receive();
        expect(server.load(MESSAGE + 12)).toBe(3);
        reply(Tag.R_OK, 4, 3);
      },
    );
    expect(wrote).toBe(3);
    expect(call(() => init.sys("write", fd, OUT, 1), asleep)).toBe(-Errno.EFBIG);
    expect(init.sys("pwrite", fd, OUT, 1, last)).toBe(-Errno.EFBIG);
    const end = call(
      () => init.sys("seek", fd, 0n, 2),
      () => {
        receive();
        reply(Tag.R_OK, 32, 1, 0, -1, -1, 0, 0, 0, 0);
      },
    );
    expect(end).toBe(-Errno.EIO);
  });
});

describe("a server that does not answer", () => {
  const INT = 1 << Signal.INT;
  const client = () => {
    const program = spawn(0);
    program.sys("sigcatch", INT | (1 << Signal.WINCH));
    return program;
  };

  it("keeps a client that catches ^C for a second after it, and no longer", () => {
    const program = client();
    let sleeps = 0;
    const serves = () => {
      sleeps++;
      if (sleeps === 1) {
        receive();
        expect(init.sys("kill", program.pid, Signal.WINCH)).toBe(0);
      } else if (sleeps === 2) expect(init.sys("kill", program.pid, Signal.INT)).toBe(0);
      else system.nowNs += 400_000_000;
    };
    expect(call(() => program.sys("open", "/s/file", 0), serves)).toBe(-Errno.EINTR);
    expect(sleeps).toBe(5);
    // Whoever comes late has answered nobody: the handle is closed again.
    expect(reply(Tag.R_OK, 4, 7)).toBe(0);
    expect(receive()).toBe(Tag.T_CLOSE);
    reply(Tag.R_OK, 0);
    expect(program.sys("sigtake")).toBe(INT | (1 << Signal.WINCH));
  });

  it("but answers within that time is heard, also by one that was interrupted before", () => {
    const program = client();
    expect(init.sys("kill", program.pid, Signal.INT)).toBe(0);
    const result = call(
      () => program.sys("open", "/s/file", 0),
      () => {
        system.nowNs += 900_000_000;
        receive();
        reply(Tag.R_OK, 4, 7);
      },
    );
    expect(result).toBeGreaterThanOrEqual(0);
  });

  it("and says R_AGAIN over and over, keeps no client that was interrupted", () => {
    const program = client();
    const fd = call(
      () => program.sys("open", "/s/file", 0),
      () => {
        receive();
        reply(Tag.R_OK, 4, 7);
      },
    );
    let rounds = 0;
    const result = call(
      () => program.sys("read", fd, OUT, 10),
      () => {
        if (++rounds === 3) init.sys("kill", program.pid, Signal.INT);
        if (server.sys("ipc_wait", 3, WaitFor.MESSAGE, 0n) === 0) return;
        receive();
        reply(Tag.R_AGAIN, 0);
      },
    );
    expect(result).toBe(-Errno.EINTR);
  });
});

describe("a pipe", () => {
  it("takes what fits into it as one", () => {
    expect(init.sys("pipe", OUT)).toBe(0);
    const [reader, writer] = [init.load(OUT), init.load(OUT + 4)];
    expect(init.sys("write", writer, BIG, 3000)).toBe(3000);
    init.store(OUT, 4);
    init.store(OUT + 4, reader);
    expect(init.sys("spawn", "prog", "prog", OUT, 1)).toBeGreaterThan(0);
    const other = system.start();
    const wrote = call(
      () => init.sys("write", writer, BIG, 2000),
      () => {
        expect(other.sys("fstat", 4, OUT)).toBe(0);
        expect(other.load(OUT + Stat.SIZE)).toBe(3000); // not one byte of what does not fit
        expect(other.sys("read", 4, BIG, 1000)).toBe(1000);
      },
    );
    expect(wrote).toBe(2000);
    // Longer than the pipe: in parts.
    expect(init.sys("read", reader, BIG, 4000)).toBe(4000);
    let reads = 0;
    const long = call(
      () => init.sys("write", writer, BIG, 9000),
      () => {
        reads += other.sys("read", 4, BIG, 4096);
      },
    );
    expect([long, reads]).toEqual([9000, 8192]);
  });
});

describe("ipc_wait", () => {
  it("tells what has come, and when its time is over", () => {
    const wait = (want: number, ns: bigint) => server.sys("ipc_wait", 3, want, ns);
    expect(wait(WaitFor.MESSAGE, 0n)).toBe(0);
    let sleeps = 0;
    system.onSleep = () => {
      sleeps++;
      system.nowNs += 400;
    };
    expect(wait(WaitFor.MESSAGE | WaitFor.CHILD, 1000n)).toBe(0);
    expect(sleeps).toBe(3);
    system.onSleep = undefined;
    expect(wait(0, 0n)).toBe(-Errno.EINVAL);
    expect(wait(8, 0n)).toBe(-Errno.EINVAL);
    expect(init.sys("ipc_wait", -1, WaitFor.MESSAGE, 0n)).toBe(-Errno.EINVAL);
    expect(init.sys("ipc_wait", 0, WaitFor.MESSAGE, 0n)).toBe(-Errno.EINVAL);
    expect(init.sys("ipc_wait", -1, WaitFor.CHILD, 0n)).toBe(0);
    expect(wait(WaitFor.SERVER, 0n)).toBe(0);
    const fd = open(7);
    expect(wait(WaitFor.SERVER, 0n)).toBe(WaitFor.SERVER);
    init.sys("close", fd);
    expect(wait(WaitFor.MESSAGE | WaitFor.SERVER, -1n)).toBe(WaitFor.MESSAGE | WaitFor.SERVER);
    server.ends(() => server.sys("exit", 0));
    expect(init.sys("ipc_wait", -1, WaitFor.CHILD, -1n)).toBe(WaitFor.CHILD);
  });
});

describe("a grant", () => {
  const map = (who: Program, fd: number, prot: number, len = 4096, offset = 0n) =>
    who.sys("mmap", 0, len, prot, MapFlag.SHARED, fd, offset);

  it("is of shared memory, with rights that its maker has", () => {
    const own = init.sys("mmap", 0, 8192, RW, SHARED, -1, 0n);
    const secret = init.sys("mmap", 0, 4096, RW, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0n);
    expect(init.sys("grant", secret, 4096, RW)).toBe(-Errno.EINVAL);
    expect(init.sys("grant", own, 8193, RW)).toBe(-Errno.EINVAL);
    expect(init.sys("grant", own + 4, 4096, RW)).toBe(-Errno.EINVAL);
    expect(init.sys("grant", own, 0, RW)).toBe(-Errno.EINVAL);
    expect(init.sys("grant", own, 4096, 0)).toBe(-Errno.EINVAL);
    expect(init.sys("grant", own, 4096, 4)).toBe(-Errno.EINVAL);
    expect(init.sys("grant", BAD, 4096, RW)).toBe(-Errno.EINVAL);
    expect(init.sys("mprotect", own, 4096, Prot.READ)).toBe(0);
    expect(init.sys("grant", own, 4096, RW)).toBe(-Errno.EACCES);
    const fd = init.sys("grant", own + 4096, 4096, Prot.READ);
    expect(map(init, fd, RW)).toBe(-Errno.EACCES);
    expect(map(init, fd, Prot.READ, 4097)).toBe(-Errno.ENXIO);
    expect(map(init, fd, Prot.READ, 4096, 4096n)).toBe(-Errno.ENXIO);
    expect(init.sys("mmap", 0, 4096, Prot.READ, MapFlag.PRIVATE, fd, 0n)).toBe(-Errno.EINVAL);
    expect(init.sys("read", fd, OUT, 4)).toBe(-Errno.EINVAL);
    init.store(own + 4096, 77);
    const seen = map(init, fd, Prot.READ);
    expect(init.load(seen)).toBe(77);
    expect(init.sys("mprotect", seen, 4096, RW)).toBe(-Errno.EACCES);
    expect(init.sys("mprotect", seen, 4096, Prot.NONE)).toBe(0);
    expect(init.sys("mprotect", seen, 4096, Prot.READ)).toBe(0);
    expect(init.sys("grant", seen, 4096, RW)).toBe(-Errno.EACCES);
    expect(init.sys("grant", seen, 4096, Prot.READ)).toBeGreaterThan(fd);
  });

  it("goes with a control message each way, and is revoked by its maker", () => {
    const file = open(7);
    const own = init.sys("mmap", 0, 4096, RW, SHARED, -1, 0n);
    const sent = init.sys("grant", own, 4096, RW);
    let theirs = 0;
    let taken = 0;
    init.store(OUT, sent);
    const result = call(
      () => init.sys("ctl_grant", file, OUT + 16, 8, OUT),
      () => {
        expect(server.sys("ipc_take", 3)).toBe(-Errno.EINVAL);
        receive();
        taken = server.sys("ipc_take", 3);
        const at = map(server, taken, RW);
        server.store(at, 123);
        theirs = server.sys("mmap", 0, 4096, RW, SHARED, -1, 0n);
        server.store(theirs, 456);
        const grant = server.sys("grant", theirs, 4096, Prot.READ);
        expect(server.sys("ipc_give", 3, 3)).toBe(-Errno.EINVAL);
        expect(server.sys("ipc_give", 3, 60)).toBe(-Errno.EBADF);
        expect(server.sys("ipc_give", 3, grant)).toBe(0);
        expect(server.sys("ipc_give", 3, grant)).toBe(0);
        server.sys("close", grant);
        reply(Tag.R_OK, 0);
      },
    );
    expect(result).toBe(0);
    expect(init.load(own)).toBe(123);
    const received = init.load(OUT);
    const at = map(init, received, Prot.READ);
    expect(init.load(at)).toBe(456);
    // The server takes its memory back: from everybody else, and from the grants that are out.
    expect(server.sys("mrevoke", theirs, 1)).toBe(0);
    expect(map(init, received, Prot.READ)).toBe(-Errno.EACCES);
    expect(server.load(theirs)).toBe(456);
    const again = server.sys("grant", theirs, 4096, Prot.READ);
    expect(server.load(map(server, again, Prot.READ))).toBe(456);
    // The client takes its own back from the server.
    expect(init.sys("mrevoke", own, 1)).toBe(0);
    expect(map(server, taken, RW)).toBe(-Errno.EACCES);
    expect(system.check()).toBe(0);
    expect(init.sys("pagequery", 0, at, OUT)).toBe(0);
    expect(init.load(OUT + PageInfo.OBJECT)).toBe(ObjectKind.GONE);
  });

  it("that nobody fetches is dropped, and what is no grant is refused", () => {
    const file = open(7);
    const own = init.sys("mmap", 0, 4096, RW, SHARED, -1, 0n);
    const grant = init.sys("grant", own, 4096, RW);
    const before = init.counts();
    const ctl = (handle: number, serves: () => void) => {
      init.store(OUT, handle);
      return call(() => init.sys("ctl_grant", file, OUT + 16, 8, OUT), serves);
    };
    expect(ctl(file, asleep)).toBe(-Errno.EINVAL);
    expect(ctl(60, asleep)).toBe(-Errno.EBADF);
    expect(init.sys("ctl_grant", grant, OUT, 8, OUT)).toBe(-Errno.ENOTTY);
    expect(call(() => init.sys("ctl_grant", file, OUT, 8, BAD), asleep)).toBe(-Errno.EFAULT);
    const giveBack = (tag: number) => () => {
      receive();
      const fd = server.sys("ipc_take", 3);
      if (fd < 0) {
        expect(fd).toBe(-Errno.ENOENT);
        const at = server.sys("mmap", 0, 4096, RW, SHARED, -1, 0n);
        const made = server.sys("grant", at, 4096, RW);
        server.sys("ipc_give", 3, made);
        server.sys("close", made);
        server.sys("munmap", at, 4096);
      } else {
        server.sys("ipc_give", 3, fd);
        server.sys("close", fd);
      }
      reply(tag, 4, Errno.EPERM);
    };
    expect(ctl(grant, giveBack(Tag.R_ERROR))).toBe(-Errno.EPERM);
    expect(init.load(OUT)).toBe(-1);
    expect(ctl(-1, giveBack(Tag.R_ERROR))).toBe(-Errno.EPERM);
    expect(call(() => init.sys("ctl", file, OUT, 8), giveBack(Tag.R_OK))).toBe(4);
    expect(ctl(-1, giveBack(Tag.R_OK))).toBe(4);
    init.sys("close", init.load(OUT));
    expect(init.counts()).toEqual(before);
  });

  it("by T_MMAP carries rights too", () => {
    const file = open(7);
    const ask = (prot: number, rights: number, at: number) =>
      call(
        () => map(init, file, prot),
        () => {
          receive();
          reply(Tag.R_OK, 16, at, rights, 0, 0);
        },
      );
    const theirs = server.sys("mmap", 0, 4096, RW, SHARED, -1, 0n);
    expect(ask(RW, Prot.READ, theirs)).toBe(-Errno.EACCES);
    expect(ask(Prot.READ, 8, theirs)).toBe(-Errno.EIO);
    expect(ask(Prot.READ, 0, 0x1000)).toBe(-Errno.ENODEV);
    const at = ask(Prot.READ, Prot.READ, theirs);
    expect(init.sys("mprotect", at, 4096, RW)).toBe(-Errno.EACCES);
    const both = ask(RW, 0, theirs);
    init.store(both, 9);
    expect(init.load(at)).toBe(9);
    expect(server.load(theirs)).toBe(9);
  });

  it("by T_MMAP gives no more than the descriptor is open for; what is private is a copy, which READ fills", () => {
    const theirs = server.sys("mmap", 0, 4096, RW, SHARED, -1, 0n);
    const openFor = (flags: OpenFlag) =>
      call(
        () => init.sys("open", "/s/file", flags),
        () => {
          receive();
          reply(Tag.R_OK, 4, 7);
        },
      );
    const ask = (file: number, prot: number, flags: MapFlag = MapFlag.SHARED) =>
      call(
        () => init.sys("mmap", 0, 4096, prot, flags, file, 0n),
        () => {
          receive();
          reply(Tag.R_OK, 16, theirs, RW, 0, 0);
        },
      );
    const reads = openFor(OpenFlag.READ);
    expect(ask(reads, RW)).toBe(-Errno.EACCES);
    expect(ask(reads, Prot.WRITE)).toBe(-Errno.EACCES);
    const at = ask(reads, Prot.READ);
    expect(init.load(at)).toBe(0);
    expect(init.sys("mprotect", at, 4096, RW)).toBe(-Errno.EACCES);
    const writes = openFor(OpenFlag.WRITE);
    expect(ask(writes, Prot.WRITE)).toBe(-Errno.EACCES);
    expect(ask(writes, Prot.READ)).toBe(-Errno.EACCES);
    const both = openFor(OpenFlag.READWRITE);
    const before = init.counts();
    expect(ask(both, RW, MapFlag.PRIVATE | MapFlag.SHARED)).toBe(-Errno.EINVAL);
    expect(ask(both, RW, MapFlag.FIXED)).toBe(-Errno.EINVAL);
    expect(init.counts()).toEqual(before);
    // Taken back when it had been answered and was not mapped yet: as it is when the server ends there.
    const late = call(
      () => init.sys("mmap", 0, 4096, RW, SHARED & ~MapFlag.ANONYMOUS, both, 0n),
      () => {
        receive();
        const brief = server.sys("mmap", 0, 4096, RW, SHARED, -1, 0n);
        reply(Tag.R_OK, 16, brief, RW, 0, 0);
        expect(server.sys("mrevoke", brief, 1)).toBe(0);
        expect(server.sys("munmap", brief, 4096)).toBe(0);
      },
    );
    expect(late).toBe(-Errno.EPIPE);
    expect(init.counts()).toEqual(before);
    tags = [];
    const copy = ask(both, RW, MapFlag.PRIVATE);
    expect(new Set(tags)).toEqual(new Set([Tag.T_READ]));
    expect([init.load(copy), init.load(copy + 4)]).toEqual([theirs, RW]);
  });
});

describe("a server that answers garbage", () => {
  const ROUNDS = 1500;
  const VALUES = [0, 1, 2, 3, 7, 28, 4096, 65536, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff];

  it.each([1, 2, 3])("harms nobody (seed %i)", (seed) => {
    const random = seeded(seed);
    const before = init.counts().slice(4);
    const shared = server.sys("mmap", 0, 8192, RW, SHARED, -1, 0n);
    const fds: number[] = [];
    const fd = () => fds[random(fds.length)] ?? 60;
    const calls: ((c: Program) => number)[] = [
      (c) => c.sys("open", "/s/file", OpenFlag.READWRITE),
      (c) => c.sys("open", "/s/file", OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE),
      (c) => c.sys("read", fd(), BIG, random(100_000)),
      (c) => c.sys("pread", fd(), BIG, random(100_000), (1n << 63n) - BigInt(random(70_000)) - 1n),
      (c) => c.sys("write", fd(), BIG, random(100_000)),
      (c) => c.sys("readdir", fd(), OUT, random(600)),
      (c) => c.sys("seek", fd(), BigInt(random(1000)), random(3)),
      (c) => c.sys("fstat", fd(), OUT),
      (c) => c.sys("stat", "/s/x", OUT),
      (c) => c.sys("ctl", fd(), OUT, random(64)),
      (c) => c.sys("truncate", fd(), 5n),
      (c) => c.sys("remove", "/s/x"),
      (c) => c.sys("rename", "/s/x", "/s/y"),
      (c) => {
        const at = c.sys("mmap", 0, 4096, RW, MapFlag.SHARED, fd(), BigInt(random(4) * 4096));
        return at > -4096 && at < 0 ? at : c.sys("munmap", at, 4096);
      },
    ];
    const garbage = () => {
      // What comes is taken; an answer that is none leaves the message, and an honest one then ends it.
      if (server.sys("ipc_wait", 3, WaitFor.MESSAGE, 0n) === 0) return;
      receive(BIG);
      const value = () => VALUES[random(VALUES.length)] ?? 0;
      const tag = [Tag.R_OK, Tag.R_OK, Tag.R_OK, Tag.R_ERROR, value()][random(5)] ?? 0;
      server.store(MESSAGE, tag);
      server.store(MESSAGE + 4, random(3) === 0 ? value() : random(40));
      for (let i = 0; i < 10; i++)
        server.store(MESSAGE + 8 + 4 * i, random(4) === 0 ? shared : value());
      if (server.sys("ipc_reply", 3, MESSAGE) === 0) return;
      reply(Tag.R_ERROR, 4, Errno.EIO);
    };
    for (let round = 0; round < ROUNDS; round++) {
      const result = call(() => calls[random(calls.length)]?.(init) ?? 0, garbage);
      expect(result).toBeGreaterThan(-4096);
      const isOpen = result >= 3 && init.sys("seek", result, 0n, 1) >= 0;
      if (isOpen && !fds.includes(result)) fds.push(result);
      if (fds.length > 20) init.sys("close", fds.shift() ?? 0);
      if (round % 300 === 0) expect(system.check()).toBe(0);
    }
    for (const open of fds) init.sys("close", open);
    server.ends(() => server.sys("exit", 0));
    expect(init.sys("wait", -1, OUT)).toBe(server.pid);
    expect(system.log()).not.toContain("panic");
    expect(system.check()).toBe(0);
    // Of channels, objects, reservations, files, pipes and processes only the server and its end of the channel have gone.
    const [channels, objects, memtypes, files = 0, pipes, processes = 0] = before;
    const after = [channels, objects, memtypes, files - 1, pipes, processes - 1];
    expect(init.counts().slice(4)).toEqual(after);
  });
});
