// Program: a wasm file made ready to run: rewritten, compiled, and described as the kernel and the linker need it.

import {
  type ExternalKind,
  PAST_A_LIMIT,
  rewrite,
  type Signature,
  ValueType,
} from "../mmu/index.ts";
import { FAULT_HANDLER, LinkError } from "./link.ts";

/** What the kernel and the linker need to know of a rewritten program. */
export interface ProgramShape {
  readonly segments: readonly {
    readonly va: number;
    readonly fileOffset: number;
    readonly length: number;
  }[];
  /** Instantiating it runs code. */
  readonly hasStart: boolean;
  readonly entry: Entry;
  readonly memoryMinPages: number;
  /** undefined: no maximum was declared. */
  readonly memoryMaxPages: number | undefined;
}

/** Which of a module's exports the machine calls. */
export interface Entry {
  /** Where it begins; undefined: it is a library. */
  readonly main: "_start" | "main" | undefined;
  readonly initialize: boolean;
  /** It has a function __fault, which is asked before a bad access ends it. */
  readonly handler: boolean;
}

export interface Program extends ProgramShape {
  readonly module: WebAssembly.Module;
  /** With a start function, unless it came with the system: a module that has the same imports and runs nothing. */
  readonly linkage?: WebAssembly.Module | undefined;
}

const INITIALIZE = "_initialize";

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
  const rewritten = rewrite(file, { stackTop: STACK_TOP, validate: "input" });
  const module = await compile(rewritten.bytes);
  const needsNullPage = rewritten.lowStack > 0 || hasName(module, STORES_THROUGH_NULL);
  const ownsNullPage = needsNullPage && rewritten.segments[0]?.va !== 0;
  const program = {
    module,
    segments: ownsNullPage ? [NULL_PAGE, ...rewritten.segments] : rewritten.segments,
    hasStart: rewritten.linkage !== undefined,
    linkage: rewritten.linkage && (await WebAssembly.compile(rewritten.linkage)),
    entry: findEntry(rewritten.exports),
    memoryMinPages: rewritten.memoryMinPages,
    memoryMaxPages: rewritten.memoryMaxPages,
  };
  return { program, bytes: rewritten.bytes };
}

/** Compiles a rewritten module, which validates it. */
async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${PAST_A_LIMIT}: ${text.replace(/^WebAssembly\.compile\(\): /, "")}`);
  }
}

/** Throws a LinkError if the machine cannot call the program's main function. */
function findEntry(
  exports: readonly { name: string; kind: ExternalKind; signature?: Signature }[],
): Entry {
  const functions = new Map<string, Signature>();
  for (const { name, signature } of exports)
    if (signature !== undefined) functions.set(name, signature);
  const main = (["_start", "main"] as const).find((name) => functions.has(name));
  const initialize = functions.has(INITIALIZE);
  for (const name of [main, initialize ? INITIALIZE : undefined]) {
    const signature = name && functions.get(name);
    if (signature && !isCallable(signature))
      throw new LinkError(
        `its ${name} cannot be called: it takes more than i32, or returns a vector`,
      );
  }
  return { main, initialize, handler: isHandler(functions.get(FAULT_HANDLER)) };
}

/** Parameters are zeros. A result that is not one number counts as 0, but some cannot even come back. */
function isCallable({ params, results }: Signature): boolean {
  return (
    params.every((type) => type === ValueType.I32) &&
    results.every((type) => type !== ValueType.V128 && type !== ValueType.EXNREF)
  );
}

/** __fault(address: i32, access: i32, bits: i32): i32. A function of that name and another type is the program's own affair. */
function isHandler(signature: Signature | undefined): boolean {
  return (
    signature !== undefined &&
    signature.params.length === 3 &&
    signature.results.length === 1 &&
    [...signature.params, ...signature.results].every((type) => type === ValueType.I32)
  );
}

/** True when the module's name section holds `name`, which is ASCII. */
function hasName(module: WebAssembly.Module, name: string): boolean {
  const latin1 = new TextDecoder("latin1");
  return WebAssembly.Module.customSections(module, "name").some((section) =>
    latin1.decode(section).includes(name),
  );
}
