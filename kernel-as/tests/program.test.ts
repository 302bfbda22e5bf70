// Programs whose files servers keep: spawn asks for them, and the CPU that is to run one reads it. One process serves and others call, in the
// order that the test says (stepped.ts).

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Tag } from "../../abi/ipc.ts";
import { FileType, MountFlag, Signal, Stat, SysInfo } from "../../abi/syscall.ts";
import { steppedKernel } from "./stepped.ts";
import { DATA, type Embryo, type Program, System } from "./system.ts";

const MESSAGE = DATA + 0x8000;
const OUT = DATA + 0x4000;
const HANDLE = 7;
const EXEC_READ = 1;

let kernel: WebAssembly.Module;
let system: System;
let init: Program; // the client
let server: Program;
let tags: number[];
let before: number[];

beforeAll(async () => {
  kernel = await steppedKernel();
});

beforeEach(() => {
  system = new System("quiet", kernel);
  init = system.start();
  expect(init.sys("ipc_pair", OUT)).toBe(0);
  const [client, end] = [init.load(OUT), init.load(OUT + 4)];
  init.store(OUT, 3);
  init.store(OUT + 4, end);
  init.sys("spawn", "prog", "prog", OUT, 1);
  server = system.start();
  init.sys("close", end);
  expect(init.sys("mount", client, "/s", MountFlag.REPLACE)).toBe(0);
  init.sys("close", client);
  for (const va of [MESSAGE, MESSAGE + 4096, OUT]) server.store(va, 0);
  tags = [];
  before = init.counts();
});

function receive(): number {
  const tag = server.sys("ipc_recv", 3, MESSAGE);
  tags.push(tag);
  return tag;
}

function reply(tag: number, length: number, ...words: number[]): void {
  server.store(MESSAGE, tag);
  server.store(MESSAGE + 4, length);
  for (const [i, word] of words.entries()) server.store(MESSAGE + 8 + 4 * i, word);
  expect(server.sys("ipc_reply", 3, MESSAGE)).toBe(0);
}

/** Something that sleeps, while the server does this for each of its messages. */
function during(serves: () => void, body: () => number): number {
  system.onSleep = serves;
  const result = body();
  system.onSleep = undefined;
  return result;
}

function spawn(path: string, ...answer: number[]): number {
  return during(
    () => {
      receive();
      reply(Tag.R_OK, answer.length * 4, ...answer);
    },
    () => init.sys("spawn", path, "p", 0, 0),
  );
}

/** The child that a spawn of the server's file has made, before it is read. */
function child(): Embryo {
  expect(spawn("/s/prog", HANDLE, 0, FileType.FILE)).toBeGreaterThan(0);
  const embryo = system.embryo();
  expect(embryo.call("execOpen", 0)).toBe(EXEC_READ);
  return embryo;
}

/** execRead, while the server answers with these bytes. */
function read(embryo: Embryo, offset: number, text: string): number {
  return during(
    () => {
      expect(receive()).toBe(Tag.T_READ);
      expect(server.load(MESSAGE + 8)).toBe(HANDLE);
      expect(server.load(MESSAGE + 16)).toBe(offset);
      server.poke(MESSAGE + 8, new TextEncoder().encode(text));
      server.store(MESSAGE, Tag.R_OK);
      server.store(MESSAGE + 4, text.length);
      expect(server.sys("ipc_reply", 3, MESSAGE)).toBe(0);
    },
    () => embryo.call("execRead", offset),
  );
}

function buffer(embryo: Embryo): Uint8Array {
  return new Uint8Array(system.memory.buffer, embryo.call("textBuffer"), 4096);
}

/** The program has ended: nothing of it is left. */
function expectNothingLeft(): void {
  init.sys("wait", -1, OUT);
  expect(init.counts()).toEqual(before);
  expect(system.check()).toBe(0);
}

