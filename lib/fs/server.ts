// FileServer: a file system as a server. A handle is an inode's number, with APPENDS if what is written goes to the end.
//
// When it is durable: every change of names at once; a file's bytes when it is closed or asked to be (control text "sync"), and whenever
// COMMIT_BLOCKS have been written. Until then the disk holds the tree before: old or new, never a mixture.
//
// Invariants
//   F1  An inode with handles keeps its blocks, named or not.
//   F2  Before each change there is room for the blocks of its tree, or the change is refused: none is left half done for lack of room.

import { Errno } from "../../abi/errno";
import { Limit } from "../../abi/layout";
import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { Server } from "../server";
import { bytesAre, putDecimal, putLiteral } from "../text";
import { cacheDirty } from "./cache";
import { list } from "./directory";
import { readBytes, resize, sizeOf, writeBytes } from "./file";
import { Inode } from "./format";
import { failure, inodeAt, inodeCount, inodeEdit, inodeHandles, inodeIsOpen } from "./inode";
import { linkBytes, linkRead, linkTarget, targetCheck } from "./link";
import { begin, broken, commit, isChanged } from "./mount";
import { spaceBlocks, spaceLater, spaceLeft } from "./space";
import { addName, dispose, linkRest, make, makeLink, move, typeOf, unlink, walk } from "./tree";

/** Changed blocks that are not left waiting for a close: 2 MiB. */
const COMMIT_BLOCKS: u32 = 512;
/** With fewer blocks left than this, what a commit would free is freed first. */
const TIGHT: u32 = 128;
const APPENDS: i32 = 0x10000;

if (<i32>Inode.COUNT > APPENDS) ERROR("a handle's inode runs into its flag");

export class FileServer extends Server {
  private written: u32 = 0;

  constructor() {
    super();
    this.payload = Limit.PAYLOAD_BYTES;
  }

  open(path: usize, bytes: i32, flags: i32): i32 {
    const inode = walk(path, bytes, (flags & OpenFlag.NOFOLLOW) == 0);
    if (inode == -Errno.ELOOP) return this.led(inode);
    if (inode < 0 && bytesAre(path, bytes, "status") && flags == OpenFlag.READ)
      return this.opened(Inode.ROOT, flags); // a server answers this when it is ready
    if (inode < 0) return inode;
    const type = typeOf(inode);
    if (type < 0) return type;
    const writes = (flags & OpenFlag.ACCESS) != OpenFlag.READ || (flags & OpenFlag.TRUNCATE) != 0;
    if (type == FileType.DIRECTORY) return writes ? -Errno.EISDIR : this.opened(inode, 0);
    if ((flags & OpenFlag.DIRECTORY) != 0) return -Errno.ENOTDIR;
    if (type == FileType.LINK) return writes ? -Errno.ELOOP : this.openedLink(inode);
    if (writes && broken) return -Errno.EROFS;
    if ((flags & OpenFlag.TRUNCATE) != 0 && writes) {
      const r = this.cutTo(inode, 0);
      if (r < 0) return r;
    }
    return this.opened(inode, flags);
  }

  create(path: usize, bytes: i32, flags: i32): i32 {
    const isNew = (flags & OpenFlag.EXCLUSIVE) != 0;
    const there = walk(path, bytes, !isNew && (flags & OpenFlag.NOFOLLOW) == 0);
    if (there >= 0) return isNew ? -Errno.EEXIST : this.open(path, bytes, flags);
    if (there != -Errno.ENOENT) return this.led(there);
    const r = this.prepare();
    if (r < 0) return r;
    const type = (flags & OpenFlag.DIRECTORY) != 0 ? FileType.DIRECTORY : FileType.FILE;
    const inode = make(path, bytes, type, 0, 0);
    if (inode < 0) return inode;
    const handle = this.opened(inode, flags);
    const failed = commit();
    if (failed == 0) return handle;
    inodeHandles(inode, -1);
    return failed;
  }

  close(handle: i32): void {
    const inode = inodeOf(handle);
    if (!inodeIsOpen(inode)) return;
    const left = inodeHandles(inode, -1);
    const at = inodeAt(inode);
    if (left == 0 && at != 0 && load<u32>(at, Inode.LINKS) == 0 && begin()) dispose(inode);
    if (isChanged()) commit();
  }

  read(handle: i32, buffer: usize, count: i32, offset: u64): i32 {
    const inode = inodeOf(handle);
    if (!inodeIsOpen(inode)) return -Errno.EBADF;
    const type = typeOf(inode);
    if (type < 0) return type;
    if (type == FileType.DIRECTORY) return list(inode, buffer, count, offset);
    return readBytes(inode, buffer, count, offset);
  }

  write(handle: i32, bytes: usize, count: i32, offset: u64): i32 {
    const inode = inodeOf(handle);
    if (!inodeIsOpen(inode)) return -Errno.EBADF;
    let r = mustBeFile(inode);
    if (r == 0) r = this.prepare();
    if (r < 0) return r;
    const end = sizeOf(inode);
    if (end < 0) return <i32>end;
    const n = writeBytes(inode, bytes, count, (handle & APPENDS) != 0 ? <u64>end : offset);
    this.written += 1 + (count >>> 12);
    if (this.written >= COMMIT_BLOCKS || cacheDirty() >= COMMIT_BLOCKS) {
      const failed = this.settle();
      if (failed < 0) return failed;
    }
    return n;
  }

