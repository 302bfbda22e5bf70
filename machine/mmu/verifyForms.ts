// Verify forms: matches one form of forms.ts in the bytes, from behind its first read of the CPU block to behind its access.
//
// Invariants
//   M1  What is matched has no label inside and calls nothing, so its tests hold at its access.
//   M2  The access of a window form lies in the window that was tested; the access of a flat form lies in the page whose entry was read:
//       the entry is valid, the address is aligned, and the sum was below 2^32 + FLAT_LIMIT, where entries end.
// Not here  The slow path behind the access: it is code like any other, and verify.ts goes on there.

import { CpuBlock } from "../../abi/cpu.ts";
import { type Access, AccessClass, accessOf } from "./access.ts";
import { UnsafeModule } from "./errors.ts";
import {
  FLAT_LIMIT,
  PAGE_MASK,
  TLB_WRITE,
  TOP_BIT,
  WINDOW_SLACK,
  type WindowWords,
  WRITE_WINDOW,
} from "./forms.ts";
import { CPU_GLOBAL } from "./imports.ts";
import { memargOffset, readBlockType, readMemarg } from "./instructions.ts";
import { Op } from "./opcodes.ts";
import type { Reader } from "./reader.ts";

export interface WindowLocals {
  readonly start: number;
  readonly delta: number;
}

export class FormMatcher {
  r: Reader;

  constructor(r: Reader) {
    this.r = r;
  }

  /** From behind START to behind the access. `base` is the local whose value START is subtracted from. */
  matchTest(window: WindowWords, base: number, locals: WindowLocals | undefined, at: number): void {
    const r = this.r;
    if (base < 0) throw new UnsafeModule("a window test without a base", at);
    this.expect(Op.I32_SUB, at);
    let far = false;
    if (r.peek() === Op.LOCAL_GET) {
      far = true;
      r.pos++;
      r.u32();
      this.expect(Op.I32_CONST, at);
      if (r.s32() !== TOP_BIT) throw new UnsafeModule("a far form with another mask", at);
      this.expect(Op.I32_AND, at);
      this.expect(Op.I32_OR, at);
    }
    this.expectWord(window.len, at);
    this.expect(Op.I32_LT_U, at);
    this.expect(Op.IF, at);
    readBlockType(r);
    this.expectLocal(Op.LOCAL_GET, base, at);
    if (locals === undefined) this.expectWord(window.delta, at);
    else this.expectLocal(Op.LOCAL_GET, locals.delta, at);
    this.expect(Op.I32_ADD, at);
    if (window === WRITE_WINDOW) {
      this.expect(Op.LOCAL_GET, at);
      r.u32();
    }
    this.matchAccess(window, far, at);
  }

