// Who has the screen, what the virtual terminals keep, and what a console server is told (dev/screen.ts, dev/consolewatch.ts).
import { beforeEach, describe, expect, it } from "vitest";
import { ConsoleDevice, ConsoleInfo, ConsoleState, Vt } from "../../abi/console.ts";
import { Errno } from "../../abi/errno.ts";
import { Irq, MachineRequest } from "../../abi/machine.ts";
import { DATA, type Program, System } from "./system.ts";

const OUT = DATA + 0x4000;
const INFO = DATA + 0x1000;
let system: System;
let init: Program;
let server: Program;

beforeEach(() => {
  system = new System("quiet");
  init = system.start();
  server = spawn();
});

function spawn(): Program {
  init.sys("spawn", "prog", "prog", 0, 0);
  return system.start();
}

function print(text: string, fd = 1): void {
  const bytes = new TextEncoder().encode(text);
  init.poke(OUT, bytes);
  expect(init.sys("write", fd, OUT, bytes.length)).toBe(bytes.length);
}

function end(program: Program, how: "exit" | "kill"): void {
  if (how === "kill") {
    init.sys("kill", program.pid, 9);
    program.ends(() => program.load(DATA));
  } else program.ends(() => program.sys("exit", 0));
}

/** What console_wait tells without waiting. */
function info(program = server): (word: ConsoleInfo) => number {
  expect(program.sys("console_wait", INFO, 0n)).toBe(0);
  return (word) => program.word(INFO + word);
}

function fetch(vt: number, position: number, n = 1000): string | number {
  const got = server.sys("console_fetch", vt, position, OUT, n);
  return got < 0 ? got : server.peek(OUT, got);
}

const RETURNS = /screen: back to the kernel console: [a-z]+ \(pid \d+\) ([a-z ]+)\n/;

