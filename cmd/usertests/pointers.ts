// Every system call that takes a pointer, with one that points nowhere: EFAULT, and nothing else happens.

import { Errno } from "../../abi/errno";
import { MapFlag, OpenFlag, Prot } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import {
  close,
  ctl,
  fstat,
  getcwd,
  ipcPair,
  klog,
  mmap,
  open,
  pagequery,
  pipe,
  pread,
  random,
  read,
  readdir,
  spawn,
  stat,
  sysinfo,
  wait,
  write,
} from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import {
  childFds,
  childStart,
  childStatus,
  expectEqual,
  expectErrno,
  expectGood,
  NOWHERE,
  PAGE,
} from "./check";

const path: usize = memory.data(64);

export function badPointers(): void {
  pointersAt(NOWHERE);
  pointersAt(0);
  pointersAt(0xfffffff0);
  pointersAt(0xc0000000);
}

function pointersAt(bad: usize): void {
  const zero = openLiteral("/dev/zero", OpenFlag.READWRITE);
  const file = openLiteral("/bin/usertests", OpenFlag.READ);
  const bin = openLiteral("/bin", OpenFlag.READ | OpenFlag.DIRECTORY);
  expectErrno(read(zero, bad, 8), Errno.EFAULT, "read");
  expectErrno(read(file, bad, 8), Errno.EFAULT, "read of a file");
  expectErrno(pread(file, bad, 8, 0), Errno.EFAULT, "pread");
  expectErrno(open(bad, 8, OpenFlag.READ), Errno.EFAULT, "open");
  expectErrno(stat(bad, 8, path), Errno.EFAULT, "stat, path");
  expectErrno(stat(path, putLiteral(path, "/bin"), bad), Errno.EFAULT, "stat, result");
  expectErrno(fstat(file, bad), Errno.EFAULT, "fstat");
  expectErrno(readdir(bin, bad, 256), Errno.EFAULT, "readdir");
  expectErrno(pipe(bad), Errno.EFAULT, "pipe");
  expectErrno(ipcPair(bad), Errno.EFAULT, "ipc_pair");
  expectErrno(getcwd(bad, 64), Errno.EFAULT, "getcwd");
  expectErrno(random(bad, 8), Errno.EFAULT, "random");
  expectErrno(sysinfo(bad), Errno.EFAULT, "sysinfo");
  expectErrno(pagequery(0, 0, bad), Errno.EFAULT, "pagequery");
  expectErrno(klog(bad, 8), Errno.EFAULT, "klog");
  const console = openLiteral("/dev/console", OpenFlag.READWRITE);
  expectErrno(ctl(console, bad, 4), Errno.EFAULT, "ctl");
  close(console);
  expectErrno(spawn(bad, 8, path, 4, 0, 0), Errno.EFAULT, "spawn, path");
  const n = putLiteral(path, "/bin/true");
  expectErrno(spawn(path, n, bad, 8, 0, 0), Errno.EFAULT, "spawn, argv");
  expectErrno(spawn(path, n, path, n, bad, 1), Errno.EFAULT, "spawn, fdmap");
  // Address 0 as wait's status means that the status is not wanted.
  if (bad == 0) return;
  childFds();
  const pid = childStart("--exit", 0);
  expectErrno(wait(pid, bad), Errno.EFAULT, "wait");
  // A refused wait must leave the child to be waited for.
  expectEqual(childStatus(pid), 0, "the child is still there");
}

/** A buffer of which only the first page exists: a short count or EFAULT, never a stop. */
export function halfGoodPointers(): void {
  const p = mmap(
    0x70000000,
    PAGE,
    Prot.READ | Prot.WRITE,
    MapFlag.PRIVATE | MapFlag.ANONYMOUS,
    -1,
    0,
  );
  expectGood(p, "mmap");
  const zero = openLiteral("/dev/zero", OpenFlag.READ);
  const n = read(zero, p + PAGE - 100, 200);
  if (n != 100) expectErrno(n, Errno.EFAULT, "read across the end");
  const r = mmap(0x71000000, PAGE, Prot.READ, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
  expectErrno(read(zero, r, 8), Errno.EFAULT, "read into a read-only page");
  const sink = openLiteral("/dev/null", OpenFlag.WRITE);
  expectEqual(write(sink, r, 8), 8, "write from a read-only page");
}
