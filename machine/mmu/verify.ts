// Verify: proves from the bytes alone that a rewritten module cannot reach host memory outside its page tables. It shares the decoder and
// the helper templates with the rewriter, and none of its bookkeeping.
//
// Invariants (of a module that passes)
//   V1  Memory 0 is the import mmu.memory, and there is no other; no data segment is active; imports 0 to 21 are exactly those of imports.ts.
//   V2  A memory instruction occurs in a function that is a helper, byte for byte and with its signature, or inside one of the forms of
//       forms.ts, matched from the test of the base or the read of the entry to the access (verifyForms.ts). A form has no label inside, so control cannot enter it half way.
//   V3  Global 0 (the address of the CPU block) is read inside such forms only, and is not exported, so nobody learns it.
//   V4  In a region the locals hold the words of the windows: they are set directly before its loop and directly behind every call in it,
//       by nothing else, and nothing in the region can throw into it.
// Not here  Types, stack discipline, constant expressions: the engine validates those when it compiles the module.

import { CpuBlock } from "../../abi/cpu.ts";
import { UnsafeModule } from "./errors.ts";
import { READ_WINDOW, type WindowWords, WRITE_WINDOW } from "./forms.ts";
import { allHelpers, initHelper, wordsHelper } from "./helpers.ts";
import { CPU_GLOBAL, MEMORY_MAX_PAGES, MMU_FUNCTIONS, MMU_MODULE } from "./imports.ts";
import {
  formatOf,
  isMemoryFormat,
  prefixedFormat,
  readBlockType,
  skipImmediates,
} from "./instructions.ts";
import { Kind, type ParsedModule, parseModule, SectionId, sectionOf } from "./module.ts";
import { Format, Op, Type } from "./opcodes.ts";
import { Reader } from "./reader.ts";
import { FormMatcher, type WindowLocals } from "./verifyForms.ts";

export { UnsafeModule };

/** Throws UnsafeModule, or UnsupportedModule when the bytes cannot be decoded. */
export function verify(bytes: Uint8Array): void {
  new Verifier(parseModule(bytes)).run();
}

interface Region {
  depth: number; // of its loop
  read: WindowLocals | undefined;
  write: WindowLocals | undefined;
}

const MEMORY_TYPE = [3, 0, 0x80, 0x80, 0x04]; // shared, 0 to MEMORY_MAX_PAGES

/** The helpers: signatures by body, and which lengths bodies have, so that few functions are compared. */
interface Templates {
  readonly signatures: Map<string, string>;
  readonly lengths: Set<number>;
}

let templates: Templates | undefined;

function helperTemplates(): Templates {
  if (templates === undefined) {
    templates = { signatures: new Map(), lengths: new Set() };
    for (const { body, signature } of allHelpers()) {
      const { params, results } = signature;
      templates.signatures.set(bodyKey(body, 0, body.length), signatureKey(params, results));
      templates.lengths.add(body.length);
    }
  }
  return templates;
}

function bodyKey(bytes: Uint8Array, start: number, end: number): string {
  let key = "";
  for (let i = start; i < end; i++) key += String.fromCharCode(bytes[i] as number);
  return key;
}

function signatureKey(params: ArrayLike<number>, results: ArrayLike<number>): string {
  return `${Array.from(params).join()}>${Array.from(results).join()}`;
}

/** Longest body that is compared with the templates. */
const HELPER_BYTES_MAX = 512;

class Verifier {
  private readonly module: ParsedModule;
  private readonly bytes: Uint8Array;
  private readonly signatures: string[] = [];
  private readonly bodies: number[] = []; // start and end, by turns
  private readonly wordsBodies: readonly string[] = [
    "",
    ...(
      [
        [true, false],
        [false, true],
        [true, true],
      ] as const
    ).map(([reads, writes]) => {
      const { body } = wordsHelper(reads, writes);
      return bodyKey(body, 0, body.length);
    }),
  ];
  private r: Reader;
  private readonly forms: FormMatcher;
  private region: Region | undefined;

  constructor(module: ParsedModule) {
    this.module = module;
    this.bytes = module.bytes;
    this.r = new Reader(module.bytes);
    this.forms = new FormMatcher(this.r);
  }

  run(): void {
    this.readSignatures();
    this.checkImports();
    this.checkSections();
    this.findBodies();
    for (let i = 0; i < this.bodies.length / 2; i++) this.checkFunction(i);
  }

