// FakeKernel: the system calls that the library makes, over files in memory, for tests in plain Node.
//
// Files are a map from absolute path to contents; directories are their prefixes. Descriptors 0, 1 and 2 are the console (or pipes).

import { Errno } from "../../../abi/errno.ts";
import { DirEntry, FileType, OpenFlag, Stat, Whence } from "../../../abi/syscall.ts";

export interface FakeOptions {
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly stdin?: string;
  readonly args?: readonly string[];
  readonly environ?: readonly string[];
  readonly cwd?: string;
  /** The standard descriptors are a console; otherwise pipes. */
  readonly terminal?: boolean;
}

/** How a kernel reaches a program's memory. */
export interface UserMemory {
  read(va: number, length: number): Uint8Array;
  write(va: number, bytes: Uint8Array): void;
}

/** Of a program that is not rewritten. */
export function plainMemory(memory: WebAssembly.Memory): UserMemory {
  return {
    read: (va, length) => new Uint8Array(memory.buffer, va, length).slice(),
    write: (va, bytes) => new Uint8Array(memory.buffer).set(bytes, va),
  };
}

export class ExitStatus extends Error {
  constructor(readonly status: number) {
    super(`exit ${status}`);
  }
}

interface Open {
  readonly type: FileType;
  readonly path: string;
  readonly flags: number;
  position: number;
  /** 0, 1 or 2 where it is a standard descriptor, or a copy of one. */
  readonly stream: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class FakeKernel {
  /** Set before the first call. */
  memory: UserMemory | undefined;
  readonly files = new Map<string, Uint8Array>();
  /** Times that were set, by path. */
  readonly times = new Map<string, bigint>();
  /** What yield answers: the way to show the library any errno. */
  yieldResult = 0;
  /** Every nanosleep. */
  readonly sleeps: bigint[] = [];
  readonly kills: [number, number][] = [];
  timeNs = 1_700_000_000_000_000_000n;
  private readonly open = new Map<number, Open>();
  private readonly output = new Map<number, Uint8Array[]>();
  private readonly input: Uint8Array;
  private inputAt = 0;

  constructor(private readonly options: FakeOptions = {}) {
    for (const [path, contents] of Object.entries(options.files ?? {})) {
      this.files.set(path, typeof contents === "string" ? encoder.encode(contents) : contents);
    }
    this.input = encoder.encode(options.stdin ?? "");
    const type = options.terminal === true ? FileType.DEVICE : FileType.PIPE;
    for (const fd of [0, 1, 2])
      this.open.set(fd, { type, path: "", flags: 0, position: 0, stream: fd });
  }

  /** What was written to descriptor 1 or 2. */
  text(fd: number): string {
    return decoder.decode(Buffer.concat(this.output.get(fd) ?? []));
  }

  get openCount(): number {
    return this.open.size;
  }

  /** The import module "sys". */
  readonly sys: WebAssembly.ModuleImports = {
    exit: (status: number) => {
      throw new ExitStatus(status);
    },
    getpid: () => 42,
    getuid: () => 0,
    yield: () => this.yieldResult,
    kill: (pid: number, signal: number) => {
      this.kills.push([pid, signal]);
      return 0;
    },
    nanosleep: (ns: bigint) => {
      this.sleeps.push(ns);
      this.timeNs += ns;
      return 0;
    },
    clock: () => {
      this.timeNs += 1000n;
      return this.timeNs;
    },
    random: (at: number, len: number) => {
      this.copyOut(at, new Uint8Array(len).fill(7));
      return len;
    },
    args: (at: number, len: number) => {
      const block = encoder.encode(
        (this.options.args ?? ["program"]).map((arg) => `${arg}\0`).join(""),
      );
      this.copyOut(at, block.subarray(0, len));
      return block.length;
    },
    environ: (at: number, len: number) => {
      const block = encoder.encode((this.options.environ ?? []).map((one) => `${one}\0`).join(""));
      if (len > 0) this.copyOut(at, block.subarray(0, len));
      return block.length;
    },
    getcwd: (at: number, len: number) => {
      const cwd = encoder.encode(this.options.cwd ?? "/");
      if (cwd.length > len) return -Errno.ERANGE;
      this.copyOut(at, cwd);
      return cwd.length;
    },
    open: (at: number, len: number, flags: number) => this.openPath(this.path(at, len), flags),
    dup: (fd: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      const copy = this.freeFd();
      this.open.set(copy, file);
      return copy;
    },
    close: (fd: number) => (this.open.delete(fd) ? 0 : -Errno.EBADF),
    read: (fd: number, at: number, len: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.type !== FileType.FILE) return this.readInput(at, len);
      const n = this.readAt(file.path, at, len, file.position);
      file.position += n;
      return n;
    },
    write: (fd: number, at: number, len: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.type !== FileType.FILE) return this.writeOutput(file.stream, at, len);
      if ((file.flags & OpenFlag.ACCESS) === OpenFlag.READ) return -Errno.EBADF;
      if ((file.flags & OpenFlag.APPEND) !== 0) file.position = this.contents(file.path).length;
      this.writeAt(file.path, at, len, file.position);
      file.position += len;
      return len;
    },
    pread: (fd: number, at: number, len: number, offset: bigint) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.type !== FileType.FILE) return -Errno.ESPIPE;
      return this.readAt(file.path, at, len, Number(offset));
    },
    pwrite: (fd: number, at: number, len: number, offset: bigint) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.type !== FileType.FILE) return -Errno.ESPIPE;
      this.writeAt(file.path, at, len, Number(offset));
      return len;
    },
    seek: (fd: number, offset: bigint, whence: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return BigInt(-Errno.EBADF);
      if (file.type !== FileType.FILE && file.type !== FileType.DIRECTORY)
        return BigInt(-Errno.ESPIPE);
      let to = Number(offset);
      if (whence === Whence.CURRENT) to += file.position;
      if (whence === Whence.END) to += this.contents(file.path).length;
      if (to < 0) return BigInt(-Errno.EINVAL);
      file.position = to;
      return BigInt(to);
    },
    stat: (at: number, len: number, st: number) => this.statPath(this.path(at, len), st),
    fstat: (fd: number, st: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.path !== "") return this.statPath(file.path, st);
      return this.writeStat(st, file.type, 0, 0);
    },
    wstat: (fd: number, st: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.type !== FileType.FILE) return -Errno.EPERM;
      const bytes = this.copyIn(st, Stat.BYTES);
      this.times.set(file.path, new DataView(bytes.buffer).getBigInt64(Stat.MTIME, true));
      return 0;
    },
    truncate: (fd: number, size: bigint) => {
      const file = this.open.get(fd);
      if (file?.type !== FileType.FILE) return -Errno.EBADF;
      const next = new Uint8Array(Number(size));
      next.set(this.contents(file.path).subarray(0, next.length));
      this.files.set(file.path, next);
      return 0;
    },
    create: (at: number, len: number, flags: number) => {
      if ((flags & OpenFlag.DIRECTORY) !== 0) return -Errno.EROFS;
      return this.openPath(this.path(at, len), flags | OpenFlag.CREATE);
    },
    remove: (at: number, len: number) => {
      const path = this.path(at, len);
      if (this.isDirectory(path)) return -Errno.EROFS;
      return this.files.delete(path) ? 0 : -Errno.ENOENT;
    },
    rename: (fromAt: number, fromLen: number, toAt: number, toLen: number) => {
      const from = this.path(fromAt, fromLen);
      const contents = this.files.get(from);
      if (contents === undefined) return -Errno.ENOENT;
      this.files.delete(from);
      this.files.set(this.path(toAt, toLen), contents);
      return 0;
    },
    readdir: (fd: number, at: number, len: number) => this.readdir(fd, at, len),
    ctl: (fd: number, at: number, len: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.type !== FileType.DEVICE || decoder.decode(this.copyIn(at, len)) !== "size")
        return -Errno.EINVAL;
      this.copyOut(at, encoder.encode("80 2"));
      return 4;
    },
  };

  private get user(): UserMemory {
    if (this.memory === undefined) throw new Error("FakeKernel has no memory");
    return this.memory;
  }

  private copyIn(at: number, len: number): Uint8Array {
    return this.user.read(at >>> 0, len);
  }

  private copyOut(at: number, bytes: Uint8Array): void {
    this.user.write(at >>> 0, bytes);
  }

  private path(at: number, len: number): string {
    const text = decoder.decode(this.copyIn(at, len));
    if (!text.startsWith("/")) throw new Error(`the library passed a relative path: ${text}`);
    return text;
  }

  private contents(path: string): Uint8Array {
    return this.files.get(path) ?? new Uint8Array(0);
  }

  private isDirectory(path: string): boolean {
    if (path === "/") return true;
    return [...this.files.keys()].some((file) => file.startsWith(`${path}/`));
  }

  private names(path: string): string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    const names = [...this.files.keys()].filter((file) => file.startsWith(prefix));
    return [...new Set(names.map((file) => file.slice(prefix.length).split("/")[0] ?? ""))];
  }

  private openPath(path: string, flags: number): number {
    const directory = this.isDirectory(path);
    const writes = (flags & OpenFlag.ACCESS) !== OpenFlag.READ;
    if (directory && writes) return -Errno.EISDIR;
    if (!directory && (flags & OpenFlag.DIRECTORY) !== 0 && this.files.has(path))
      return -Errno.ENOTDIR;
    if (!directory && !this.files.has(path)) {
      if ((flags & OpenFlag.CREATE) === 0) return -Errno.ENOENT;
      this.files.set(path, new Uint8Array(0));
    } else if ((flags & OpenFlag.CREATE) !== 0 && (flags & OpenFlag.EXCLUSIVE) !== 0) {
      return -Errno.EEXIST;
    }
    if ((flags & OpenFlag.TRUNCATE) !== 0) this.files.set(path, new Uint8Array(0));
    const fd = this.freeFd();
    this.open.set(fd, {
      type: directory ? FileType.DIRECTORY : FileType.FILE,
      path,
      flags,
      position: 0,
      stream: -1,
    });
    return fd;
  }

  private freeFd(): number {
    let fd = 3;
    while (this.open.has(fd)) fd++;
    return fd;
  }

  private readAt(path: string, at: number, len: number, position: number): number {
    const part = this.contents(path).subarray(position, position + len);
    this.copyOut(at, part);
    return part.length;
  }

  private writeAt(path: string, at: number, len: number, position: number): void {
    const old = this.contents(path);
    const next = new Uint8Array(Math.max(old.length, position + len));
    next.set(old);
    next.set(this.copyIn(at, len), position);
    this.files.set(path, next);
  }

  /** A line at a time, as a console gives it. */
  private readInput(at: number, len: number): number {
    const rest = this.input.subarray(this.inputAt);
    const newline = rest.indexOf(10);
    const part = rest.subarray(0, Math.min(len, newline < 0 ? rest.length : newline + 1));
    this.copyOut(at, part);
    this.inputAt += part.length;
    return part.length;
  }

  private writeOutput(stream: number, at: number, len: number): number {
    const chunks = this.output.get(stream) ?? [];
    chunks.push(this.copyIn(at, len));
    this.output.set(stream, chunks);
    return len;
  }

  private statPath(path: string, st: number): number {
    if (this.files.has(path)) {
      const ino = 100 + [...this.files.keys()].indexOf(path);
      return this.writeStat(st, FileType.FILE, this.contents(path).length, ino);
    }
    return this.isDirectory(path) ? this.writeStat(st, FileType.DIRECTORY, 0, 1) : -Errno.ENOENT;
  }

  private writeStat(st: number, type: FileType, size: number, ino: number): number {
    const bytes = new Uint8Array(Stat.BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(Stat.TYPE, type, true);
    view.setUint32(Stat.MODE, 0o644, true);
    view.setBigUint64(Stat.SIZE, BigInt(size), true);
    view.setBigInt64(Stat.MTIME, 1_600_000_000_000_000_000n, true);
    view.setUint32(Stat.INO, ino, true);
    this.copyOut(st, bytes);
    return 0;
  }

  /** Whole records, from record number `position` on. */
  private readdir(fd: number, at: number, len: number): number {
    const file = this.open.get(fd);
    if (file === undefined) return -Errno.EBADF;
    if (file.type !== FileType.DIRECTORY) return -Errno.ENOTDIR;
    let used = 0;
    for (const name of this.names(file.path).slice(file.position)) {
      const text = encoder.encode(name);
      if (used + DirEntry.NAME + text.length > len) break;
      const bytes = new Uint8Array(DirEntry.NAME + text.length);
      const path = file.path === "/" ? `/${name}` : `${file.path}/${name}`;
      bytes[DirEntry.TYPE] = this.files.has(path) ? FileType.FILE : FileType.DIRECTORY;
      bytes[DirEntry.NAME_BYTES] = text.length;
      bytes.set(text, DirEntry.NAME);
      this.copyOut(at + used, bytes);
      used += bytes.length;
      file.position++;
    }
    return used;
  }
}
