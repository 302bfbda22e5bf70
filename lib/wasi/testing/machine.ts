// One program's library over a FakeKernel, for tests that make single calls.

import { expect } from "vitest";
import { FakeKernel, type FakeOptions, plainMemory } from "./fakeKernel.ts";

/** Places in the program's memory that tests use. */
export const OUT = 0x100;
export const OUT2 = 0x180;
export const IOVS = 0x400;
export const PATH = 0x1000;
export const BUFFER = 0x4000;
export const READ = 0x4002n;
export const READWRITE = 0x4042n;

/** One program's library: calls go through `call`, memory below the library is the program's. */
export class Machine {
  readonly memory = new WebAssembly.Memory({ initial: 16388 });
  readonly kernel: FakeKernel;
  private readonly exports: WebAssembly.Exports;

  constructor(library: WebAssembly.Module, options: FakeOptions) {
    this.kernel = new FakeKernel(options);
    this.kernel.memory = plainMemory(this.memory);
    const env = { memory: this.memory };
    this.exports = new WebAssembly.Instance(library, { sys: this.kernel.sys, env }).exports;
  }

  call(name: string, ...args: (number | bigint)[]): number {
    const target = this.exports[name];
    if (typeof target !== "function") throw new Error(`no export ${name}`);
    return target(...args);
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }

  put(at: number, text: string): [at: number, len: number] {
    const encoded = new TextEncoder().encode(text);
    new Uint8Array(this.memory.buffer, at, encoded.length).set(encoded);
    return [at, encoded.length];
  }

  text(at: number, len: number): string {
    return new TextDecoder().decode(new Uint8Array(this.memory.buffer, at, len));
  }

  iovs(...parts: [at: number, len: number][]): [at: number, count: number] {
    for (const [index, [at, len]] of parts.entries()) {
      this.view.setUint32(IOVS + index * 8, at, true);
      this.view.setUint32(IOVS + index * 8 + 4, len, true);
    }
    return [IOVS, parts.length];
  }

  /** A WASI errno, negative, or the new descriptor. */
  open(
    path: string,
    { dirfd = 3, lookup = 1, oflags = 0, rights = READ, fdflags = 0 } = {},
  ): number {
    const [at, len] = this.put(PATH, path);
    const errno = this.call("path_open", dirfd, lookup, at, len, oflags, rights, 0n, fdflags, OUT);
    return errno === 0 ? this.u32(OUT) : -errno;
  }

  /** What a file holds from its position on. */
  readAll(fd: number): string {
    expect(this.call("fd_read", fd, ...this.iovs([BUFFER, 4096]), OUT)).toBe(0);
    return this.text(BUFFER, this.u32(OUT));
  }
}
