// Tests of files that programs make (srv/fs), and of the disk's own files.

import { Errno } from "../../abi/errno";
import { DirEntry, FileType, OpenFlag, Stat, Whence } from "../../abi/syscall";
import { ctlText } from "../../lib/ctl";
import { openLiteral } from "../../lib/files";
import {
  close,
  create,
  fstat,
  fstatx,
  link,
  open,
  pread,
  pwrite,
  read,
  readdir,
  remove,
  rename,
  seek,
  setuid,
  stat,
  symlink,
  truncate,
  write,
  wstat,
  wstatx,
} from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import { expect, expectEqual, expectErrno, expectGood } from "./check";

const BLOCK: i32 = 4096;
/** A block between the partition table and the first partition, which nobody uses. */
const SPARE: i64 = 200 * 4096;
const READWRITE = OpenFlag.READWRITE | OpenFlag.CREATE;

const path: usize = memory.data(256);
const second: usize = memory.data(256);
const buffer: usize = memory.data(16384, 8);
const back: usize = memory.data(16384, 8);
const st: usize = memory.data(48, 8);

function made(name: string, flags: i32): i32 {
  return create(path, putLiteral(path, name), flags);
}

function removed(name: string): i32 {
  return remove(path, putLiteral(path, name));
}

function renamed(from: string, to: string): i32 {
  return rename(path, putLiteral(path, from), second, putLiteral(second, to));
}

function closed(fd: i32): void {
  expectEqual(close(expectGood(fd, "made")), 0, "close");
}

export function filesAnywhere(): void {
  closed(made("/tmp/ut", OpenFlag.DIRECTORY | OpenFlag.EXCLUSIVE));
  expectErrno(made("/tmp/ut", OpenFlag.DIRECTORY | OpenFlag.EXCLUSIVE), Errno.EEXIST, "again");
  expectErrno(
    made("/tmp/ut", READWRITE | OpenFlag.EXCLUSIVE),
    Errno.EEXIST,
    "not as a file either",
  );
  expectErrno(made("/tmp/none/x", READWRITE), Errno.ENOENT, "in no directory");
  expectErrno(made("/proc/x", READWRITE), Errno.EROFS, "in /proc");
  const fd = expectGood(made("/tmp/ut/f", READWRITE), "a file");
  for (let i = 0; i < 16384; i++) store<u8>(buffer + i, <u8>(i * 7 + (i >> 8)));
  expectEqual(write(fd, buffer, 16384), 16384, "a write of several messages");
  expectEqual(pwrite(fd, buffer, 100, 1000000), 100, "far behind the end");
  expectEqual(pread(fd, back, 16384, 0), 16384, "a read");
  expectEqual(memory.compare(buffer, back, 16384), 0, "what was written");
  expectEqual(pread(fd, back, 100, 500000), 100, "a hole");
  for (let i = 0; i < 100; i++) expect(load<u8>(back + i) == 0, "zeros");
  expectEqual(seek(fd, 0, Whence.END), 1000100, "its size");
  expectEqual(truncate(fd, 5), 0, "truncate");
  expectEqual(pread(fd, back, 100, 0), 5, "what is left");
  store<i64>(st, 1234567, Stat.MTIME);
  expectEqual(wstat(fd, st), 0, "a time is set");
  expectEqual(fstat(fd, st), 0, "fstat");
  expectEqual(load<i64>(st, Stat.MTIME), 1234567, "the time");
  expectEqual(load<u32>(st), FileType.FILE, "its type");
  expectErrno(removed("/tmp/ut"), Errno.ENOTEMPTY, "a directory that is not empty");
  const anew = READWRITE | OpenFlag.EXCLUSIVE | OpenFlag.TRUNCATE;
  expectErrno(made("/tmp/ut/f", anew), Errno.EEXIST, "a file that is there");
  expectEqual(pread(fd, back, 100, 0), 5, "is not emptied");
  expectErrno(readdir(fd, back, 512), Errno.ENOTDIR, "it is no directory");
  expectEqual(renamed("/tmp/ut/f", "/tmp/ut/g"), 0, "rename");
  expectErrno(renamed("/tmp/ut/g", "/bin/sh"), Errno.EXDEV, "to where the initrd's would hide it");
  expectErrno(renamed("/tmp/ut/g", "/tmp/ut/g/x"), Errno.ENOTDIR, "into itself, which is a file");
  expectErrno(renamed("/tmp/ut/f", "/tmp/ut/h"), Errno.ENOENT, "a name that has gone");
  expectErrno(renamed("/tmp/ut", "/tmp/ut/inside"), Errno.EINVAL, "into itself");
  const directory = expectGood(openLiteral("/tmp/ut", OpenFlag.READ), "the directory");
  expectErrno(read(directory, back, 512), Errno.EISDIR, "read of a directory");
  expectErrno(readdir(directory, back, DirEntry.NAME), Errno.EINVAL, "no room for a name");
  expectEqual(readdir(directory, back, DirEntry.NAME + 1), DirEntry.NAME + 1, "one name");
  expectEqual(load<u8>(back, DirEntry.NAME), 0x67, "g");
  expectEqual(readdir(directory, back, 0), 0, "the end");
  close(directory);
  expectEqual(removed("/tmp/ut/g"), 0, "remove");
  expectEqual(pread(fd, back, 5, 0), 5, "an open file outlives its name");
  close(fd);
  expectEqual(removed("/tmp/ut"), 0, "the empty directory");
  expectErrno(stat(path, putLiteral(path, "/tmp/ut"), st), Errno.ENOENT, "it is gone");
  closed(made("/bin/ut", READWRITE)); // beside what the initrd has
  expectEqual(removed("/bin/ut"), 0, "remove there");
  expectErrno(removed("/bin/sh"), Errno.EROFS, "what the initrd has stays");
}

