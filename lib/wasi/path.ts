// Paths: a WASI path (relative to a directory descriptor) as the absolute path that the kernel takes.
//
// Names are resolved by their text: "." and empty names vanish, ".." takes the last name away and stays at the root. The kernel follows
// symbolic links, and takes ".." in them by its text too. It never sees a "/" at the end of a path: pathIsDirectory() tells that it was there.
//
// C libraries strip the leading "/" and hand both "/etc/motd" and "etc/motd" to us relative to a preopened directory: recent ones to the
// last whose name fits, older ones only to one named "." when the path was relative. So there are two, "/" and ".", which mean the same,
// and so that a program can also be given names in the directory it was started in, a path P relative to either is
//   /P      if that exists
//   CWD/P   otherwise, if that exists, or if P is one name, or if the first name of P does not exist in the root
//   /P      otherwise (something to create in a directory that exists)

import { OpenFlag } from "../../abi/syscall";
import { close, getcwd, open, stat } from "../sys";
import { WasiErrno, WasiFileType } from "./preview1";
import { FdKind, FdRecord, fdPath, fdRecord, PATH_CAPACITY } from "./table";

const RESULT = memory.data(1024, 16);
const CWD = memory.data(1024, 16);
const STAT = memory.data(32, 8);
const RESULT_BYTES = memory.data(8, 8);
const IS_DIRECTORY = memory.data(8, 8);

const SLASH: u8 = 0x2f;
const DOT: u8 = 0x2e;

/** Resolves a path; pathText, pathBytes and pathIsDirectory then give the result, until the next. A WASI errno. */
export function pathResolve(dirfd: i32, path: usize, len: u32): i32 {
  const record = fdRecord(dirfd);
  if (record == 0) return WasiErrno.BADF;
  if (load<u8>(record, FdRecord.TYPE) != WasiFileType.DIRECTORY) return WasiErrno.NOTDIR;
  if (len == 0) return WasiErrno.NOENT;
  store<u32>(IS_DIRECTORY, endsAsDirectory(path, len) ? 1 : 0);
  if (load<u8>(path) == SLASH) return join(0, 0, path, len);
  const base = fdPath(record);
  const baseBytes = load<u32>(record, FdRecord.PATH_BYTES);
  const failed = join(base, baseBytes, path, len);
  if (failed || load<u8>(record, FdRecord.KIND) != FdKind.ROOT) return failed;
  return preferCwd(path, len);
}

export function pathText(): usize {
  return RESULT;
}

/** At least 1: the root is "/". */
export function pathBytes(): u32 {
  return load<u32>(RESULT_BYTES);
}

/** The path ended in "/", "." or "..": it names a directory or nothing, and a symbolic link as its last name is followed. */
export function pathIsDirectory(): bool {
  return load<u32>(IS_DIRECTORY) != 0;
}

/** The current directory in a buffer of its own; `cwdBytes` long. 0 where the kernel gives none. */
export function cwdRead(): u32 {
  const n = getcwd(CWD, PATH_CAPACITY);
  if (n <= 0) return 0;
  let bytes = <u32>n;
  if (load<u8>(CWD + bytes - 1) == 0) bytes--;
  return bytes;
}

export function cwdText(): usize {
  return CWD;
}

/** The result is /P. Replaces it by CWD/P where the rule above says so. */
function preferCwd(path: usize, len: u32): i32 {
  const cwdBytes = cwdRead();
  if (cwdBytes <= 1) return WasiErrno.SUCCESS;
  if (exists()) return WasiErrno.SUCCESS;
  let name: u32 = 0;
  while (name < len && load<u8>(path + name) != SLASH) name++;
  if (name < len) {
    // Several names. They stay below the root if the first one is there, unless the whole path is below the current directory.
    const failed = join(0, 0, path, name);
    if (failed) return failed;
    const below = exists();
    const joined = join(CWD, cwdBytes, path, len);
    if (joined || !below || exists()) return joined;
    return join(0, 0, path, len);
  }
  return join(CWD, cwdBytes, path, len);
}

/** A symbolic link to nothing exists too. */
function exists(): bool {
  if (stat(RESULT, pathBytes(), STAT) >= 0) return true;
  const kfd = open(RESULT, pathBytes(), OpenFlag.READ | OpenFlag.NOFOLLOW);
  return kfd >= 0 && close(kfd) >= 0;
}

function endsAsDirectory(path: usize, len: u32): bool {
  let at = len;
  while (at > 0 && load<u8>(path + at - 1) != SLASH) at--;
  return at == len || isDot(path + at, len - at) || isDotDot(path + at, len - at);
}

function isDot(name: usize, bytes: u32): bool {
  return bytes == 1 && load<u8>(name) == DOT;
}

function isDotDot(name: usize, bytes: u32): bool {
  return bytes == 2 && load<u8>(name) == DOT && load<u8>(name, 1) == DOT;
}

/** base + "/" + path, normalised, as the result. `base` may hold "/" at its end. */
function join(base: usize, baseBytes: u32, path: usize, len: u32): i32 {
  const out = RESULT;
  let bytes: u32 = 0;
  if (baseBytes > 1) {
    memory.copy(out, base, baseBytes);
    bytes = baseBytes;
    if (load<u8>(out + bytes - 1) == SLASH) bytes--;
  }
  let at: u32 = 0;
  while (at < len) {
    let end = at;
    while (end < len && load<u8>(path + end) != SLASH) end++;
    const name = path + at;
    const nameBytes = end - at;
    at = end + 1;
    if (nameBytes == 0 || isDot(name, nameBytes)) continue;
    if (isDotDot(name, nameBytes)) {
      while (bytes > 0 && load<u8>(out + --bytes) != SLASH) {}
      continue;
    }
    if (bytes + 1 + nameBytes > PATH_CAPACITY) return WasiErrno.NAMETOOLONG;
    store<u8>(out + bytes, SLASH);
    memory.copy(out + bytes + 1, name, nameBytes);
    bytes += 1 + nameBytes;
  }
  if (bytes == 0) {
    store<u8>(out, SLASH);
    bytes = 1;
  }
  store<u32>(RESULT_BYTES, bytes);
  return WasiErrno.SUCCESS;
}
