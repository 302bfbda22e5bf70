// Translations: programs that were rewritten when the system was built, so that starting one takes a compilation and nothing else. They lie
// behind the initrd in the system file, outside of the machine's memory, and are as trusted as the kernel beside them.
//
//   system file     u32 bytes of the initrd | initrd | translations        (both may be fetched as one, so they always belong together)
//   translations    u32 bytes of the index | index: JSON, a TranslationRecord for each program | rewritten modules
//
// Not here  Rewriting (mmu/rewrite.ts) and which of them are compiled (client/programs.ts).

import type { ProgramShape } from "./program.ts";

export interface Translation extends ProgramShape {
  /** Path in the initrd, without a leading slash. */
  readonly path: string;
  /** Offset of the program's file from the start of the initrd. */
  readonly file: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A Translation in the index: where its bytes lie behind it, and its segments as va, fileOffset and length by turns. */
interface TranslationRecord extends Omit<Translation, "bytes" | "segments"> {
  readonly at: number;
  readonly length: number;
  readonly segments: readonly number[];
}

export interface SystemImage {
  readonly initrd: Uint8Array<ArrayBuffer>;
  readonly translations: readonly Translation[];
}

const WORD_BYTES = 4;

export function packSystem(
  initrd: Uint8Array,
  translations: readonly Translation[],
): Uint8Array<ArrayBuffer> {
  let at = 0;
  const records = translations.map(({ bytes, segments, ...rest }): TranslationRecord => {
    const words = segments.flatMap(({ va, fileOffset, length }) => [va, fileOffset, length]);
    const record = { ...rest, at, length: bytes.length, segments: words };
    at += bytes.length;
    return record;
  });
  const index = new TextEncoder().encode(JSON.stringify(records));
  const parts = [word(initrd.length), initrd, word(index.length), index];
  return join([...parts, ...translations.map(({ bytes }) => bytes)]);
}

/** Throws a sentence when the file is not one that packSystem has made. */
export function unpackSystem(file: Uint8Array<ArrayBuffer>): SystemImage {
  const initrd = counted(file);
  const rest = file.subarray(WORD_BYTES + initrd.length);
  const index = counted(rest);
  const modules = rest.subarray(WORD_BYTES + index.length);
  // JSON leaves out what is undefined: memoryMaxPages stays absent.
  const records = JSON.parse(new TextDecoder().decode(index)) as TranslationRecord[];
  const translations = records.map(({ at, length, segments, ...rest }) => {
    if (at + length > modules.length) throw damaged();
    return { ...rest, segments: triples(segments), bytes: modules.subarray(at, at + length) };
  });
  return { initrd, translations };
}

function triples(words: readonly number[]): Translation["segments"] {
  const segments = [];
  for (let i = 0; i < words.length; i += 3) {
    const [va = 0, fileOffset = 0, length = 0] = words.slice(i, i + 3);
    segments.push({ va, fileOffset, length });
  }
  return segments;
}

/** The bytes behind the word that counts them. */
function counted(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length < WORD_BYTES) throw damaged();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (WORD_BYTES + length > bytes.length) throw damaged();
  return bytes.subarray(WORD_BYTES, WORD_BYTES + length);
}

function damaged(): Error {
  return new Error("the system file is damaged: it is too short; build again with npm run build");
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(WORD_BYTES);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
