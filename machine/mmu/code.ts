// Code: rewrites one function body, instruction by instruction, into a Writer.
//
// Invariants
//   C1  Everything that is not an access or an index passes through as the bytes it was (runs of such bytes are copied at once).
//   C2  Every memory instruction becomes one of the forms of forms.ts; the verifier proves it again from the bytes.
//   C3  Only whole instructions are replaced, so labels and block structure are the program's own.

import { type Access, AccessClass, accessOf, allAccesses } from "./access.ts";
import { Asm } from "./asm.ts";
import { UnsupportedModule } from "./errors.ts";
import {
  emitCall,
  emitFlatAccess,
  emitMemorySize,
  emitRegionEntry,
  emitWindowAccess,
  hasFlatForm,
  hasWindowForm,
  isNear,
  type RegionLocals,
  type Site,
} from "./forms.ts";
import { Hints } from "./hints.ts";
import { Mmu } from "./imports.ts";
import {
  formatOf,
  isMemoryFormat,
  memargOffset,
  prefixedFormat,
  readBlockType,
  readMemarg,
  readMemoryIndex,
  readValueType,
  skipImmediates,
  skipMemoryImmediates,
} from "./instructions.ts";
import { LoopFlag, LoopScan } from "./loops.ts";
import { FORMAT, Format, Op, Type } from "./opcodes.ts";
import { lebLength, type Reader } from "./reader.ts";

/** What engines allow in one function. */
const LOCALS_MAX = 50000;
const BODY_BYTES_MAX = 7654321;
/** Baseline compilers keep a state of all locals for each open block, in 12 bytes a local: 400 MB with so many. */
const LOCALS_OF_OPEN_BLOCKS_MAX = 1 << 25;

/** Scratch locals of a function. */
const enum Slot {
  ADDRESS,
  SUM,
  SUM64,
  ENTRY,
  I32,
  I64,
  F32,
  F64,
  V128,
  READ_START,
  READ_DELTA,
  WRITE_START,
  WRITE_DELTA,
  COUNT,
}

/** What the body rewriter asks of the module. Identity: nothing is changed. */
export interface CodeContext {
  readonly identity: boolean;
  readonly functionShift: number;
  readonly globalShift: number;
  accessHelper(access: Access, lane: number): number;
  copyHelper(): number;
  fillHelper(): number;
  /** The function that returns START and DELTA of these windows. */
  wordsHelper(reads: boolean, writes: boolean): number;
  initHelper(segment: number, at: number): number;
  /** The global that says that a segment was dropped. */
  droppedGlobal(segment: number, at: number): number;
}

export interface CodeStats {
  sitesInline: number;
  sitesHelper: number;
  bulkSites: number;
  /** Loop nests with their window words in locals. */
  regions: number;
}

export class CodeRewriter {
  readonly stats: CodeStats = { sitesInline: 0, sitesHelper: 0, bulkSites: 0, regions: 0 };
  readonly hints = new Hints();
  private readonly context: CodeContext;
  private readonly out = new Asm(1 << 16);
  private readonly regions: boolean;
  private readonly likelyWindows: boolean;
  private inline: "loops" | "all" | "none";
  private control = new Uint8Array(64);
  private readonly loopScan = new LoopScan();
  private region: RegionLocals | undefined;
  private lastLocalAt = 0; // where the instruction that set lastLocal begins
  private readonly site: Site = {
    access: allAccesses()[0] as Access,
    align: 0,
    k: 0,
    a: 0,
    t: 0,
    t64: 0,
    e: 0,
    v: 0,
    helper: 0,
    region: undefined,
  };
  private scratchTypes: number[] = [];
  private firstScratch = 0; // the number of the program's own locals
  private readonly slots = new Int32Array(Slot.COUNT);
  private readonly header = new Asm(256);

  constructor(
    context: CodeContext,
    inline: "loops" | "all" | "none",
    regions = true,
    likelyWindows = true,
  ) {
    this.context = context;
    this.likelyWindows = likelyWindows;
    this.regions = regions;
    this.inline = inline;
  }

