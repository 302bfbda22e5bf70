// Names: the name section with renumbered functions and globals, so that call stacks still read. A section that cannot be read is
// dropped, as engines do: names are never a reason to refuse a program.

import { MalformedModule } from "./errors.ts";
import type { ParsedModule, Section } from "./module.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

const enum Names {
  FUNCTIONS = 1,
  LOCALS = 2,
  LABELS = 3,
  MEMORIES = 6,
  GLOBALS = 7,
}

/** The contents of a renumbered name section, or undefined when it is malformed. `added` are names of functions behind all others. */
export function rewriteNames(
  bytes: Uint8Array,
  section: Section,
  functionShift: number,
  globalShift: number,
  added: readonly (readonly [index: number, name: string])[],
): Writer | undefined {
  const r = new Reader(bytes, section.content, section.end);
  const out = new Writer(section.end - section.content + 1024);
  out.name("name");
  try {
    while (r.pos < r.end) {
      const id = r.u8();
      const size = r.count();
      const inside = new Reader(bytes, r.pos, r.pos + size);
      r.pos += size;
      if (id === Names.MEMORIES) continue;
      const body = new Writer(size + 1024);
      if (id === Names.FUNCTIONS) rewriteMap(inside, body, functionShift, added);
      else if (id === Names.GLOBALS) rewriteMap(inside, body, globalShift, []);
      else if (id === Names.LOCALS || id === Names.LABELS)
        rewriteIndirectMap(inside, body, functionShift);
      else body.copy(bytes, inside.pos, inside.end);
      out.u8(id);
      out.u32(body.length);
      out.append(body);
    }
    return out;
  } catch (error) {
    if (error instanceof MalformedModule) return undefined;
    throw error;
  }
}

/** The index of the global with this name, or -1. */
export function findGlobalName(module: ParsedModule, wanted: string): number {
  const section = module.sections.find((s) => s.id === 0 && s.name === "name");
  if (section === undefined) return -1;
  const r = new Reader(module.bytes, section.content, section.end);
  try {
    while (r.pos < r.end) {
      const id = r.u8();
      const size = r.count();
      if (id !== Names.GLOBALS) {
        r.pos += size;
        continue;
      }
      for (let n = r.count(); n > 0; n--) {
        const index = r.u32();
        if (r.name() === wanted) return index;
      }
      return -1;
    }
  } catch (error) {
    if (!(error instanceof MalformedModule)) throw error;
  }
  return -1;
}

function rewriteMap(
  r: Reader,
  out: Writer,
  shift: number,
  added: readonly (readonly [index: number, name: string])[],
): void {
  const n = r.count();
  out.u32(n + added.length);
  for (let i = 0; i < n; i++) {
    out.u32(r.u32() + shift);
    const start = r.pos;
    r.skip(r.count());
    out.copy(r.bytes, start, r.pos);
  }
  for (const [index, name] of added) {
    out.u32(index);
    out.name(name);
  }
}

function rewriteIndirectMap(r: Reader, out: Writer, shift: number): void {
  const n = r.count();
  out.u32(n);
  for (let i = 0; i < n; i++) {
    out.u32(r.u32() + shift);
    const start = r.pos;
    for (let names = r.count(); names > 0; names--) {
      r.u32();
      r.skip(r.count());
    }
    out.copy(r.bytes, start, r.pos);
  }
}
