// Module: what a binary contains, section by section, as offsets into the original bytes. Code bodies are not looked into.
//
// Invariants
//   M1  Every section is parsed to its exact end, or the module is refused.
//   M2  Nothing here is larger than a constant times the file.
// Not here  Instructions (code.ts), the sense of data segments (segments.ts), names (names.ts).

import { MalformedModule, UnsupportedModule } from "./errors.ts";
import type { Signature } from "./imports.ts";
import { readMemoryIndex, readValueType, skipImmediates } from "./instructions.ts";
import { FORMAT, Format, Op, Type } from "./opcodes.ts";
import { Reader } from "./reader.ts";

/** Exceptions are objects of the engine's, with their values: see tables.ts. */
const TAG_VALUES_MAX = 32;

export const enum SectionId {
  CUSTOM = 0,
  TYPE,
  IMPORT,
  FUNCTION,
  TABLE,
  MEMORY,
  GLOBAL,
  EXPORT,
  START,
  ELEMENT,
  CODE,
  DATA,
  DATA_COUNT,
  TAG,
}

/** Sections in the order that a module has them. */
export const SECTION_ORDER: readonly SectionId[] = [
  SectionId.TYPE,
  SectionId.IMPORT,
  SectionId.FUNCTION,
  SectionId.TABLE,
  SectionId.MEMORY,
  SectionId.TAG,
  SectionId.GLOBAL,
  SectionId.EXPORT,
  SectionId.START,
  SectionId.ELEMENT,
  SectionId.DATA_COUNT,
  SectionId.CODE,
  SectionId.DATA,
];

export const enum Kind {
  FUNCTION = 0,
  TABLE,
  MEMORY,
  GLOBAL,
  TAG,
}

export interface Section {
  readonly id: SectionId;
  readonly header: number; // offset of the id byte
  readonly start: number; // of the payload; behind the name of a custom section: see `content`
  readonly end: number;
  readonly name: string; // of a custom section, else ""
  readonly content: number;
  /** The last known section before a custom section, or CUSTOM at the beginning. */
  readonly anchor: SectionId;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly type: number; // type index of a function
}

export interface Export {
  readonly name: string;
  readonly kind: Kind;
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

export interface Global {
  readonly type: number;
  readonly mutable: boolean;
  readonly start: number; // of the entry; the initial value begins two bytes later
  readonly end: number;
}

export interface Table {
  readonly type: number;
  readonly min: number;
  readonly max: number | undefined;
  readonly start: number;
}

export interface DataSegment {
  readonly active: boolean;
  readonly expression: number; // offset of the expression, of an active segment
  readonly start: number;
  readonly length: number;
}

export interface Memory {
  readonly imported: boolean;
  readonly minPages: number;
  readonly maxPages: number | undefined;
  readonly shared: boolean;
}

export interface ParsedModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  /** Parameters of each function type. */
  readonly parameterCounts: number[];
  /** Where each function type's parameters begin, with their number. */
  readonly typeStarts: number[];
  readonly imports: Import[];
  readonly importedTypes: number[]; // of the functions imported
  readonly functionTypes: number[]; // of the functions defined here
  readonly tables: Table[]; // defined here
  readonly globals: Global[]; // defined here
  readonly exports: Export[];
  readonly data: DataSegment[];
  importedFunctions: number;
  importedGlobals: number;
  memory: Memory | undefined;
}

export function sectionOf(module: ParsedModule, id: SectionId): Section | undefined {
  return module.sections.find((section) => section.id === id);
}

/** The types of the function with this index, as bytes. */
export function signatureOf(module: ParsedModule, index: number): Signature {
  const type =
    module.importedTypes[index] ?? module.functionTypes[index - module.importedFunctions];
  const start = type === undefined ? undefined : module.typeStarts[type];
  if (start === undefined) throw new MalformedModule(`no function ${index}`);
  const r = new Reader(module.bytes, start);
  const types = (): number[] => Array.from({ length: r.count() }, () => r.u8());
  return { params: types(), results: types() };
}