/** Makes a symbolic link; 0 or -errno. */
function linked(target: string, at: string): i32 {
  return symlink(second, putLiteral(second, target), path, putLiteral(path, at));
}

function named(from: string, to: string): i32 {
  return link(second, putLiteral(second, from), path, putLiteral(path, to));
}

export function linksLeadElsewhere(): void {
  closed(made("/tmp/ut", OpenFlag.DIRECTORY));
  expectEqual(linked("../ut/f", "/tmp/ut/l"), 0, "a link to what is not there");
  expectErrno(openLiteral("/tmp/ut/l", OpenFlag.READ), Errno.ENOENT, "leads nowhere");
  expectErrno(linked("x", "/tmp/ut/l"), Errno.EEXIST, "another of that name");
  expectErrno(linked("", "/tmp/ut/m"), Errno.ENOENT, "to nothing");
  closed(made("/tmp/ut/l", READWRITE));
  const fd = expectGood(openLiteral("/tmp/ut/f", OpenFlag.READWRITE), "made through the link");
  const own = openLiteral("/tmp/ut/l", OpenFlag.NOFOLLOW);
  expectGood(own, "the link itself");
  expectEqual(fstatx(own, st, Stat.LONG_BYTES), 0, "fstatx");
  expectEqual(load<u32>(st), FileType.LINK, "its type");
  expectEqual(load<u64>(st, Stat.SIZE), 7, "bytes of its target");
  expectEqual(read(own, back, 100), 7, "its target");
  expectEqual(load<u8>(back + 6), 0x66, "ends in f");
  close(own);
  const writes = OpenFlag.NOFOLLOW | OpenFlag.WRITE;
  expectErrno(openLiteral("/tmp/ut/l", writes), Errno.ELOOP, "a link is not written");
  expectEqual(named("/tmp/ut/f", "/tmp/ut/g"), 0, "a second name");
  expectErrno(named("/tmp/ut", "/tmp/ut/d"), Errno.EPERM, "of a directory");
  expectErrno(named("/tmp/ut/f", "/tmp/ut/g"), Errno.EEXIST, "that is taken");
  expectErrno(named("/tmp/ut/f", "/home/g"), Errno.EXDEV, "in another file system");
  store<i64>(st, 5, Stat.MTIME);
  store<i64>(st, 3, Stat.ATIME);
  expectEqual(wstatx(fd, st, Stat.LONG_BYTES), 0, "wstatx");
  expectEqual(fstatx(fd, st, Stat.LONG_BYTES), 0, "fstatx");
  expectEqual(load<u32>(st, Stat.LINKS), 2, "names");
  expectEqual(load<i64>(st, Stat.MTIME), 5, "the last change");
  expectEqual(load<i64>(st, Stat.ATIME), 3, "the last access");
  expectErrno(fstatx(fd, st, 33), Errno.EINVAL, "another size");
  close(fd);
  expectEqual(linked("/tmp/ut/ring", "/tmp/ut/ring"), 0, "a link to itself");
  expectErrno(openLiteral("/tmp/ut/ring/x", OpenFlag.READ), Errno.ELOOP, "is followed 40 times");
  expectEqual(linked("/proc/self/..", "/tmp/ut/up"), 0, "into the kernel's names");
  const proc = expectGood(openLiteral("/tmp/ut/up/self/status", OpenFlag.READ), "and on");
  close(proc);
  expectEqual(removed("/tmp/ut/l"), 0, "remove a link");
  expectEqual(removed("/tmp/ut/f"), 0, "and what it led to");
  expectEqual(removed("/tmp/ut/g"), 0, "and its other name");
  expectEqual(removed("/tmp/ut/ring"), 0, "and the ring");
  expectEqual(removed("/tmp/ut/up"), 0, "and the way up");
  expectEqual(removed("/tmp/ut"), 0, "the empty directory");
}

