// The environment of the programs that the shell starts: its exported variables, and what it got itself at the start.

import {
  environBytes,
  environLoad,
  environSet,
  environStart,
  environStore,
  environText,
} from "../../lib/environ";
import { err } from "../../lib/fmt";
import { bytesIndex, cstrLength } from "../../lib/text";
import {
  environChanged,
  setEnvironChanged,
  VarFlag,
  Variable,
  varAt,
  varExport,
  varMake,
  varSet,
} from "./vars";

const ENTRY_BYTES = 16384;
const entry: usize = memory.data(16384);

/** Every NAME=VALUE that the shell was started with becomes an exported variable. */
export function environmentImport(): void {
  environLoad();
  const end = environText + environBytes;
  for (let p = environText; p < end; p += cstrLength(p) + 1) {
    const n = cstrLength(p);
    const name = bytesIndex(p, n, 0x3d);
    if (name <= 0 || !varSet(p, name, p + name + 1, n - name - 1)) continue;
    const v = varMake(p, name);
    if (v != null) varExport(v);
  }
  setEnvironChanged(false);
}

/** Gives the kernel the exported variables, if they have changed since the last time. Before a program is started. */
export function environmentExport(): void {
  if (!environChanged) return;
  environStart();
  for (let i = 0; ; i++) {
    const v: Variable | null = varAt(i);
    if (v == null) break;
    if ((v.flags & (VarFlag.EXPORTED | VarFlag.SET)) != (VarFlag.EXPORTED | VarFlag.SET)) continue;
    const n = v.nameBytes + 1 + v.valueBytes;
    if (n > ENTRY_BYTES) continue;
    memory.copy(entry, v.name, v.nameBytes);
    store<u8>(entry + v.nameBytes, 0x3d);
    memory.copy(entry + v.nameBytes + 1, v.value, v.valueBytes);
    if (environSet(entry, n)) continue;
    err
      .text("sh: the environment is full: ")
      .bytes(v.name, v.nameBytes)
      .text(" is not in it")
      .newline();
  }
  environStore();
  setEnvironChanged(false);
}
