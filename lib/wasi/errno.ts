// errnoOf: a system call's result as a WASI errno. The kernel answers -errno with Linux numbers; WASI numbers them in alphabetical order.

import { WasiErrno } from "./preview1";

/** Index: Linux errno. 0 means that WASI has no such error: reported as EIO. Ten to a row, the first row is 0 to 9. */
// biome-ignore format: ten to a row
const FROM_LINUX = memory.data<u8>([
  0, 63, 44, 71, 27, 29, 60, 1, 45, 8, // EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF
  12, 6, 48, 2, 21, 0, 10, 20, 75, 43, // ECHILD EAGAIN ENOMEM EACCES EFAULT - EBUSY EEXIST EXDEV ENODEV
  54, 31, 28, 41, 33, 59, 74, 22, 51, 70, // ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE
  69, 34, 64, 18, 68, 16, 37, 46, 52, 55, // EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY
  32, 0, 49, 24, 0, 0, 0, 0, 0, 0, // ELOOP - ENOMSG EIDRM
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 47, 0, 0, // ENOLINK 67
  0, 65, 36, 0, 9, 61, 0, 0, 0, 0, // EPROTO 71 EMULTIHOP EBADMSG 74 EOVERFLOW 75
  0, 0, 0, 0, 25, 0, 0, 0, 57, 17, // EILSEQ 84 ENOTSOCK 88 EDESTADDRREQ
  35, 67, 50, 66, 0, 58, 0, 5, 3, 4, // EMSGSIZE 90 EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT EOPNOTSUPP 95 EAFNOSUPPORT 97 EADDRINUSE EADDRNOTAVAIL
  38, 40, 39, 13, 15, 42, 30, 53, 0, 0, // ENETDOWN 100 ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN
  73, 14, 0, 23, 7, 26, 72, 0, 0, 0, // ETIMEDOUT 110 ECONNREFUSED EHOSTUNREACH 113 EALREADY EINPROGRESS ESTALE
  0, 0, 19, 0, 0, 11, 0, 0, 0, 0, // EDQUOT 122 ECANCELED 125
  62, 56, 0, 0, // EOWNERDEAD 130 ENOTRECOVERABLE
]);
const FROM_LINUX_COUNT: u32 = 134;

/** `result` of a system call: 0 (success) for one that did not fail. */
export function errnoOf(result: i32): i32 {
  if (result >= 0 || result < -4095) return WasiErrno.SUCCESS;
  const linux = <u32>-result;
  if (linux >= FROM_LINUX_COUNT) return WasiErrno.IO;
  const errno = <i32>load<u8>(FROM_LINUX + linux);
  return errno != 0 ? errno : WasiErrno.IO;
}
