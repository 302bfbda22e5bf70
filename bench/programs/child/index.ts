// benchchild: the smallest program that says it is there: one byte on standard output, as its first act.

import "../../../lib/program";
import { exit, write } from "../../../lib/sys";

const byte: usize = memory.data<u8>([0x21]);

export function _start(): void {
  write(1, byte, 1);
  exit(0);
}
