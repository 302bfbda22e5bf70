// Loops: a first pass over a function that finds its leaf loops, whose window words can stay in locals.
//
// Invariants
//   L1  A LEAF loop contains no loop, no call of any kind, no instruction that becomes a call in every case (bulk memory, memory.grow,
//       atomics, lanes), and no exception handling: nothing in it enters the kernel but the slow path of an access.
//       Of a nest only the innermost loop is taken: carried through outer loops, the locals cost more registers than they save loads.
// Not here  What is done with it: code.ts opens a region there.

import { AccessClass, accessOf } from "./access.ts";
import { hasWindowForm } from "./forms.ts";
import {
  formatOf,
  memargOffset,
  prefixedFormat,
  readMemarg,
  readMemoryIndex,
  skipImmediates,
} from "./instructions.ts";
import { Format, Op } from "./opcodes.ts";
import type { Reader } from "./reader.ts";

export const enum LoopFlag {
  LEAF = 1,
  LOADS = 2,
  STORES = 4,
}

// Inside this file: what keeps a loop from being a LEAF.
const CALLS = 8;
const OUTER = 16;

export class LoopScan {
  /** LoopFlags of the loops of the last scanned function, in the order in which they begin. */
  flags = new Uint8Array(64);
  count = 0;
  private control = new Int32Array(64); // loop number, or -1

  /** Scans the code at r, which comes back to where it was. Returns the number of loops. */
  scan(r: Reader): number {
    const start = r.pos;
    this.count = 0;
    let depth = 0;
    let current = 0; // what was seen since the innermost loop began, to be merged outwards
    const seen = this.seen;
    seen.length = 0;
    for (;;) {
      const at = r.pos;
      const opcode = r.u8();
      const format = formatOf(opcode, at);
      switch (format) {
        case Format.NONE:
          if (opcode === 0x0a) current |= CALLS; // throw_ref
          break;
        case Format.BLOCK:
          skipImmediates(r, format);
          if (opcode === 0x06) current |= CALLS; // try
          if (opcode === Op.LOOP) {
            seen.push(current);
            current = 0;
          }
          depth = this.enter(depth, opcode === Op.LOOP ? this.newLoop() : -1);
          break;
        case Format.TRY_TABLE:
          skipImmediates(r, format);
          current |= CALLS;
          depth = this.enter(depth, -1);
          break;
        case Format.DELEGATE:
          r.u32();
          current |= CALLS;
          if (depth > 0) depth--;
          break;
        case Format.END:
          if (depth === 0) {
            r.pos = start;
            return this.count;
          }
          depth--;
          if ((this.control[depth] as number) >= 0) {
            this.flags[this.control[depth] as number] =
              current & (CALLS | OUTER) ? 0 : current | LoopFlag.LEAF;
            current |= (seen.pop() ?? 0) | OUTER;
          }
          break;
        case Format.FUNC:
          r.u32();
          if (opcode !== Op.REF_FUNC) current |= CALLS;
          break;
        case Format.CALL_INDIRECT:
          r.u32();
          r.u32();
          current |= CALLS;
          break;
        case Format.GLOBAL:
          r.u32();
          break;
        case Format.MEMARG:
          readMemarg(r);
          current |= accessFlags(opcode, memargOffset);
          break;
        case Format.MEMORY:
          readMemoryIndex(r);
          if (opcode === Op.MEMORY_GROW) current |= CALLS;
          break;
        case Format.CATCH:
          r.u32();
          current |= CALLS;
          break;
        case Format.CATCH_ALL:
          current |= CALLS;
          break;
        case Format.PREFIX: {
          const sub = r.u32();
          const prefixed = prefixedFormat(opcode, sub, at);
          if (prefixed === Format.MEMARG || prefixed === Format.MEMARG_LANE) {
            readMemarg(r);
            if (prefixed === Format.MEMARG_LANE) r.u8();
            current |= accessFlags((opcode << 8) | sub, memargOffset);
          } else if (prefixed >= Format.MEMORY_INIT && prefixed <= Format.MEMORY_FILL) {
            r.u32();
            if (prefixed === Format.MEMORY_INIT || prefixed === Format.MEMORY_COPY) r.u32();
            current |= CALLS;
          } else skipImmediates(r, prefixed);
          break;
        }
        default:
          skipImmediates(r, format);
          if (opcode === 0x08 || opcode === 0x09) current |= CALLS; // throw, rethrow
      }
    }
  }

  private readonly seen: number[] = [];

  private newLoop(): number {
    if (this.count === this.flags.length) {
      const next = new Uint8Array(this.count * 2);
      next.set(this.flags);
      this.flags = next;
    }
    return this.count++;
  }

  private enter(depth: number, loop: number): number {
    if (depth === this.control.length) {
      const next = new Int32Array(depth * 2);
      next.set(this.control);
      this.control = next;
    }
    this.control[depth] = loop;
    return depth + 1;
  }
}

function accessFlags(code: number, k: number): number {
  const access = accessOf(code);
  if (access === undefined || !hasWindowForm(access, k)) return CALLS;
  return access.class === AccessClass.STORE ? LoopFlag.STORES : LoopFlag.LOADS;
}