describe("screen", () => {
  it("is taken with the text so far, shown, and given back", () => {
    print("before\n");
    expect(server.sys("console_take", OUT, 100)).toBe(7);
    expect(server.peek(OUT, 7)).toBe("before\n");
    expect(system.screenState()).toBe(ConsoleState.TAKING);
    expect(init.sys("console_take", OUT, 100)).toBe(-Errno.EBUSY);
    expect(init.sys("console_show", 10, 10)).toBe(-Errno.EPERM);
    expect(server.sys("console_show", 0, 10)).toBe(-Errno.EINVAL);
    expect(server.sys("console_show", 10, 5)).toBe(0);
    expect(system.screenState()).toBe(ConsoleState.SERVER);
    expect(init.sys("console_release")).toBe(-Errno.EPERM);
    print("later");
    expect(server.sys("console_take", OUT, 100)).toBe(5);
    expect(server.sys("console_take", OUT, 100)).toBe(0);
    expect(server.sys("console_release")).toBe(0);
    expect(system.screenState()).toBe(ConsoleState.KERNEL);
    expect(RETURNS.exec(system.log())?.[1]).toBe("released the screen");
    expect(
      system.requests.filter(([kind]) => kind === MachineRequest.SCREEN).map(([, state]) => state),
    ).toEqual([ConsoleState.TAKING, ConsoleState.SERVER, ConsoleState.KERNEL]);
  });

  it("is not taken by a caller whose buffer is bad", () => {
    print("before\n");
    expect(server.sys("console_take", 0xf0000000, 100)).toBe(-Errno.EFAULT);
    expect(system.screenState()).toBe(ConsoleState.KERNEL);
  });

  for (const how of ["exit", "kill"] as const) {
    for (const step of ["taking", "server"] as const) {
      for (const who of ["owner", "driver"] as const) {
        it(`comes back when its ${who} ends by ${how} while ${step}`, () => {
          const driver = spawn();
          expect(driver.sys("display_claim", 1)).toBe(0);
          expect(server.sys("display_claim", 1)).toBe(-Errno.EBUSY);
          print("kept\n");
          server.sys("console_take", OUT, 0);
          if (step === "server") server.sys("console_show", 80, 25);
          expect(system.word(system.layout.console + ConsoleDevice.SCREEN_ROWS)).toBe(
            step === "server" ? 25 : 0,
          );
          end(who === "owner" ? server : driver, how);
          expect(system.screenState()).toBe(ConsoleState.KERNEL);
          expect(RETURNS.exec(system.log())?.[1]).toBe(how === "kill" ? "was killed" : "ended");
          expect(system.word(system.layout.console + ConsoleDevice.SCREEN_ROWS)).toBe(0);
          const next = spawn();
          const told = info(next);
          expect(told(ConsoleInfo.OWNER)).toBe(0);
          expect(told(ConsoleInfo.DRIVER)).toBe(who === "owner" ? driver.pid : 0);
          if (who === "owner") expect(next.sys("console_take", OUT, 100)).toBe(5);
          else expect(server.sys("console_take", OUT, 100)).toBe(5);
        });
      }
    }
  }

  it("stays with the kernel while that is asked for", () => {
    server.sys("console_take", OUT, 0);
    server.sys("console_show", 80, 25);
    expect(init.sys("ctl", 0, "screen release")).toBe(0);
    expect(system.screenState()).toBe(ConsoleState.KERNEL);
    expect(RETURNS.exec(system.log())?.[1]).toBe("asked for the kernel console");
    expect(info()(ConsoleInfo.WANTED)).toBe(0);
    expect(server.sys("console_take", OUT, 0)).toBe(-Errno.EAGAIN);
    expect(init.sys("ctl", 0, "screen take")).toBe(0);
    expect(info()(ConsoleInfo.WANTED)).toBe(1);
    expect(server.sys("console_take", OUT, 0)).toBe(0);
  });

  it("limits the size that programs are told to what fits on it", () => {
    const view = new DataView(system.memory.buffer, system.layout.console);
    view.setUint32(ConsoleDevice.COLUMNS, 100, true);
    view.setUint32(ConsoleDevice.ROWS, 30, true);
    const size = () => init.peek(DATA, init.sys("ctl", 0, "size            "));
    expect(size()).toBe("100 30");
    server.sys("console_take", OUT, 0);
    server.sys("console_show", 128, 24);
    expect(size()).toBe("100 24");
    server.sys("console_release");
    expect(size()).toBe("100 30");
  });

  it("the driver's mode changes are told", () => {
    server.sys("display_claim", 7);
    expect(info()(ConsoleInfo.GENERATION)).toBe(7);
    const events = info()(ConsoleInfo.EVENTS);
    server.sys("display_claim", 8);
    expect(info()(ConsoleInfo.GENERATION)).toBe(8);
    expect(info()(ConsoleInfo.EVENTS)).toBeGreaterThan(events);
  });

  it("is for root", () => {
    expect(server.sys("setuid", 5)).toBe(0);
    expect(server.sys("console_take", OUT, 0)).toBe(-Errno.EPERM);
    expect(server.sys("console_wait", INFO, 0n)).toBe(-Errno.EPERM);
    expect(server.sys("console_fetch", 1, 0, OUT, 1)).toBe(-Errno.EPERM);
    expect(server.sys("display_claim", 1)).toBe(-Errno.EPERM);
    expect(server.sys("ctl", 0, "screen take")).toBe(-Errno.EPERM);
  });
});

describe("a panic", () => {
  it("leaves its reason where the host finds it, though the console's ring is full", () => {
    for (let i = 0; i < 2; i++) print("x".repeat(32768));
    expect(() => init.ends(() => init.sys("exit", 0))).toThrow();
    const view = new DataView(system.memory.buffer, system.layout.console);
    const n = view.getUint32(ConsoleDevice.PANIC_BYTES, true);
    const at = system.layout.console + ConsoleDevice.PANIC_TEXT;
    const text = Buffer.from(new Uint8Array(system.memory.buffer, at, n).slice()).toString();
    expect(text).toBe("init has ended (6, 0x0)");
    expect(system.output()).not.toContain("panic");
  });
});

