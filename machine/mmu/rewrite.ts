// Rewrite: a wasm32 module in, the same program with every access to memory translated out.
//
//   before   (memory 17 100) (data (i32.const 1024) "...") (func ... i32.load offset=8 ...) (export "memory" (memory 0))
//   after    (import "mmu" "memory" (memory 0 65536 shared)) (import "mmu" "cpu" (global i32)) (import "mmu" "load8" ...) ...
//            (func ... one of the forms of forms.ts ...) (func $mmu_28 ...)          data as `segments`, memory exports dropped
//
// Invariants
//   W1  Imports of mmu come first: functions 0 to 19, global 0, memory 0. Functions of the program move up by 20, its globals by 1.
//       Helpers come behind all functions, flags of dropped segments behind all globals.
//   W2  Indices of types, tables, tags, element and data segments do not change.
//   W3  Code is rewritten before the sections in front of it are written, because it decides which helpers there are.

import type { Access } from "./access.ts";
import { Asm } from "./asm.ts";
import { type CodeContext, CodeRewriter } from "./code.ts";
import { rewriteElements } from "./elements.ts";
import { MalformedModule, UnsupportedModule } from "./errors.ts";
import {
  accessHelper,
  copyHelper,
  fillHelper,
  type Helper,
  initHelper,
  wordsHelper,
} from "./helpers.ts";
import { MEMORY_MAX_PAGES, MMU_FUNCTIONS, MMU_MODULE, type Signature } from "./imports.ts";
import {
  Kind,
  type ParsedModule,
  parseModule,
  SECTION_ORDER,
  SectionId,
  sectionOf,
  signatureOf,
} from "./module.ts";
import { rewriteNames } from "./names.ts";
import { Type } from "./opcodes.ts";
import { Reader } from "./reader.ts";
import { addSection, concatenate, describesCodeOffsets } from "./sections.ts";
import { activeSegments, type Segment } from "./segments.ts";
import { findLowStack, findStackPointer } from "./stackpointer.ts";
import { rewriteTables } from "./tables.ts";
import { validateInput, validateOutput } from "./validate.ts";
import { verify } from "./verify.ts";

/** A module with no more code than this is translated in line everywhere: helpers cost calls, and the engine must spill around each. */
const INLINE_ALL_BYTES = 2 * 1024 * 1024;
/** In a module with no more code than this a region's data is likely to be in one window: a few arrays, not a heap and a stack. */
const LIKELY_WINDOW_BYTES = 128 * 1024;

export interface RewriteOptions {
  /** What a recognised stack pointer starts at; a multiple of 16. Default 0xbffffff0. */
  readonly stackTop?: number;
  /** Where accesses are translated in line. Default "auto": everywhere in a module of little code, in loops in others. */
  readonly inline?: "auto" | "loops" | "all" | "none";
  /** Keep window words in locals in loops that call nothing (default true). */
  readonly regions?: boolean;
  /** Tell the engine that window tests succeed (default true). */
  readonly hints?: boolean;
  /** Validate the input, or the input and the output, with the engine (default true: both). Compiling the output validates it too. */
  readonly validate?: boolean | "input";
  /** Prove that no raw access is left (default true). */
  readonly verify?: boolean;
}

export type ExternalKind = "function" | "table" | "memory" | "global" | "tag";

export interface RewriteStats {
  sitesInline: number;
  sitesHelper: number;
  /** memory.copy, fill and init, data.drop. */
  bulkSites: number;
  regions: number;
  helpers: number;
  bytesBefore: number;
  bytesAfter: number;
}

export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Active data: sorted by va, without overlap, none empty. */
  readonly segments: Segment[];
  readonly hasMemory: boolean;
  /** Of a module with a start function: one with the same imports and nothing else, so that linking can be tried without running code. */
  readonly linkage: Uint8Array<ArrayBuffer> | undefined;
  /** In units of 64 KiB. */
  readonly memoryMinPages: number;
  readonly memoryMaxPages: number | undefined;
  readonly stackPointer: { readonly moved: boolean; readonly original: number };
  /** Top of a stack that stays in low memory because nothing names its pointer; 0 when there is none. */
  readonly lowStack: number;
  /** Of the program; neither mmu nor the memory. */
  readonly imports: { module: string; name: string; kind: ExternalKind }[];
  readonly exports: { name: string; kind: ExternalKind; signature?: Signature }[];
  readonly stats: RewriteStats;
}

const HEADER: Uint8Array = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

const KIND_NAMES: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];

