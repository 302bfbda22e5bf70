// Deaths of clients and servers whose buffers are out on the disk: a third process sends them out again and again, and keeps memory so short
// that they really go. Whoever is killed may be in the middle of a copy that waits. (Each wait one by one: kernel-as/tests/ipcswap.test.ts.)
//
//   test --- /paged mounted --- server (--paged-serve)     receives into, and answers from, the first half of the shared pages
//     \------------------------ client (--paged-call)      writes from, and reads to, the second half
//      \----------------------- pager (--paged-out N)      N pages more than there is room for

import { Errno } from "../../abi/errno";
import { Message, ServerFd, Tag } from "../../abi/ipc";
import { Advice, MapFlag, MountFlag, OpenFlag, Prot, Signal, SysInfo } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import {
  close,
  grant,
  ipcPair,
  ipcRecv,
  ipcReply,
  isError,
  kill,
  madvise,
  mmap,
  mount,
  nanosleep,
  pread,
  pwrite,
  sysinfo,
  unmount,
} from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import {
  childFd,
  childFdsSame,
  childStart,
  childStatus,
  expect,
  expectGood,
  mapPages,
  PAGE,
} from "./check";
import { everythingBack, hasSwap } from "./swap";

const ROUNDS = 15;
const GRANT_FD = 4;
const SHARED = 4 * PAGE;
const HALF = 2 * PAGE;
const BYTES = 3000;
/** Pages that the pager has beyond what was free. */
const MORE: u32 = 512;
/** Pages that it touches between two looks at the shared ones. */
const STRIDE = 32;

const fds: usize = memory.data(8);
const path: usize = memory.data(16);
const info: usize = memory.data(256, 8);

export function deathsWhilePagesAreOut(): void {
  if (!hasSwap()) return;
  const at = mmap(0, SHARED, Prot.READ | Prot.WRITE, MapFlag.SHARED | MapFlag.ANONYMOUS, -1, 0);
  const shared = expectGood(grant(at, SHARED, Prot.READ | Prot.WRITE), "grant");
  sysinfo(info);
  childFdsSame();
  childFd(GRANT_FD, shared);
  const pager = childStart("--paged-out", load<i32>(info, SysInfo.FREE_FRAMES) + MORE);
  for (let round = 0; round < ROUNDS; round++) {
    expectGood(ipcPair(fds), "ipc_pair");
    expectGood(mount(load<i32>(fds), path, mountPoint(), MountFlag.REPLACE), "mount");
    childFdsSame();
    childFd(GRANT_FD, shared);
    const client = start("--paged-call");
    childFd(ServerFd.CHANNEL, load<i32>(fds, 4));
    const server = start("--paged-serve");
    for (let i = 0; i < 2; i++) close(load<i32>(fds + 4 * i));
    nanosleep(8000000 + (round % 7) * 1100000);
    const clientDies = round % 3 != 0;
    const serverDies = round % 3 != 1;
    if (clientDies) kill(client, Signal.KILL);
    if (serverDies) kill(server, Signal.KILL);
    const seen = childStatus(client);
    expect(seen == 0 ? serverDies : seen == 137 && clientDies, "what the client sees");
    expectGood(unmount(path, mountPoint()), "unmount");
    const ended = childStatus(server);
    expect(ended == 137 ? serverDies : ended == 0 && !serverDies, "the server's end");
  }
  kill(pager, Signal.KILL);
  childStatus(pager);
  close(shared);
  everythingBack();
}

function mountPoint(): i32 {
  return putLiteral(path, "/paged");
}

function start(mode: string): i32 {
  return childStart(mode, 0);
}

function sharedMap(): usize {
  const at = mmap(0, SHARED, Prot.READ | Prot.WRITE, MapFlag.SHARED, GRANT_FD, 0);
  expect(!isError(at), "the shared pages");
  return at;
}

/** The pager's part. */
export function pagedOut(pages: i32): void {
  const at = sharedMap();
  const own = mapPages(pages);
  for (let i = 0; ; i = i + STRIDE < pages ? i + STRIDE : 0) {
    for (let k = i; k < min(i + STRIDE, pages); k++) store<i32>(own + k * PAGE, i);
    madvise(at, SHARED, Advice.PAGEOUT);
  }
}

/** The server's part: what is written is counted, what is read is the letter that was asked for. */
export function pagedServe(): i32 {
  // A message that crosses pages, as its data does.
  const message = sharedMap() + PAGE - 20;
  for (;;) {
    const tag = ipcRecv(ServerFd.CHANNEL, message);
    if (tag < 0) return tag == -Errno.EPIPE ? 0 : 1;
    let n = 4;
    if (tag == Tag.T_READ) {
      n = load<i32>(message, Message.DATA + 4);
      memory.fill(message + Message.DATA, load<u8>(message, Message.DATA + 8), n);
    } else if (tag == Tag.T_WRITE) {
      store<i32>(message, load<i32>(message, Message.LENGTH) - 16, Message.DATA);
    } else store<i32>(message, 7, Message.DATA);
    store<i32>(message, Tag.R_OK);
    store<i32>(message, n, Message.LENGTH);
    if (ipcReply(ServerFd.CHANNEL, message) != 0) return 2;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** The client's part: 0 once the server is gone. */
export function pagedCall(): i32 {
  const at = sharedMap() + HALF + PAGE - BYTES / 2;
  // Its server may not have received anything yet, or be dead already.
  const fd = openLiteral("/paged/f", OpenFlag.READWRITE);
  if (fd == -Errno.EPIPE) return 0;
  if (fd < 0) return 1;
  for (let letter = 1; ; letter = (letter + 1) & 255) {
    const wrote = pwrite(fd, at, BYTES, 0);
    if (wrote == -Errno.EPIPE) return 0;
    if (wrote != BYTES) return 2;
    const got = pread(fd, at, BYTES, letter);
    if (got == -Errno.EPIPE) return 0;
    if (got != BYTES) return 3;
    for (let i = 0; i < BYTES; i += 4) if (load<u8>(at + i) != <u8>letter) return 4;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}
