// FakeKernel: the system calls that the library makes, over files in memory, for tests in plain Node.
//
// The files are in fakeFiles.ts. Descriptors 0, 1 and 2 are the console (or pipes).

import { Errno } from "../../../abi/errno.ts";
import { Limit } from "../../../abi/layout.ts";
import { DirEntry, FileType, OpenFlag, Stat, Whence } from "../../../abi/syscall.ts";
import { FakeFiles, type FakeNode } from "./fakeFiles.ts";

export interface FakeOptions {
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly stdin?: string;
  readonly args?: readonly string[];
  readonly environ?: readonly string[];
  readonly cwd?: string;
  /** The standard descriptors are a console; otherwise pipes. */
  readonly terminal?: boolean;
  /** The server tells no more of a file than a short Stat without LINKS. */
  readonly tellsLess?: boolean;
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
  /** Of a directory. */
  readonly path: string;
  readonly node?: FakeNode;
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
  /** What yield answers: the way to show the library any errno. */
  yieldResult = 0;
  /** Every nanosleep. */
  readonly sleeps: bigint[] = [];
  readonly kills: [number, number][] = [];
  timeNs = 1_700_000_000_000_000_000n;
  private readonly tree: FakeFiles;
  private readonly open = new Map<number, Open>();
  private readonly output = new Map<number, Uint8Array[]>();
  private readonly input: Uint8Array;
  private inputAt = 0;

  constructor(private readonly options: FakeOptions = {}) {
    this.tree = new FakeFiles(options.files ?? {});
    this.input = encoder.encode(options.stdin ?? "");
    const type = options.terminal === true ? FileType.DEVICE : FileType.PIPE;
    for (const fd of [0, 1, 2])
      this.open.set(fd, { type, path: "", flags: 0, position: 0, stream: fd });
  }

  /** What was written to descriptor 1 or 2. */
  text(fd: number): string {
    return decoder.decode(Buffer.concat(this.output.get(fd) ?? []));
  }

