// Instruction formats: what immediates follow each opcode. The only place that knows the shape of the instruction stream.
//
// Invariants
//   I1  An opcode without a format is unknown: the module is refused. Nothing is guessed.
//   I2  Every instruction that names a memory has one of the formats MEMARG, MEMARG_LANE, MEMORY, MEMORY_INIT, MEMORY_COPY or MEMORY_FILL.

/** The immediates of an instruction. */
export const enum Format {
  UNKNOWN = 0,
  NONE,
  BLOCK, // block type; opens a label
  ELSE,
  CATCH, // tag; legacy
  CATCH_ALL,
  DELEGATE, // label; closes a legacy try
  END,
  LABEL,
  BR_TABLE,
  FUNC,
  CALL_INDIRECT, // type, table
  LOCAL,
  GLOBAL,
  INDEX, // a table, tag, element or data segment, none of which is renumbered
  INDEX2,
  MEMARG,
  MEMORY, // memory.size, memory.grow
  I32,
  I64,
  F32,
  F64,
  SELECT_TYPED,
  REF_NULL,
  TRY_TABLE,
  PREFIX,
  // behind prefixes only
  MEMORY_INIT,
  DATA_DROP,
  MEMORY_COPY,
  MEMORY_FILL,
  LANE,
  BYTES16,
  MEMARG_LANE,
  FENCE,
}

export const enum Op {
  UNREACHABLE = 0x00,
  BLOCK = 0x02,
  LOOP = 0x03,
  IF = 0x04,
  ELSE = 0x05,
  END = 0x0b,
  BR = 0x0c,
  BR_IF = 0x0d,
  RETURN = 0x0f,
  CALL = 0x10,
  DROP = 0x1a,
  SELECT = 0x1b,
  LOCAL_GET = 0x20,
  LOCAL_SET = 0x21,
  LOCAL_TEE = 0x22,
  GLOBAL_GET = 0x23,
  GLOBAL_SET = 0x24,
  I32_LOAD = 0x28,
  I64_STORE32 = 0x3e,
  MEMORY_SIZE = 0x3f,
  MEMORY_GROW = 0x40,
  I32_CONST = 0x41,
  I64_CONST = 0x42,
  I32_EQZ = 0x45,
  I32_LT_U = 0x49,
  I32_GT_U = 0x4b,
  I64_GT_U = 0x56,
  I32_ADD = 0x6a,
  I32_SUB = 0x6b,
  I32_MUL = 0x6c,
  I32_AND = 0x71,
  I32_OR = 0x72,
  I32_SHL = 0x74,
  I32_SHR_U = 0x76,
  I64_ADD = 0x7c,
  I64_SUB = 0x7d,
  I64_MUL = 0x7e,
  I64_SHR_U = 0x88,
  I32_WRAP_I64 = 0xa7,
  I64_EXTEND_I32_U = 0xad,
  I32_REINTERPRET_F32 = 0xbc,
  I64_REINTERPRET_F64 = 0xbd,
  F32_REINTERPRET_I32 = 0xbe,
  F64_REINTERPRET_I64 = 0xbf,
  I32_EXTEND8_S = 0xc0,
  I32_EXTEND16_S = 0xc1,
  I64_EXTEND8_S = 0xc2,
  I64_EXTEND16_S = 0xc3,
  I64_EXTEND32_S = 0xc4,
  REF_FUNC = 0xd2,
  PREFIX_MISC = 0xfc,
  PREFIX_SIMD = 0xfd,
  PREFIX_ATOMIC = 0xfe,
}

export const enum Type {
  I32 = 0x7f,
  I64 = 0x7e,
  F32 = 0x7d,
  F64 = 0x7c,
  V128 = 0x7b,
  FUNCREF = 0x70,
  EXTERNREF = 0x6f,
  EXNREF = 0x69,
  VOID = 0x40,
}

function table(
  size: number,
  rows: readonly (readonly [first: number, last: number, format: Format])[],
): Uint8Array {
  const formats = new Uint8Array(size);
  for (const [first, last, format] of rows) formats.fill(format, first, last + 1);
  return formats;
}