/** Rewrites a module. Throws UnsupportedModule with a sentence that says what and where. */
export function rewrite(bytes: Uint8Array, options: RewriteOptions = {}): RewrittenModule {
  const module = parseModule(bytes);
  for (const { module: from } of module.imports) {
    if (from === MMU_MODULE)
      throw new UnsupportedModule(
        `the module imports from "${MMU_MODULE}", a name that is reserved`,
      );
  }
  const segments = activeSegments(module);
  const rewriter = new ModuleRewriter(module, options);
  const output = rewriter.run();
  if (options.validate !== false) validateInput(bytes);
  if (options.validate !== false && options.validate !== "input") validateOutput(output);
  if (options.verify !== false) verify(output);
  const { stats } = rewriter.code;
  return {
    bytes: output,
    segments,
    hasMemory: module.memory !== undefined,
    linkage: rewriter.linkage,
    memoryMinPages: module.memory?.minPages ?? 0,
    memoryMaxPages: module.memory?.maxPages,
    stackPointer: rewriter.stackPointer,
    lowStack: rewriter.stackPointer.moved ? 0 : findLowStack(module),
    imports: module.imports
      .filter(({ kind }) => kind !== Kind.MEMORY)
      .map(({ module: from, name, kind }) => ({
        module: from,
        name,
        kind: KIND_NAMES[kind] as ExternalKind,
      })),
    exports: module.exports
      .filter(({ kind }) => kind !== Kind.MEMORY)
      .map(({ name, kind, index }) => ({
        name,
        kind: KIND_NAMES[kind] as ExternalKind,
        ...(kind === Kind.FUNCTION && { signature: signatureOf(module, index) }),
      })),
    stats: {
      ...stats,
      helpers: rewriter.helpers.length,
      bytesBefore: bytes.length,
      bytesAfter: output.length,
    },
  };
}

class ModuleRewriter implements CodeContext {
  readonly identity = false;
  readonly functionShift = MMU_FUNCTIONS.length;
  readonly globalShift = 1;
  readonly helpers: Helper[] = [];
  readonly code: CodeRewriter;
  readonly stackPointer: { moved: boolean; original: number };
  linkage: Uint8Array<ArrayBuffer> | undefined;
  private readonly module: ParsedModule;
  private readonly stackTop: number;
  private readonly stackPointerGlobal: number;
  private readonly helperIndices = new Map<string, number>();
  private readonly accessIndices = new Int32Array(0x300).fill(-1);
  private readonly droppedGlobals = new Map<number, number>();
  private readonly types = new Map<string, number>();
  private readonly addedTypes = new Asm(256);

  private readonly hintsWanted: boolean;

  constructor(module: ParsedModule, options: RewriteOptions) {
    this.module = module;
    this.hintsWanted = options.hints !== false;
    this.stackTop = options.stackTop ?? 0xbffffff0;
    this.stackPointerGlobal = findStackPointer(module);
    this.stackPointer = {
      moved: this.stackPointerGlobal >= 0,
      original: this.originalStackPointer(),
    };
    const code = sectionOf(module, SectionId.CODE);
    const size = code === undefined ? 0 : code.end - code.start;
    const inline = options.inline ?? "auto";
    this.code = new CodeRewriter(
      this,
      inline === "auto" ? (size <= INLINE_ALL_BYTES ? "all" : "loops") : inline,
      options.regions !== false,
      size <= LIKELY_WINDOW_BYTES,
    );
  }

  run(): Uint8Array<ArrayBuffer> {
    const code = this.rewriteCode();
    const sections = new Map<SectionId, readonly Asm[] | undefined>();
    for (const id of SECTION_ORDER) {
      if (id === SectionId.CODE) sections.set(id, code);
      else if (id !== SectionId.TYPE) sections.set(id, this.sectionFor(id));
    }
    sections.set(SectionId.TYPE, [this.typeSection()]); // last: the others add types
    if (sections.get(SectionId.START) !== undefined) {
      const parts = [HEADER];
      for (const id of [SectionId.TYPE, SectionId.IMPORT])
        addSection(parts, id, sections.get(id) ?? []);
      this.linkage = concatenate(parts);
    }
    const parts: Uint8Array[] = [HEADER];
    this.customSections(SectionId.CUSTOM, parts);
    for (const id of SECTION_ORDER) {
      const hints =
        id === SectionId.CODE && this.hintsWanted ? this.code.hints.finish() : undefined;
      if (hints !== undefined) addSection(parts, SectionId.CUSTOM, [hints]);
      const section = sections.get(id);
      if (section !== undefined) addSection(parts, id, section);
      this.customSections(id, parts);
    }
    return concatenate(parts);
  }

