// Where PATH finds a command. Without PATH it is /bin.

import { FileType, Stat } from "../../abi/syscall";
import { stat } from "../../lib/sys";
import { bytesAre, bytesIndex, putLiteral } from "../../lib/text";
import { parameter, value, valueBytes } from "./vars";

const PATH_BYTES = 1100;
const found: usize = memory.data(1100);
const bin: usize = memory.data(8);
const st: usize = memory.data(32, 8);
const PATH: usize = memory.data<u8>([0x50, 0x41, 0x54, 0x48]);

/** It is in /bin, whose files are all programs. */
export let pathIsBin = false;

/** The path of a command's file, ended by NUL, or 0. A name with a slash is one already. */
export function pathFind(name: usize, bytes: i32): usize {
  pathIsBin = false;
  if (bytesIndex(name, bytes, 0x2f) >= 0) return isFile(name, 0, bytes) ? found : 0;
  parameter(PATH, 4);
  let p = value;
  let end = value + valueBytes;
  if (valueBytes == 0) {
    p = bin;
    end = bin + putLiteral(bin, "/bin");
  }
  while (p < end) {
    const colon = bytesIndex(p, <i32>(end - p), 0x3a);
    const dir = colon < 0 ? <i32>(end - p) : colon;
    pathIsBin = bytesAre(p, dir, "/bin");
    if (dir + bytes + 2 < PATH_BYTES) {
      memory.copy(found, p, dir);
      // An empty part of PATH is the working directory.
      if (dir > 0) store<u8>(found + dir, 0x2f);
      if (isFile(name, dir > 0 ? dir + 1 : 0, bytes)) return found;
    }
    p += dir + 1;
  }
  return 0;
}

function isFile(name: usize, at: i32, bytes: i32): bool {
  if (at + bytes + 1 > PATH_BYTES) return false;
  memory.copy(found + at, name, bytes);
  store<u8>(found + at + bytes, 0);
  if (stat(found, at + bytes, st) < 0) return false;
  return load<u32>(st, Stat.TYPE) != FileType.DIRECTORY;
}
