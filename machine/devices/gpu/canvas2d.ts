// Canvas2dScanout: for browsers without WebGPU. A private copy of VRAM; what changed of the frame is converted and put on the canvas.

import { DisplayBackend } from "../../../abi/display.ts";
import { mergeRanges, type Range } from "../display/bursts.ts";
import type { Frame } from "../display/frame.ts";
import { copyPixels, pixelsToRgba, type Rect, rangeRect, wholeRect } from "../display/pixels.ts";
import type { Picture, Scanout } from "../display/scanout.ts";

/** More changes than this between two frames: the whole frame is drawn. */
const RANGES_MAXIMUM = 64;

export class Canvas2dScanout implements Scanout {
  readonly backend = DisplayBackend.CANVAS_2D;
  readonly #copy: Uint8Array<ArrayBuffer>;
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  #frame: Frame | null = null;
  #dirty: Range[] = [];
  #isDisposed = false;

  /** A scan-out on `canvas`, or a sentence that says why there is none. `lost` is called when the browser drops what it shows. */
  static open(
    canvas: OffscreenCanvas,
    vramBytes: number,
    lost: (reason: string) => void,
  ): Canvas2dScanout | string {
    const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true }); // pixels come from the CPU
    if (context === null) return "the canvas has no 2D context";
    const scanout = new Canvas2dScanout(canvas, context, vramBytes);
    canvas.addEventListener("contextlost", () => {
      if (!scanout.#isDisposed) lost("the canvas lost its context");
    });
    return scanout;
  }

  private constructor(
    canvas: OffscreenCanvas,
    context: OffscreenCanvasRenderingContext2D,
    vramBytes: number,
  ) {
    this.#canvas = canvas;
    this.#context = context;
    this.#copy = new Uint8Array(vramBytes);
  }

  upload(aperture: Uint8Array, start: number, end: number): void {
    this.#copy.set(aperture.subarray(start, end), start);
    this.#dirty.push({ start, end });
    if (this.#dirty.length > RANGES_MAXIMUM) this.#dirty = [{ start: 0, end: this.#copy.length }];
  }

  clear(bytes: number): void {
    this.#copy.fill(0, 0, bytes);
    this.#dirty.push({ start: 0, end: bytes });
  }

  present(frame: Frame | null): void {
    const before = this.#frame;
    const dirty = mergeRanges(this.#dirty);
    this.#frame = frame;
    this.#dirty = [];
    if (frame === null) {
      this.#context.fillStyle = "black";
      this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    } else if (before === null || !isSameFrame(before, frame)) {
      if (this.#canvas.width !== frame.width) this.#canvas.width = frame.width;
      if (this.#canvas.height !== frame.height) this.#canvas.height = frame.height;
      this.#draw(frame, wholeRect(frame));
    } else {
      for (const range of dirty) {
        const rect = rangeRect(frame, range.start, range.end);
        if (rect !== null) this.#draw(frame, rect);
      }
    }
  }

  pixels(): Picture | undefined {
    return this.#frame === null ? undefined : copyPixels(this.#copy, this.#frame);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#frame = null;
  }

  #draw(frame: Frame, rect: Rect): void {
    const image = new ImageData(rect.width, rect.height);
    pixelsToRgba(this.#copy, frame, rect, image.data);
    this.#context.putImageData(image, rect.x, rect.y);
  }
}

function isSameFrame(a: Frame, b: Frame): boolean {
  const isSameSize = a.width === b.width && a.height === b.height;
  const isSamePlace = a.base === b.base && a.stride === b.stride;
  return isSameSize && isSamePlace && a.format === b.format && a.bigEndian === b.bigEndian;
}