describe("virtual terminals", () => {
  it("keep their texts, input and modes apart", () => {
    const two = init.sys("open", "/dev/vt2", 2);
    const three = init.sys("open", "/dev/vt3", 2);
    print("on one\n");
    print("on two\n", two);
    print("on three\n", three);
    expect(fetch(1, 0)).toBe("on one\n");
    expect(fetch(2, 0)).toBe("on two\n");
    expect(fetch(3, 0)).toBe("on three\n");
    expect(init.sys("ctl", two, "raw")).toBe(0);
    system.type("abc", 2);
    system.type("line\n", 3);
    expect(init.peek(OUT, init.sys("read", two, OUT, 9))).toBe("abc");
    expect(init.peek(OUT, init.sys("read", three, OUT, 9))).toBe("line\n");
    expect(fetch(2, 7)).toBe("");
    expect(fetch(3, 9)).toBe("line\n");
    expect(fetch(1, 7)).toBe("");
  });

  it("^C on one ends that one's foreground group only", () => {
    const two = init.sys("open", "/dev/vt2", 2);
    const [a, b] = [spawn(), spawn()];
    a.sys("setgroup", 0, 0);
    b.sys("setgroup", 0, 0);
    init.sys("ctl", 0, `fg ${a.pid}`);
    init.sys("ctl", two, `fg ${b.pid}`);
    system.type("\x03", 2);
    b.ends(() => b.load(DATA));
    expect(() => a.load(DATA)).not.toThrow();
  });

  it("are opened as /dev/console by whoever has one as a descriptor", () => {
    const two = init.sys("open", "/dev/vt2", 2);
    expect(init.sys("dup2", two, 2)).toBe(2);
    const own = init.sys("open", "/dev/console", 1);
    print("mine", own);
    print(", too", init.sys("open", "/dev/tty", 1));
    expect(fetch(2, 0)).toBe("mine, too");
    expect(fetch(1, 0)).toBe("");
  });

  it("the fourth is the kernel's log, as it grows", () => {
    const start = info()(ConsoleInfo.VTS + 3 * ConsoleInfo.VT_BYTES);
    init.sys("klog", "a line of the log\n");
    expect(fetch(Vt.LOG, start)).toBe("a line of the log\n");
    expect(init.sys("open", "/dev/vt4", 2)).toBeLessThan(0);
  });

  it("give what is still in the ring, and say when it is not", () => {
    for (let i = 0; i < 3; i++) {
      print("x".repeat(30000));
      system.drain();
    }
    expect(fetch(1, 0)).toBe(-Errno.ERANGE);
    expect(fetch(1, 90001)).toBe(-Errno.ERANGE);
    expect(fetch(1, 90000 - ConsoleDevice.OUTPUT_BYTES, 10)).toBe("x".repeat(10));
    expect(fetch(9, 0)).toBe(-Errno.EINVAL);
    expect(server.sys("console_fetch", 1, 89990, 0xf0000000, 10)).toBe(-Errno.EFAULT);
  });

  it("are chosen by the host or by a program, and both are told", () => {
    expect(info()(ConsoleInfo.SHOWN)).toBe(1);
    expect(init.sys("ctl", 0, "show 2")).toBe(0);
    expect(system.requests.at(-1)).toEqual([MachineRequest.VT, 2, 0]);
    expect(info()(ConsoleInfo.SHOWN)).toBe(2);
    const view = new DataView(system.memory.buffer, system.layout.console);
    const events = info()(ConsoleInfo.EVENTS);
    view.setUint32(ConsoleDevice.SHOWN, 3, true);
    system.interrupt(Irq.CONSOLE);
    expect(info()(ConsoleInfo.SHOWN)).toBe(3);
    expect(info()(ConsoleInfo.EVENTS)).toBeGreaterThan(events);
    for (const bad of ["show 0", "show 5", "show x"])
      expect(init.sys("ctl", 0, bad)).toBe(-Errno.EINVAL);
  });

  it("count who has them open", () => {
    const open = () => info()(ConsoleInfo.VTS + ConsoleInfo.VT_BYTES + 4);
    expect(open()).toBe(0);
    const two = init.sys("open", "/dev/vt2", 2);
    expect(open()).toBe(1);
    const events = info()(ConsoleInfo.EVENTS);
    init.sys("close", two);
    expect(open()).toBe(0);
    expect(info()(ConsoleInfo.EVENTS)).toBeGreaterThan(events);
  });
});