export function blockFiles(): void {
  const fd = openLiteral("/dev/disk", OpenFlag.READWRITE);
  if (fd == -Errno.ENOENT) return; // a machine without a disk
  expectGood(fd, "root opens the disk");
  expectEqual(fstat(fd, st), 0, "fstat");
  expect(load<u64>(st, Stat.SIZE) > 1 << 20, "its size");
  expectEqual(pread(fd, back, 2, 510), 2, "a read of any bytes");
  expectEqual(load<u16>(back), 0xaa55, "the partition table's signature");
  for (let i = 0; i < 2 * BLOCK; i++) store<u8>(buffer + i, <u8>(i * 5 + 3));
  expectErrno(pwrite(fd, buffer, 100, SPARE), Errno.EINVAL, "not a whole block");
  expectErrno(pwrite(fd, buffer, BLOCK, SPARE + 1), Errno.EINVAL, "not at a block");
  expectEqual(pwrite(fd, buffer, 2 * BLOCK, SPARE), 2 * BLOCK, "two blocks");
  expectEqual(ctlText(fd, "sync"), 0, "sync");
  expectErrno(ctlText(fd, "spin"), Errno.EINVAL, "no such control text");
  expectEqual(pread(fd, back, 5000, SPARE + 3), 5000, "across blocks");
  expectEqual(memory.compare(back, buffer + 3, 5000), 0, "what was written");
  const size = load<i64>(st, Stat.SIZE);
  expectEqual(pread(fd, back, 10, size), 0, "the end");
  expectErrno(pwrite(fd, buffer, BLOCK, size), Errno.ENOSPC, "past the end");
  expectErrno(pread(fd, 0xc0000000, BLOCK, 0), Errno.EFAULT, "a bad address");
  expectEqual(read(fd, back, 16), 16, "a read where the file stands");
  close(fd);
  expectEqual(setuid(1000), 0, "setuid");
  expectErrno(open(path, putLiteral(path, "/dev/disk"), OpenFlag.READ), Errno.EACCES, "not root");
}
