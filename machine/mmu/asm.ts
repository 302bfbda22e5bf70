// Asm: a Writer that speaks instructions, for the code that the rewriter adds.

import { CPU_GLOBAL } from "./imports.ts";
import { Op, Type } from "./opcodes.ts";
import { Writer } from "./writer.ts";

export class Asm extends Writer {
  /** Positions of the ifs that are almost always taken. */
  readonly likely: number[] = [];

  op(code: number): this {
    this.u8(code);
    return this;
  }

  get(local: number): this {
    this.u8(Op.LOCAL_GET);
    this.u32(local);
    return this;
  }

  set(local: number): this {
    this.u8(Op.LOCAL_SET);
    this.u32(local);
    return this;
  }

  tee(local: number): this {
    this.u8(Op.LOCAL_TEE);
    this.u32(local);
    return this;
  }

  i32(value: number): this {
    this.u8(Op.I32_CONST);
    this.s32(value);
    return this;
  }

  /** A constant of at most 32 bits with sign. */
  i64(value: number): this {
    this.u8(Op.I64_CONST);
    this.s32(value);
    return this;
  }

  call(index: number): this {
    this.u8(Op.CALL);
    this.u32(index);
    return this;
  }

  if(type: number = Type.VOID): this {
    this.op2(Op.IF, type);
    return this;
  }

  /** An if whose else is the rare case: hints.ts tells the engine. */
  likelyIf(type: number = Type.VOID): this {
    this.likely.push(this.length);
    return this.if(type);
  }

  else(): this {
    return this.op(Op.ELSE);
  }

  end(): this {
    return this.op(Op.END);
  }

  cpu(): this {
    this.u8(Op.GLOBAL_GET);
    this.u32(CPU_GLOBAL);
    return this;
  }

  /** Pushes the word at this offset of the CPU block. */
  word(offset: number): this {
    this.cpu();
    this.op2(Op.I32_LOAD, 2);
    this.u32(offset);
    return this;
  }

  /** A memory instruction by access code. `align` is the exponent. */
  memory(code: number, align: number, offset: number, lane = -1): this {
    if (code > 0xff) {
      this.u8(code >> 8);
      this.u32(code & 0xff);
    } else this.u8(code);
    this.u32(align);
    this.u32(offset);
    if (lane >= 0) this.u8(lane);
    return this;
  }

  /** An instruction behind the SIMD prefix, with an optional lane. */
  simd(sub: number, lane = -1): this {
    this.u8(Op.PREFIX_SIMD);
    this.u32(sub);
    if (lane >= 0) this.u8(lane);
    return this;
  }
}
