import { describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Limit } from "../../abi/layout.ts";
import { type KernelExports, TEXT_BYTES } from "./kernel.ts";
import { contentKey, extent, readServerFile, storeSegments } from "./serverFile.ts";

const BUFFER = 8192;

/** A kernel that gives a file out in parts of these bytes, and takes stores. */
function kernelWith(file: Uint8Array, part: number) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const buffer = () => new Uint8Array(memory.buffer, BUFFER, TEXT_BYTES);
  const stored: [number, number[]][] = [];
  const kernel = {
    textBuffer: () => BUFFER,
    execRead: (offset: number) => {
      const bytes = file.subarray(offset, offset + part);
      buffer().set(bytes);
      return bytes.length;
    },
    execStore: (va: number, bytes: number) => {
      stored.push([va, [...buffer().subarray(0, bytes)]]);
      return 0;
    },
  };
  return { kernel: kernel as Partial<KernelExports> as KernelExports, memory, stored };
}

const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => i % 251);

describe("a server's file", () => {
  it.each([
    [0, TEXT_BYTES],
    [1, TEXT_BYTES],
    [TEXT_BYTES, TEXT_BYTES],
    [300_000, TEXT_BYTES],
    [70_000, 1000],
  ])("of %i bytes is read whole, %i at a time", (length, part) => {
    const { kernel, memory } = kernelWith(bytes(length), part);
    expect(readServerFile(kernel, memory)).toEqual(bytes(length));
  });

  it("without an end is refused at the limit", () => {
    const { kernel, memory } = kernelWith(bytes(0), 0);
    let asked = 0;
    kernel.execRead = (offset) => {
      asked = offset;
      return TEXT_BYTES;
    };
    expect(() => readServerFile(kernel, memory)).toThrow("its file has more than 128 MiB");
    expect(asked).toBe(Limit.PROGRAM_BYTES);
  });

  it.each([
    [Errno.EPIPE, "the server that keeps its file has ended"],
    [Errno.EIO, `its file cannot be read (error ${Errno.EIO})`],
  ])("that cannot be read, with error %i, is refused in words", (errno, text) => {
    const { kernel, memory } = kernelWith(bytes(0), 0);
    kernel.execRead = () => -errno;
    expect(() => readServerFile(kernel, memory)).toThrow(
      expect.objectContaining({ errno, message: text }),
    );
  });

  it("is known by its content, every byte of it", async () => {
    expect(await contentKey(bytes(1000))).toBe(await contentKey(bytes(1000)));
    const other = bytes(1000);
    other[999] = 0;
    expect(await contentKey(other)).not.toBe(await contentKey(bytes(1000)));
  });

  it("is laid out from its first segment to the end of its last, and stored in parts", () => {
    const file = bytes(10_000);
    const segments = [
      { va: 0x1000, fileOffset: 100, length: 5000 },
      { va: 0x9000, fileOffset: 6000, length: 3 },
    ];
    expect(extent([])).toEqual([]);
    expect(extent(segments)).toEqual([
      { va: 0x1000, fileOffset: 0, length: 0 },
      { va: 0x9003, fileOffset: 0, length: 0 },
    ]);
    const { kernel, memory, stored } = kernelWith(file, TEXT_BYTES);
    storeSegments(kernel, memory, segments, file);
    const part = (va: number, from: number, to: number) => [va, [...file.subarray(from, to)]];
    expect(stored).toEqual([
      part(0x1000, 100, 100 + TEXT_BYTES),
      part(0x1000 + TEXT_BYTES, 100 + TEXT_BYTES, 5100),
      part(0x9000, 6000, 6003),
    ]);
    kernel.execStore = () => -Errno.ENOMEM;
    expect(() => storeSegments(kernel, memory, segments, file)).toThrow(
      "out of memory for its data",
    );
  });
});