  /** Rewrites the body in r (locals, then code) of a function with so many parameters; appends it with its size to `target`. */
  rewriteBody(r: Reader, parameters: number, target: Asm, functionIndex = 0): void {
    const start = r.pos;
    let locals = parameters;
    const groups = r.count();
    for (let i = 0; i < groups; i++) {
      locals += r.u32();
      if (locals > LOCALS_MAX)
        throw new UnsupportedModule(`a function with more than ${LOCALS_MAX} locals`, r.pos);
      readValueType(r);
    }
    this.firstScratch = locals;
    this.scratchTypes.length = 0;
    this.slots.fill(-1);
    const out = this.out;
    out.length = 0;
    out.likely.length = 0;
    const codeStart = r.pos;
    const counted = { ...this.stats };
    this.rewriteCode(r, false);
    if (locals + this.scratchTypes.length > LOCALS_MAX || out.length > BODY_BYTES_MAX) {
      Object.assign(this.stats, counted);
      this.rewriteAsCalls(r, codeStart);
    }
    const header = this.header;
    header.length = 0;
    if (this.scratchTypes.length === 0) header.copy(r.bytes, start, codeStart);
    else {
      header.u32(groups + this.scratchTypes.length);
      const afterCount = start + lebLength(r.bytes, start);
      header.copy(r.bytes, afterCount, codeStart);
      for (const type of this.scratchTypes) header.op2(1, type);
    }
    this.hints.add(functionIndex, out.likely, header.length);
    target.u32(header.length + out.length);
    target.append(header);
    target.append(out);
  }

  /** Code that is past a limit of engines with its accesses in line: once more, with calls. They need no locals and little room. */
  private rewriteAsCalls(r: Reader, codeStart: number): void {
    const { inline } = this;
    r.pos = codeStart;
    this.scratchTypes.length = 0;
    this.out.length = 0;
    this.out.likely.length = 0;
    this.inline = "none";
    this.rewriteCode(r, false);
    this.inline = inline;
  }

  /** Copies a constant expression up to and including its end, renumbered. */
  rewriteExpression(r: Reader, target: Asm): void {
    this.out.length = 0;
    this.rewriteCode(r, true);
    target.append(this.out);
  }

