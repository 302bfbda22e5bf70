// Calls about files and descriptors, as programs import them: see calls.ts.
import { Errno } from "../../abi/errno";
import * as file from "../sys/file";
import { again, leave, near } from "./again";
import { callEnter } from "./enter";

export function sys_open(path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysOpen(path, pathBytes, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_create(path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysCreate(path, pathBytes, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_close(fd: i32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysClose(fd);
  while (again(<i32>r));
  return leave(r);
}

export function sys_read(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysRead(fd, buffer, n) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_write(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysWrite(fd, buffer, n) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_pread(fd: i32, buffer: u32, n: u32, offset: i64): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysPread(fd, buffer, n, offset) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_pwrite(fd: i32, buffer: u32, n: u32, offset: i64): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysPwrite(fd, buffer, n, offset) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_seek(fd: i32, offset: i64, whence: i32): i64 {
  callEnter();
  let r: i64;
  do r = file.sysSeek(fd, offset, whence);
  while (again(<i32>r));
  return leave(r);
}

export function sys_stat(path: u32, pathBytes: u32, st: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysStat(path, pathBytes, st);
  while (again(<i32>r));
  return leave(r);
}

export function sys_fstat(fd: i32, st: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysFstat(fd, st);
  while (again(<i32>r));
  return leave(r);
}

export function sys_readdir(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysReaddir(fd, buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ctl(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysCtl(fd, buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_truncate(fd: i32, size: i64): i32 {
  callEnter();
  let r: i32;
  do r = file.sysTruncate(fd, size);
  while (again(<i32>r));
  return leave(r);
}

export function sys_wstat(fd: i32, st: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysWstat(fd, st);
  while (again(<i32>r));
  return leave(r);
}

export function sys_fstatx(fd: i32, st: u32, bytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysFstatx(fd, st, bytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_wstatx(fd: i32, st: u32, bytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysWstatx(fd, st, bytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_symlink(target: u32, targetBytes: u32, path: u32, pathBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysSymlink(target, targetBytes, path, pathBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_link(from: u32, fromBytes: u32, to: u32, toBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysLink(from, fromBytes, to, toBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_remove(path: u32, pathBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysRemove(path, pathBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_rename(from: u32, fromBytes: u32, to: u32, toBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysRename(from, fromBytes, to, toBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_dup(fd: i32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysDup(fd);
  while (again(<i32>r));
  return leave(r);
}

export function sys_dup2(from: i32, to: i32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysDup2(from, to);
  while (again(<i32>r));
  return leave(r);
}

export function sys_pipe(fds: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysPipe(fds);
  while (again(<i32>r));
  return leave(r);
}

export function sys_chdir(path: u32, pathBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysChdir(path, pathBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_getcwd(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysGetcwd(buffer, n);
  while (again(<i32>r));
  return leave(r);
}
