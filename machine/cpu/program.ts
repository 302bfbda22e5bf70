// Program: a wasm file made ready to run: rewritten, compiled, and described as the kernel and the linker need it.

import { rewrite } from "../mmu/index.ts";

/** What the kernel and the linker need to know of a rewritten program. */
export interface ProgramShape {
  readonly segments: readonly {
    readonly va: number;
    readonly fileOffset: number;
    readonly length: number;
  }[];
  /** Instantiating it runs code. */
  readonly hasStart: boolean;
  readonly memoryMinPages: number;
  /** undefined: no maximum was declared. */
  readonly memoryMaxPages: number | undefined;
}

export interface Program extends ProgramShape {
  readonly module: WebAssembly.Module;
}

/** The most the stack pointer may be: 16-byte aligned, a red zone below the end of the stack region. */
const STACK_TOP = 0xc0000000 - 64;

/**
 * An empty segment at address 0 makes the first page part of the image. A program whose stack stays in low memory gets it: that page is
 * the far end of its stack. So does one with the function of wasi-libc that stores through a null pointer (docs/decisions/0001).
 */
const NULL_PAGE = { va: 0, fileOffset: 0, length: 0 };
const STORES_THROUGH_NULL = "__secs_to_zone";

/**
 * Rewrites and compiles a program from its file; `bytes` is the rewritten module.
 * Throws an Error whose message says what in the file is wrong, or not supported, and at which offset.
 */
export async function makeProgram(
  file: Uint8Array,
): Promise<{ program: Program; bytes: Uint8Array<ArrayBuffer> }> {
  const rewritten = rewrite(file, { stackTop: STACK_TOP });
  const module = await WebAssembly.compile(rewritten.bytes);
  const needsNullPage = rewritten.lowStack > 0 || hasName(module, STORES_THROUGH_NULL);
  const ownsNullPage = needsNullPage && rewritten.segments[0]?.va !== 0;
  const program = {
    module,
    segments: ownsNullPage ? [NULL_PAGE, ...rewritten.segments] : rewritten.segments,
    hasStart: rewritten.hasStart,
    memoryMinPages: rewritten.memoryMinPages,
    memoryMaxPages: rewritten.memoryMaxPages,
  };
  return { program, bytes: rewritten.bytes };
}

/** True when the module's name section holds `name`, which is ASCII. */
function hasName(module: WebAssembly.Module, name: string): boolean {
  const latin1 = new TextDecoder("latin1");
  return WebAssembly.Module.customSections(module, "name").some((section) =>
    latin1.decode(section).includes(name),
  );
}
