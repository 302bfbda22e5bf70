// assert(): asc calls this when one fails (--use abort=).

import { Panic, panic } from "../lib/panic";

export function assertFailed(message: usize, file: usize, line: u32, column: u32): void {
  panic(Panic.ASSERT, line);
}
