import { beforeEach, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Signal, WaitFlag, WaitStatus } from "../../abi/syscall.ts";
import { DATA, type Program, System } from "./system.ts";

const OUT = DATA + 0x4000;
const POLL_STOPS = WaitFlag.POLL | WaitFlag.STOPS;
let system: System;
let init: Program;

beforeEach(() => {
  system = new System("quiet");
  init = system.start();
});

function child(): Program {
  init.sys("spawn", "prog", "prog", 0, 0);
  return system.start();
}

/** What waitchange tells about a pid: its status, or the call's result when there is none. */
function change(pid: number, flags: number = POLL_STOPS): number {
  const got = init.sys("waitchange", pid, OUT, flags);
  return got > 0 ? init.load(OUT) : got;
}

function state(pid: number): string {
  return /^state (\w+)$/m.exec(init.readFile(`/proc/${pid}/status`))?.[1] ?? "none";
}

describe("stops", () => {
  it.each([Signal.STOP, Signal.TSTP, Signal.TTIN, Signal.TTOU])(
    "signal %i is told once, and CONT takes it back",
    (signal) => {
      const prog = child();
      expect(init.sys("kill", prog.pid, signal)).toBe(0);
      expect(state(prog.pid)).toBe("stopped");
      expect(change(prog.pid, WaitFlag.POLL)).toBe(0);
      expect(change(prog.pid)).toBe(WaitStatus.STOPPED + signal);
      expect(change(prog.pid)).toBe(0);
      init.sys("kill", prog.pid, Signal.CONT);
      expect(state(prog.pid)).toBe("running");
      expect(change(prog.pid)).toBe(0);
      expect(prog.sys("getppid")).toBe(1);
    },
  );

  it("a stopped process is ended by the first signal that ends", () => {
    const prog = child();
    init.sys("kill", prog.pid, Signal.STOP);
    init.sys("kill", prog.pid, Signal.TERM);
    prog.ends(() => prog.load(DATA));
    expect(change(prog.pid)).toBe(128 + Signal.TERM);
  });

  it("one that waits for a CPU is stopped before it starts", () => {
    const pid = init.sys("spawn", "prog", "prog", 0, 0);
    init.sys("kill", pid, Signal.STOP);
    expect(state(pid)).toBe("stopped");
    init.sys("kill", pid, Signal.CONT);
    expect(system.start().pid).toBe(pid);
  });

  it("of a whole group, and of nobody", () => {
    const a = child();
    const b = child();
    expect(init.sys("setgroup", a.pid, a.pid)).toBe(0);
    expect(init.sys("setgroup", b.pid, a.pid)).toBe(0);
    expect(init.sys("kill", -a.pid, Signal.STOP)).toBe(0);
    expect([state(a.pid), state(b.pid)]).toEqual(["stopped", "stopped"]);
    expect(init.sys("kill", -99, Signal.STOP)).toBe(-Errno.ESRCH);
    for (const none of [-1, 32, 64]) expect(init.sys("kill", a.pid, none)).toBe(-Errno.EINVAL);
  });

  it("pid 0 is the caller's group, and -1 everybody but the caller and init", () => {
    const [a, b, other] = [child(), child(), child()];
    const all = [a, b, other];
    for (const program of all) program.sys("sigcatch", 1 << Signal.INT);
    for (const program of [a, b]) expect(program.sys("setgroup", 0, 50)).toBe(0);
    expect(other.sys("setgroup", 0, 60)).toBe(0);
    const taken = () => all.map((program) => program.sys("sigtake") >> Signal.INT);
    expect(a.sys("kill", 0, Signal.INT)).toBe(0);
    expect(taken()).toEqual([1, 1, 0]);
    expect(a.sys("kill", -1, Signal.INT)).toBe(0);
    expect(taken()).toEqual([0, 1, 1]);
    expect(init.sys("kill", -1, 0)).toBe(0);
    expect(init.sys("kill", 0, 0)).toBe(-Errno.EPERM); // init is alone in its group
  });

  it("those without another meaning end, a few do nothing", () => {
    for (const signal of [Signal.CHLD, Signal.URG, Signal.WINCH]) {
      const program = child();
      expect(init.sys("kill", program.pid, signal)).toBe(0);
      expect(program.sys("getppid")).toBe(1);
      program.ends(() => program.sys("exit", 0));
    }
    for (const signal of [1, 3, 6, 10, 13, 14, 31]) {
      const program = child();
      expect(init.sys("kill", program.pid, signal)).toBe(0);
      program.ends(() => program.load(DATA));
      expect(change(program.pid)).toBe(128 + signal);
    }
  });
});