  // What code.ts asks for.

  accessHelper(access: Access, lane: number): number {
    if (lane >= 0) return this.helper(`${access.code}/${lane}`, () => accessHelper(access, lane));
    const slot = access.code < 0x100 ? access.code : (access.code & 0x1ff) + 0x100;
    let index = this.accessIndices[slot] as number;
    if (index < 0) {
      index = this.helper(`${access.code}`, () => accessHelper(access));
      this.accessIndices[slot] = index;
    }
    return index;
  }

  copyHelper(): number {
    return this.helper("copy", copyHelper);
  }

  fillHelper(): number {
    return this.helper("fill", fillHelper);
  }

  wordsHelper(reads: boolean, writes: boolean): number {
    return this.helper(`words/${reads}/${writes}`, () => wordsHelper(reads, writes));
  }

  initHelper(segment: number, at: number): number {
    const flag = this.droppedGlobal(segment, at);
    const data = this.module.data[segment];
    return this.helper(`init/${segment}`, () =>
      initHelper(segment, data?.active ? 0 : (data?.length ?? 0), flag),
    );
  }

  droppedGlobal(segment: number, at: number): number {
    if (segment >= this.module.data.length)
      throw new MalformedModule(`no data segment ${segment}`, at);
    let global = this.droppedGlobals.get(segment);
    if (global === undefined) {
      global =
        this.module.importedGlobals +
        this.module.globals.length +
        this.globalShift +
        this.droppedGlobals.size;
      this.droppedGlobals.set(segment, global);
    }
    return global;
  }

  private helper(key: string, make: () => Helper): number {
    let index = this.helperIndices.get(key);
    if (index === undefined) {
      index =
        this.functionShift +
        this.module.importedFunctions +
        this.module.functionTypes.length +
        this.helpers.length;
      this.helpers.push(make());
      this.helperIndices.set(key, index);
    }
    return index;
  }

  private rewriteCode(): Asm[] {
    const { module } = this;
    const section = sectionOf(module, SectionId.CODE);
    const bodies = new Asm(section === undefined ? 1024 : (section.end - section.start) * 2 + 1024);
    if (section !== undefined) {
      const r = new Reader(module.bytes, section.start, section.end);
      const count = r.count();
      if (count !== module.functionTypes.length)
        throw new MalformedModule("functions and code differ in number", section.start);
      for (let i = 0; i < count; i++) {
        const size = r.count();
        const end = r.pos + size;
        r.end = end;
        const parameters = module.parameterCounts[module.functionTypes[i] as number] as number;
        this.code.rewriteBody(
          r,
          parameters,
          bodies,
          this.functionShift + module.importedFunctions + i,
        );
        if (r.pos !== end)
          throw new MalformedModule(`function body ${i} is longer than its code`, r.pos);
        r.end = section.end;
      }
      if (r.pos !== r.end)
        throw new MalformedModule("the code section is longer than its contents", r.pos);
    }
    for (const { body } of this.helpers) {
      bodies.u32(body.length);
      bodies.bytes(body);
    }
    const count = new Asm(8);
    count.u32(module.functionTypes.length + this.helpers.length);
    return [count, bodies];
  }

  private sectionFor(id: SectionId): readonly Asm[] | undefined {
    const section = sectionOf(this.module, id);
    switch (id) {
      case SectionId.IMPORT:
        return [this.importSection()];
      case SectionId.FUNCTION:
        return [this.functionSection()];
      case SectionId.MEMORY:
        return undefined;
      case SectionId.GLOBAL:
        return this.globalSection();
      case SectionId.DATA:
        return section === undefined ? undefined : [this.dataSection()];
      default:
        if (section === undefined) return undefined;
    }
    const r = new Reader(this.module.bytes, section.start, section.end);
    const out = new Asm(section.end - section.start + 64);
    switch (id) {
      case SectionId.EXPORT:
        this.exportSection(out);
        break;
      case SectionId.TABLE:
        rewriteTables(this.module, out);
        break;
      case SectionId.START:
        out.u32(r.u32() + this.functionShift);
        break;
      case SectionId.ELEMENT:
        rewriteElements(r, out, this.code, this.functionShift);
        if (r.pos !== r.end)
          throw new MalformedModule("the element section is longer than its contents", r.pos);
        break;
      default:
        out.copy(this.module.bytes, section.start, section.end);
    }
    return [out];
  }

