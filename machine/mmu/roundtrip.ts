// Round trip: decode and encode, changing nothing. A test of the decoder: the result must be the same bytes.

import { Asm } from "./asm.ts";
import { CodeRewriter } from "./code.ts";
import { parseModule, SectionId } from "./module.ts";
import { Reader } from "./reader.ts";

/** Decodes every instruction of a module and encodes it again, changing nothing. */
export function roundTrip(bytes: Uint8Array): Uint8Array {
  const module = parseModule(bytes);
  const unused = (): never => {
    throw new Error("identity asks for no helper");
  };
  const code = new CodeRewriter(
    {
      identity: true,
      functionShift: 0,
      globalShift: 0,
      accessHelper: unused,
      copyHelper: unused,
      fillHelper: unused,
      wordsHelper: unused,
      initHelper: unused,
      droppedGlobal: unused,
    },
    "none",
  );
  const out = new Asm(bytes.length + 64);
  out.copy(bytes, 0, 8);
  for (const section of module.sections) {
    if (section.id !== SectionId.CODE) {
      out.copy(bytes, section.header, section.end);
      continue;
    }
    out.copy(bytes, section.header, section.start);
    const r = new Reader(bytes, section.start, section.end);
    const count = r.count();
    out.copy(bytes, section.start, r.pos);
    for (let i = 0; i < count; i++) {
      const at = r.pos;
      const size = r.count();
      const bodyStart = r.pos;
      r.end = bodyStart + size;
      out.copy(bytes, at, bodyStart);
      const body = new Asm(size + 16);
      code.rewriteBody(r, module.parameterCounts[module.functionTypes[i] as number] ?? 0, body);
      const inside = new Reader(body.buffer, 0, body.length);
      inside.u32();
      out.copy(body.buffer, inside.pos, body.length);
      r.end = section.end;
    }
  }
  return out.take();
}
