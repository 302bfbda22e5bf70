// Stack pointer: which global is the linker's. Recognised by its name only: a wrong guess would break a program.

import { Kind, type ParsedModule } from "./module.ts";
import { findGlobalName } from "./names.ts";
import { Op, Type } from "./opcodes.ts";
import { Reader } from "./reader.ts";

const STACK_POINTER = "__stack_pointer";

/** The global index of the linker's stack pointer: defined here, mutable, i32, starting at a constant. -1 if there is none. */
export function findStackPointer(module: ParsedModule): number {
  const exported = module.exports.find(
    ({ name, kind }) => kind === Kind.GLOBAL && name === STACK_POINTER,
  );
  const index = exported?.index ?? findGlobalName(module, STACK_POINTER);
  const global = module.globals[index - module.importedGlobals];
  if (index < 0 || global === undefined || !global.mutable || global.type !== Type.I32) return -1;
  const r = new Reader(module.bytes, global.start + 2, global.end);
  if (r.u8() !== Op.I32_CONST) return -1;
  r.s32();
  return r.u8() === Op.END ? index : -1;
}
