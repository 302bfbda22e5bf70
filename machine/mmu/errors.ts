// Why a module cannot be run. The message is one sentence that a person at a shell can act on.

/** The module uses something that cannot be rewritten, or is not a module. `offset` is a byte offset in the file, or -1. */
export class UnsupportedModule extends Error {
  readonly offset: number;
  constructor(sentence: string, offset = -1) {
    super(offset >= 0 ? `${sentence} at byte ${offset} (0x${offset.toString(16)})` : sentence);
    this.name = "UnsupportedModule";
    this.offset = offset;
  }
}

/** The bytes are not a WebAssembly module at all: truncated, over-long integers, counts larger than the file. */
export class MalformedModule extends UnsupportedModule {
  constructor(sentence: string, offset = -1) {
    super(`malformed module: ${sentence}`, offset);
    this.name = "MalformedModule";
  }
}

/** A rewritten module that is not safe to run: the rewriter is wrong, or the bytes do not come from it. */
export class UnsafeModule extends Error {
  constructor(sentence: string, offset = -1) {
    super(offset >= 0 ? `${sentence} at byte ${offset} (0x${offset.toString(16)})` : sentence);
    this.name = "UnsafeModule";
  }
}
