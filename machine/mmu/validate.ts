// Validate: what the engine says of a module, before and after it is rewritten.

import { UnsupportedModule } from "./errors.ts";

/** What is said when the engine takes a module and not what it was rewritten to. */
export const PAST_A_LIMIT = "the rewritten module is past a limit of this engine";

/** Throws UnsupportedModule, in the engine's words, if it does not validate the program. */
export function validateInput(bytes: Uint8Array): void {
  const input = unshared(bytes);
  if (!WebAssembly.validate(input))
    throw new UnsupportedModule(`this engine refuses it: ${refusalOf(input)}`);
}

/** The same of a rewritten program. */
export function validateOutput(bytes: Uint8Array<ArrayBuffer>): void {
  if (!WebAssembly.validate(bytes))
    throw new UnsupportedModule(`${PAST_A_LIMIT}: ${refusalOf(bytes)}`);
}

/** Why the engine does not validate these bytes, in its words, which name the function and the offset. */
function refusalOf(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    new WebAssembly.Module(bytes);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError)
      return error.message.replace(/^WebAssembly\.Module\(\): /, "");
    throw error;
  }
  return "it does not say why";
}

/** WebAssembly.validate does not take views of shared memory. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);
}