  /** Rewrites up to the end that closes the outermost block. */
  private rewriteCode(r: Reader, constant: boolean): void {
    const out = this.out;
    const context = this.context;
    const identity = context.identity;
    const shiftFunctions = context.functionShift !== 0;
    const shiftGlobals = context.globalShift !== 0;
    let copied = r.pos; // bytes before this are in out
    let depth = 0;
    let loops = 0;
    let loopNumber = 0;
    let regionDepth = -1; // depth of the loop whose region is open
    const scanned =
      identity || constant || this.inline === "none" || !this.regions ? 0 : this.loopScan.scan(r);
    this.region = undefined;
    let lastLocal = -1; // local whose value the previous instruction left on top
    for (;;) {
      const at = r.pos;
      const opcode = r.u8();
      const format = FORMAT[opcode] as Format;
      switch (format) {
        case Format.NONE:
          break;
        case Format.LOCAL: {
          const local = r.u32();
          if (opcode !== Op.LOCAL_SET) {
            lastLocal = local;
            this.lastLocalAt = at;
            continue;
          }
          break;
        }
        case Format.BLOCK:
          readBlockType(r);
          if (opcode === Op.LOOP) {
            const flags = loopNumber < scanned ? (this.loopScan.flags[loopNumber] as number) : 0;
            loopNumber++;
            loops++;
            if (regionDepth < 0 && flags & LoopFlag.LEAF && flags !== LoopFlag.LEAF) {
              regionDepth = depth;
              out.copy(r.bytes, copied, at);
              copied = at;
              this.openRegion(flags);
            }
          }
          depth = this.enter(depth, opcode === Op.LOOP ? 1 : 0, at);
          break;
        case Format.TRY_TABLE:
          skipImmediates(r, format);
          depth = this.enter(depth, 0, at);
          break;
        case Format.DELEGATE:
          r.skipLeb(5);
          if (depth === 0) throw new UnsupportedModule("delegate outside a try", at);
          depth--;
          break;
        case Format.END:
          if (depth === 0) {
            out.copy(r.bytes, copied, r.pos);
            return;
          }
          depth--;
          if (this.control[depth] === 1) loops--;
          if (depth === regionDepth) {
            regionDepth = -1;
            this.region = undefined;
          }
          break;
        case Format.FUNC:
        case Format.GLOBAL: {
          const index = r.u32();
          const shift = format === Format.FUNC ? context.functionShift : context.globalShift;
          if (format === Format.FUNC ? shiftFunctions : shiftGlobals) {
            out.copy(r.bytes, copied, at + 1);
            out.u32(index + shift);
            copied = r.pos;
          }
          break;
        }
        case Format.MEMARG: {
          const align = readMemarg(r);
          if (identity) break;
          out.copy(r.bytes, copied, at);
          this.emitAccess(opcode, align, memargOffset, -1, loops > 0, lastLocal, at);
          copied = r.pos;
          break;
        }
        case Format.MEMORY:
          readMemoryIndex(r);
          if (identity) break;
          out.copy(r.bytes, copied, at);
          if (opcode === Op.MEMORY_SIZE) emitMemorySize(out);
          else out.call(Mmu.GROW);
          copied = r.pos;
          break;
        case Format.PREFIX: {
          const sub = r.u32();
          const prefixed = prefixedFormat(opcode, sub, at);
          if (!isMemoryFormat(prefixed)) {
            skipImmediates(r, prefixed);
            break;
          }
          const immediates = r.pos;
          if (identity) {
            skipMemoryImmediates(r, prefixed);
            break;
          }
          out.copy(r.bytes, copied, at);
          r.pos = immediates;
          this.emitPrefixed(r, opcode, sub, prefixed, loops > 0, lastLocal, at);
          copied = r.pos;
          break;
        }
        case Format.UNKNOWN:
          formatOf(opcode, at);
          break;
        default:
          skipImmediates(r, format);
      }
      lastLocal = -1;
      if (constant && depth > 0)
        throw new UnsupportedModule("a block in a constant expression", at);
    }
  }

  private enter(depth: number, kind: number, at: number): number {
    if (depth * this.firstScratch > LOCALS_OF_OPEN_BLOCKS_MAX) {
      throw new UnsupportedModule(
        `unsupported function with ${depth} blocks inside one another and ${this.firstScratch} locals: no engine compiles that`,
        at,
      );
    }
    if (depth === this.control.length) {
      const next = new Uint8Array(depth * 2);
      next.set(this.control);
      this.control = next;
    }
    this.control[depth] = kind;
    return depth + 1;
  }

  private emitPrefixed(
    r: Reader,
    opcode: number,
    sub: number,
    format: Format,
    inLoop: boolean,
    lastLocal: number,
    at: number,
  ): void {
    const out = this.out;
    switch (format) {
      case Format.MEMARG:
      case Format.MEMARG_LANE: {
        const align = readMemarg(r);
        const lane = format === Format.MEMARG_LANE ? r.u8() : -1;
        this.emitAccess((opcode << 8) | sub, align, memargOffset, lane, inLoop, lastLocal, at);
        return;
      }
      case Format.MEMORY_COPY:
        readMemoryIndex(r);
        readMemoryIndex(r);
        out.call(this.context.copyHelper());
        break;
      case Format.MEMORY_FILL:
        readMemoryIndex(r);
        out.call(this.context.fillHelper());
        break;
      case Format.MEMORY_INIT: {
        const segment = r.u32();
        readMemoryIndex(r);
        out.call(this.context.initHelper(segment, at));
        break;
      }
      default: {
        // data.drop: the program's own, and the flag that memory.init tests
        const segment = r.u32();
        out.op2(Op.PREFIX_MISC, 9);
        out.u32(segment);
        out.i32(1).op(Op.GLOBAL_SET).u32(this.context.droppedGlobal(segment, at));
      }
    }
    this.stats.bulkSites++;
  }

