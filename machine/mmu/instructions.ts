// Stepping over instructions: where the next one starts, without building anything.
//
// Invariants
//   N1  stepping either ends exactly behind an instruction or throws; what it does not know it refuses by name and offset.

import { UnsupportedModule } from "./errors.ts";
import {
  FORMAT,
  FORMAT_ATOMIC,
  FORMAT_MISC,
  FORMAT_SIMD,
  Format,
  isValueType,
  Op,
  Type,
} from "./opcodes.ts";
import type { Reader } from "./reader.ts";

/** The format of an instruction behind a prefix. Reader is behind the sub-opcode `sub`; `at` is the offset of the prefix. */
export function prefixedFormat(prefix: number, sub: number, at: number): Format {
  const table =
    prefix === Op.PREFIX_MISC
      ? FORMAT_MISC
      : prefix === Op.PREFIX_SIMD
        ? FORMAT_SIMD
        : FORMAT_ATOMIC;
  const format = (table[sub] ?? Format.UNKNOWN) as Format;
  if (format === Format.UNKNOWN) throw unknownOpcode(prefix, sub, at);
  return format;
}

export function unknownOpcode(opcode: number, sub: number, at: number): UnsupportedModule {
  const digits = `0x${opcode.toString(16).padStart(2, "0")}${sub >= 0 ? ` 0x${sub.toString(16).padStart(2, "0")}` : ""}`;
  return new UnsupportedModule(`unsupported opcode ${digits}${featureOf(opcode, sub)}`, at);
}

function featureOf(opcode: number, sub: number): string {
  if (opcode === 0xfb) return " (garbage collection)";
  if (
    opcode === 0x14 ||
    opcode === 0x15 ||
    opcode === 0xd3 ||
    opcode === 0xd4 ||
    opcode === 0xd5 ||
    opcode === 0xd6
  ) {
    return " (typed function references)";
  }
  if (opcode >= 0xe0 && opcode <= 0xe6) return " (stack switching)";
  if (opcode === 0xfc && sub >= 19 && sub <= 22) return " (wide arithmetic)";
  return "";
}

/** Reads a memory argument; returns the alignment exponent. The offset is left in `memargOffset`. */
export function readMemarg(r: Reader): number {
  const at = r.pos;
  const align = r.u32();
  if (align >= 64)
    throw new UnsupportedModule(
      "unsupported memory index in a memory instruction (multiple memories)",
      at,
    );
  memargOffset = r.u32();
  return align;
}

/** The offset that the last readMemarg read. */
export let memargOffset = 0;

/** Reads a memory index, which must be 0. */
export function readMemoryIndex(r: Reader): void {
  const at = r.pos;
  if (r.u32() !== 0)
    throw new UnsupportedModule("unsupported memory index (multiple memories)", at);
}

export function readValueType(r: Reader): number {
  const at = r.pos;
  const type = r.u8();
  if (!isValueType(type)) {
    throw new UnsupportedModule(
      `unsupported value type 0x${type.toString(16)} (typed references or garbage collection)`,
      at,
    );
  }
  return type;
}

/** Reads a block type: a value type, Type.VOID, or -1 for a type index. */
export function readBlockType(r: Reader): number {
  const next = r.peek();
  if (next === Type.VOID || isValueType(next)) {
    r.pos++;
    return next;
  }
  if (next < 0x80 && next >= 0x40)
    throw new UnsupportedModule(`unsupported block type 0x${next.toString(16)}`, r.pos);
  r.skipLeb(5);
  return -1;
}

/** Reads what follows ref.null: only func, extern and exn are known. */
export function readHeapType(r: Reader): void {
  const at = r.pos;
  const type = r.u8();
  if (type !== Type.FUNCREF && type !== Type.EXTERNREF && type !== Type.EXNREF) {
    throw new UnsupportedModule(
      `unsupported heap type 0x${type.toString(16)} (typed references or garbage collection)`,
      at,
    );
  }
}

/** Steps over the immediates of a format that carries nothing to renumber and no memory. */
export function skipImmediates(r: Reader, format: Format): void {
  switch (format) {
    case Format.NONE:
    case Format.ELSE:
    case Format.END:
    case Format.CATCH_ALL:
      return;
    case Format.LABEL:
    case Format.LOCAL:
    case Format.INDEX:
    case Format.CATCH:
    case Format.DELEGATE:
      r.skipLeb(5);
      return;
    case Format.INDEX2:
    case Format.CALL_INDIRECT:
      r.skipLeb(5);
      r.skipLeb(5);
      return;
    case Format.BLOCK:
      readBlockType(r);
      return;
    case Format.BR_TABLE: {
      const labels = r.count();
      for (let i = 0; i <= labels; i++) r.skipLeb(5);
      return;
    }
    case Format.I32:
      r.skipLeb(5);
      return;
    case Format.I64:
      r.skipLeb(10);
      return;
    case Format.F32:
      r.skip(4);
      return;
    case Format.F64:
      r.skip(8);
      return;
    case Format.SELECT_TYPED: {
      const types = r.count();
      for (let i = 0; i < types; i++) readValueType(r);
      return;
    }
    case Format.REF_NULL:
      readHeapType(r);
      return;
    case Format.TRY_TABLE:
      skipTryTable(r);
      return;
    case Format.LANE:
      r.skip(1);
      return;
    case Format.BYTES16:
      r.skip(16);
      return;
    case Format.FENCE:
      r.skip(1);
      return;
    default:
      throw new Error(`format ${format} cannot be skipped`);
  }
}

/** Steps over the immediates of a format that names a memory (isMemoryFormat). */
export function skipMemoryImmediates(r: Reader, format: Format): void {
  switch (format) {
    case Format.MEMARG:
      readMemarg(r);
      return;
    case Format.MEMARG_LANE:
      readMemarg(r);
      r.u8();
      return;
    case Format.MEMORY_INIT:
      r.u32();
      readMemoryIndex(r);
      return;
    case Format.MEMORY_COPY:
      readMemoryIndex(r);
      readMemoryIndex(r);
      return;
    case Format.MEMORY_FILL:
      readMemoryIndex(r);
      return;
    default:
      r.u32();
  }
}

function skipTryTable(r: Reader): void {
  readBlockType(r);
  const catches = r.count();
  for (let i = 0; i < catches; i++) {
    const at = r.pos;
    const kind = r.u8();
    if (kind > 3) throw new UnsupportedModule(`unsupported catch clause ${kind}`, at);
    if (kind < 2) r.skipLeb(5);
    r.skipLeb(5);
  }
}

/** The format of a one-byte opcode at `at`; refuses an unknown one. */
export function formatOf(opcode: number, at: number): Format {
  const format = FORMAT[opcode] as Format;
  if (format === Format.UNKNOWN) throw unknownOpcode(opcode, -1, at);
  return format;
}

/** Formats behind a prefix that name a memory. DATA_DROP is among them: it too is replaced. */
export function isMemoryFormat(format: Format): boolean {
  return (
    format === Format.MEMARG ||
    format === Format.MEMARG_LANE ||
    (format >= Format.MEMORY_INIT && format <= Format.MEMORY_FILL)
  );
}
