// Elements: element segments in their eight forms, renumbered.
//
//   0  expr vec(func)                     1  kind vec(func)          2  table expr kind vec(func)       3  kind vec(func)
//   4  expr vec(expr)                     5  type vec(expr)          6  table expr type vec(expr)       7  type vec(expr)

import type { Asm } from "./asm.ts";
import type { CodeRewriter } from "./code.ts";
import { MalformedModule } from "./errors.ts";
import { readValueType } from "./instructions.ts";
import type { Reader } from "./reader.ts";

const PASSIVE_OR_DECLARED = 1;
const EXPLICIT = 2; // a table index, or declared
const EXPRESSIONS = 4;

/** Copies the segments in r, with function indices moved by `functionShift`. */
export function rewriteElements(
  r: Reader,
  out: Asm,
  code: CodeRewriter,
  functionShift: number,
): void {
  const segments = r.count();
  out.u32(segments);
  for (let i = 0; i < segments; i++) {
    const at = r.pos;
    const flags = r.u32();
    if (flags > 7) throw new MalformedModule(`element segment of kind ${flags}`, at);
    out.u32(flags);
    if ((flags & PASSIVE_OR_DECLARED) === 0) {
      if (flags & EXPLICIT) out.u32(r.u32());
      code.rewriteExpression(r, out);
    }
    if (flags & (PASSIVE_OR_DECLARED | EXPLICIT)) {
      if (flags & EXPRESSIONS) out.u8(readValueType(r));
      else out.u8(r.u8());
    }
    const items = r.count();
    out.u32(items);
    for (let item = 0; item < items; item++) {
      if (flags & EXPRESSIONS) code.rewriteExpression(r, out);
      else out.u32(r.u32() + functionShift);
    }
  }
}