/** Formats of the one-byte opcodes. */
export const FORMAT = table(256, [
  [0x00, 0x01, Format.NONE], // unreachable nop
  [0x02, 0x04, Format.BLOCK], // block loop if
  [0x05, 0x05, Format.ELSE],
  [0x06, 0x06, Format.BLOCK], // try
  [0x07, 0x07, Format.CATCH],
  [0x08, 0x08, Format.INDEX], // throw
  [0x09, 0x09, Format.LABEL], // rethrow
  [0x0a, 0x0a, Format.NONE], // throw_ref
  [0x0b, 0x0b, Format.END],
  [0x0c, 0x0d, Format.LABEL], // br br_if
  [0x0e, 0x0e, Format.BR_TABLE],
  [0x0f, 0x0f, Format.NONE], // return
  [0x10, 0x10, Format.FUNC],
  [0x11, 0x11, Format.CALL_INDIRECT],
  [0x12, 0x12, Format.FUNC], // return_call
  [0x13, 0x13, Format.CALL_INDIRECT], // return_call_indirect
  [0x18, 0x18, Format.DELEGATE],
  [0x19, 0x19, Format.CATCH_ALL],
  [0x1a, 0x1b, Format.NONE], // drop select
  [0x1c, 0x1c, Format.SELECT_TYPED],
  [0x1f, 0x1f, Format.TRY_TABLE],
  [0x20, 0x22, Format.LOCAL],
  [0x23, 0x24, Format.GLOBAL],
  [0x25, 0x26, Format.INDEX], // table.get table.set
  [0x28, 0x3e, Format.MEMARG],
  [0x3f, 0x40, Format.MEMORY],
  [0x41, 0x41, Format.I32],
  [0x42, 0x42, Format.I64],
  [0x43, 0x43, Format.F32],
  [0x44, 0x44, Format.F64],
  [0x45, 0xc4, Format.NONE], // numeric, sign extension
  [0xd0, 0xd0, Format.REF_NULL],
  [0xd1, 0xd1, Format.NONE], // ref.is_null
  [0xd2, 0xd2, Format.FUNC], // ref.func
  [0xfc, 0xfe, Format.PREFIX],
]);

/** Formats behind 0xfc. */
export const FORMAT_MISC = table(18, [
  [0, 7, Format.NONE], // saturating conversions
  [8, 8, Format.MEMORY_INIT],
  [9, 9, Format.DATA_DROP],
  [10, 10, Format.MEMORY_COPY],
  [11, 11, Format.MEMORY_FILL],
  [12, 12, Format.INDEX2], // table.init
  [13, 13, Format.INDEX], // elem.drop
  [14, 14, Format.INDEX2], // table.copy
  [15, 17, Format.INDEX], // table.grow size fill
]);

/** Formats behind 0xfd. Holes of the fixed-width set stay unknown; relaxed SIMD is 0x100 to 0x113. */
export const FORMAT_SIMD = table(0x114, [
  [0, 11, Format.MEMARG],
  [12, 13, Format.BYTES16], // v128.const i8x16.shuffle
  [14, 20, Format.NONE], // swizzle splat
  [21, 34, Format.LANE],
  [35, 83, Format.NONE],
  [84, 91, Format.MEMARG_LANE],
  [92, 93, Format.MEMARG], // load32_zero load64_zero
  [94, 255, Format.NONE],
  [154, 154, Format.UNKNOWN],
  [162, 162, Format.UNKNOWN],
  [165, 166, Format.UNKNOWN],
  [175, 176, Format.UNKNOWN],
  [178, 180, Format.UNKNOWN],
  [187, 187, Format.UNKNOWN],
  [194, 194, Format.UNKNOWN],
  [197, 198, Format.UNKNOWN],
  [207, 208, Format.UNKNOWN],
  [210, 212, Format.UNKNOWN],
  [226, 226, Format.UNKNOWN],
  [238, 238, Format.UNKNOWN],
  [0x100, 0x113, Format.NONE],
]);

/** Formats behind 0xfe. */
export const FORMAT_ATOMIC = table(0x4f, [
  [0, 2, Format.MEMARG], // notify wait32 wait64
  [3, 3, Format.FENCE],
  [0x10, 0x4e, Format.MEMARG],
]);

export function isValueType(byte: number): boolean {
  return (
    (byte >= 0x7b && byte <= 0x7f) ||
    byte === Type.FUNCREF ||
    byte === Type.EXTERNREF ||
    byte === Type.EXNREF
  );
}
