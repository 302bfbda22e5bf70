// Runs a server program (srv/fs, srv/home) in a test: the test is its only client, and for srv/home also its disk.
//
// A session is a generator: each request that it yields is what the server receives next, and the reply comes back from the yield.
// When it is done the power is cut: the program is not told.

import { Errno } from "../../abi/errno.ts";
import { LinkAnswer, Message, Tag } from "../../abi/ipc.ts";
import { DirEntry, FileType, OpenFlag, Stat, SysInfo } from "../../abi/syscall.ts";

const BLOCK = 4096;
const WASM_PAGE = 65536;
const DISK_FD = 9;
const TOTAL_FRAMES = 16384;

export interface FsRequest {
  readonly tag: Tag;
  readonly data: Uint8Array;
}

/** The reply's data, or -errno. */
export type FsReply = Uint8Array | number;

/** R_LINK: the path goes through a symbolic link. */
export interface LinkReply {
  readonly target: string;
  /** Bytes of the path behind the link's name. */
  readonly rest: number;
  readonly isSecond: boolean;
}

export type Session<T> = Generator<FsRequest, T, FsReply | LinkReply>;

export interface FileStat {
  readonly type: number;
  readonly size: number;
  readonly links: number;
  readonly mtime: bigint;
  readonly atime: bigint;
  readonly ctime: bigint;
}

/** What a disk was told to do: a write of whole blocks, or to make everything before durable. */
export type DiskEvent =
  | { readonly type: "write"; readonly block: number; readonly bytes: Uint8Array }
  | { readonly type: "flush" };

export class FakeDisk {
  readonly blocks: number;
  readonly events: DiskEvent[] = [];
  /** Asked before each transfer; false makes it fail. */
  allows: (what: "read" | "write" | "flush") => boolean = () => true;
  readonly #content = new Map<number, Uint8Array>();

  constructor(blocks: number) {
    this.blocks = blocks;
  }

