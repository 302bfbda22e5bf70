import { beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Signal, Stat } from "../../abi/syscall.ts";
import { DATA, type Program, System } from "./system.ts";

const OUT = DATA + 0x4000;
let system: System;
let init: Program;

beforeEach(() => {
  system = new System("quiet");
  init = system.start();
});

function read(n = 100): string {
  const got = init.sys("read", 0, OUT, n);
  if (got < 0) throw new Error(`read: ${got}`);
  return init.peek(OUT, got);
}

function ctl(text: string): number {
  return init.sys("ctl", 0, text);
}

describe("console", () => {
  it.each([
    ["hello\r", "hello\n", "hello\n"],
    ["helx\x7flo\n", "hello\n", "helx\b \blo\n"],
    ["\x7f\x7fa\n", "a\n", "a\n"],
    ["one two\x17three\n", "one three\n", "one two\b \b\b \b\b \bthree\n"],
    ["gone\x15x\n", "x\n", "gone\b \b\b \b\b \b\b \bx\n"],
    ["né\x7f\x7fo\n", "o\n", "né\b \b\b \bo\n"],
    ["part\x04", "part", "part"],
    ["\x04", "", ""],
  ])("cooked: typing %j", (typed, line, echo) => {
    system.type(typed);
    expect(read()).toBe(line);
    expect(system.output()).toBe(echo);
  });

  it("hands out one line at a time, in as many reads as it takes", () => {
    system.type("first\nsecond\n");
    expect(read(3)).toBe("fir");
    expect(read()).toBe("st\n");
    expect(read()).toBe("second\n");
  });

  it("raw: every byte, no echo", () => {
    expect(ctl("raw")).toBe(0);
    system.type("a\x7f\x03");
    expect(read()).toBe("a\x7f\x03");
    expect(system.output()).toBe("");
    expect(ctl("cooked")).toBe(0);
  });

  it.each([
    ["two\r", "two\n", "two\n"],
    ["twp\x7fo\rthree\r", "two\n", "twp\b \bo\nthree\n"],
    ["half\x04", "half", "half"],
    ["\x04", "", ""],
  ])(
    "typed while raw and read cooked: %j is a line, echoed when it is read",
    (typed, line, echo) => {
      ctl("raw");
      system.type(typed);
      ctl("cooked");
      expect(system.output()).toBe("");
      expect(read()).toBe(line);
      expect(system.output()).toBe(echo);
    },
  );

  it("a line that was begun raw goes on cooked, and is read as it was typed by who reads raw", () => {
    ctl("raw");
    system.type("tw");
    ctl("cooked");
    system.type("o\r");
    expect(system.output()).toBe("");
    expect(read()).toBe("two\n");
    expect(system.output()).toBe("two\n");

    ctl("raw");
    system.type("ls\r");
    ctl("cooked");
    system.type("ps\r");
    ctl("raw");
    expect(read()).toBe("ls\rps\r");
    ctl("cooked");
    system.type("plain\r");
    expect(read()).toBe("plain\n");
  });

  it("counts what was typed while raw as bytes for a raw reader, and as lines for a cooked one", () => {
    const waiting = () => {
      expect(init.sys("fstat", 0, OUT)).toBe(0);
      return init.word(OUT + Stat.SIZE);
    };
    ctl("raw");
    system.type("a\rb");
    expect(waiting()).toBe(3);
    ctl("cooked");
    expect(waiting()).toBe(2);
    expect(read()).toBe("a\n");
    expect(waiting()).toBe(0);
    system.type("c\r");
    expect(waiting()).toBe(3);
    expect(read()).toBe("bc\n");
  });

  it("half a line typed while raw is all there is when no more can come", () => {
    ctl("raw");
    system.type("half");
    system.closeInput();
    ctl("cooked");
    expect(read()).toBe("half");
    expect(read()).toBe("");
  });

  it("a ^Z among what was typed while raw drops what is before it and stops the group that reads", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const child = system.start();
    child.sys("setgroup", 0, 0);
    child.sys("sigcatch", 1 << Signal.TSTP);
    child.sys("ctl", 0, "fg 0");
    child.sys("ctl", 0, "raw");
    system.type("gone\x1akept\r");
    child.sys("ctl", 0, "cooked");
    child.sys("ctl", 0, `fg ${child.pid}`);
    expect(child.sys("read", 0, OUT, 100)).toBe(5);
    expect(child.peek(OUT, 5)).toBe("kept\n");
    expect(system.output()).toBe("gone^Z\nkept\n");
    expect(child.sys("sigtake")).toBe(1 << Signal.TSTP);
  });

  it("^C ends the foreground group and drops the line", () => {
    init.sys("spawn", "prog", "prog", 0, 0);
    const child = system.start();
    child.sys("setgroup", 0, 0);
    expect(ctl(`fg ${child.pid}`)).toBe(0);
    system.type("half a line\x03");
    child.ends(() => child.load(DATA));
    init.sys("wait", child.pid, OUT);
    expect(init.load(OUT)).toBe(128 + Signal.INT);
    expect(system.output()).toContain("^C\n");
  });

  it("says its size and refuses what it does not know", () => {
    expect(ctl("size            ")).toBe(3);
    expect(init.peek(DATA, 3)).toBe("0 0");
    expect(ctl("fg x")).toBe(-Errno.EINVAL);
    expect(init.sys("ctl", 0, OUT, 1000)).toBe(-Errno.EINVAL);
  });

  it("takes no more input than it can hold, and loses none of it", () => {
    ctl("raw");
    const text = "0123456789abcdef".repeat(250);
    system.type(text);
    system.type(text.slice(0, 96));
    let got = "";
    while (got.length < text.length + 96) got += read(700);
    expect(got).toBe(text + text.slice(0, 96));
  });
});
