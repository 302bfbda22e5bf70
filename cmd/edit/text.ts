// The text: bytes with a gap where they are edited, and an index of where its lines begin, with a gap at the same place. An edit costs what
// it changes and how far it is from the one before.
//
// Invariants
//   T1  The text is the bytes block .. block + gapAt, and those behind the gap, up to block + TEXT_BYTES.
//   T2  lineCount is 1 plus the number of newlines. Line i begins at lineStart(i); of the lines before lineGap the index has the offset from
//       the start of the text, of the others, which stand at the index's end, how far before the end of the text they begin.
//
// All memory is taken once; what is never touched costs nothing.

/** The longest text. */
export const TEXT_BYTES: i32 = 16 << 20;
/** The most lines. */
export const LINES: i32 = 2 << 20;

let block: usize = 0;
let gapAt: i32 = 0;
export let textBytes: i32 = 0;
let index: usize = 0;
let lineGap: i32 = 1; // lines whose entries are before the gap; the first always is
export let lineCount: i32 = 1;

/** Takes the memory; the text is empty. */
export function textBegin(): void {
  block = heap.alloc(TEXT_BYTES);
  index = heap.alloc(LINES * 4);
  store<u32>(index, 0);
}

/** Where a text can be put before textLoaded: TEXT_BYTES of room. */
export function textRoom(): usize {
  return block;
}

/** The n bytes in textRoom() are the text. False: too many lines, and the text is empty. */
export function textLoaded(n: i32): bool {
  lineGap = 1;
  gapAt = n;
  textBytes = n;
  for (let i = 0; i < n; i++) {
    if (load<u8>(block + i) != 10) continue;
    if (lineGap == LINES) {
      lineGap = 1;
      gapAt = 0;
      textBytes = 0;
      break;
    }
    store<u32>(index + lineGap++ * 4, i + 1);
  }
  lineCount = lineGap;
  return textBytes == n;
}

/** The byte at an offset, which is before the end. */
export function textByte(at: i32): i32 {
  return load<u8>(block + (at < gapAt ? at : at + TEXT_BYTES - textBytes));
}

/** Copies n bytes from an offset on. */
export function textCopy(to: usize, at: i32, n: i32): void {
  const first = min(max(gapAt - at, 0), n);
  memory.copy(to, block + at, first);
  memory.copy(to + first, block + at + first + TEXT_BYTES - textBytes, n - first);
}

/** Address of the bytes from an offset on, of which textRun of them lie one after another. */
export function textAddress(at: i32): usize {
  textRun = at < gapAt ? gapAt - at : textBytes - at;
  return block + (at < gapAt ? at : at + TEXT_BYTES - textBytes);
}

export let textRun: i32 = 0;

/** Whether n bytes at p can be put in. */
export function textFits(p: usize, n: i32): bool {
  if (n > TEXT_BYTES - textBytes) return false;
  if (n <= LINES - lineCount) return true;
  let lines = lineCount;
  for (let i = 0; i < n; i++) if (load<u8>(p + i) == 10) lines++;
  return lines <= LINES;
}

/** Puts n bytes that fit in at an offset. */
export function textInsert(at: i32, p: usize, n: i32): void {
  gapsMove(at);
  memory.copy(block + at, p, n);
  gapAt = at + n;
  textBytes += n;
  for (let i = 0; i < n; i++) {
    if (load<u8>(p + i) != 10) continue;
    store<u32>(index + lineGap++ * 4, at + i + 1);
    lineCount++;
  }
}

/** Takes n bytes out from an offset on. */
export function textRemove(at: i32, n: i32): void {
  gapsMove(at);
  while (lineGap < lineCount && lineStart(lineGap) <= at + n) lineCount--;
  textBytes -= n;
}

/** Offset of the first byte of line i. */
export function lineStart(i: i32): i32 {
  if (i < lineGap) return load<u32>(index + i * 4);
  return textBytes - <i32>load<u32>(index + (LINES - lineCount + i) * 4);
}

/** Offset behind the last byte of line i, where its newline is, if it has one. */
export function lineEnd(i: i32): i32 {
  return i + 1 < lineCount ? lineStart(i + 1) - 1 : textBytes;
}

/** The line that an offset is in. */
export function lineAt(at: i32): i32 {
  let low = 0;
  let high = lineCount - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStart(middle) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Moves both gaps to an offset: the lines that begin there or before are before the index's gap. */
function gapsMove(at: i32): void {
  const lines = lineAt(at) + 1;
  while (lineGap < lines) {
    store<u32>(index + lineGap * 4, lineStart(lineGap));
    lineGap++;
  }
  while (lineGap > lines) {
    const start = load<u32>(index + (lineGap - 1) * 4);
    lineGap--;
    store<u32>(index + (LINES - lineCount + lineGap) * 4, textBytes - start);
  }
  const gapBytes = TEXT_BYTES - textBytes;
  if (at < gapAt) memory.copy(block + at + gapBytes, block + at, gapAt - at);
  else memory.copy(block + gapAt, block + gapAt + gapBytes, at - gapAt);
  gapAt = at;
}