describe("caught signals", () => {
  const INT = 1 << Signal.INT;

  it("are kept until they are taken, and end nothing", () => {
    const prog = child();
    expect(prog.sys("sigcatch", INT | (1 << Signal.WINCH))).toBe(0);
    init.sys("kill", prog.pid, Signal.INT);
    init.sys("kill", prog.pid, Signal.WINCH);
    expect(prog.sys("sigtake")).toBe(INT | (1 << Signal.WINCH));
    expect(prog.sys("sigtake")).toBe(0);
  });

  it("end a wait that has no end of its own", () => {
    const prog = child();
    prog.sys("sigcatch", INT);
    init.sys("kill", prog.pid, Signal.INT);
    expect(prog.sys("pipe", OUT)).toBe(0);
    expect(prog.sys("read", prog.load(OUT), OUT, 1)).toBe(-Errno.EINTR);
    expect(prog.sys("read", 0, OUT, 1)).toBe(-Errno.EINTR);
    expect(prog.sys("nanosleep", 1_000_000_000n)).toBe(-Errno.EINTR);
  });

  it("are forgotten when they are no longer caught", () => {
    const prog = child();
    prog.sys("sigcatch", INT);
    init.sys("kill", prog.pid, Signal.INT);
    expect(prog.sys("sigcatch", 0)).toBe(INT);
    expect(prog.sys("sigtake")).toBe(0);
    init.sys("kill", prog.pid, Signal.INT);
    prog.ends(() => prog.load(DATA));
    expect(change(prog.pid)).toBe(128 + Signal.INT);
  });

  it("KILL and STOP cannot be caught", () => {
    const prog = child();
    prog.sys("sigcatch", -1);
    init.sys("kill", prog.pid, Signal.STOP);
    expect(state(prog.pid)).toBe("stopped");
    init.sys("kill", prog.pid, Signal.KILL);
    prog.ends(() => prog.load(DATA));
    expect(change(prog.pid)).toBe(128 + Signal.KILL);
  });

  it("children catch nothing", () => {
    const prog = child();
    prog.sys("sigcatch", INT);
    prog.sys("spawn", "prog", "prog", 0, 0);
    const grandchild = system.start();
    expect(grandchild.sys("sigcatch", 0)).toBe(0);
  });
});

