// Tests of channels, servers and mounts. The server is this program again (`usertests --serve 0`).
//
//   /echo/text  keeps what was written     /echo/page  can be mapped     /echo/never  a read is never answered

import { Errno } from "../../abi/errno";
import { ServerFd } from "../../abi/ipc";
import { MapFlag, MountFlag, OpenFlag, Prot, Signal } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import { readText, Server, serve } from "../../lib/server";
import {
  close,
  ctl,
  ipcPair,
  ipcRecv,
  ipcReply,
  isError,
  kill,
  mmap,
  mount,
  munmap,
  nanosleep,
  pread,
  read,
  unmount,
  write,
} from "../../lib/sys";
import { bytesAre, putLiteral } from "../../lib/text";
import {
  childFd,
  childFds,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  expectGood,
  PAGE,
} from "./check";

const fds: usize = memory.data(8);
const path: usize = memory.data(64);
const buffer: usize = memory.data(16384);
const message: usize = memory.data(4104, 8);

const STORE_BYTES = 8192;
const kept: usize = memory.data(8192);
let keptBytes = 0;

class EchoServer extends Server {
  page: usize = 0;

  open(name: usize, bytes: i32, _flags: i32): i32 {
    if (bytesAre(name, bytes, "text")) return 1;
    if (bytesAre(name, bytes, "page")) return 2;
    return bytesAre(name, bytes, "never") ? 3 : -Errno.ENOENT;
  }

  read(handle: i32, into: usize, count: i32, offset: u64): i32 {
    if (handle == 3) nanosleep(60000000000);
    return readText(kept, keptBytes, into, count, offset);
  }

  write(_handle: i32, bytes: usize, count: i32, offset: u64): i32 {
    if (offset + <u64>count > <u64>STORE_BYTES) return -Errno.ENOSPC;
    memory.copy(kept + <usize>offset, bytes, count);
    keptBytes = max(keptBytes, <i32>offset + count);
    return count;
  }

  control(_handle: i32, text: usize, bytes: i32, answer: usize): i32 {
    for (let i = 0; i < bytes; i++) store<u8>(answer + i, load<u8>(text + bytes - 1 - i));
    return bytes;
  }

  map(handle: i32, _prot: i32, offset: u64, _length: u64): i32 {
    if (handle != 2) return -Errno.ENODEV;
    if (this.page == 0) {
      this.page = mmap(
        0,
        2 * PAGE,
        Prot.READ | Prot.WRITE,
        MapFlag.SHARED | MapFlag.ANONYMOUS,
        -1,
        0,
      );
      store<u32>(this.page, 0x600d);
    }
    this.mapAddress = this.page;
    this.mapOffset = offset;
    return 0;
  }
}

/** The child's part. */
export function echoServe(): i32 {
  return serve(new EchoServer()) == -Errno.EPIPE ? 0 : 1;
}

/** The child's part of serverDeath: a read that is never answered must fail with EPIPE. */
export function blockedRead(): i32 {
  return read(4, buffer, 8) == -Errno.EPIPE ? 0 : 1;
}

/** Starts the server and mounts it at /echo; its pid. */
function echoStart(): i32 {
  expectGood(ipcPair(fds), "ipc_pair");
  childFds();
  childFd(ServerFd.CHANNEL, load<i32>(fds, 4));
  const pid = childStart("--serve", 0);
  close(load<i32>(fds, 4));
  expectGood(mount(load<i32>(fds), path, putLiteral(path, "/echo"), MountFlag.REPLACE), "mount");
  close(load<i32>(fds));
  return pid;
}

export function serversAnswer(): void {
  const pid = echoStart();
  const fd = openLiteral("/echo/text", OpenFlag.READWRITE);
  expectGood(fd, "open");
  expectErrno(
    openLiteral("/echo/other", OpenFlag.READ),
    Errno.ENOENT,
    "a file that it does not have",
  );
  expectEqual(write(fd, path, putLiteral(path, "ping")), 4, "write");
  expectEqual(pread(fd, buffer, 100, 0), 4, "read");
  expect(bytesAre(buffer, 4, "ping"), "the same bytes");
  expectEqual(pread(fd, buffer, 100, 4), 0, "the end");
  for (let i = 0; i < 8192; i++) store<u8>(buffer + i, i * 7);
  const big = openLiteral("/echo/text", OpenFlag.READWRITE);
  expectEqual(write(big, buffer, 8192), 8192, "more than one message");
  memory.fill(buffer, 0, 8192);
  expectEqual(pread(big, buffer, 8192, 0), 8192, "and back");
  for (let i = 0; i < 8192; i++) expect(load<u8>(buffer + i) == ((i * 7) & 255), "in order");
  expectEqual(ctl(fd, path, putLiteral(path, "abc")), 3, "ctl");
  expect(bytesAre(path, 3, "cba"), "its answer");
  expectErrno(
    mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, 0),
    Errno.ENODEV,
    "a file that cannot be mapped",
  );
  close(fd);
  close(big);
  expectGood(unmount(path, putLiteral(path, "/echo")), "unmount");
  expectEqual(childStatus(pid), 0, "the server ends when no client can come");
}

export function serversGrantMappings(): void {
  const pid = echoStart();
  const fd = openLiteral("/echo/page", OpenFlag.READWRITE);
  const p = mmap(0, PAGE, Prot.READ | Prot.WRITE, MapFlag.SHARED, fd, 0);
  expect(!isError(p), "mmap of a server's file");
  expectEqual(load<u32>(p), 0x600d, "what the server has stored");
  store<u32>(p + 8, 77);
  const q = mmap(0, PAGE, Prot.READ, MapFlag.SHARED, fd, 0);
  expect(!isError(q) && q != p, "mapped again");
  expectEqual(load<u32>(q + 8), 77, "the same memory");
  munmap(p, PAGE);
  munmap(q, PAGE);
  close(fd);
  unmount(path, putLiteral(path, "/echo"));
  expectEqual(childStatus(pid), 0, "the server ends");
}

export function serverDeath(): void {
  const pid = echoStart();
  const never = openLiteral("/echo/never", OpenFlag.READ);
  const other = openLiteral("/echo/text", OpenFlag.READ);
  expectGood(never, "open");
  childFds();
  childFd(4, never);
  const blocked = childStart("--blocked", 0);
  nanosleep(20000000);
  expectEqual(kill(pid, Signal.KILL), 0, "kill the server");
  expectEqual(childStatus(pid), 137, "it is dead");
  expectEqual(childStatus(blocked), 0, "a blocked client gets EPIPE");
  expectErrno(read(other, buffer, 8), Errno.EPIPE, "a later call");
  expectErrno(openLiteral("/echo/text", OpenFlag.READ), Errno.EPIPE, "a later open");
  close(never);
  close(other);
  expectGood(unmount(path, putLiteral(path, "/echo")), "unmount");
}

export function channelsHaveRoles(): void {
  expectGood(ipcPair(fds), "ipc_pair");
  const client = load<i32>(fds);
  const server = load<i32>(fds, 4);
  expect(ipcRecv(client, message) < 0, "the client end does not receive");
  expect(ipcReply(client, message) < 0, "the client end does not reply");
  expectErrno(ipcReply(server, message), Errno.EINVAL, "nothing to reply to");
  close(client);
  expectErrno(ipcRecv(server, message), Errno.EPIPE, "no client can come");
}
