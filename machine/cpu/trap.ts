// Which trap of the specification an engine's exception stands for. Engines name traps only in words; the words of V8,
// SpiderMonkey and JavaScriptCore are matched here and nowhere else.

import { Trap } from "../../abi/mmu.ts";

const WORDS: readonly [RegExp, Trap][] = [
  [/unreachable/i, Trap.UNREACHABLE],
  [/(divide|division|remainder) by zero/i, Trap.DIVIDE_BY_ZERO],
  [
    /unrepresentable in integer range|invalid conversion|float to integer|out of bounds trunc/i,
    Trap.INVALID_CONVERSION,
  ],
  [/divide result unrepresentable|integer overflow/i, Trap.INTEGER_OVERFLOW],
  [
    /signature mismatch|null function|indirect call|undefined element|call_indirect/i,
    Trap.INDIRECT_CALL,
  ],
  [/table/i, Trap.TABLE_BOUNDS],
  [/memory access out of bounds|index out of bounds|out of bounds memory/i, Trap.MEMORY_BOUNDS],
];

export function trapOf(error: unknown): Trap {
  if (error instanceof WebAssembly.RuntimeError) {
    for (const [words, trap] of WORDS) if (words.test(error.message)) return trap;
    return Trap.OTHER;
  }
  if (isStackExhausted(error)) return Trap.STACK_EXHAUSTED;
  return Trap.UNCAUGHT_EXCEPTION;
}

export function isStackExhausted(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return error instanceof Error && /too much recursion|call stack/i.test(error.message);
}

/** The program's own frames of an exception's stack, one a line, without the host's. */
export function callStackOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return "";
  const frames = error.stack
    .split("\n")
    .filter((line) => FRAME.test(line) && /wasm/.test(line) && !line.includes("kernel-as/"));
  return frames
    .map((line) => printable(line.trim().replace(/wasm:\/\/wasm\//, "")))
    .slice(0, MAXIMUM_FRAMES)
    .join("\n");
}

/** Names come from the program, which may have put anything into them: nothing that a terminal obeys remains. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}

/** How a frame begins: "at" in V8, a name and "@" elsewhere. What follows a line break in a name is none. */
const FRAME = /^\s+at |^[^@]*@/;
const MAXIMUM_FRAMES = 24;
