// Tests of processes, descriptors, pipes and files.

import { Errno } from "../../abi/errno";
import { Limit } from "../../abi/layout";
import { FileType, OpenFlag, Signal, Stat, Whence } from "../../abi/syscall";
import { openLiteral, readFull } from "../../lib/files";
import {
  close,
  dup2,
  fstat,
  getpid,
  kill,
  nanosleep,
  open,
  pipe,
  pread,
  read,
  readdir,
  seek,
  spawn,
  wait,
  waitpoll,
  write,
} from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import {
  childFd,
  childFds,
  childStart,
  childStatus,
  expect,
  expectEqual,
  expectErrno,
  expectGood,
  waitStatus,
} from "./check";
import { Death } from "./deaths";

const fds: usize = memory.data(8);
const path: usize = memory.data(64);
const buffer: usize = memory.data(65536);
const st: usize = memory.data(32, 8);

export function spawnAndWait(): void {
  childFds();
  expectEqual(childStatus(childStart("--exit", 0)), 0, "status 0");
  childFds();
  expectEqual(childStatus(childStart("--exit", 255)), 255, "status 255");
  childFds();
  const a = childStart("--exit", 3);
  const b = childStart("--exit", 4);
  expectEqual(childStatus(b), 4, "the second first");
  expectEqual(wait(-1, waitStatus), a, "any child");
  expectEqual(load<i32>(waitStatus), 3, "its status");
  expectErrno(wait(-1, waitStatus), Errno.ECHILD, "no child is left");
  expectErrno(wait(getpid(), waitStatus), Errno.ECHILD, "not a child");
  expectErrno(
    spawn(path, putLiteral(path, "/bin/none"), path, 1, 0, 0),
    Errno.ENOENT,
    "no such program",
  );
}

export function killEndsAnything(): void {
  childFds();
  const spinner = childStart("--die", Death.SPIN);
  const writer = childStart("--die", Death.SPIN_MEMORY);
  const sleeper = childStart("--die", Death.SLEEP);
  nanosleep(20000000);
  expectEqual(waitpoll(spinner, waitStatus), 0, "the spinner runs");
  expectEqual(kill(spinner, Signal.KILL), 0, "kill a spinner");
  expectEqual(kill(writer, Signal.TERM), 0, "kill a program that uses memory");
  expectEqual(kill(sleeper, Signal.INT), 0, "kill a sleeper");
  expectEqual(childStatus(spinner), 137, "ended by KILL");
  expectEqual(childStatus(writer), 143, "ended by TERM");
  expectEqual(childStatus(sleeper), 130, "ended by INT");
  expectErrno(kill(9999, Signal.TERM), Errno.ESRCH, "no such process");
}

export function killEndsABlockedReader(): void {
  expectGood(pipe(fds), "pipe");
  childFds();
  childFd(0, load<i32>(fds));
  const reader = childStart("--count", 0);
  nanosleep(10000000);
  expectEqual(kill(reader, Signal.TERM), 0, "kill a reader");
  expectEqual(childStatus(reader), 143, "ended by TERM");
}

export function descriptorsHaveALimit(): void {
  let last = -1;
  let n = 0;
  for (; n <= Limit.FDS; n++) {
    const fd = openLiteral("/dev/null", OpenFlag.READWRITE);
    if (fd < 0) {
      expectErrno(fd, Errno.EMFILE, "one descriptor too many");
      break;
    }
    last = fd;
  }
  expect(n <= Limit.FDS && last == Limit.FDS - 1, "descriptors up to the limit");
  expectEqual(close(last), 0, "close");
  expectErrno(close(last), Errno.EBADF, "closed twice");
  expectErrno(close(-1), Errno.EBADF, "descriptor -1");
  expectErrno(read(1000, buffer, 1), Errno.EBADF, "descriptor 1000");
  expectEqual(openLiteral("/dev/null", OpenFlag.READ), last, "the freed descriptor again");
}