  private readSignatures(): void {
    const section = sectionOf(this.module, SectionId.TYPE);
    if (section === undefined) throw new UnsafeModule("no types");
    const r = new Reader(this.bytes, section.start, section.end);
    for (let n = r.count(); n > 0; n--) {
      r.u8();
      const params = r.count();
      const paramStart = r.pos;
      r.skip(params);
      const results = r.count();
      this.signatures.push(
        signatureKey(
          this.bytes.subarray(paramStart, paramStart + params),
          this.bytes.subarray(r.pos, r.pos + results),
        ),
      );
      r.skip(results);
    }
  }

  private checkImports(): void {
    const { imports } = this.module;
    const expected = [
      ["memory", Kind.MEMORY],
      ["cpu", Kind.GLOBAL],
      ...MMU_FUNCTIONS.map(([name]) => [name, Kind.FUNCTION]),
    ];
    imports.forEach(({ module: from, name, kind, start, end, type }, i) => {
      const [wantedName, wantedKind] = expected[i] ?? [];
      if (wantedName === undefined) {
        if (from === MMU_MODULE || kind === Kind.MEMORY)
          throw new UnsafeModule(`import ${i} is a second ${from}.${name}`, start);
        return;
      }
      const description = i === 0 ? MEMORY_TYPE : i === 1 ? [Type.I32, 0] : [];
      const matches =
        from === MMU_MODULE &&
        name === wantedName &&
        kind === wantedKind &&
        description.every((byte, j) => this.bytes[end - description.length + j] === byte);
      const signature = MMU_FUNCTIONS[i - 2]?.[1];
      if (
        !matches ||
        (signature && this.signatures[type] !== signatureKey(signature.params, signature.results))
      ) {
        throw new UnsafeModule(`import ${i} is not ${MMU_MODULE}.${wantedName}`, start);
      }
    });
    if (imports.length < expected.length) throw new UnsafeModule("imports of mmu are missing");
    if (this.module.memory?.maxPages !== MEMORY_MAX_PAGES)
      throw new UnsafeModule("the memory import has another size");
  }

  private checkSections(): void {
    if (sectionOf(this.module, SectionId.MEMORY) !== undefined)
      throw new UnsafeModule("a memory is defined");
    if (this.module.exports.some(({ kind }) => kind === Kind.MEMORY))
      throw new UnsafeModule("a memory is exported");
    if (this.module.exports.some(({ kind, index }) => kind === Kind.GLOBAL && index === CPU_GLOBAL))
      throw new UnsafeModule("the CPU global is exported");
    this.module.globals.forEach(({ start, end }, i) => {
      if (readsCpuGlobal(new Reader(this.bytes, start + 2, end)))
        throw new UnsafeModule(`global ${i} begins as the CPU global`, start);
    });
    this.module.data.forEach((data, i) => {
      if (data.active) throw new UnsafeModule(`data segment ${i} is active`, data.start);
    });
  }

  private findBodies(): void {
    const section = sectionOf(this.module, SectionId.CODE);
    if (section === undefined) return;
    const r = new Reader(this.bytes, section.start, section.end);
    const count = r.count();
    if (count !== this.module.functionTypes.length)
      throw new UnsafeModule("functions and code differ in number");
    for (let i = 0; i < count; i++) {
      const size = r.count();
      this.bodies.push(r.pos, r.pos + size);
      r.pos += size;
    }
  }

  private checkFunction(index: number): void {
    const start = this.bodies[index * 2] as number;
    const end = this.bodies[index * 2 + 1] as number;
    const signature = this.signatures[this.module.functionTypes[index] as number] ?? "";
    if (this.isTemplate(signature, start, end)) return;
    try {
      this.checkProgramCode(start, end);
    } catch (error) {
      if (!(error instanceof UnsafeModule) || !this.isInitHelper(signature, start, end))
        throw error;
    }
  }

  private isTemplate(signature: string, start: number, end: number): boolean {
    const { signatures, lengths } = helperTemplates();
    if (!lengths.has(end - start)) return false;
    return signatures.get(bodyKey(this.bytes, start, end)) === signature;
  }

  /** memory.init: takes the segment and the flag from the body, makes the helper anew, compares. */
  private isInitHelper(signature: string, start: number, end: number): boolean {
    if (end - start > HELPER_BYTES_MAX) return false;
    const { segment, flag } = this.initOperands(start, end);
    const data = this.module.data[segment];
    if (data === undefined || flag < 0 || flag === CPU_GLOBAL) return false;
    const wanted = initHelper(segment, data.length, flag);
    return (
      signature === signatureKey(wanted.signature.params, wanted.signature.results) &&
      bodyKey(this.bytes, start, end) === bodyKey(wanted.body, 0, wanted.body.length)
    );
  }