  private importSection(): Asm {
    const { bytes, imports } = this.module;
    const kept = imports.filter(({ kind }) => kind !== Kind.MEMORY);
    const out = new Asm(1024);
    out.u32(kept.length + MMU_FUNCTIONS.length + 2);
    const begin = (name: string, kind: Kind): void => {
      out.name(MMU_MODULE);
      out.name(name);
      out.u8(kind);
    };
    begin("memory", Kind.MEMORY);
    out.bytes([3, 0]);
    out.u32(MEMORY_MAX_PAGES);
    begin("cpu", Kind.GLOBAL);
    out.op2(Type.I32, 0);
    for (const [name, signature] of MMU_FUNCTIONS) {
      begin(name, Kind.FUNCTION);
      out.u32(this.typeIndex(signature));
    }
    for (const { start, end } of kept) out.copy(bytes, start, end);
    return out;
  }

  private functionSection(): Asm {
    const types = this.module.functionTypes;
    const out = new Asm(types.length * 2 + 256);
    out.u32(types.length + this.helpers.length);
    for (const type of types) out.u32(type);
    for (const { signature } of this.helpers) out.u32(this.typeIndex(signature));
    return out;
  }

  private globalSection(): Asm[] | undefined {
    const { bytes, globals, importedGlobals } = this.module;
    if (globals.length + this.droppedGlobals.size === 0) return undefined;
    const out = new Asm(globals.length * 8 + 64);
    out.u32(globals.length + this.droppedGlobals.size);
    globals.forEach(({ start, end }, i) => {
      out.copy(bytes, start, start + 2);
      if (importedGlobals + i === this.stackPointerGlobal) out.i32(this.stackTop).end();
      else this.code.rewriteExpression(new Reader(bytes, start + 2, end), out);
    });
    for (let i = 0; i < this.droppedGlobals.size; i++) {
      out.op2(Type.I32, 1);
      out.i32(0).end();
    }
    return [out];
  }

  private exportSection(out: Asm): void {
    const kept = this.module.exports.filter(({ kind }) => kind !== Kind.MEMORY);
    out.u32(kept.length);
    for (const { name, kind, index } of kept) {
      out.name(name);
      out.u8(kind);
      out.u32(
        index +
          (kind === Kind.FUNCTION
            ? this.functionShift
            : kind === Kind.GLOBAL
              ? this.globalShift
              : 0),
      );
    }
  }

  /** Active segments become passive and empty: to the program they count as dropped. */
  private dataSection(): Asm {
    const { bytes, data } = this.module;
    const out = new Asm(1024);
    out.u32(data.length);
    for (const { active, start, length } of data) {
      out.u8(1);
      out.u32(active ? 0 : length);
      if (!active) out.copy(bytes, start, start + length);
    }
    return out;
  }

  private typeSection(): Asm {
    const section = sectionOf(this.module, SectionId.TYPE);
    const out = new Asm(1024);
    out.u32(this.module.parameterCounts.length + this.types.size);
    if (section !== undefined) {
      const r = new Reader(this.module.bytes, section.start, section.end);
      r.count();
      out.copy(r.bytes, r.pos, r.end);
    }
    out.append(this.addedTypes);
    return out;
  }

  private typeIndex({ params, results }: Signature): number {
    const key = `${params.join()}>${results.join()}`;
    let index = this.types.get(key);
    if (index === undefined) {
      index = this.module.parameterCounts.length + this.types.size;
      this.types.set(key, index);
      const out = this.addedTypes;
      out.u8(0x60);
      out.u32(params.length);
      out.bytes(params);
      out.u32(results.length);
      out.bytes(results);
    }
    return index;
  }

  private customSections(anchor: SectionId, parts: Uint8Array[]): void {
    for (const section of this.module.sections) {
      if (
        section.id !== SectionId.CUSTOM ||
        section.anchor !== anchor ||
        describesCodeOffsets(section)
      )
        continue;
      if (section.name !== "name") {
        parts.push(this.module.bytes.subarray(section.header, section.end));
        continue;
      }
      const first =
        this.functionShift + this.module.importedFunctions + this.module.functionTypes.length;
      const added = this.helpers.map(({ name }, i) => [first + i, name] as const);
      const names = rewriteNames(
        this.module.bytes,
        section,
        this.functionShift,
        this.globalShift,
        added,
      );
      if (names !== undefined) addSection(parts, SectionId.CUSTOM, [names]);
    }
  }

  private originalStackPointer(): number {
    const global = this.module.globals[this.stackPointerGlobal - this.module.importedGlobals];
    if (global === undefined) return 0;
    return new Reader(this.module.bytes, global.start + 3, global.end).s32() >>> 0;
  }
}
