// Rights: a file's kind and its rights as ls -l shows them.

import { FileType } from "../abi/syscall";
import { out, Writer } from "./fmt";

/** Writes "drwxr-xr-x". */
export function putRights(type: u32, mode: u32): Writer {
  out.byte(kindOf(type));
  for (let shift = 6; shift >= 0; shift -= 3) {
    const rights = (mode >> shift) & 7;
    out
      .byte(rights & 4 ? 0x72 : 0x2d)
      .byte(rights & 2 ? 0x77 : 0x2d)
      .byte(rights & 1 ? 0x78 : 0x2d);
  }
  return out;
}

function kindOf(type: u32): i32 {
  if (type == FileType.DIRECTORY) return 0x64;
  if (type == FileType.DEVICE) return 0x63;
  if (type == FileType.LINK) return 0x6c;
  return type == FileType.PIPE ? 0x70 : 0x2d;
}