  stat(handle: i32, st: usize): i32 {
    const inode = inodeOf(handle);
    const at = inodeIsOpen(inode) ? inodeAt(inode) : 0;
    if (at == 0) return -Errno.EBADF;
    const type = load<u32>(at);
    store<u32>(st, type, Stat.TYPE);
    store<u32>(st, load<u32>(at, Inode.MODE), Stat.MODE);
    store<u64>(st, type == FileType.DIRECTORY ? 0 : load<u64>(at, Inode.SIZE), Stat.SIZE);
    store<u64>(st, load<u64>(at, Inode.MTIME), Stat.MTIME);
    store<u32>(st, inode, Stat.INO);
    store<u32>(st, load<u32>(at, Inode.LINKS), Stat.LINKS);
    store<u64>(st, load<u64>(at, Inode.ATIME), Stat.ATIME);
    return 0;
  }

  wstat(handle: i32, st: usize, bytes: i32): i32 {
    const inode = inodeOf(handle);
    if (!inodeIsOpen(inode)) return -Errno.EBADF;
    const r = this.prepare();
    if (r < 0) return r;
    const at = inodeEdit(inode);
    if (at == 0) return failure;
    store<i64>(at, load<i64>(st, Stat.MTIME), Inode.MTIME);
    if (bytes == Stat.LONG_BYTES) store<i64>(at, load<i64>(st, Stat.ATIME), Inode.ATIME);
    return 0;
  }

  /** "sync": everything so far is durable. "space": how much room there is. */
  control(handle: i32, text: usize, bytes: i32, answer: usize): i32 {
    if (!inodeIsOpen(inodeOf(handle))) return -Errno.EBADF;
    // The answer takes the place of the question: blanks make room for it.
    while (bytes > 0 && load<u8>(text + bytes - 1) == 0x20) bytes--;
    if (bytesAre(text, bytes, "sync")) return this.settle();
    if (!bytesAre(text, bytes, "space")) return -Errno.EINVAL;
    let n = putLiteral(answer, "blocks ");
    n += putDecimal(answer + n, spaceBlocks());
    n += putLiteral(answer + n, " free ");
    n += putDecimal(answer + n, spaceLeft() + spaceLater());
    n += putLiteral(answer + n, " files ");
    return n + putDecimal(answer + n, inodeCount());
  }

  truncate(handle: i32, size: u64): i32 {
    const inode = inodeOf(handle);
    return inodeIsOpen(inode) ? this.cutTo(inode, size) : -Errno.EBADF;
  }

  remove(path: usize, bytes: i32): i32 {
    const r = this.prepare();
    return r < 0 ? r : this.done(this.led(unlink(path, bytes)));
  }

  rename(from: usize, fromBytes: i32, to: usize, toBytes: i32): i32 {
    const r = this.prepare();
    return r < 0 ? r : this.done(this.led(move(from, fromBytes, to, toBytes)));
  }

  symlink(target: usize, targetBytes: i32, path: usize, pathBytes: i32): i32 {
    let r = targetCheck(target, targetBytes);
    if (r == 0) r = this.prepare();
    return r < 0 ? r : this.done(this.led(makeLink(target, targetBytes, path, pathBytes)));
  }

  link(from: usize, fromBytes: i32, to: usize, toBytes: i32): i32 {
    const r = this.prepare();
    return r < 0 ? r : this.done(this.led(addName(from, fromBytes, to, toBytes)));
  }

  /** A result of tree.ts: what it says of a link is made ready for the client. */
  private led(result: i32): i32 {
    if (result != -Errno.ELOOP) return result;
    this.linkTarget = linkTarget;
    this.linkBytes = linkBytes;
    this.linkRest = linkRest;
    return result;
  }

  private cutTo(inode: u32, size: u64): i32 {
    let r = mustBeFile(inode);
    if (r == 0) r = this.prepare();
    return r < 0 ? r : resize(inode, size);
  }

  /** A new handle of a link itself. -EIO: it is damaged. */
  private openedLink(inode: u32): i32 {
    const r = linkRead(inode);
    return r < 0 ? r : this.opened(inode, 0);
  }

  /** A new handle of the inode. */
  private opened(inode: i32, flags: i32): i32 {
    inodeHandles(inode, 1);
    return (flags & OpenFlag.APPEND) != 0 ? inode | APPENDS : inode;
  }

  /** F2 */
  private prepare(): i32 {
    if (spaceLeft() < TIGHT && spaceLater() > 0) this.settle();
    return begin() ? 0 : -Errno.EROFS;
  }

  private settle(): i32 {
    this.written = 0;
    return commit();
  }

  private done(result: i32): i32 {
    return result < 0 ? result : this.settle();
  }
}

/** 0; -EISDIR, -EINVAL for a link, or -errno. */
function mustBeFile(inode: u32): i32 {
  const type = typeOf(inode);
  if (type == FileType.FILE) return 0;
  return type < 0 ? type : type == FileType.DIRECTORY ? -Errno.EISDIR : -Errno.EINVAL;
}

function inodeOf(handle: i32): u32 {
  return handle & ~APPENDS;
}