/** Parses everything but code. Throws MalformedModule or UnsupportedModule. */
export function parseModule(bytes: Uint8Array): ParsedModule {
  const sections = readSections(bytes);
  const module: ParsedModule = {
    bytes,
    sections,
    parameterCounts: [],
    typeStarts: [],
    imports: [],
    importedTypes: [],
    functionTypes: [],
    tables: [],
    globals: [],
    exports: [],
    data: [],
    importedFunctions: 0,
    importedGlobals: 0,
    memory: undefined,
  };
  for (const section of sections) {
    if (section.id === SectionId.CUSTOM) continue;
    const r = new Reader(bytes, section.start, section.end);
    readSection(module, section.id, r);
    if (r.pos !== r.end)
      throw new MalformedModule(`section ${section.id} is longer than its contents`, r.pos);
  }
  if (module.functionTypes.length > 0 && sectionOf(module, SectionId.CODE) === undefined) {
    throw new MalformedModule("functions without code");
  }
  return module;
}

function readSections(bytes: Uint8Array): Section[] {
  const r = new Reader(bytes);
  const magic = [0, 0x61, 0x73, 0x6d];
  if (bytes.length < 8 || magic.some((byte, i) => bytes[i] !== byte))
    throw new MalformedModule("no wasm magic number", 0);
  if (bytes[4] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
    throw new UnsupportedModule("unsupported binary version (a component?)", 4);
  }
  r.pos = 8;
  const sections: Section[] = [];
  let anchor: SectionId = SectionId.CUSTOM;
  while (r.pos < r.end) {
    const header = r.pos;
    const id = r.u8() as SectionId;
    if (id > SectionId.TAG) throw new UnsupportedModule(`unsupported section ${id}`, header);
    const size = r.count();
    const start = r.pos;
    const end = start + size;
    let name = "";
    let content = start;
    if (id === SectionId.CUSTOM) {
      const inside = new Reader(bytes, start, end);
      name = inside.name();
      content = inside.pos;
    } else {
      if (SECTION_ORDER.indexOf(id) <= SECTION_ORDER.indexOf(anchor))
        throw new MalformedModule("sections out of order", header);
      anchor = id;
    }
    sections.push({ id, header, start, end, name, content, anchor });
    r.pos = end;
  }
  return sections;
}

function readSection(module: ParsedModule, id: SectionId, r: Reader): void {
  switch (id) {
    case SectionId.TYPE:
      readTypes(module, r);
      return;
    case SectionId.IMPORT:
      readImports(module, r);
      return;
    case SectionId.FUNCTION:
      for (let n = r.count(); n > 0; n--) module.functionTypes.push(readTypeIndex(module, r));
      return;
    case SectionId.TABLE:
      for (let n = r.count(); n > 0; n--) module.tables.push(readTable(r));
      return;
    case SectionId.MEMORY:
      for (let n = r.count(); n > 0; n--) setMemory(module, r, false);
      return;
    case SectionId.TAG:
      for (let n = r.count(); n > 0; n--) readTag(module, r);
      return;
    case SectionId.GLOBAL:
      for (let n = r.count(); n > 0; n--) readGlobal(module, r);
      return;
    case SectionId.EXPORT:
      for (let n = r.count(); n > 0; n--) readExport(module, r);
      return;
    case SectionId.START:
    case SectionId.DATA_COUNT:
      r.u32();
      return;
    case SectionId.DATA:
      for (let n = r.count(); n > 0; n--) readData(module, r);
      return;
    default:
      r.pos = r.end; // elements and code: read where they are rewritten
  }
}

function readTypes(module: ParsedModule, r: Reader): void {
  for (let n = r.count(); n > 0; n--) {
    const at = r.pos;
    if (r.u8() !== 0x60)
      throw new UnsupportedModule("unsupported type definition (garbage collection)", at);
    module.typeStarts.push(r.pos);
    const parameters = r.count();
    for (let i = 0; i < parameters; i++) readValueType(r);
    for (let results = r.count(); results > 0; results--) readValueType(r);
    module.parameterCounts.push(parameters);
  }
}

function readTypeIndex(module: ParsedModule, r: Reader): number {
  const at = r.pos;
  const type = r.u32();
  if (type >= module.parameterCounts.length) throw new MalformedModule(`no type ${type}`, at);
  return type;
}

function readImports(module: ParsedModule, r: Reader): void {
  for (let n = r.count(); n > 0; n--) {
    const start = r.pos;
    const from = r.name();
    const name = r.name();
    const at = r.pos;
    const kind = r.u8() as Kind;
    let type = -1;
    switch (kind) {
      case Kind.FUNCTION:
        type = readTypeIndex(module, r);
        module.importedTypes.push(type);
        module.importedFunctions++;
        break;
      case Kind.TABLE:
        readTableType(r);
        break;
      case Kind.MEMORY:
        setMemory(module, r, true);
        break;
      case Kind.GLOBAL:
        readValueType(r);
        r.u8();
        module.importedGlobals++;
        break;
      case Kind.TAG:
        readTag(module, r);
        break;
      default:
        throw new UnsupportedModule(`unsupported import kind ${kind}`, at);
    }
    module.imports.push({ module: from, name, kind, start, end: r.pos, type });
  }
}