  /** What every file holds now, by path. */
  get files(): Map<string, Uint8Array> {
    return this.tree.contents();
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
      if (file === undefined || !mayRead(file)) return -Errno.EBADF;
      if (file.type === FileType.DIRECTORY) return -Errno.EISDIR;
      if (file.node === undefined) return this.readInput(at, len);
      const n = this.readAt(file.node, at, len, file.position);
      file.position += n;
      return n;
    },
    write: (fd: number, at: number, len: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.node === undefined) return this.writeOutput(file.stream, at, len);
      if (!mayWrite(file)) return -Errno.EBADF;
      if ((file.flags & OpenFlag.APPEND) !== 0) file.position = file.node.bytes.length;
      this.writeAt(file.node, at, len, file.position);
      file.position += len;
      return len;
    },
    pread: (fd: number, at: number, len: number, offset: bigint) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.node === undefined) return -Errno.ESPIPE;
      if (file.type === FileType.DIRECTORY) return -Errno.EISDIR;
      return mayRead(file) ? this.readAt(file.node, at, len, Number(offset)) : -Errno.EBADF;
    },
    pwrite: (fd: number, at: number, len: number, offset: bigint) => {
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.node === undefined) return -Errno.ESPIPE;
      if (!mayWrite(file)) return -Errno.EBADF;
      this.writeAt(file.node, at, len, Number(offset));
      return len;
    },
    seek: (fd: number, offset: bigint, whence: number) => {
      const file = this.open.get(fd);
      if (file === undefined) return BigInt(-Errno.EBADF);
      if (file.node === undefined) return BigInt(-Errno.ESPIPE);
      let to = Number(offset);
      if (whence === Whence.CURRENT) to += file.position;
      if (whence === Whence.END) to += file.node.bytes.length;
      if (to < 0) return BigInt(-Errno.EINVAL);
      file.position = to;
      return BigInt(to);
    },
    stat: (at: number, len: number, st: number) => {
      const path = this.tree.resolve(this.path(at, len), true);
      if (typeof path === "number") return path;
      const node = this.tree.get(path);
      return node === undefined ? -Errno.ENOENT : this.writeStat(st, node.type, node, Stat.BYTES);
    },
    fstat: (fd: number, st: number) => this.fstat(fd, st, Stat.BYTES),
    fstatx: (fd: number, st: number, bytes: number) => this.fstat(fd, st, bytes),
    wstatx: (fd: number, st: number, bytes: number) => {
      if (bytes !== Stat.BYTES && bytes !== Stat.LONG_BYTES) return -Errno.EINVAL;
      const file = this.open.get(fd);
      if (file === undefined) return -Errno.EBADF;
      if (file.node === undefined) return -Errno.EPERM;
      const view = new DataView(this.copyIn(st, bytes).buffer);
      file.node.mtime = view.getBigInt64(Stat.MTIME, true);
      if (bytes === Stat.LONG_BYTES) file.node.atime = view.getBigInt64(Stat.ATIME, true);
      return 0;
    },
    truncate: (fd: number, size: bigint) => {
      const file = this.open.get(fd);
      if (file?.node === undefined || !mayWrite(file)) return -Errno.EBADF;
      const next = new Uint8Array(Number(size));
      next.set(file.node.bytes.subarray(0, next.length));
      this.change(file.node, next);
      return 0;
    },
    create: (at: number, len: number, flags: number) =>
      this.openPath(this.path(at, len), flags | OpenFlag.CREATE),
    remove: (at: number, len: number) => {
      const path = this.tree.resolve(this.path(at, len), false);
      return typeof path === "number" ? path : this.tree.remove(path);
    },
    rename: (fromAt: number, fromLen: number, toAt: number, toLen: number) => {
      const from = this.tree.resolve(this.path(fromAt, fromLen), false);
      const to = this.tree.resolve(this.path(toAt, toLen), false);
      if (typeof from === "number") return from;
      return typeof to === "number" ? to : this.tree.rename(from, to);
    },
    symlink: (targetAt: number, targetLen: number, at: number, len: number) => {
      if (targetLen === 0) return -Errno.ENOENT;
      if (targetLen >>> 0 >= Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
      const path = this.tree.resolve(this.path(at, len), false);
      if (typeof path === "number") return path;
      if (this.tree.get(path) !== undefined) return -Errno.EEXIST;
      this.tree.add(path, FileType.LINK, this.copyIn(targetAt, targetLen), this.timeNs);
      return 0;
    },
    link: (fromAt: number, fromLen: number, toAt: number, toLen: number) => {
      const from = this.tree.resolve(this.path(fromAt, fromLen), false);
      const to = this.tree.resolve(this.path(toAt, toLen), false);
      if (typeof from === "number") return from;
      return typeof to === "number" ? to : this.tree.link(from, to);
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

  private openPath(path: string, flags: number): number {
    const making = OpenFlag.CREATE | OpenFlag.EXCLUSIVE;
    const exclusive = (flags & making) === making;
    const found = this.tree.resolve(path, (flags & OpenFlag.NOFOLLOW) === 0 && !exclusive);
    if (typeof found === "number") return found;
    const old = this.tree.get(found);
    if (old === undefined && (flags & OpenFlag.CREATE) === 0) return -Errno.ENOENT;
    if (old !== undefined && exclusive) return -Errno.EEXIST;
    const refused = old === undefined ? 0 : openRefusal(old, flags);
    if (refused !== 0) return refused;
    const type = (flags & OpenFlag.DIRECTORY) !== 0 ? FileType.DIRECTORY : FileType.FILE;
    const node = old ?? this.tree.add(found, type, new Uint8Array(0), this.timeNs);
    if ((flags & OpenFlag.TRUNCATE) !== 0) this.change(node, new Uint8Array(0));
    const fd = this.freeFd();
    this.open.set(fd, { type: node.type, path: found, node, flags, position: 0, stream: -1 });
    return fd;
  }

  private freeFd(): number {
    let fd = 3;
    while (this.open.has(fd)) fd++;
    return fd;
  }

  private readAt(node: FakeNode, at: number, len: number, position: number): number {
    const part = node.bytes.subarray(position, position + len);
    this.copyOut(at, part);
    return part.length;
  }

  private writeAt(node: FakeNode, at: number, len: number, position: number): void {
    const next = new Uint8Array(Math.max(node.bytes.length, position + len));
    next.set(node.bytes);
    next.set(this.copyIn(at, len), position);
    this.change(node, next);
  }

  private change(node: FakeNode, bytes: Uint8Array): void {
    node.bytes = bytes;
    node.mtime = this.timeNs;
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

  private fstat(fd: number, st: number, bytes: number): number {
    const file = this.open.get(fd);
    if (file === undefined) return -Errno.EBADF;
    if (bytes !== Stat.BYTES && bytes !== Stat.LONG_BYTES) return -Errno.EINVAL;
    return this.writeStat(st, file.type, file.node, bytes);
  }

  /** No node: a stream. */
  private writeStat(st: number, type: FileType, node: FakeNode | undefined, size: number): number {
    const bytes = new Uint8Array(Stat.LONG_BYTES);
    const view = new DataView(bytes.buffer);
    const tellsMore = this.options.tellsLess !== true;
    view.setUint32(Stat.TYPE, type, true);
    view.setUint32(Stat.MODE, 0o644, true);
    view.setBigUint64(Stat.SIZE, BigInt(node?.bytes.length ?? 0), true);
    view.setBigInt64(Stat.MTIME, node?.mtime ?? 0n, true);
    view.setUint32(Stat.INO, node?.ino ?? 0, true);
    if (node !== undefined && tellsMore) {
      view.setUint32(Stat.LINKS, node.links, true);
      view.setBigInt64(Stat.ATIME, node.atime, true);
      view.setBigInt64(Stat.CTIME, node.mtime, true);
    }
    this.copyOut(st, bytes.subarray(0, size));
    return 0;
  }

  /** Whole records, from record number `position` on. */
  private readdir(fd: number, at: number, len: number): number {
    const file = this.open.get(fd);
    if (file === undefined) return -Errno.EBADF;
    if (file.type !== FileType.DIRECTORY) return -Errno.ENOTDIR;
    let used = 0;
    for (const name of this.tree.names(file.path).slice(file.position)) {
      const text = encoder.encode(name);
      if (used + DirEntry.NAME + text.length > len) break;
      const bytes = new Uint8Array(DirEntry.NAME + text.length);
      const path = file.path === "/" ? `/${name}` : `${file.path}/${name}`;
      const node = this.tree.get(path);
      new DataView(bytes.buffer).setUint32(DirEntry.INO, node?.ino ?? 0, true);
      bytes[DirEntry.TYPE] = node?.type ?? 0;
      bytes[DirEntry.NAME_BYTES] = text.length;
      bytes.set(text, DirEntry.NAME);
      this.copyOut(at + used, bytes);
      used += bytes.length;
      file.position++;
    }
    return used;
  }
}

function mayRead(file: Open): boolean {
  return (file.flags & OpenFlag.ACCESS) !== OpenFlag.WRITE;
}

function mayWrite(file: Open): boolean {
  return (file.flags & OpenFlag.ACCESS) !== OpenFlag.READ;
}

/** Why what is there cannot be opened so: -errno, or 0. */
function openRefusal(node: FakeNode, flags: number): number {
  const writes = (flags & OpenFlag.ACCESS) !== OpenFlag.READ || (flags & OpenFlag.TRUNCATE) !== 0;
  const isDirectory = node.type === FileType.DIRECTORY;
  if ((flags & OpenFlag.DIRECTORY) !== 0 && !isDirectory) return -Errno.ENOTDIR;
  if (writes && isDirectory) return -Errno.EISDIR;
  return writes && node.type === FileType.LINK ? -Errno.ELOOP : 0;
}
