// Error numbers in words: the sentence a person reads, and the name a programmer reads.

import { Errno } from "../abi/errno";

/** A short sentence, without a full stop. Takes errno or -errno. */
export function errnoText(errno: i32): string {
  switch (errno < 0 ? -errno : errno) {
    case Errno.EPERM:
      return "operation not permitted";
    case Errno.ENOENT:
      return "no such file or directory";
    case Errno.ESRCH:
      return "no such process";
    case Errno.EINTR:
      return "interrupted";
    case Errno.EIO:
      return "input/output error";
    case Errno.ENXIO:
      return "no such device or address";
    case Errno.E2BIG:
      return "argument list too long";
    case Errno.ENOEXEC:
      return "not a program that can run here";
    case Errno.EBADF:
      return "bad file descriptor";
    case Errno.ECHILD:
      return "no child process";
    case Errno.EAGAIN:
      return "try again";
    case Errno.ENOMEM:
      return "out of memory";
    case Errno.EACCES:
      return "permission denied";
    case Errno.EFAULT:
      return "bad address";
    case Errno.EBUSY:
      return "in use";
    case Errno.EEXIST:
      return "already exists";
    case Errno.EXDEV:
      return "not on the same file system";
    case Errno.ENODEV:
      return "no such device";
    case Errno.ENOTDIR:
      return "not a directory";
    case Errno.EISDIR:
      return "is a directory";
    case Errno.EINVAL:
      return "invalid argument";
    case Errno.ENFILE:
      return "too many open files in the system";
    case Errno.EMFILE:
      return "too many open files";
    case Errno.ENOTTY:
      return "not a terminal";
    case Errno.EFBIG:
      return "too large";
    case Errno.ENOSPC:
      return "no space left";
    case Errno.ESPIPE:
      return "cannot seek";
    case Errno.EROFS:
      return "read-only file system";
    case Errno.EMLINK:
      return "too many links";
    case Errno.EPIPE:
      return "the other end is closed";
    case Errno.ERANGE:
      return "out of range";
    case Errno.ENAMETOOLONG:
      return "name too long";
    case Errno.ENOSYS:
      return "not supported by this kernel";
    case Errno.ENOTEMPTY:
      return "directory not empty";
    case Errno.ELOOP:
      return "too many symbolic links";
    case Errno.EOVERFLOW:
      return "value too large";
    case Errno.EMSGSIZE:
      return "message too long";
    case Errno.ETIMEDOUT:
      return "timed out";
  }
  return "unknown error";
}

/** "EINVAL"; "E?" for a number without a name. Takes errno or -errno. */
export function errnoName(errno: i32): string {
  switch (errno < 0 ? -errno : errno) {
    case Errno.EPERM:
      return "EPERM";
    case Errno.ENOENT:
      return "ENOENT";
    case Errno.ESRCH:
      return "ESRCH";
    case Errno.EINTR:
      return "EINTR";
    case Errno.EIO:
      return "EIO";
    case Errno.ENXIO:
      return "ENXIO";
    case Errno.E2BIG:
      return "E2BIG";
    case Errno.ENOEXEC:
      return "ENOEXEC";
    case Errno.EBADF:
      return "EBADF";
    case Errno.ECHILD:
      return "ECHILD";
    case Errno.EAGAIN:
      return "EAGAIN";
    case Errno.ENOMEM:
      return "ENOMEM";
    case Errno.EACCES:
      return "EACCES";
    case Errno.EFAULT:
      return "EFAULT";
    case Errno.EBUSY:
      return "EBUSY";
    case Errno.EEXIST:
      return "EEXIST";
    case Errno.EXDEV:
      return "EXDEV";
    case Errno.ENODEV:
      return "ENODEV";
    case Errno.ENOTDIR:
      return "ENOTDIR";
    case Errno.EISDIR:
      return "EISDIR";
    case Errno.EINVAL:
      return "EINVAL";
    case Errno.ENFILE:
      return "ENFILE";
    case Errno.EMFILE:
      return "EMFILE";
    case Errno.ENOTTY:
      return "ENOTTY";
    case Errno.EFBIG:
      return "EFBIG";
    case Errno.ENOSPC:
      return "ENOSPC";
    case Errno.ESPIPE:
      return "ESPIPE";
    case Errno.EROFS:
      return "EROFS";
    case Errno.EMLINK:
      return "EMLINK";
    case Errno.EPIPE:
      return "EPIPE";
    case Errno.ERANGE:
      return "ERANGE";
    case Errno.ENAMETOOLONG:
      return "ENAMETOOLONG";
    case Errno.ENOSYS:
      return "ENOSYS";
    case Errno.ENOTEMPTY:
      return "ENOTEMPTY";
    case Errno.ELOOP:
      return "ELOOP";
    case Errno.EOVERFLOW:
      return "EOVERFLOW";
    case Errno.EMSGSIZE:
      return "EMSGSIZE";
    case Errno.ETIMEDOUT:
      return "ETIMEDOUT";
  }
  return "E?";
}