  /** The first segment that a body initialises memory from and the first global that it reads; -1: none. */
  private initOperands(start: number, end: number): { segment: number; flag: number } {
    const r = new Reader(this.bytes, start, end);
    skipLocals(r);
    let flag = -1;
    while (r.pos < end) {
      const at = r.pos;
      const opcode = r.u8();
      let format = formatOf(opcode, at);
      if (format === Format.PREFIX) format = prefixedFormat(opcode, r.u32(), at);
      if (format === Format.MEMORY_INIT) return { segment: r.u32(), flag };
      if (isMemoryFormat(format) || format === Format.MEMORY) break;
      if (format === Format.GLOBAL) {
        const global = r.u32();
        if (flag < 0) flag = global;
      } else if (format === Format.FUNC) r.u32();
      else skipImmediates(r, format);
    }
    return { segment: -1, flag };
  }

  /** A function of the program: every memory instruction is inside a form. */
  private checkProgramCode(start: number, end: number): void {
    const r = new Reader(this.bytes, start, end);
    this.r = r;
    this.forms.r = r;
    this.region = undefined;
    skipLocals(r);
    let depth = 0;
    let last = -1; // local whose value the previous instruction left on top of the stack
    for (;;) {
      const at = r.pos;
      const opcode = r.u8();
      const format = formatOf(opcode, at);
      const region = this.region as Region | undefined;
      switch (format) {
        case Format.LOCAL: {
          const local = r.u32();
          if (region !== undefined && isRegionLocal(region, local)) {
            this.matchRegionForm(region, opcode, local, last, at);
            depth++;
            last = -1;
          } else last = opcode === Op.LOCAL_SET ? -1 : local;
          continue;
        }
        case Format.GLOBAL:
          if (r.u32() === CPU_GLOBAL) {
            if (opcode !== Op.GLOBAL_GET) throw new UnsafeModule("the CPU global is set", at);
            const entered = this.matchWordForm(last, depth, at);
            depth += entered;
          }
          break;
        case Format.BLOCK:
          readBlockType(r);
          if (region !== undefined && opcode === 0x06)
            throw new UnsafeModule("exception handling in a region", at);
          depth++;
          break;
        case Format.TRY_TABLE:
          skipImmediates(r, format);
          if (region !== undefined) throw new UnsafeModule("exception handling in a region", at);
          depth++;
          break;
        case Format.CATCH:
        case Format.CATCH_ALL:
          skipImmediates(r, format);
          if (region !== undefined) throw new UnsafeModule("exception handling in a region", at);
          break;
        case Format.DELEGATE:
          r.u32();
          if (region !== undefined) throw new UnsafeModule("exception handling in a region", at);
          depth--;
          break;
        case Format.END:
          if (depth === 0) {
            if (r.pos !== end) throw new UnsafeModule("code behind the end of a function", r.pos);
            return;
          }
          depth--;
          if (region !== undefined && region.depth === depth) this.region = undefined;
          break;
        case Format.FUNC:
          r.u32();
          if (region !== undefined && opcode !== Op.REF_FUNC) this.matchRefresh(region, opcode, at);
          break;
        case Format.CALL_INDIRECT:
          skipImmediates(r, format);
          if (region !== undefined) throw new UnsafeModule("an indirect call in a region", at);
          break;
        case Format.MEMARG:
        case Format.MEMORY:
          throw new UnsafeModule("a raw memory instruction", at);
        case Format.PREFIX: {
          const sub = r.u32();
          const prefixed = prefixedFormat(opcode, sub, at);
          if (prefixed === Format.DATA_DROP) r.u32();
          else if (isMemoryFormat(prefixed)) throw new UnsafeModule("a raw memory instruction", at);
          else skipImmediates(r, prefixed);
          break;
        }
        default:
          skipImmediates(r, format);
      }
      last = -1;
    }
  }

  /** Reader is behind a read of global 0. Matches a near or far form, memory.size, or the entry of a region. Returns the blocks opened. */
  private matchWordForm(base: number, depth: number, at: number): number {
    const r = this.r;
    if (r.peek() === Op.LOCAL_GET) {
      const { region } = this;
      this.forms.matchFlat((local) => region !== undefined && isRegionLocal(region, local), at);
      return 1;
    }
    const word = this.forms.loadedWord(at);
    if (word === CpuBlock.BREAK) return 0;
    const window =
      word === READ_WINDOW.start
        ? READ_WINDOW
        : word === WRITE_WINDOW.start
          ? WRITE_WINDOW
          : undefined;
    if (window === undefined) throw new UnsafeModule(`word ${word} of the CPU block is read`, at);
    if (r.peek() === Op.LOCAL_SET) {
      this.matchRegionEntry(window, depth, at);
      return 1;
    }
    this.forms.matchTest(window, base, undefined, at);
    return 1;
  }

