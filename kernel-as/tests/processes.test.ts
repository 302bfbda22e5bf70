import { describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { MachineRequest } from "../../abi/machine.ts";
import { Signal } from "../../abi/syscall.ts";
import { DATA, type Program, System } from "./system.ts";

const OUT = DATA + 0x4000;

function spawn(parent: Program, path = "prog", argv = "prog\0one\0two\0"): number {
  return parent.sys("spawn", path, argv, 0, 0);
}

/** Fails late: the child has its memory when the arguments turn out to be bad. */
function spawnFails(parent: Program): number {
  return parent.sys("spawn", "prog", 0xc0000000, 5, 0, 0);
}

describe("processes", () => {
  it("start, pass arguments, end with a status, and leave nothing behind", () => {
    const system = new System("quiet");
    const init = system.start();
    spawn(init);
    system.start().ends(() => {}); // the frames that tables keep are there now
    init.sys("wait", -1, OUT);
    const before = init.counts();
    const pid = spawn(init);
    expect(pid).toBe(3);
    expect(init.sys("waitpoll", -1, OUT)).toBe(0);
    const child = system.start();
    expect(child.pid).toBe(pid);
    expect(child.sys("getppid")).toBe(1);
    expect(child.sys("args", OUT, 4)).toBe(13);
    expect(child.sys("args", OUT, 64)).toBe(13);
    expect(child.peek(OUT, 13)).toBe("prog\0one\0two\0");
    child.ends(() => child.sys("exit", 7));
    expect(init.sys("wait", pid, OUT)).toBe(pid);
    expect(init.load(OUT)).toBe(7);
    expect(init.sys("wait", pid, OUT)).toBe(-Errno.ECHILD);
    expect(init.counts()).toEqual(before);
  });

  it("are not cloned yet: fork says so", () => {
    expect(new System("quiet").start().sys("fork")).toBe(-Errno.ENOSYS);
  });

  it("that are not there cannot be started, and no half of one stays", () => {
    const init = new System("quiet").start();
    spawn(init, "nothing");
    init.store(OUT, 0);
    expect(spawnFails(init)).toBe(-Errno.EFAULT); // the frames that tables keep are there now
    const before = init.counts();
    expect(spawn(init, "nothing")).toBe(-Errno.ENOENT);
    expect(spawn(init, "/etc")).toBe(-Errno.EACCES);
    expect(init.sys("spawn", 0, 5, 0, 0, 0, 0)).toBe(-Errno.EFAULT);
    expect(spawnFails(init)).toBe(-Errno.EFAULT);
    expect(init.sys("spawn", "prog", "x", 0, 1000)).toBe(-Errno.EINVAL);
    expect(init.sys("spawn", "prog", DATA, 65537, 0, 0)).toBe(-Errno.E2BIG);
    init.store(OUT, 0);
    init.store(OUT + 4, 9);
    expect(init.sys("spawn", "prog", "x", OUT, 1)).toBe(-Errno.EBADF);
    expect(init.counts()).toEqual(before);
  });

  it("hand down the descriptors of the map and no others", () => {
    const system = new System("quiet");
    const init = system.start();
    const fd = init.sys("open", "/etc/motd", 0);
    init.store(OUT, 5);
    init.store(OUT + 4, fd);
    init.sys("spawn", "prog", "prog", OUT, 1);
    const child = system.start();
    expect(child.readAll(5)).toBe("hello\n");
    expect(child.sys("write", 1, OUT, 1)).toBe(-Errno.EBADF);
  });

  it("are ended by a bad access, with one report that names it", () => {
    const system = new System("quiet");
    const init = system.start();
    const pid = spawn(init);
    const child = system.start();
    child.ends(() => child.store(4, 1), "wasm-function[3]:0x10\nwasm-function[9]:0x99");
    const report = `fault: pid ${pid} prog: write at 0x00000004, error 0x6 (not present, write, user)`;
    expect(system.log().split(report).length).toBe(2);
    expect(system.log()).toContain("  wasm-function[3]:0x10\n  wasm-function[9]:0x99\n");
    expect(system.output()).toBe("");
    init.sys("wait", pid, OUT);
    expect(init.load(OUT)).toBe(128 + Signal.SEGV);
  });

  it("are reported with the address of their access, also where that goes over the end of memory", () => {
    for (const at of [0xfffffffd, 0xfffffff0]) {
      const system = new System("quiet");
      const init = system.start();
      spawn(init);
      const child = system.start();
      child.ends(() => child.load(at));
      expect(system.log()).toContain(`read at 0x${at.toString(16)}, error 0x4`);
    }
  });

  it("that were killed while they waited for a CPU or ran end with the signal's status", () => {
    const system = new System("quiet");
    const init = system.start();
    const first = spawn(init);
    const running = system.start();
    const second = spawn(init);
    expect(init.sys("kill", first, 0)).toBe(0);
    expect(init.sys("kill", first, 32)).toBe(-Errno.EINVAL);
    expect(init.sys("kill", 99, 9)).toBe(-Errno.ESRCH);
    expect(init.sys("kill", 1, 9)).toBe(-Errno.EPERM);
    expect(init.sys("kill", first, Signal.TERM)).toBe(0);
    running.ends(() => running.load(DATA)); // its next access enters the kernel
    init.sys("wait", first, OUT);
    expect(init.load(OUT)).toBe(128 + Signal.TERM);
    expect(init.sys("kill", second, Signal.KILL)).toBe(0);
    const third = spawn(init);
    expect(system.start().pid).toBe(third); // the CPU tears the killed one down on its way
    init.sys("wait", second, OUT);
    expect(init.load(OUT)).toBe(128 + Signal.KILL);
  });

  it("that compute without touching memory are terminated once their time is over", () => {
    const system = new System("quiet");
    const init = system.start();
    const pid = spawn(init);
    system.start();
    init.sys("kill", pid, Signal.KILL);
    system.poll();
    expect(system.requests.filter(([kind]) => kind === MachineRequest.TERMINATE)).toEqual([]);
    system.nowNs += 1e9;
    system.poll();
    expect(system.requests.filter(([kind]) => kind === MachineRequest.TERMINATE)).toEqual([
      [MachineRequest.TERMINATE, 2, 0],
    ]);
    system.cpuDied(2);
    init.sys("wait", pid, OUT);
    expect(init.load(OUT)).toBe(128 + Signal.KILL);
  });

  it("leave their children to init", () => {
    const system = new System("quiet");
    const init = system.start();
    spawn(init);
    const parent = system.start();
    const orphan = spawn(parent);
    const child = system.start();
    parent.ends(() => parent.sys("exit", 0));
    expect(child.sys("getppid")).toBe(1);
    child.ends(() => child.sys("exit", 3));
    init.sys("wait", orphan, OUT);
    expect(init.load(OUT)).toBe(3);
  });

  it("of another user cannot be signalled, and root is not given back", () => {
    const system = new System("quiet");
    const init = system.start();
    const pid = spawn(init);
    const child = system.start();
    const other = spawn(init);
    system.start();
    expect(child.sys("setuid", 5)).toBe(0);
    expect(child.sys("setuid", 0)).toBe(-Errno.EPERM);
    expect(child.sys("kill", other, 9)).toBe(-Errno.EPERM);
    expect(child.sys("shutdown", 0)).toBe(-Errno.EPERM);
    expect(child.sys("klog", "x")).toBe(-Errno.EPERM);
    expect(init.sys("kill", pid, 0)).toBe(0);
  });

  it("are refused with EAGAIN when every CPU slot is taken, and all of them can be killed", () => {
    const system = new System("quiet");
    const init = system.start();
    const pids: number[] = [];
    for (;;) {
      const pid = spawn(init);
      if (pid < 0) {
        expect(pid).toBe(-Errno.EAGAIN);
        break;
      }
      pids.push(pid);
    }
    expect(pids.length).toBe(62);
    const last = pids.pop();
    for (const pid of pids) expect(init.sys("kill", pid, 9)).toBe(0);
    expect(system.start().pid).toBe(last);
    for (const pid of pids) expect(init.sys("waitpoll", pid, OUT)).toBe(pid);
  });
});
