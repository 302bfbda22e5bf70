// Variables that have a value by themselves, as long as nobody sets them: RANDOM, SECONDS, LINENO, PPID, UID, EUID and HOSTNAME.

import { getppid, getuid, random } from "../../lib/sys";
import { bytesAre, putDecimal, putLiteral } from "../../lib/text";
import { now, SECOND } from "../../lib/time";
import { sourceLineNumber } from "./source";

const number: usize = memory.data(4);
const began: i64 = now();

/** Writes the value of a name at `to`, which has room for 64 bytes; its bytes, 0 when the name is none of these. */
export function dynamicValue(name: usize, bytes: i32, to: usize): i32 {
  // All of them are in capitals.
  if (bytes < 3 || bytes > 8 || load<u8>(name) > 0x5a) return 0;
  if (bytesAre(name, bytes, "RANDOM")) {
    random(number, 4);
    return putDecimal(to, load<u32>(number) & 32767);
  }
  if (bytesAre(name, bytes, "SECONDS")) return putDecimal(to, (now() - began) / SECOND);
  if (bytesAre(name, bytes, "LINENO")) return putDecimal(to, sourceLineNumber);
  if (bytesAre(name, bytes, "PPID")) return putDecimal(to, getppid());
  if (bytesAre(name, bytes, "UID") || bytesAre(name, bytes, "EUID"))
    return putDecimal(to, getuid());
  return bytesAre(name, bytes, "HOSTNAME") ? putLiteral(to, "quire") : 0;
}
