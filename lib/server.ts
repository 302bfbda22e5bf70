// A server: extend Server, override what its files can do, and call serve(). The loop receives on fd 3, dispatches by tag and replies.
//
//   class Hello extends Server {
//     open(path: usize, bytes: i32, flags: i32): i32 { return bytesAre(path, bytes, "hello") ? 1 : -Errno.ENOENT; }
//     read(handle: i32, buffer: usize, count: i32, offset: u64): i32 { return readText(TEXT, TEXT_BYTES, buffer, count, offset); }
//   }
//   export function _start(): void { serve(new Hello()); }
//
// Invariants
//   S1  A handle that open() returns is > 0; close() is called exactly once for it.
//   S2  Every request gets exactly one reply.
//
// Methods return a count, a handle or 0; or -errno, which the client's call returns. A server with symbolic links does not follow them: where
// the path of open, create, remove, rename, symlink or link goes through one, it sets linkTarget, linkBytes and linkRest and returns
// -ELOOP. The kernel then asks anew, with the target in place (abi ipc.ts, R_LINK).

import { Vt } from "../abi/console";
import { Errno } from "../abi/errno";
import { Client, LinkAnswer, Message, ServerFd, Tag } from "../abi/ipc";
import { Limit } from "../abi/layout";
import { FileType, MapFlag, Prot, Stat } from "../abi/syscall";
import { ipcClient, ipcRecv, ipcReply, isError, mmap } from "./sys";

export class Server {
  /** What map() answers: an address that this server itself has mapped, bytes to add, and what a client may do at most (abi Prot). */
  mapAddress: usize = 0;
  mapOffset: u64 = 0;
  mapRights: i32 = Prot.READ | Prot.WRITE;

  /** With -ELOOP as a result: the target that the link on the way has, 1 to Limit.PATH_BYTES - 1 bytes. 0 bytes: ELOOP is all there is to say. */
  linkTarget: usize = 0;
  linkBytes: i32 = 0;
  /** Bytes of the path behind the link's name, with LinkAnswer.SECOND for the second path. */
  linkRest: u32 = 0;

  /** Most bytes of one read or write: a multiple of 4096 up to Limit.PAYLOAD_BYTES. serve() keeps as many for requests. */
  payload: i32 = Limit.MESSAGE_BYTES;

  /** What the open of this handle offers of it. */
  payloadOf(_handle: i32): i32 {
    return this.payload;
  }

  /** A path relative to the mount point, without a leading "/"; empty: the mount point itself. Returns a handle. */
  open(_path: usize, _bytes: i32, _flags: i32): i32 {
    return -Errno.ENOENT;
  }

  /** As open, for a file that is made if it does not exist. */
  create(path: usize, bytes: i32, flags: i32): i32 {
    return this.open(path, bytes, flags);
  }

  close(_handle: i32): void {}

  /** Puts at most `count` bytes at `buffer`. For a directory: whole DirEntry records from record number `offset` on. */
  read(_handle: i32, _buffer: usize, _count: i32, _offset: u64): i32 {
    return -Errno.EACCES;
  }

  /** Returns how many of the bytes it took. */
  write(_handle: i32, _bytes: usize, _count: i32, _offset: u64): i32 {
    return -Errno.EACCES;
  }

  /** Fills an abi Stat of Stat.LONG_BYTES, which is zeroed. An ATIME or CTIME that stays 0 is MTIME. */
  stat(_handle: i32, st: usize): i32 {
    store<u32>(st, FileType.DEVICE, Stat.TYPE);
    store<u32>(st, 0o666, Stat.MODE);
    return 0;
  }

  /** Takes what can be set of an abi Stat of `bytes` bytes: MTIME; with Stat.LONG_BYTES, not Stat.BYTES, ATIME too. */
  wstat(_handle: i32, _st: usize, _bytes: i32): i32 {
    return -Errno.EPERM;
  }

  /** A control text at `text`; the answer goes to `answer`. Returns its bytes. */
  control(_handle: i32, _text: usize, _bytes: i32, _answer: usize): i32 {
    return -Errno.ENOTTY;
  }