export function pipesCarryBytes(): void {
  expectGood(pipe(fds), "pipe");
  const reader = load<i32>(fds);
  const writer = load<i32>(fds, 4);
  expectEqual(write(writer, path, putLiteral(path, "hello")), 5, "write");
  expectEqual(read(reader, buffer, 3), 3, "a part");
  expectEqual(read(reader, buffer, 100), 2, "the rest");
  expectErrno(write(reader, path, 1), Errno.EBADF, "write to the read end");
  expectErrno(read(writer, path, 1), Errno.EBADF, "read from the write end");
  expectErrno(seek(reader, 0, Whence.SET), Errno.ESPIPE, "seek");
  close(writer);
  expectEqual(read(reader, buffer, 1), 0, "the end, when no writer is left");
  close(reader);
  expectGood(pipe(fds), "pipe");
  close(load<i32>(fds));
  expectErrno(write(load<i32>(fds, 4), path, 1), Errno.EPIPE, "no reader is left");
}

/** 256 KiB through a pipe to a child that counts them. */
export function pipesBlockAndWake(): void {
  expectGood(pipe(fds), "pipe");
  childFds();
  childFd(0, load<i32>(fds));
  const child = childStart("--count", 256);
  close(load<i32>(fds));
  const writer = load<i32>(fds, 4);
  memory.fill(buffer, 0x55, 65536);
  for (let sent = 0; sent < 262144; ) {
    const n = write(writer, buffer, min(65536, 262144 - sent));
    expect(n > 0, "write");
    sent += n;
  }
  close(writer);
  expectEqual(childStatus(child), 0, "the child has counted all");
}

/** The child's part: status 0 when standard input holds exactly `kib` KiB. */
export function countInput(kib: i32): i32 {
  let bytes = 0;
  for (let n = read(0, buffer, 65536); n > 0; n = read(0, buffer, 65536)) bytes += n;
  return bytes == kib * 1024 ? 0 : 1;
}

export function filesOfTheInitrd(): void {
  const fd = openLiteral("/bin/usertests", OpenFlag.READ);
  expectGood(fd, "open");
  expectEqual(readFull(fd, buffer, 4), 4, "read");
  expectEqual(load<u32>(buffer), 0x6d736100, "a WebAssembly module");
  expectEqual(pread(fd, buffer, 3, 1), 3, "pread");
  expectEqual(load<u8>(buffer), 0x61, "at its offset");
  expectEqual(seek(fd, 0, Whence.CURRENT), 4, "pread leaves the position");
  expectGood(fstat(fd, st), "fstat");
  const size = load<i64>(st, Stat.SIZE);
  expectEqual(load<u32>(st, Stat.TYPE), FileType.FILE, "a file");
  expectEqual(seek(fd, 0, Whence.END), size, "its end");
  expectEqual(read(fd, buffer, 10), 0, "nothing at the end");
  expectErrno(seek(fd, -1, Whence.SET), Errno.EINVAL, "a negative position");
  expect(write(fd, buffer, 1) < 0, "not writable");
  expectErrno(openLiteral("/none/of/this", OpenFlag.READ), Errno.ENOENT, "a missing path");
  expectErrno(openLiteral("/none", OpenFlag.READ), Errno.ENOENT, "a missing file");
  expectErrno(open(path, 0, OpenFlag.READ), Errno.ENOENT, "an empty path");
  const bin = openLiteral("/bin", OpenFlag.READ | OpenFlag.DIRECTORY);
  expectGood(bin, "open /bin");
  expect(readdir(bin, buffer, 4096) > 0, "it has entries");
  expectErrno(readdir(fd, buffer, 4096), Errno.ENOTDIR, "readdir of a file");
  expectErrno(read(bin, buffer, 10), Errno.EISDIR, "read of a directory");
}

export function descriptorsCanBeCopied(): void {
  const fd = openLiteral("/bin/usertests", OpenFlag.READ);
  expectEqual(dup2(fd, 20), 20, "dup2");
  expectEqual(read(fd, buffer, 4), 4, "read");
  expectEqual(seek(20, 0, Whence.CURRENT), 4, "the copy shares the position");
  close(fd);
  expectEqual(read(20, buffer, 4), 4, "and outlives the original");
}
