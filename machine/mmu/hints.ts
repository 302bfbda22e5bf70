// Hints: the custom section metadata.code.branch_hint, which tells the engine that the window tests succeed.
//
//   vec(function index, vec(offset from the start of the body, 1, likely = 1))
//
// Without it V8 treats the call of a helper as part of the loop, and everything that is live is reloaded from the stack after each
// access: 4.7 against 1.8 times the untranslated matrix product. Chromium reads the section; Node 20 does with the flag
// --experimental-wasm-branch-hinting. It never changes what a program does, so the verifier does not look at it.

import { Writer } from "./writer.ts";

export const HINTS_SECTION = "metadata.code.branch_hint";

export class Hints {
  private readonly entries = new Writer(1024);
  private functions = 0;

  /** The ifs at these offsets from the start of the function's body (its locals) are likely to be taken. */
  add(functionIndex: number, offsets: readonly number[], base: number): void {
    if (offsets.length === 0) return;
    this.functions++;
    this.entries.u32(functionIndex);
    this.entries.u32(offsets.length);
    for (const offset of offsets) {
      this.entries.u32(offset + base);
      this.entries.u8(1);
      this.entries.u8(1);
    }
  }

  /** The contents of the section, or undefined when there is nothing to say. */
  finish(): Writer | undefined {
    if (this.functions === 0) return undefined;
    const out = new Writer(this.entries.length + 64);
    out.name(HINTS_SECTION);
    out.u32(this.functions);
    out.append(this.entries);
    return out;
  }
}
