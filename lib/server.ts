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
// Methods return a count, a handle or 0; or -errno, which the client's call returns.

import { Vt } from "../abi/console";
import { Errno } from "../abi/errno";
import { Client, Message, ServerFd, Tag } from "../abi/ipc";
import { Limit } from "../abi/layout";
import { FileType, MapFlag, Prot, Stat } from "../abi/syscall";
import { ipcClient, ipcRecv, ipcReply, isError, mmap } from "./sys";

export class Server {
  /** What map() answers: an address that this server itself has mapped, bytes to add, and what a client may do at most (abi Prot). */
  mapAddress: usize = 0;
  mapOffset: u64 = 0;
  mapRights: i32 = Prot.READ | Prot.WRITE;

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

  /** Fills an abi Stat, which is zeroed. */
  stat(_handle: i32, st: usize): i32 {
    store<u32>(st, FileType.DEVICE, Stat.TYPE);
    store<u32>(st, 0o666, Stat.MODE);
    return 0;
  }

  /** Takes what can be set of an abi Stat: the time of the last change. */
  wstat(_handle: i32, _st: usize): i32 {
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
  answer(at, dispatch(server));
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
    case Tag.T_STAT: {
      memory.fill(body, 0, Stat.BYTES);
      const r = server.stat(handle, body);
      return r < 0 ? r : Stat.BYTES;
    }
    case Tag.T_CTL:
      return server.control(handle, data + 4, length - 4, body);
    case Tag.T_WSTAT:
      return length < 8 + Stat.BYTES ? -Errno.EINVAL : server.wstat(handle, data + 8);
    case Tag.T_TRUNCATE:
      return server.truncate(handle, load<u64>(data, 8));
    case Tag.T_REMOVE:
      return server.remove(data, length);
    case Tag.T_RENAME:
      return server.rename(data + 4, handle, data + 4 + handle, length - 4 - handle);
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
  memory.fill(body, 0, Stat.BYTES);
  const type = server.stat(handle, body) < 0 ? 0 : load<u32>(body, Stat.TYPE);
  store<i32>(body, handle);
  store<i32>(body, server.payloadOf(handle), 4);
  store<u32>(body, type, 8);
  return 12;
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
