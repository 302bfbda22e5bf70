// patdev: a server that shows what a device's mmap can do. Mounted at /dev/patdev, which is a file.
//
//   mmap offset 0       shared anonymous memory, write-combining, made by the first mapping with its size; everybody gets the same
//   mmap offset 4096    a list of one range, the local APIC page, uncached: the request's offset becomes 0
//   any other offset    EINVAL
//
//   /srv/patdev &       without a channel on descriptor 3 it makes one and mounts itself
//
// Invariants
//   D1  The first mapping at offset 0 fixes the size; a larger request is refused, also later.

import { Errno } from "../../abi/errno";
import { ServerFd } from "../../abi/ipc";
import { MemType } from "../../abi/pte";
import {
  DeviceMapFlag,
  FileType,
  MapFlag,
  MountFlag,
  Prot,
  SgSegment,
  Stat,
} from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { complain, finish, help } from "../../lib/program";
import { readText, Server, serve } from "../../lib/server";
import {
  close,
  dup2,
  fstat,
  ipcPair,
  isError,
  mcache,
  mmap,
  mmapSg,
  mount,
  munmap,
} from "../../lib/sys";
import { bytesAre, putLiteral } from "../../lib/text";

const PAGE: u64 = 4096;
const APIC: u64 = 0xfee00000;
const HANDLE = 1;
const st: usize = memory.data(32, 8);
const fds: usize = memory.data(8);
const path: usize = memory.data(64);
const segment: usize = memory.data(16, 8);
const status: usize = memory.data(64);

let sharedAt: usize = 0;
let sharedBytes: u64 = 0;
let apicAt: usize = 0;

class PatServer extends Server {
  open(name: usize, bytes: i32, _flags: i32): i32 {
    return bytes == 0 || bytesAre(name, bytes, "status") ? HANDLE : -Errno.ENOENT;
  }

  read(_handle: i32, buffer: usize, count: i32, offset: u64): i32 {
    return readText(
      status,
      putLiteral(status, "patdev: mmap 0 WC memory, 4096 APIC\n"),
      buffer,
      count,
      offset,
    );
  }

  stat(_handle: i32, out: usize): i32 {
    store<u32>(out, FileType.DEVICE, Stat.TYPE);
    store<u32>(out, 0o666, Stat.MODE);
    return 0;
  }

  map(_handle: i32, _prot: i32, offset: u64, length: u64): i32 {
    if (offset == 0) return this.mapShared(length);
    return offset == PAGE ? this.mapApic(length) : -Errno.EINVAL;
  }

  mapShared(length: u64): i32 {
    if (sharedAt == 0) {
      const error = sharedMake(length);
      if (error != 0) return error;
    }
    if (length > sharedBytes) return -Errno.EINVAL;
    this.mapAddress = sharedAt;
    this.mapOffset = 0;
    return 0;
  }

  mapApic(length: u64): i32 {
    if (length > PAGE) return -Errno.EINVAL;
    if (apicAt == 0) {
      store<u64>(segment, APIC, SgSegment.PA);
      store<u64>(segment, PAGE, SgSegment.LENGTH);
      const at = mmapSg(segment, 1, DeviceMapFlag.NOCACHE);
      if (isError(at)) return <i32>at;
      apicAt = at;
    }
    this.mapAddress = apicAt;
    this.mapOffset = 0;
    return 0;
  }
}

/** Shared memory of length bytes, rounded up to pages, whose type is write-combining for everybody who will ever map it. */
function sharedMake(length: u64): i32 {
  if (length == 0 || length > 0x10000000) return -Errno.EINVAL;
  const bytes = (length + PAGE - 1) & ~(PAGE - 1);
  const at = mmap(
    0,
    <usize>bytes,
    Prot.READ | Prot.WRITE,
    MapFlag.SHARED | MapFlag.ANONYMOUS,
    -1,
    0,
  );
  if (isError(at)) return <i32>at;
  const error = mcache(at, <usize>bytes, MemType.WC);
  if (error != 0) {
    munmap(at, <usize>bytes);
    return error;
  }
  sharedAt = at;
  sharedBytes = bytes;
  return 0;
}

export function _start(): void {
  help("patdev: serves /dev/patdev, a device that shows memory types through mmap");
  if (fstat(ServerFd.CHANNEL, st) < 0) mountSelf();
  const end = serve(new PatServer());
  finish(end == -Errno.EPIPE ? 0 : 1);
}

function mountSelf(): void {
  let r = ipcPair(fds);
  if (r >= 0) r = mount(load<i32>(fds), path, putLiteral(path, "/dev/patdev"), MountFlag.REPLACE);
  if (r >= 0) {
    const client = load<i32>(fds);
    const server = load<i32>(fds, 4);
    if (client != ServerFd.CHANNEL) close(client);
    if (server != ServerFd.CHANNEL) {
      r = dup2(server, ServerFd.CHANNEL);
      close(server);
    }
  }
  if (r >= 0) return;
  complain();
  err.text("/dev/patdev: ").text(errnoText(r)).newline();
  finish(1);
}