describe("the console's groups", () => {
  it("^Z stops the foreground group", () => {
    const prog = child();
    prog.sys("setgroup", 0, 0);
    init.sys("ctl", 0, `fg ${prog.pid}`);
    system.type("half a line\x1a");
    expect(system.output()).toContain("^Z\n");
    expect(change(prog.pid)).toBe(WaitStatus.STOPPED + Signal.TSTP);
  });

  it("^Z is a byte for a raw reader without a foreground group", () => {
    init.sys("ctl", 0, "raw");
    system.type("\x1a");
    expect(init.sys("read", 0, OUT, 8)).toBe(1);
    expect(init.peek(OUT, 1)).toBe("\x1a");
  });

  it("a ^C typed ahead of the command that becomes the foreground is for it", () => {
    const prog = child();
    prog.sys("setgroup", 0, 0);
    prog.sys("sigcatch", 1 << Signal.INT);
    init.sys("ctl", 0, "raw");
    system.type("x\x03\x03y\r");
    init.sys("ctl", 0, "cooked");
    init.sys("ctl", 0, `fg ${prog.pid}`);
    expect(prog.sys("sigtake")).toBe(1 << Signal.INT);
    expect(system.output()).toContain("^C\n");
    init.sys("ctl", 0, "fg 0");
    init.sys("ctl", 0, `fg ${prog.pid}`);
    expect(prog.sys("sigtake")).toBe(0);
    expect(init.sys("read", 0, OUT, 8)).toBe(2);
    expect(init.peek(OUT, 2)).toBe("y\n");
  });

  it("a ^Z typed ahead of the command that becomes the foreground stops it, and not who gives it the foreground", () => {
    const prog = child();
    prog.sys("setgroup", 0, 0);
    prog.sys("sigcatch", 1 << Signal.TSTP);
    init.sys("setgroup", 0, 0);
    init.sys("sigcatch", 1 << Signal.TSTP);
    init.sys("ctl", 0, "raw");
    system.type("x\x1ay\r");
    init.sys("ctl", 0, "cooked");
    init.sys("ctl", 0, `fg ${init.pid}`);
    expect(init.sys("sigtake")).toBe(0);
    expect(system.output()).toBe("");
    init.sys("ctl", 0, `fg ${prog.pid}`);
    expect(prog.sys("sigtake")).toBe(1 << Signal.TSTP);
    expect(system.output()).toContain("^Z\n");
    init.sys("ctl", 0, "fg 0");
    expect(init.sys("read", 0, OUT, 8)).toBe(2);
    expect(init.peek(OUT, 2)).toBe("y\n");
  });

  it("a change of size reaches the foreground group", () => {
    const prog = child();
    prog.sys("setgroup", 0, 0);
    prog.sys("sigcatch", 1 << Signal.WINCH);
    init.sys("ctl", 0, `fg ${prog.pid}`);
    system.type("");
    prog.sys("sigtake");
    system.resize(100, 30);
    expect(prog.sys("sigtake")).toBe(1 << Signal.WINCH);
    system.resize(100, 30);
    expect(prog.sys("sigtake")).toBe(0);
  });

  it("the mode can be asked for", () => {
    expect(init.sys("ctl", 0, "mode    ")).toBe(6);
    init.sys("ctl", 0, "raw");
    expect(init.sys("ctl", 0, "mode    ")).toBe(3);
  });
});

describe("the environment", () => {
  const text = (program: Program) => program.peek(OUT, program.sys("environ", OUT, 4096));

  it("is inherited, and changes of a child are its own", () => {
    expect(init.sys("setenviron", "A=1\0B=two\0")).toBe(0);
    const prog = child();
    expect(text(prog)).toBe("A=1\0B=two\0");
    expect(prog.sys("setenviron", "A=3\0")).toBe(0);
    expect(text(prog)).toBe("A=3\0");
    expect(text(init)).toBe("A=1\0B=two\0");
    expect(prog.sys("environ", OUT, 2)).toBe(4);
  });

  it("must be strings, fit, and be readable", () => {
    init.sys("setenviron", "A=1\0");
    expect(init.sys("setenviron", "A=2")).toBe(-Errno.EINVAL);
    expect(init.sys("setenviron", DATA, 4 * 4096)).toBe(-Errno.E2BIG);
    expect(init.sys("setenviron", 0xc0000000, 8)).toBe(-Errno.EFAULT);
    expect(text(init)).toBe("A=1\0");
    expect(init.sys("setenviron", 0, 0)).toBe(0);
    expect(text(init)).toBe("");
  });

  it("is given back with the last process that has it", () => {
    init.sys("setenviron", "A=1\0");
    init.store(OUT, 0); // the frames that stay are there now
    const first = child();
    first.ends(() => first.sys("exit", 0));
    init.sys("wait", first.pid, OUT);
    const before = init.counts();
    const prog = child();
    prog.sys("setenviron", `${"x".repeat(5000)}=1\0`);
    prog.ends(() => prog.sys("exit", 0));
    init.sys("wait", prog.pid, OUT);
    expect(init.counts()).toEqual(before);
  });
});
