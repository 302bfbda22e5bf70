// Segments: the active data segments of a module as contents of its image, in the form in which they can be mapped.
//
// Invariants
//   D1  The result is sorted by va and does not overlap; where segments overlapped, the later one won, as in instantiation.
//   D2  Every segment lies in the initial memory.

import { MalformedModule, UnsupportedModule } from "./errors.ts";
import type { DataSegment, ParsedModule } from "./module.ts";
import { Op, Type } from "./opcodes.ts";
import { Reader } from "./reader.ts";

export interface Segment {
  readonly va: number;
  /** Where its bytes lie in the original file. */
  readonly fileOffset: number;
  readonly length: number;
}

/** The active segments, normalised. */
export function activeSegments(module: ParsedModule): Segment[] {
  const raw: Segment[] = [];
  const memoryBytes = (module.memory?.minPages ?? 0) * 65536;
  const globals = new ConstantGlobals(module);
  module.data.forEach((data, index) => {
    if (!data.active) return;
    if (module.memory === undefined)
      throw new MalformedModule(`data segment ${index} of a module without a memory`, data.start);
    const va = evaluateOffset(globals, data, index);
    if (va + data.length > memoryBytes) {
      throw new UnsupportedModule(
        `data segment ${index} (${data.length} bytes at address ${va}) is outside the initial memory of ${memoryBytes} bytes`,
        data.start,
      );
    }
    if (data.length > 0) raw.push({ va, fileOffset: data.start, length: data.length });
  });
  return normalise(raw);
}

/** The values of the immutable i32 globals that the module itself defines. Worked out at the first question. */
class ConstantGlobals {
  readonly module: ParsedModule;
  private values: (number | undefined)[] | undefined;

  constructor(module: ParsedModule) {
    this.module = module;
  }

  /** The value of a global by its index, undefined: it is imported, mutable, of another type, or not a constant. */
  value(index: number): number | undefined {
    if (this.values === undefined) {
      this.values = [];
      for (const { type, mutable, start, end } of this.module.globals) {
        const r = new Reader(this.module.bytes, start + 2, end);
        this.values.push(type === Type.I32 && !mutable ? this.evaluate(r) : undefined);
      }
    }
    return this.values[index - this.module.importedGlobals];
  }

  /** A constant expression of i32.const, i32.add, sub and mul, and global.get; undefined: it is something else, where r stands. */
  evaluate(r: Reader): number | undefined {
    const stack: number[] = [];
    for (;;) {
      const at = r.pos;
      const opcode = r.u8();
      if (opcode === Op.END) return stack.pop();
      let value: number | undefined;
      if (opcode === Op.I32_CONST) value = r.s32();
      else if (opcode === Op.GLOBAL_GET) value = this.value(r.u32());
      else {
        const right = stack.pop();
        const left = stack.pop();
        if (left !== undefined && right !== undefined) value = arithmetic(opcode, left, right);
      }
      if (value === undefined) {
        r.pos = at;
        return undefined;
      }
      stack.push(value);
    }
  }
}

function arithmetic(opcode: number, left: number, right: number): number | undefined {
  if (opcode === Op.I32_ADD) return (left + right) | 0;
  if (opcode === Op.I32_SUB) return (left - right) | 0;
  if (opcode === Op.I32_MUL) return Math.imul(left, right);
  return undefined;
}

function evaluateOffset(globals: ConstantGlobals, data: DataSegment, index: number): number {
  const r = new Reader(globals.module.bytes, data.expression, data.start);
  const value = globals.evaluate(r);
  if (value === undefined) {
    throw new UnsupportedModule(
      `unsupported offset of data segment ${index}: it is not a constant of the module (position-independent code?)`,
      r.pos,
    );
  }
  return value >>> 0;
}

/** Sorted and without overlap; a later element of `segments` covers an earlier one. */
export function normalise(segments: readonly Segment[]): Segment[] {
  const sorted = segments.toSorted((x, y) => x.va - y.va);
  if (sorted.every((s, i) => i === 0 || endOf(sorted[i - 1] as Segment) <= s.va)) return sorted;
  const byStart = segments
    .map((segment, priority) => ({ ...segment, priority }))
    .sort((x, y) => x.va - y.va);
  // Sweep from the left; the heap holds the segments that have begun, the latest on top.
  const heap: { va: number; fileOffset: number; length: number; priority: number }[] = [];
  const result: Segment[] = [];
  let next = 0;
  let va = 0;
  for (;;) {
    let top = heap[0];
    while (top !== undefined && endOf(top) <= va) {
      popHeap(heap);
      top = heap[0];
    }
    const coming = byStart[next];
    if (top === undefined) {
      if (coming === undefined) return result;
      va = Math.max(va, coming.va);
      pushHeap(heap, coming);
      next++;
      continue;
    }
    if (coming !== undefined && coming.va <= va) {
      pushHeap(heap, coming);
      next++;
      continue;
    }
    const until = Math.min(endOf(top), coming?.va ?? Number.POSITIVE_INFINITY);
    appendPiece(result, { va, fileOffset: top.fileOffset + (va - top.va), length: until - va });
    va = until;
  }
}

function endOf(segment: Segment): number {
  return segment.va + segment.length;
}

/** Appends a piece, joined with the last one when it continues the same bytes. */
function appendPiece(result: Segment[], piece: Segment): void {
  const last = result[result.length - 1];
  if (
    last !== undefined &&
    endOf(last) === piece.va &&
    last.fileOffset + last.length === piece.fileOffset
  ) {
    result[result.length - 1] = {
      va: last.va,
      fileOffset: last.fileOffset,
      length: last.length + piece.length,
    };
  } else result.push(piece);
}

function pushHeap<T extends { priority: number }>(heap: T[], item: T): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as T;
    if (above.priority >= item.priority) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function popHeap<T extends { priority: number }>(heap: T[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as T).priority > (heap[child] as T).priority)
      child++;
    if ((heap[child] as T).priority <= last.priority) break;
    heap[at] = heap[child] as T;
    at = child;
  }
  heap[at] = last;
}
