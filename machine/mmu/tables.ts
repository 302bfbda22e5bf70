// Tables: how large they may be. They lie in the engine's heap and not in the machine's memory, and an engine that runs out of heap ends
// the machine with all its programs: so each program gets TABLE_ENTRIES_MAX, and every table a maximum. table.grow past it is -1, as
// the specification allows. An entry or a global that holds an exception counts EXCEPTION_ENTRIES times, for it keeps an object alive.

import type { Asm } from "./asm.ts";
import { UnsupportedModule } from "./errors.ts";
import type { ParsedModule } from "./module.ts";
import { Type } from "./opcodes.ts";

const TABLE_ENTRIES_MAX = 1 << 20;
const EXCEPTION_ENTRIES = 64;

/** Writes the tables of the module, each with the maximum that it gets. Throws UnsupportedModule if they begin too large. */
export function rewriteTables(module: ParsedModule, out: Asm): void {
  const { tables, globals } = module;
  let rest = TABLE_ENTRIES_MAX;
  for (const { type } of globals) if (type === Type.EXNREF) rest -= EXCEPTION_ENTRIES;
  for (const { type, min, start } of tables) {
    rest -= min * entriesFor(type);
    if (rest < 0) {
      throw new UnsupportedModule(
        `unsupported table: the module has tables of more than ${TABLE_ENTRIES_MAX} entries in all`,
        start,
      );
    }
  }
  const share = Math.floor(rest / tables.length);
  out.u32(tables.length);
  for (const { type, min, max } of tables) {
    const limit = min + Math.floor(share / entriesFor(type));
    out.op2(type, 1);
    out.u32(min);
    out.u32(Math.min(max ?? limit, limit));
  }
}

function entriesFor(type: number): number {
  return type === Type.EXNREF ? EXCEPTION_ENTRIES : 1;
}
