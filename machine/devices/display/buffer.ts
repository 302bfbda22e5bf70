// BufferScanout: the backend without a screen. The copy of VRAM is plain memory that tests and screenshots read.

import { DisplayBackend } from "../../../abi/display.ts";
import type { Frame } from "./frame.ts";
import { copyPixels } from "./pixels.ts";
import type { Picture, Scanout } from "./scanout.ts";

export class BufferScanout implements Scanout {
  readonly backend = DisplayBackend.BUFFER;
  readonly #copy: Uint8Array<ArrayBuffer>;
  #frame: Frame | null = null;

  constructor(vramBytes: number) {
    this.#copy = new Uint8Array(vramBytes);
  }

  upload(aperture: Uint8Array, start: number, end: number): void {
    this.#copy.set(aperture.subarray(start, end), start);
  }

  clear(bytes: number): void {
    this.#copy.fill(0, 0, bytes);
  }

  present(frame: Frame | null): void {
    this.#frame = frame;
  }

  pixels(): Picture | undefined {
    return this.#frame === null ? undefined : copyPixels(this.#copy, this.#frame);
  }

  dispose(): void {
    this.#frame = null;
  }
}