  /** Reader is behind global.get 0, before the base of a flat form. Comes to behind the access. `kept` are locals it must not set. */
  matchFlat(kept: (local: number) => boolean, at: number): void {
    const r = this.r;
    this.expect(Op.LOCAL_GET, at);
    let va = r.u32(); // the sum: an i32 local, or an i64 local below 2^32 + FLAT_LIMIT
    const sum = r.peek() === Op.I64_EXTEND_I32_U;
    if (sum) {
      r.pos++;
      const k = this.smallConst64(at);
      if (k < 0 || k >= FLAT_LIMIT) throw new UnsafeModule("a flat form that leaves the TLB", at);
      this.expect(Op.I64_ADD, at);
      this.expect(Op.LOCAL_TEE, at);
      va = r.u32();
      if (this.smallConst64(at) !== 12)
        throw new UnsafeModule("a flat form with another shift", at);
      this.expect(Op.I64_SHR_U, at);
      this.expect(Op.I32_WRAP_I64, at);
    } else {
      this.expectConst(Op.I32_CONST, 12, at);
      this.expect(Op.I32_SHR_U, at);
    }
    this.expectConst(Op.I32_CONST, 3, at);
    this.expect(Op.I32_SHL, at);
    this.expect(Op.I32_ADD, at);
    const word = this.loadedWord(at) - CpuBlock.TLB;
    if (word !== 0 && word !== TLB_WRITE) throw new UnsafeModule("a flat form of another word", at);
    this.expect(Op.LOCAL_TEE, at);
    const e = r.u32();
    if (kept(e) || (sum && kept(va))) throw new UnsafeModule("a local of a region is set", at);
    if (e === va) throw new UnsafeModule("a flat form with one local for two values", at);
    this.expectConst(Op.I32_CONST, 1, at);
    this.expect(Op.I32_AND, at);
    let mask = 0;
    if (r.peek() === Op.LOCAL_GET) {
      this.expectSum(va, sum, at);
      this.expect(Op.I32_CONST, at);
      mask = r.s32();
      this.expect(Op.I32_AND, at);
      this.expect(Op.I32_GT_U, at);
    }
    this.expect(Op.IF, at);
    readBlockType(r);
    this.expectSum(va, sum, at);
    this.expectLocal(Op.LOCAL_GET, e, at);
    this.expect(Op.I32_ADD, at);
    if (word === TLB_WRITE) {
      this.expect(Op.LOCAL_GET, at);
      r.u32();
    }
    const access = this.readAccess(word === TLB_WRITE ? AccessClass.STORE : AccessClass.LOAD, at);
    if (memargOffset !== PAGE_MASK || mask !== access.size - 1)
      throw new UnsafeModule("a flat form with another size or offset", at);
  }

  private expectSum(va: number, wide: boolean, at: number): void {
    this.expectLocal(Op.LOCAL_GET, va, at);
    if (wide) this.expect(Op.I32_WRAP_I64, at);
  }

  private expectConst(opcode: number, value: number, at: number): void {
    this.expect(opcode, at);
    if (this.r.s32() !== value) throw new UnsafeModule("a form with another constant", at);
  }

  /** Reads an i64.const of at most 28 bits: four bytes, so that nothing of it is left out here that the engine would read. */
  private smallConst64(at: number): number {
    this.expect(Op.I64_CONST, at);
    const start = this.r.pos;
    const value = this.r.s32();
    if (this.r.pos - start > 4) throw new UnsafeModule("a flat form with a long constant", at);
    return value;
  }

  /** Reads an access of this class and its memarg. */
  private readAccess(wanted: AccessClass, at: number): Access {
    const r = this.r;
    let code = r.u8();
    if (code === Op.PREFIX_SIMD) code = (code << 8) | r.u32();
    const access = accessOf(code);
    if (access === undefined || access.class !== wanted)
      throw new UnsafeModule("a test before another instruction", at);
    readMemarg(r);
    return access;
  }

  private matchAccess(window: WindowWords, far: boolean, at: number): void {
    const wanted = window === WRITE_WINDOW ? AccessClass.STORE : AccessClass.LOAD;
    const access = this.readAccess(wanted, at);
    if (
      far
        ? memargOffset !== 0 || access.size > WINDOW_SLACK + 1
        : memargOffset + access.size > WINDOW_SLACK + 1
    ) {
      throw new UnsafeModule("an access that reaches past its window", at);
    }
  }

  expect(opcode: number, at: number): void {
    if (this.r.u8() !== opcode) throw new UnsafeModule("a form that is not whole", at);
  }

  expectLocal(opcode: number, local: number, at: number): void {
    this.expect(opcode, at);
    if (this.r.u32() !== local) throw new UnsafeModule("a form with another local", at);
  }

  expectWord(offset: number, at: number): void {
    this.expect(Op.GLOBAL_GET, at);
    if (this.r.u32() !== CPU_GLOBAL || this.loadedWord(at) !== offset)
      throw new UnsafeModule("a form with another word", at);
  }

  /** The offset of the i32.load that follows global 0. */
  loadedWord(at: number): number {
    this.expect(Op.I32_LOAD, at);
    readMemarg(this.r);
    return memargOffset;
  }
}