  private emitAccess(
    code: number,
    align: number,
    k: number,
    lane: number,
    inLoop: boolean,
    lastLocal: number,
    at: number,
  ): void {
    const access = accessOf(code);
    if (access === undefined)
      throw new UnsupportedModule(`unsupported memory instruction 0x${code.toString(16)}`, at);
    if (lane >= 16 / access.size) throw new UnsupportedModule("a lane out of range", at);
    const out = this.out;
    const helper = this.context.accessHelper(access, lane);
    const inline = this.inline === "all" || (this.inline === "loops" && inLoop);
    if (!inline || !hasWindowForm(access, k)) {
      emitCall(out, k, helper);
      this.stats.sitesHelper++;
      return;
    }
    this.stats.sitesInline++;
    const site = this.site;
    site.access = access;
    site.align = align;
    site.k = k;
    site.helper = helper;
    site.region = this.region;
    site.e = -1;
    if (hasFlatForm(access, align, k)) {
      if (site.region === undefined || this.inline === "all") {
        site.e = this.scratch(Slot.ENTRY, Type.I32);
        if (k > 0) site.t64 = this.scratch(Slot.SUM64, Type.I64);
      }
      if (site.region === undefined) {
        this.emitFlat(site, lastLocal, at);
        return;
      }
    }
    site.t = isNear(access.size, k) ? -1 : this.scratch(Slot.SUM, Type.I32);
    if (access.class === AccessClass.LOAD) {
      site.a = lastLocal;
      if (lastLocal < 0) {
        site.a = this.scratch(Slot.ADDRESS, Type.I32);
        out.tee(site.a);
      }
    } else {
      site.a = this.scratch(Slot.ADDRESS, Type.I32);
      site.v = this.scratch(valueSlot(access.type), access.type);
      out.set(site.v).tee(site.a);
    }
    emitWindowAccess(out, site, this.likelyWindows || site.e < 0);
  }

  /** A site in the flat form, at this offset of the program. Its base is taken from the stack, unless it is just in a local. */
  private emitFlat(site: Site, lastLocal: number, at: number): void {
    const { out } = this;
    const { access } = site;
    if (access.class === AccessClass.STORE) {
      site.a = this.scratch(Slot.ADDRESS, Type.I32);
      site.v = this.scratch(valueSlot(access.type), access.type);
      out.set(site.v).set(site.a);
    } else if (lastLocal >= 0) {
      // The instruction before this one, copied a moment ago: its value is not wanted on the stack.
      site.a = lastLocal;
      const instruction = out.length - (at - this.lastLocalAt);
      if (out.buffer[instruction] === Op.LOCAL_TEE) out.buffer[instruction] = Op.LOCAL_SET;
      else out.length = instruction;
    } else {
      site.a = this.scratch(Slot.ADDRESS, Type.I32);
      out.set(site.a);
    }
    emitFlatAccess(out, site);
  }

  /** Opens a region before the loop with these flags. */
  private openRegion(flags: number): void {
    const reads = (flags & LoopFlag.LOADS) !== 0;
    const writes = (flags & LoopFlag.STORES) !== 0;
    const local = (used: boolean, slot: Slot): number => (used ? this.scratch(slot, Type.I32) : -1);
    this.region = {
      readStart: local(reads, Slot.READ_START),
      readDelta: local(reads, Slot.READ_DELTA),
      writeStart: local(writes, Slot.WRITE_START),
      writeDelta: local(writes, Slot.WRITE_DELTA),
      refresh: this.context.wordsHelper(reads, writes),
    };
    emitRegionEntry(this.out, this.region);
    this.stats.regions++;
  }

  /** The scratch local of a slot, declared on its first use in a function. */
  private scratch(slot: Slot, type: number): number {
    const known = this.slots[slot] as number;
    if (known >= 0) return known;
    const local = this.firstScratch + this.scratchTypes.length;
    this.scratchTypes.push(type);
    this.slots[slot] = local;
    return local;
  }
}

function valueSlot(type: number): Slot {
  switch (type) {
    case Type.I32:
      return Slot.I32;
    case Type.I64:
      return Slot.I64;
    case Type.F32:
      return Slot.F32;
    case Type.F64:
      return Slot.F64;
    default:
      return Slot.V128;
  }
}