  /** Sets mapAddress and mapOffset to what is to be mapped in the client. */
  map(_handle: i32, _prot: i32, _offset: u64, _length: u64): i32 {
    return -Errno.ENODEV;
  }

  /** A line that irqBind() asked for was raised. */
  interrupt(_irq: i32): void {}

  truncate(_handle: i32, _size: u64): i32 {
    return 0;
  }

  remove(_path: usize, _bytes: i32): i32 {
    return -Errno.EPERM;
  }

  rename(_from: usize, _fromBytes: i32, _to: usize, _toBytes: i32): i32 {
    return -Errno.EPERM;
  }

  /** Makes a symbolic link at a path. */
  symlink(_target: usize, _targetBytes: i32, _path: usize, _pathBytes: i32): i32 {
    return -Errno.EPERM;
  }

  /** Another name for a file. */
  link(_from: usize, _fromBytes: i32, _to: usize, _toBytes: i32): i32 {
    return -Errno.EPERM;
  }
}

const reply: usize = memory.data(4104, 8);
/** The request; the bytes of a T_READ are answered from here too, so that there is one large buffer. */
let request: usize = memory.data(4104, 8);
let body: usize = 0;
const client: usize = memory.data(12);

/** Serves until no client can come any more; returns the -errno of ipc_recv then. */
export function serve(server: Server): i32 {
  if (server.payload > Limit.MESSAGE_BYTES) {
    const at = mmap(
      0,
      Message.LARGE_BYTES - Limit.PAYLOAD_BYTES + server.payload,
      Prot.READ | Prot.WRITE,
      MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.PREFAULT_WRITE,
      -1,
      0,
    );
    if (isError(at)) return <i32>at;
    request = at;
  }
  for (;;) {
    const r = ipcRecv(ServerFd.CHANNEL, request);
    if (r == -Errno.EINTR) continue;
    if (r < 0) return r;
    if (r == Tag.T_INTERRUPT) server.interrupt(load<i32>(request, Message.DATA));
    else serveOne(server);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** Performs and answers the request that was just received: for a server with a loop of its own, which receives at serverRequest(). */
export function serveOne(server: Server): void {
  const reads = load<u32>(request) == Tag.T_READ;
  // What a read leaves goes over the request, which has been taken apart by then.
  const at = reads ? request : reply;
  body = at + Message.DATA;
  server.linkBytes = 0;
  const result = dispatch(server);
  if (result == -Errno.ELOOP && server.linkBytes > 0) answerLink(at, server);
  else answer(at, result);
}

/** Where a server with a loop of its own receives (Message.BYTES; its payload must not be set). */
export function serverRequest(): usize {
  return request;
}

/** Uid of the process whose request is being served, -1: it has gone. */
export function clientUid(): i32 {
  return ipcClient(ServerFd.CHANNEL, client) < 0 ? -1 : load<i32>(client, Client.UID);
}

/** Virtual terminal (abi Vt) of that process; the first when it has gone. */
export function clientTerminal(): i32 {
  return ipcClient(ServerFd.CHANNEL, client) < 0 ? Vt.FIRST : load<i32>(client, Client.VT);
}

/** Performs the request; the bytes of the reply, or -errno. */
function dispatch(server: Server): i32 {
  const length: i32 = load<i32>(request, Message.LENGTH);
  const data = request + Message.DATA;
  const handle = load<i32>(data);
  switch (load<u32>(request)) {
    case Tag.T_OPEN:
      return opened(server, server.open(data + 4, length - 4, handle));
    case Tag.T_CREATE:
      return opened(server, server.create(data + 4, length - 4, handle));
    case Tag.T_READ: {
      const count = load<u32>(data, 4);
      const room = count < <u32>server.payload ? <i32>count : server.payload;
      return server.read(handle, body, room, load<u64>(data, 8));
    }
    case Tag.T_WRITE: {
      const n = server.write(handle, data + 16, length - 16, load<u64>(data, 8));
      store<i32>(body, n);
      return n < 0 ? n : 4;
    }
    case Tag.T_CLOSE:
      server.close(handle);
      return 0;
    case Tag.T_STAT:
      return told(server, handle);
    case Tag.T_CTL:
      return server.control(handle, data + 4, length - 4, body);
    case Tag.T_WSTAT:
      return set(server, handle, data + 8, length - 8);
    case Tag.T_TRUNCATE:
      return server.truncate(handle, load<u64>(data, 8));
    case Tag.T_REMOVE:
      return server.remove(data, length);
    case Tag.T_RENAME:
    case Tag.T_SYMLINK:
    case Tag.T_LINK:
      return two(server, data, length);
    case Tag.T_MMAP: {
      const r = server.map(handle, load<i32>(data, 4), load<u64>(data, 8), load<u64>(data, 16));
      if (r < 0) return r;
      store<u32>(body, <u32>server.mapAddress);
      store<u32>(body, server.mapRights, 4);
      store<u64>(body, server.mapOffset, 8);
      return 16;
    }
  }
  return -Errno.ENOSYS;
}

function opened(server: Server, handle: i32): i32 {
  if (handle <= 0) return handle < 0 ? handle : -Errno.EIO; // S1
  memory.fill(body, 0, Stat.LONG_BYTES);
  const type = server.stat(handle, body) < 0 ? 0 : load<u32>(body, Stat.TYPE);
  store<i32>(body, handle);
  store<i32>(body, server.payloadOf(handle), 4);
  store<u32>(body, type, 8);
  return 12;
}

/** Fills the body with the handle's Stat. */
function told(server: Server, handle: i32): i32 {
  memory.fill(body, 0, Stat.LONG_BYTES);
  const r = server.stat(handle, body);
  if (r < 0) return r;
  const changed = load<i64>(body, Stat.MTIME);
  if (load<i64>(body, Stat.ATIME) == 0) store<i64>(body, changed, Stat.ATIME);
  if (load<i64>(body, Stat.CTIME) == 0) store<i64>(body, changed, Stat.CTIME);
  return Stat.LONG_BYTES;
}

function set(server: Server, handle: i32, st: usize, bytes: i32): i32 {
  if (bytes != Stat.BYTES && bytes != Stat.LONG_BYTES) return -Errno.EINVAL;
  return server.wstat(handle, st, bytes);
}

/** A request with two texts: the length of the first, and both. */
function two(server: Server, data: usize, length: i32): i32 {
  const n = load<u32>(data);
  if (length < 4 || n > <u32>(length - 4)) return -Errno.EINVAL;
  const first = data + 4;
  const rest = length - 4 - <i32>n;
  const tag = load<u32>(request);
  if (tag == Tag.T_RENAME) return server.rename(first, n, first + n, rest);
  if (tag == Tag.T_SYMLINK) return server.symlink(first, n, first + n, rest);
  return server.link(first, n, first + n, rest);
}

/** Sends the client on: where a link leads to is for its own name space to say. */
function answerLink(at: usize, server: Server): void {
  store<u32>(at, Tag.R_LINK);
  store<u32>(at, LinkAnswer.TARGET + server.linkBytes, Message.LENGTH);
  store<u32>(at + Message.DATA, server.linkRest, LinkAnswer.REST);
  memory.copy(at + Message.DATA + LinkAnswer.TARGET, server.linkTarget, server.linkBytes);
  ipcReply(ServerFd.CHANNEL, at);
}

function answer(at: usize, result: i32): void {
  store<u32>(at, result < 0 ? Tag.R_ERROR : Tag.R_OK);
  store<u32>(at, result < 0 ? 4 : result, Message.LENGTH);
  if (result < 0) store<u32>(at, -result, Message.DATA);
  ipcReply(ServerFd.CHANNEL, at);
}

/** Copies the part of a text that a read at `offset` asks for; its bytes, 0 past the end. */
export function readText(text: usize, bytes: i32, buffer: usize, count: i32, offset: u64): i32 {
  if (offset >= <u64>bytes) return 0;
  const left = bytes - <i32>offset;
  const n = count < left ? count : left;
  memory.copy(buffer, text + <usize>offset, n);
  return n;
}