function readTag(module: ParsedModule, r: Reader): void {
  r.u8();
  const at = r.pos;
  const values = module.parameterCounts[readTypeIndex(module, r)] as number;
  if (values > TAG_VALUES_MAX) {
    throw new UnsupportedModule(
      `unsupported exception of ${values} values, more than ${TAG_VALUES_MAX}`,
      at,
    );
  }
}

function readTable(r: Reader): Table {
  if (r.peek() === 0x40) {
    throw new UnsupportedModule(
      "unsupported table with an initial value (typed function references)",
      r.pos,
    );
  }
  return readTableType(r);
}

function readTableType(r: Reader): Table {
  const start = r.pos;
  const type = readValueType(r);
  const at = r.pos;
  const flags = r.u32();
  if (flags > 1)
    throw new UnsupportedModule(
      `unsupported table limits 0x${flags.toString(16)} (64-bit or shared table)`,
      at,
    );
  const min = r.u32();
  return { type, min, max: flags & 1 ? r.u32() : undefined, start };
}

function setMemory(module: ParsedModule, r: Reader, imported: boolean): void {
  const at = r.pos;
  if (module.memory !== undefined)
    throw new UnsupportedModule("unsupported second memory (multiple memories)", at);
  const flags = r.u32();
  if (flags & 4) throw new UnsupportedModule("unsupported 64-bit memory (memory64)", at);
  if (flags > 3)
    throw new UnsupportedModule(
      `unsupported memory limits 0x${flags.toString(16)} (custom page sizes?)`,
      at,
    );
  const minPages = r.u32();
  const maxPages = flags & 1 ? r.u32() : undefined;
  if (minPages > 65536 || (maxPages ?? 0) > 65536)
    throw new MalformedModule("a memory of more than 4 GiB", at);
  module.memory = { imported, minPages, maxPages, shared: (flags & 2) !== 0 };
}

function readGlobal(module: ParsedModule, r: Reader): void {
  const start = r.pos;
  const type = readValueType(r);
  const mutable = r.u8() === 1;
  skipExpression(r);
  module.globals.push({ type, mutable, start, end: r.pos });
}

function readExport(module: ParsedModule, r: Reader): void {
  const start = r.pos;
  const name = r.name();
  const kind = r.u8() as Kind;
  module.exports.push({ name, kind, index: r.u32(), start, end: r.pos });
}

function readData(module: ParsedModule, r: Reader): void {
  const at = r.pos;
  const flags = r.u32();
  if (flags > 2) throw new MalformedModule(`data segment of kind ${flags}`, at);
  if (flags === 2) readMemoryIndex(r);
  const expression = r.pos;
  if (flags !== 1) skipExpression(r);
  const length = r.count();
  module.data.push({ active: flags !== 1, expression, start: r.pos, length });
  r.skip(length);
}

/** Steps over a constant expression, its end included. */
export function skipExpression(r: Reader): void {
  for (;;) {
    const at = r.pos;
    const opcode = r.u8();
    const format = FORMAT[opcode] as Format;
    if (format === Format.END) return;
    switch (format) {
      case Format.I32:
      case Format.I64:
      case Format.F32:
      case Format.F64:
      case Format.REF_NULL:
        skipImmediates(r, format);
        break;
      case Format.FUNC:
      case Format.GLOBAL:
        r.u32();
        break;
      case Format.NONE:
        break;
      case Format.PREFIX:
        if (opcode === Op.PREFIX_SIMD && r.u32() === 12) {
          r.skip(16);
          break;
        }
        throw new UnsupportedModule("unsupported instruction in a constant expression", at);
      default:
        throw new UnsupportedModule(
          `unsupported instruction 0x${opcode.toString(16)} in a constant expression`,
          at,
        );
    }
  }
}

/** Whether this reference type byte is one that tables and element segments may have. */
export function isReferenceType(type: number): boolean {
  return type === Type.FUNCREF || type === Type.EXTERNREF || type === Type.EXNREF;
}