describe("spawn of a server's file", () => {
  it("gives its bytes to the CPU, which closes it at the end of the file", () => {
    const embryo = child();
    expect(read(embryo, 0, "first")).toBe(5);
    expect(Buffer.from(buffer(embryo).slice(0, 5)).toString()).toBe("first");
    expect(read(embryo, 5, "")).toBe(0);
    expect(receive()).toBe(Tag.T_CLOSE);
    expect(embryo.call("execRead", 5)).toBe(-Errno.EBADF);
    const program = embryo.run();
    program.ends(() => program.sys("exit", 0));
    expectNothingLeft();
  });

  it("asks for what a file is when its server did not say", () => {
    const answers = [[HANDLE], [FileType.FILE, 0o644, 0, 0, 0, 0, 0, 0]];
    const pid = during(
      () => {
        receive();
        const answer = answers.shift() ?? [];
        reply(Tag.R_OK, Math.max(answer.length * 4, tags.length > 1 ? Stat.BYTES : 0), ...answer);
      },
      () => init.sys("spawn", "/s/prog", "p", 0, 0),
    );
    expect(pid).toBeGreaterThan(0);
    expect(tags).toEqual([Tag.T_OPEN, Tag.T_STAT]);
  });

  it.each([
    ["a directory", FileType.DIRECTORY],
    ["a device", FileType.DEVICE],
  ])("refuses %s, and closes it", (_, type) => {
    expect(spawn("/s/prog", HANDLE, 0, type)).toBe(-Errno.EACCES);
    expect(receive()).toBe(Tag.T_CLOSE);
    expect(init.counts()).toEqual(before);
  });

  it("says what the server says, and what the kernel's own tree has instead of a program", () => {
    const refuse = (errno: number) => () => {
      receive();
      reply(Tag.R_ERROR, 4, errno);
    };
    const result = during(refuse(Errno.EIO), () => init.sys("spawn", "/s/x", "p", 0, 0));
    expect(result).toBe(-Errno.EIO);
    expect(init.sys("spawn", "/dev/null", "p", 0, 0)).toBe(-Errno.EACCES);
    expect(init.sys("spawn", "/etc", "p", 0, 0)).toBe(-Errno.EACCES);
    expect(init.sys("spawn", "/none", "p", 0, 0)).toBe(-Errno.ENOENT);
    expect(init.counts()).toEqual(before);
  });

  it("closes it when there is something else wrong", () => {
    init.store(OUT, 3);
    init.store(OUT + 4, 60); // no such descriptor
    const answer = () => {
      receive();
      reply(Tag.R_OK, 12, HANDLE, 0, FileType.FILE);
    };
    const result = during(answer, () => init.sys("spawn", "/s/prog", "p", OUT, 1));
    expect(result).toBe(-Errno.EBADF);
    expect(receive()).toBe(Tag.T_CLOSE);
    expect(init.counts()).toEqual(before);
  });

  it("asks no server for a program of the kernel's own tree, by whatever name", () => {
    expect(init.sys("bind", "/bin", "/programs", MountFlag.REPLACE)).toBe(0);
    expect(init.sys("bind", "#1", "/bin", MountFlag.BEFORE)).toBe(0);
    for (const path of ["/bin/prog", "prog", "/programs/prog"]) {
      expect(init.sys("spawn", path, "p", 0, 0)).toBeGreaterThan(0);
      const embryo = system.embryo();
      expect(embryo.call("execOpen", 0)).toBe(0);
      const program = embryo.run();
      program.ends(() => program.sys("exit", 0));
      init.sys("wait", -1, OUT);
    }
    expect(tags).toEqual([]);
  });
});

describe("reading a program", () => {
  it("ends when its server does, and nothing is left", () => {
    const embryo = child();
    expect(read(embryo, 0, "first")).toBe(5);
    const dies = () => server.ends(() => server.sys("exit", 1));
    expect(during(dies, () => embryo.call("execRead", 5))).toBe(-Errno.EPIPE);
    expect(embryo.call("execRead", 5)).toBe(-Errno.EPIPE);
    embryo.fail(Errno.EPIPE);
    init.sys("wait", -1, OUT);
    init.sys("wait", -1, OUT);
    init.sys("unmount", "/s");
    const files = SysInfo.OPEN_FILES >> 2;
    expect(init.counts()[files]).toBe((before[files] ?? 0) - 1); // the server's end
    expect(system.check()).toBe(0);
  });

  it("ends when the process is killed, at any moment", () => {
    for (const reads of [0, 1]) {
      const embryo = child();
      if (reads > 0) expect(read(embryo, 0, "x")).toBe(1);
      const kills = () => expect(init.sys("kill", embryo.pid, Signal.KILL)).toBe(0);
      expect(during(kills, () => embryo.call("execRead", reads))).toBe(-Errno.EINTR);
      expect(embryo.call("execRead", reads)).toBe(-Errno.EINTR);
      embryo.fail(Errno.EINTR);
      init.sys("wait", embryo.pid, OUT);
      expect(init.load(OUT)).toBe(128 + Signal.KILL);
      while (receive() !== Tag.T_CLOSE) {}
    }
    expect(init.counts()).toEqual(before);
  });

  it("stores its data in the program's own memory", () => {
    const embryo = child();
    expect(read(embryo, 0, "")).toBe(0);
    receive();
    const at = embryo.call("execTable", 2);
    new Uint32Array(system.memory.buffer, at, 6).set([0x1100, 0, 0, 0x5000, 0, 0]);
    expect(embryo.call("execCommit", 0, 16, -1, 2)).toBe(0);
    buffer(embryo).fill(0x61);
    expect(embryo.call("execStore", 0x1800, 4096)).toBe(0);
    expect(embryo.call("execStore", 0x1800, 4097)).toBe(-Errno.EINVAL);
    expect(embryo.call("execStore", 0xffff0, 4096)).toBe(-Errno.EFAULT);
    const program = embryo.enter();
    const words = [0x17fc, 0x1800, 0x27fc, 0x2800].map((va) => program.load(va));
    expect(words).toEqual([0, 0x61616161, 0x61616161, 0]);
    program.ends(() => program.sys("exit", 0));
    expectNothingLeft();
  });

  it("stores nothing for a process that was killed", () => {
    const embryo = child();
    expect(read(embryo, 0, "")).toBe(0);
    receive();
    embryo.call("execTable", 0);
    expect(embryo.call("execCommit", 0, 16, -1, 0)).toBe(0);
    expect(init.sys("kill", embryo.pid, Signal.KILL)).toBe(0);
    expect(embryo.call("execStore", 0x1800, 4096)).toBe(-Errno.EINTR);
    embryo.fail(Errno.EINTR);
    expectNothingLeft();
  });
});