  /** Another disk with the same content and no history. */
  copy(): FakeDisk {
    const other = new FakeDisk(this.blocks);
    for (const [block, bytes] of this.#content) other.#content.set(block, bytes);
    return other;
  }

  apply(event: DiskEvent): void {
    if (event.type === "flush") return;
    for (let at = 0; at < event.bytes.length; at += BLOCK)
      this.#content.set(event.block + at / BLOCK, event.bytes.slice(at, at + BLOCK));
  }

  read(block: number, into: Uint8Array): void {
    for (let at = 0; at < into.length; at += BLOCK) {
      const bytes = this.#content.get(block + at / BLOCK);
      if (bytes === undefined) into.fill(0, at, at + BLOCK);
      else into.set(bytes, at);
    }
  }

  do(event: DiskEvent): void {
    this.events.push(event);
    this.apply(event);
  }
}

class PowerCut extends Error {}

class Exit extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

export interface Outcome<T> {
  /** What the session returned; undefined when the server ended first. */
  readonly value: T | undefined;
  /** The server's exit status, if it ended by itself. */
  readonly status: number | undefined;
  readonly log: string;
}

/** Runs the server until the session is done. `freeFrames` is what it is told about memory. */
export function serveSession<T>(
  program: WebAssembly.Module,
  disk: FakeDisk | undefined,
  session: Session<T>,
  freeFrames: () => number = () => TOTAL_FRAMES,
): Outcome<T> {
  let memory: WebAssembly.Memory | undefined;
  let value: T | undefined;
  let log = "";
  let time = 0n;
  let reply: FsReply | LinkReply | undefined;
  const buffer = (): ArrayBuffer => {
    if (memory === undefined) throw new Error("no memory");
    return memory.buffer;
  };
  const bytes = (at: number, n: number): Uint8Array => new Uint8Array(buffer(), at >>> 0, n);
  const view = (): DataView => new DataView(buffer());
  const withDisk = (fd: number, work: (disk: FakeDisk) => number): number =>
    fd === DISK_FD && disk !== undefined ? work(disk) : -Errno.EBADF;
  const sys: Record<string, (...args: never[]) => unknown> = {
    exit: (status: number) => {
      throw new Exit(status);
    },
    open: () => (disk === undefined ? -Errno.ENOENT : DISK_FD),
    write: (_fd: number, _at: number, n: number) => n,
    newns: () => 0,
    fstat: (fd: number, at: number) =>
      withDisk(fd, ({ blocks }) => {
        view().setBigUint64(at + Stat.SIZE, BigInt(blocks) * BigInt(BLOCK), true);
        return 0;
      }),
    pread: (fd: number, at: number, n: number, offset: bigint) =>
      withDisk(fd, (from) => {
        if (!from.allows("read")) return -Errno.EIO;
        from.read(Number(offset) / BLOCK, bytes(at, n));
        return n;
      }),
    pwrite: (fd: number, at: number, n: number, offset: bigint) =>
      withDisk(fd, (to) => {
        if (!to.allows("write")) return -Errno.EIO;
        to.do({ type: "write", block: Number(offset) / BLOCK, bytes: bytes(at, n).slice() });
        return n;
      }),
    ctl: (fd: number) =>
      withDisk(fd, (to) => {
        if (!to.allows("flush")) return -Errno.EIO;
        to.do({ type: "flush" });
        return 0;
      }),
    mmap: (_at: number, n: number) => {
      const start = buffer().byteLength;
      memory?.grow(Math.ceil((n >>> 0) / WASM_PAGE));
      return start;
    },
    madvise: (at: number, n: number) => {
      bytes(at, n).fill(0);
      return 0;
    },
    sysinfo: (at: number) => {
      view().setUint32(at + SysInfo.FREE_FRAMES, freeFrames(), true);
      view().setUint32(at + SysInfo.TOTAL_FRAMES, TOTAL_FRAMES, true);
      return 0;
    },
    clock: () => ++time,
    klog: (at: number, n: number) => {
      log += new TextDecoder().decode(bytes(at, n));
      return n;
    },
    ipc_recv: (_fd: number, at: number) => {
      const next = reply === undefined ? session.next() : session.next(reply);
      if (next.done === true) {
        value = next.value;
        throw new PowerCut();
      }
      view().setUint32(at + Message.TAG, next.value.tag, true);
      view().setUint32(at + Message.LENGTH, next.value.data.length, true);
      bytes(at + Message.DATA, next.value.data.length).set(next.value.data);
      return 0;
    },
    ipc_reply: (_fd: number, at: number) => {
      const length = view().getUint32(at + Message.LENGTH, true);
      const data = bytes(at + Message.DATA, length).slice();
      reply = replyOf(view().getUint32(at + Message.TAG, true), data);
      return 0;
    },
  };
  const imports: Record<string, WebAssembly.ImportValue> = {};
  for (const { name } of WebAssembly.Module.imports(program))
    imports[name] = sys[name] ?? (() => -Errno.ENOSYS);
  const instance = new WebAssembly.Instance(program, { sys: imports });
  memory = instance.exports.memory as WebAssembly.Memory;
  try {
    (instance.exports._initialize as () => void)();
    (instance.exports._start as () => void)();
  } catch (error) {
    if (error instanceof Exit) return { value, status: error.status, log };
    if (!(error instanceof PowerCut)) throw error;
  }
  return { value, status: undefined, log };
}

function replyOf(tag: Tag, data: Uint8Array): FsReply | LinkReply {
  if (tag === Tag.R_OK) return data;
  const first = new DataView(data.buffer).getUint32(0, true);
  if (tag === Tag.R_ERROR) return -first;
  if (tag !== Tag.R_LINK) throw new Error(`a reply of tag ${tag}`);
  return {
    target: new TextDecoder().decode(data.subarray(LinkAnswer.TARGET)),
    rest: first % LinkAnswer.SECOND,
    isSecond: first >= LinkAnswer.SECOND,
  };
}

function isLink(reply: FsReply | LinkReply): reply is LinkReply {
  return typeof reply === "object" && "target" in reply;
}

/** Reply without a link: one is -ELOOP here (fs.led tells more). */
function plain(reply: FsReply | LinkReply): FsReply {
  return isLink(reply) ? -Errno.ELOOP : reply;
}

const encoder = new TextEncoder();

function request(tag: Tag, words: readonly (number | bigint)[], tail?: Uint8Array): FsRequest {
  const head = new Uint8Array(
    words.reduce<number>((n, w) => n + (typeof w === "bigint" ? 8 : 4), 0),
  );
  const view = new DataView(head.buffer);
  let at = 0;
  for (const word of words) {
    if (typeof word === "bigint") view.setBigUint64(at, word, true);
    else view.setUint32(at, word, true);
    at += typeof word === "bigint" ? 8 : 4;
  }
  const data = new Uint8Array(head.length + (tail?.length ?? 0));
  data.set(head);
  if (tail) data.set(tail, head.length);
  return { tag, data };
}

/** A request with two texts. */
function pair(tag: Tag, first: string, second: string): FsRequest {
  return request(tag, [encoder.encode(first).length], encoder.encode(first + second));
}

function word(answer: FsReply | LinkReply): number {
  const reply = plain(answer);
  return typeof reply === "number" ? reply : new DataView(reply.buffer).getInt32(0, true);
}

/** Results are a handle, a count or 0; or -errno. */
export const fs = {
  *open(path: string, flags: number = OpenFlag.READWRITE): Session<number> {
    return word(yield request(Tag.T_OPEN, [flags], encoder.encode(path)));
  },
  *create(path: string, flags: number = OpenFlag.READWRITE | OpenFlag.CREATE): Session<number> {
    return word(yield request(Tag.T_CREATE, [flags], encoder.encode(path)));
  },
  *close(handle: number): Session<void> {
    yield request(Tag.T_CLOSE, [handle]);
  },
  *write(handle: number, bytes: Uint8Array, offset: number): Session<number> {
    return word(yield request(Tag.T_WRITE, [handle, bytes.length, BigInt(offset)], bytes));
  },
  *read(handle: number, count: number, offset: number): Session<FsReply> {
    return plain(yield request(Tag.T_READ, [handle, count, BigInt(offset)]));
  },
  *truncate(handle: number, size: number): Session<number> {
    return status(yield request(Tag.T_TRUNCATE, [handle, 0, BigInt(size)]));
  },
  *remove(path: string): Session<number> {
    return status(yield request(Tag.T_REMOVE, [], encoder.encode(path)));
  },
  *rename(from: string, to: string): Session<number> {
    return status(yield pair(Tag.T_RENAME, from, to));
  },
  *symlink(target: string, path: string): Session<number> {
    return status(yield pair(Tag.T_SYMLINK, target, path));
  },
  *link(from: string, to: string): Session<number> {
    return status(yield pair(Tag.T_LINK, from, to));
  },
  /** What the session's first request that ends at a symbolic link is told: that link. Else what the session returns. */
  *led<T>(session: Session<T>): Session<T | LinkReply> {
    let step = session.next();
    while (step.done !== true) {
      const reply = yield step.value;
      if (isLink(reply)) return reply;
      step = session.next(reply);
    }
    return step.value;
  },
  /** A link's target, or -errno. */
  *target(path: string): Session<string | number> {
    const content = yield* fs.content(path, OpenFlag.READ | OpenFlag.NOFOLLOW);
    return typeof content === "number" ? content : new TextDecoder().decode(content);
  },
  /** A request as it is, which may be none that a kernel would send. */
  *raw(tag: Tag, data: Uint8Array): Session<number> {
    return status(yield { tag, data });
  },
  *control(handle: number, text: string): Session<FsReply> {
    return plain(yield request(Tag.T_CTL, [handle], encoder.encode(text)));
  },
  *stat(handle: number): Session<FileStat> {
    const reply = plain(yield request(Tag.T_STAT, [handle]));
    if (typeof reply === "number") throw new Error(`stat: ${reply}`);
    const view = new DataView(reply.buffer);
    return {
      type: view.getUint32(Stat.TYPE, true),
      size: Number(view.getBigUint64(Stat.SIZE, true)),
      links: view.getUint32(Stat.LINKS, true),
      mtime: view.getBigInt64(Stat.MTIME, true),
      atime: view.getBigInt64(Stat.ATIME, true),
      ctime: view.getBigInt64(Stat.CTIME, true),
    };
  },
  /** fs.stat of what the path's last name is itself; or -errno. */
  *lstat(path: string): Session<FileStat | number> {
    const handle = yield* fs.open(path, OpenFlag.READ | OpenFlag.NOFOLLOW);
    if (handle < 0) return handle;
    const st = yield* fs.stat(handle);
    yield* fs.close(handle);
    return st;
  },
  *setTime(handle: number, mtime: bigint, atime?: bigint): Session<number> {
    const st = new Uint8Array(atime === undefined ? Stat.BYTES : Stat.LONG_BYTES);
    const view = new DataView(st.buffer);
    view.setBigInt64(Stat.MTIME, mtime, true);
    if (atime !== undefined) view.setBigInt64(Stat.ATIME, atime, true);
    return status(yield request(Tag.T_WSTAT, [handle, 0], st));
  },
  *mkdir(path: string): Session<number> {
    const handle = yield* fs.create(path, OpenFlag.CREATE | OpenFlag.DIRECTORY);
    if (handle > 0) yield* fs.close(handle);
    return Math.min(handle, 0);
  },
  /** Names in a directory. */
  *list(path: string): Session<string[]> {
    const handle = yield* fs.open(path, OpenFlag.READ);
    if (handle < 0) throw new Error(`${path}: ${handle}`);
    const names: string[] = [];
    for (;;) {
      const records = yield* fs.read(handle, 4096, names.length);
      if (typeof records === "number") throw new Error(`${path}: ${records}`);
      if (records.length === 0) break;
      for (let at = 0; at < records.length; ) {
        const n = records[at + DirEntry.NAME_BYTES] ?? 0;
        const start = at + DirEntry.NAME;
        names.push(new TextDecoder().decode(records.subarray(start, start + n)));
        at = start + n;
      }
    }
    yield* fs.close(handle);
    return names;
  },
  /** A whole file, or -errno. */
  *content(path: string, flags: number = OpenFlag.READ): Session<FsReply> {
    const handle = yield* fs.open(path, flags);
    if (handle < 0) return handle;
    const parts: Uint8Array[] = [];
    for (let size = 0; ; ) {
      const part = yield* fs.read(handle, 4096, size);
      if (typeof part === "number") return part;
      if (part.length === 0) break;
      parts.push(part);
      size += part.length;
    }
    yield* fs.close(handle);
    return Buffer.concat(parts);
  },
  /** Writes a whole file, made or emptied first. */
  *put(path: string, bytes: Uint8Array): Session<number> {
    let handle = yield* fs.open(path, OpenFlag.WRITE | OpenFlag.TRUNCATE);
    if (handle === -Errno.ENOENT) handle = yield* fs.create(path);
    if (handle < 0) return handle;
    for (let at = 0; at < bytes.length; ) {
      const n = yield* fs.write(handle, bytes.subarray(at, at + 4080), at);
      if (n <= 0) {
        yield* fs.close(handle);
        return n;
      }
      at += n;
    }
    yield* fs.close(handle);
    return 0;
  },
  /** Everything there is: path to content, "dir" for a directory, "-> target" for a symbolic link; "2 names of" in front, if a file has as many. */
  *everything(path = ""): Session<Map<string, string>> {
    const all = new Map<string, string>();
    for (const name of yield* fs.list(path)) {
      const full = path === "" ? name : `${path}/${name}`;
      const st = yield* fs.lstat(full);
      if (typeof st === "number") {
        all.set(full, `error ${st}`);
      } else if (st.type === FileType.DIRECTORY) {
        all.set(full, "dir");
        for (const [inner, content] of yield* fs.everything(full)) all.set(inner, content);
      } else if (st.type === FileType.LINK) {
        all.set(full, described(`-> ${yield* fs.target(full)}`, st.links));
      } else {
        const content = yield* fs.content(full);
        const is = typeof content === "number" ? `error ${content}` : digest(content);
        all.set(full, described(is, st.links));
      }
    }
    return all;
  },
};

/** As fs.everything has what is in a file or link with so many names. */
export function described(is: string, names: number): string {
  return names === 1 ? is : `${names} names of ${is}`;
}

/** A short text that differs for different bytes: their number and a sum over all of them. */
export function digest(bytes: Uint8Array): string {
  let sum = 2166136261;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 16777619) >>> 0;
  return `${bytes.length}:${sum.toString(16)}`;
}

function status(answer: FsReply | LinkReply): number {
  const reply = plain(answer);
  return typeof reply === "number" ? reply : 0;
}
