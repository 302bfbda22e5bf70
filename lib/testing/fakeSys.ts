// A stand-in for the kernel's system calls: files in memory, pipes, and child processes that run to their end when they are waited for.
// It lets the logic of programs be tested without a machine; it knows nothing of page tables, rights or time.
//
// A program is a compiled module, or a function (for a test that only wants to see what was spawned).

import { Errno } from "../../abi/errno.ts";
import { DirEntry, FileType, OpenFlag, Stat, WaitFlag } from "../../abi/syscall.ts";
import { type FakeFile, join, keyboard, sink, source } from "./fakeFile.ts";
import { FakeTree } from "./fakeTree.ts";

export type FakeProgram = WebAssembly.Module | ((argv: string[]) => number);

export interface RunResult {
  status: number;
  out: string;
  err: string;
}

class ExitError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

interface Child {
  pid: number;
  parent: number;
  fds: Map<number, FakeFile>;
  run: () => number;
  status: number | undefined;
  running: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class FakeSys {
  readonly programs = new Map<string, FakeProgram>();
  readonly tree = new FakeTree(this.programs);
  readonly files = this.tree.files;
  /** argv of every spawn, in order. */
  readonly spawned: string[][] = [];
  /** The environment of every program that has run, in order: NAME=VALUE strings, each ended by NUL. */
  readonly environments: string[] = [];
  /** Control texts that a console received, in order. */
  readonly controls: string[] = [];
  /** Answers of the console to control texts; a console exists only when this is set. */
  consoleSize: string | undefined;
  /** What is typed at the console, in place of the input: each piece when the program waits for it, and what happens then. */
  typed: (string | (() => void))[] | undefined;
  /** What the program has shown on the console so far. */
  shown: Uint8Array[] = [];
  /** Signals (1 << Signal) that have come: reading the console is interrupted. */
  signals = 0;
  /** Makes a call that is about a path fail: -errno, or 0. */
  refuse: (call: "open" | "write" | "rename", path: string) => number = () => 0;
  /** The first process's environment. */
  environment = "";
  private readonly children: Child[] = [];
  private lastPid = 1;

  write(path: string, text: string): void {
    this.tree.put(path, encoder.encode(text));
  }

  text(path: string): string | undefined {
    const bytes = this.files.get(path);
    return bytes && decoder.decode(bytes);
  }

  /** Runs a program with an input; its output and status. */
  run(name: string, argv: string[], input = ""): RunResult {
    const program = this.programs.get(name);
    if (!program) throw new Error(`no program ${name}`);
    const out: Uint8Array[] = [];
    const err: Uint8Array[] = [];
    this.shown = out;
    const stdin =
      this.consoleSize === undefined ? source(encoder.encode(input)) : this.console(input, out);
    const stdout = this.consoleSize === undefined ? sink(out) : stdin;
    const fds = new Map<number, FakeFile>([
      [0, stdin],
      [1, stdout],
      [2, sink(err)],
    ]);
    const status = this.execute(program, ++this.lastPid, argv, fds);
    for (const child of this.children) this.finish(child);
    return { status, out: join(out), err: join(err) };
  }

  private finish(child: Child): number {
    if (child.status === undefined && !child.running) {
      child.running = true;
      child.status = child.run();
      child.running = false;
    }
    return child.status ?? 0;
  }

  private console(input: string, out: Uint8Array[]): FakeFile {
    const file =
      this.typed === undefined
        ? source(encoder.encode(input))
        : keyboard(this.typed, () => this.signals !== 0);
    file.type = FileType.DEVICE;
    file.write = sink(out).write;
    file.control = (text) => {
      const command = text.trim();
      this.controls.push(command);
      return command === "size" ? (this.consoleSize ?? "80 24") : "";
    };
    return file;
  }

  private open(path: string, flags: number): FakeFile | number {
    const refused = this.refuse("open", path);
    if (refused < 0 && (flags & OpenFlag.ACCESS) !== OpenFlag.READ) return refused;
    if (path === "/dev/null")
      return {
        type: FileType.DEVICE,
        read: () => new Uint8Array(),
        write: (b) => b.length,
        size: () => 0,
      };
    const type = this.tree.typeOf(path);
    if (flags & OpenFlag.CREATE && flags & OpenFlag.EXCLUSIVE && type) return -Errno.EEXIST;
    if (type === FileType.DIRECTORY)
      return { ...source(new Uint8Array()), type, path, entries: this.tree.below(path) };
    if (type && flags & OpenFlag.DIRECTORY) return -Errno.ENOTDIR;
    if (type === FileType.LINK) {
      if ((flags & OpenFlag.ACCESS) !== OpenFlag.READ) return -Errno.ELOOP;
      return { ...source(encoder.encode(this.tree.links.get(path))), type, path };
    }
    if (!type && !(flags & OpenFlag.CREATE)) return -Errno.ENOENT;
    if (!type || flags & OpenFlag.TRUNCATE) this.tree.put(path, new Uint8Array());
    let at = flags & OpenFlag.APPEND ? this.bytes(path).length : 0;
    return {
      type: FileType.FILE,
      path,
      size: () => this.bytes(path).length,
      seek: (offset, whence) => {
        at = offset + (whence === 1 ? at : whence === 2 ? this.bytes(path).length : 0);
        return at;
      },
      read: (count) => {
        const part = this.bytes(path).subarray(at, at + count);
        at += part.length;
        return part;
      },
      truncate: (size) => this.tree.put(path, this.bytes(path).slice(0, size)),
      write: (bytes) => {
        const failed = this.refuse("write", path);
        if (failed < 0) return failed;
        const old = this.bytes(path);
        const next = new Uint8Array(Math.max(old.length, at + bytes.length));
        next.set(old);
        next.set(bytes, at);
        at += bytes.length;
        this.tree.put(path, next);
        return bytes.length;
      },
    };
  }

  private bytes(path: string): Uint8Array {
    return this.tree.bytes(path);
  }

  private execute(
    program: FakeProgram,
    pid: number,
    argv: string[],
    fds: Map<number, FakeFile>,
    environment = this.environment,
  ): number {
    this.environments.push(environment);
    if (typeof program === "function") return program(argv);
    let memory: WebAssembly.Memory | undefined;
    const imports = this.imports(pid, argv, fds, environment, () => {
      if (!memory) throw new Error("no memory");
      return memory.buffer;
    });
    const used: Record<string, unknown> = {};
    for (const { name } of WebAssembly.Module.imports(program))
      used[name] = imports[name] ?? (() => -Errno.ENOSYS);
    const instance = new WebAssembly.Instance(program, { sys: used as WebAssembly.ModuleImports });
    memory = instance.exports.memory as WebAssembly.Memory;
    try {
      (instance.exports._initialize as () => void)();
      (instance.exports._start as () => void)();
    } catch (error) {
      if (error instanceof ExitError) return error.status;
      throw error;
    }
    return 0;
  }

  private imports(
    pid: number,
    argv: string[],
    fds: Map<number, FakeFile>,
    environment: string,
    buffer: () => ArrayBuffer,
  ) {
    const bytes = (at: number, n: number) => new Uint8Array(buffer(), at >>> 0, n);
    const string = (at: number, n: number) => decoder.decode(bytes(at, n));
    const view = () => new DataView(buffer());
    let cwd = "/";
    const resolve = (at: number, n: number, follows: boolean) => {
      const given = string(at, n);
      return this.tree.resolve(given.startsWith("/") ? given : `${cwd}/${given}`, follows);
    };
    const openAt = (at: number, n: number, flags: number): FakeFile | number => {
      const isNew = (flags & OpenFlag.CREATE) !== 0 && (flags & OpenFlag.EXCLUSIVE) !== 0;
      const path = resolve(at, n, !isNew && !(flags & OpenFlag.NOFOLLOW));
      return typeof path === "number" ? path : this.open(path, flags);
    };
    const place = (file: FakeFile): number => {
      let fd = 0;
      while (fds.has(fd)) fd++;
      fds.set(fd, file);
      return fd;
    };
    const fillStat = (file: FakeFile, at: number, n: number): number => {
      const st = new DataView(new ArrayBuffer(Stat.LONG_BYTES));
      st.setUint32(Stat.TYPE, file.type, true);
      st.setUint32(Stat.MODE, file.type === FileType.LINK ? 0o777 : 0o644, true);
      st.setBigUint64(Stat.SIZE, BigInt(file.size()), true);
      if (file.path !== undefined) {
        const facts = this.tree.facts(file.path);
        st.setUint32(Stat.INO, facts.number, true);
        st.setUint32(Stat.LINKS, file.entries ? 1 : facts.names.size, true);
        st.setBigInt64(Stat.MTIME, facts.modified, true);
        st.setBigInt64(Stat.ATIME, facts.accessed, true);
        st.setBigInt64(Stat.CTIME, facts.modified, true);
      }
      bytes(at, n).set(new Uint8Array(st.buffer, 0, n));
      return 0;
    };
    const setStat = (fd: number, at: number, n: number): number => {
      const path = fds.get(fd)?.path;
      if (path === undefined) return -Errno.EPERM;
      const facts = this.tree.facts(path);
      facts.modified = view().getBigInt64(at + Stat.MTIME, true);
      if (n === Stat.LONG_BYTES) facts.accessed = view().getBigInt64(at + Stat.ATIME, true);
      return 0;
    };
    const reap = (which: number, at: number, block: boolean): number => {
      const child = this.children.find(
        (one) => one.parent === pid && (which === -1 || one.pid === which) && !one.running,
      );
      if (!child) return -Errno.ECHILD;
      if (!block && child.status === undefined) return 0;
      view().setInt32(at, this.finish(child), true);
      this.children.splice(this.children.indexOf(child), 1);
      return child.pid;
    };
    return {
      exit: (status: number) => {
        throw new ExitError(status);
      },
      getpid: () => pid,
      getuid: () => 0,
      args: (at: number, n: number) => {
        const block = encoder.encode(argv.map((one) => `${one}\0`).join(""));
        bytes(at, Math.min(n, block.length)).set(block.subarray(0, n));
        return block.length;
      },
      setgroup: () => 0,
      sigcatch: () => 0,
      sigtake: () => {
        const came = this.signals;
        this.signals = 0;
        return came;
      },
      environ: (at: number, n: number) => {
        const block = encoder.encode(environment);
        if (n > 0) bytes(at, Math.min(n, block.length)).set(block.subarray(0, n));
        return block.length;
      },
      setenviron: (at: number, n: number) => {
        environment = string(at, n);
        return 0;
      },
      clock: () => this.tree.now,
      nanosleep: () => 0,
      read: (fd: number, at: number, n: number) => {
        const file = fds.get(fd);
        if (!file) return -Errno.EBADF;
        if (file.entries) return -Errno.EISDIR;
        const got = file.read(n);
        if (typeof got === "number") return got;
        bytes(at, got.length).set(got);
        return got.length;
      },
      write: (fd: number, at: number, n: number) =>
        fds.get(fd)?.write(bytes(at, n).slice()) ?? -Errno.EBADF,
      open: (at: number, n: number, flags: number) => {
        const file = openAt(at, n, flags);
        return typeof file === "number" ? file : place(file);
      },
      seek: (fd: number, offset: bigint, whence: number) =>
        BigInt(fds.get(fd)?.seek?.(Number(offset), whence) ?? -Errno.ESPIPE),
      close: (fd: number) => (fds.delete(fd) ? 0 : -Errno.EBADF),
      dup: (fd: number) => {
        const file = fds.get(fd);
        return file ? place(file) : -Errno.EBADF;
      },
      dup2: (from: number, to: number) => {
        const file = fds.get(from);
        if (!file) return -Errno.EBADF;
        fds.set(to, file);
        return to;
      },
      remove: (at: number, n: number) => {
        const path = resolve(at, n, false);
        return typeof path === "number" ? path : this.tree.remove(path);
      },
      rename: (at: number, n: number, toAt: number, toBytes: number) => {
        const from = resolve(at, n, false);
        const to = resolve(toAt, toBytes, false);
        if (typeof from === "number") return from;
        if (typeof to === "number") return to;
        return this.refuse("rename", to) || this.tree.rename(from, to);
      },
      symlink: (target: number, targetBytes: number, at: number, n: number) => {
        const path = resolve(at, n, false);
        if (typeof path === "number") return path;
        return this.tree.symlink(string(target, targetBytes), path);
      },
      link: (at: number, n: number, toAt: number, toBytes: number) => {
        const from = resolve(at, n, false);
        const to = resolve(toAt, toBytes, false);
        if (typeof from === "number") return from;
        return typeof to === "number" ? to : this.tree.link(from, to);
      },
      truncate: (fd: number, size: bigint) => {
        fds.get(fd)?.truncate?.(Number(size));
        return 0;
      },
      create: (at: number, n: number, flags: number) => {
        let made = flags | OpenFlag.CREATE;
        if (flags & OpenFlag.DIRECTORY) {
          const path = resolve(at, n, false);
          const r = typeof path === "number" ? path : this.tree.makeFolder(path);
          if (r < 0 && flags & OpenFlag.EXCLUSIVE) return r;
          made = OpenFlag.READ | OpenFlag.DIRECTORY;
        }
        const file = openAt(at, n, made);
        return typeof file === "number" ? file : place(file);
      },
      fstat: (fd: number, at: number) => {
        const file = fds.get(fd);
        return file ? fillStat(file, at, Stat.BYTES) : -Errno.EBADF;
      },
      fstatx: (fd: number, at: number, n: number) => {
        const file = fds.get(fd);
        return file ? fillStat(file, at, n) : -Errno.EBADF;
      },
      wstat: (fd: number, at: number) => setStat(fd, at, Stat.BYTES),
      wstatx: setStat,
      stat: (at: number, n: number, st: number) => {
        const file = openAt(at, n, OpenFlag.READ);
        return typeof file === "number" ? file : fillStat(file, st, Stat.BYTES);
      },
      readdir: (fd: number, at: number, n: number) => {
        const file = fds.get(fd);
        if (!file?.entries) return -Errno.ENOTDIR;
        let used = 0;
        while (file.entries.length > 0) {
          const name = encoder.encode(file.entries[0]);
          if (used + DirEntry.NAME + name.length > n) break;
          view().setUint32(at + used, 0, true);
          const path = `${file.path === "/" ? "" : file.path}/${file.entries[0]}`;
          view().setUint8(at + used + DirEntry.TYPE, this.tree.typeOf(path) ?? FileType.FILE);
          view().setUint8(at + used + DirEntry.NAME_BYTES, name.length);
          bytes(at + used + DirEntry.NAME, name.length).set(name);
          used += DirEntry.NAME + name.length;
          file.entries.shift();
        }
        return used;
      },
      ctl: (fd: number, at: number, n: number) => {
        const answer = fds.get(fd)?.control?.(string(at, n));
        if (answer === undefined) return -Errno.ENOTTY;
        if (typeof answer === "number") return answer;
        const reply = encoder.encode(answer).subarray(0, n);
        bytes(at, reply.length).set(reply);
        return reply.length;
      },
      pipe: (at: number) => {
        const queue: Uint8Array[] = [];
        const reader: FakeFile = {
          type: FileType.PIPE,
          size: () => 0,
          write: () => -Errno.EBADF,
          read: (count) => {
            // Who waits for bytes lets the writers run.
            for (const child of [...this.children]) {
              if (queue.length > 0) break;
              if ([...child.fds.values()].includes(writer)) this.finish(child);
            }
            const first = queue.shift();
            if (!first) return new Uint8Array();
            if (first.length > count) queue.unshift(first.subarray(count));
            return first.subarray(0, count);
          },
        };
        const writer: FakeFile = {
          ...reader,
          read: () => new Uint8Array(),
          write: sink(queue).write,
        };
        view().setInt32(at, place(reader), true);
        view().setInt32(at + 4, place(writer), true);
        return 0;
      },
      chdir: (at: number, n: number) => {
        const file = openAt(at, n, OpenFlag.READ);
        if (typeof file === "number") return file;
        if (!file.entries) return -Errno.ENOTDIR;
        cwd = file.path ?? "/";
        return 0;
      },
      getcwd: (at: number, n: number) => {
        const path = encoder.encode(cwd);
        if (path.length > n) return -Errno.ERANGE;
        bytes(at, path.length).set(path);
        return path.length;
      },
      spawn: (
        path: number,
        pathBytes: number,
        argvAt: number,
        argvBytes: number,
        map: number,
        n: number,
      ) => {
        const name = string(path, pathBytes).replace(/^\/bin\//, "");
        const program = this.programs.get(name);
        if (!program) return -Errno.ENOENT;
        const words = string(argvAt, argvBytes).replace(/\0$/, "").split("\0");
        const childFds = new Map<number, FakeFile>();
        if (n === 0) {
          for (const fd of [0, 1, 2]) {
            const file = fds.get(fd);
            if (file) childFds.set(fd, file);
          }
        }
        for (let i = 0; i < n; i++) {
          const file = fds.get(view().getInt32(map + i * 8 + 4, true));
          if (!file) return -Errno.EBADF;
          childFds.set(view().getInt32(map + i * 8, true), file);
        }
        this.spawned.push(words);
        const childPid = ++this.lastPid;
        const given = environment;
        const run = () => this.execute(program, childPid, words, childFds, given);
        this.children.push({
          pid: childPid,
          parent: pid,
          fds: childFds,
          run,
          status: undefined,
          running: false,
        });
        return childPid;
      },
      wait: (which: number, at: number) => reap(which, at, true),
      waitpoll: (which: number, at: number) => reap(which, at, false),
      waitchange: (which: number, at: number, flags: number) =>
        reap(which, at, (flags & WaitFlag.POLL) === 0),
      kill: (which: number, signal: number) => {
        const child = this.children.find((one) => one.pid === Math.abs(which));
        if (!child) return -Errno.ESRCH;
        child.status ??= 128 + signal;
        return 0;
      },
    } as Record<string, (...args: never[]) => unknown>;
  }
}
