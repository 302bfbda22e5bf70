// Stack pointer: which global is the linker's. Moved when it is recognised by its name only: a wrong guess would break a program.
// A stack that stays where it is reaches down to address 0 in most layouts, so its program gets the first page.

import { Kind, type ParsedModule, SectionId, sectionOf } from "./module.ts";
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

/**
 * Where an unnamed stack in low memory starts, or 0: the initial value of a mutable i32 global that lies in the initial memory, is a
 * multiple of 16, and that some function lowers by a constant, as a prologue does:
 *
 *   global.get G   i32.const n   i32.sub   local.tee/set   global.set G
 */
export function findLowStack(module: ParsedModule): number {
  const memoryBytes = (module.memory?.minPages ?? 0) * 0x10000;
  for (const [i, global] of module.globals.entries()) {
    if (!global.mutable || global.type !== Type.I32) continue;
    const r = new Reader(module.bytes, global.start + 2, global.end);
    if (r.u8() !== Op.I32_CONST) continue;
    const top = r.s32();
    if (top <= 0 || top > memoryBytes || top % 16 !== 0) continue;
    if (isLowered(module, module.importedGlobals + i)) return top;
  }
  return 0;
}

/** Looks for the prologue's bytes; in data of other instructions they would be a coincidence that costs nothing but a mapped page. */
function isLowered(module: ParsedModule, index: number): boolean {
  const section = sectionOf(module, SectionId.CODE);
  if (section === undefined || index > 127) return false;
  const { bytes } = module;
  for (let at = section.start; at < section.end - 8; at++) {
    if (bytes[at] !== Op.GLOBAL_GET || bytes[at + 1] !== index || bytes[at + 2] !== Op.I32_CONST)
      continue;
    let end = at + 3;
    while (end < at + 8 && ((bytes[end] ?? 0) & 0x80) !== 0) end++;
    if (bytes[end + 1] === Op.I32_SUB) return true;
  }
  return false;
}
