// Sections: putting a module together from its parts without copying them more than once.

import type { Section, SectionId } from "./module.ts";
import { Writer } from "./writer.ts";

/** Appends a section with these contents, as views: the contents must not change any more. */
export function addSection(parts: Uint8Array[], id: SectionId, contents: readonly Writer[]): void {
  const header = new Writer(8);
  header.u8(id);
  header.u32(contents.reduce((length, part) => length + part.length, 0));
  parts.push(header.view(), ...contents.map((part) => part.view()));
}

/** One array of all parts. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Custom sections that would be wrong once code has moved. */
export function describesCodeOffsets({ name }: Section): boolean {
  return (
    name.startsWith(".debug") ||
    name.startsWith("reloc.") ||
    name.startsWith("metadata.code.") ||
    name === "linking" ||
    name === "sourceMappingURL" ||
    name === "external_debug_info"
  );
}