  /** local.get START' with the base below it on the stack. */
  private matchRegionForm(
    region: Region,
    opcode: number,
    local: number,
    base: number,
    at: number,
  ): void {
    if (opcode !== Op.LOCAL_GET) throw new UnsafeModule("a local of a region is set", at);
    if (region.read?.start === local) this.forms.matchTest(READ_WINDOW, base, region.read, at);
    else if (region.write?.start === local)
      this.forms.matchTest(WRITE_WINDOW, base, region.write, at);
    else throw new UnsafeModule("a local of a region is used outside a form", at);
  }

  /** Reader is before the local.set of START. The other window may follow; then comes the loop. */
  private matchRegionEntry(first: WindowWords, depth: number, at: number): void {
    const r = this.r;
    if (this.region !== undefined) throw new UnsafeModule("a region in a region", at);
    const firstLocals = this.windowLocals(first, at);
    let read = first === READ_WINDOW ? firstLocals : undefined;
    let write = first === WRITE_WINDOW ? firstLocals : undefined;
    if (r.peek() === Op.GLOBAL_GET) {
      const other = first === READ_WINDOW ? WRITE_WINDOW : READ_WINDOW;
      this.forms.expectWord(other.start, at);
      if (other === READ_WINDOW) read = this.windowLocals(other, at);
      else write = this.windowLocals(other, at);
    }
    const used = [read?.start, read?.delta, write?.start, write?.delta].filter(
      (local) => local !== undefined,
    );
    if (new Set(used).size !== used.length)
      throw new UnsafeModule("a region with one local for two words", at);
    this.forms.expect(Op.LOOP, at);
    readBlockType(r);
    this.region = { depth, read, write };
  }

  private windowLocals(window: WindowWords, at: number): WindowLocals {
    this.forms.expect(Op.LOCAL_SET, at);
    const start = this.r.u32();
    this.forms.expectWord(window.delta, at);
    this.forms.expect(Op.LOCAL_SET, at);
    return { start, delta: this.r.u32() };
  }

  /** Reader is behind a call in a region: the words must be fetched anew at once. */
  private matchRefresh(region: Region, opcode: number, at: number): void {
    if (opcode !== Op.CALL) throw new UnsafeModule("a tail call in a region", at);
    this.forms.expect(Op.CALL, at);
    const callee = this.r.u32() - this.module.importedFunctions;
    const start = this.bodies[callee * 2];
    const end = this.bodies[callee * 2 + 1];
    const wanted = this.wordsBodies[(region.read ? 1 : 0) + (region.write ? 2 : 0)];
    if (
      start === undefined ||
      end === undefined ||
      end - start > HELPER_BYTES_MAX ||
      bodyKey(this.bytes, start, end) !== wanted
    ) {
      throw new UnsafeModule("a call in a region that is not followed by its refresh", at);
    }
    for (const locals of [region.write, region.read]) {
      if (locals === undefined) continue;
      this.forms.expectLocal(Op.LOCAL_SET, locals.delta, at);
      this.forms.expectLocal(Op.LOCAL_SET, locals.start, at);
    }
  }
}

/** Whether a constant expression reads global 0. */
function readsCpuGlobal(r: Reader): boolean {
  for (;;) {
    const at = r.pos;
    const opcode = r.u8();
    let format = formatOf(opcode, at);
    if (format === Format.END) return false;
    if (format === Format.GLOBAL && r.u32() === CPU_GLOBAL) return true;
    if (format === Format.FUNC) r.u32();
    if (format === Format.GLOBAL || format === Format.FUNC) continue;
    if (format === Format.PREFIX) format = prefixedFormat(opcode, r.u32(), at);
    skipImmediates(r, format);
  }
}

function skipLocals(r: Reader): void {
  for (let groups = r.count(); groups > 0; groups--) {
    r.u32();
    r.u8();
  }
}

function isRegionLocal({ read, write }: Region, local: number): boolean {
  return (
    local === read?.start ||
    local === read?.delta ||
    local === write?.start ||
    local === write?.delta
  );
}
