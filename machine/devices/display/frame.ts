// Frame: what scan-out shows, read from the display's state page: size, where it starts in VRAM, and how a pixel's bytes are ordered.

import { Dispi, DisplayEnable, DisplayState, PixelFormat } from "../../../abi/display.ts";
import type { DeviceOffsets, HostViews } from "../../bus/host.ts";

export const BIG_ENDIAN = 0xbebebebe;
export const PIXEL_BYTES = 4;

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Byte offset in VRAM of the first pixel shown: panning included. A multiple of 4, as is the stride. */
  readonly base: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  readonly format: PixelFormat;
  readonly bigEndian: boolean;
}

/**
 * The frame in force, or null: the display is disabled or blank. Whatever the state page holds, the frame lies inside VRAM.
 * Read while a CPU changes registers it can mix old and new; GENERATION is bumped after the change, so the reader comes again.
 */
export function displayFrame(views: HostViews, offsets: DeviceOffsets): Frame | null {
  const state = offsets.display;
  const dispi = (register: Dispi): number => views.load(state + DisplayState.DISPI + 4 * register);
  if ((dispi(Dispi.ENABLE) & DisplayEnable.ENABLED) === 0) return null;
  const mode = views.load(state + DisplayState.MODE);
  const width = mode & 0xffff;
  const height = mode >>> 16;
  const stride = (dispi(Dispi.VIRT_WIDTH) & 0xffff) * PIXEL_BYTES;
  const x = dispi(Dispi.X_OFFSET) & 0xffff;
  const y = dispi(Dispi.Y_OFFSET) & 0xffff;
  const base = y * stride + x * PIXEL_BYTES;
  const end = base + (height - 1) * stride + width * PIXEL_BYTES;
  if (width === 0 || height === 0 || stride < width * PIXEL_BYTES || end > offsets.vramBytes)
    return null;
  const format =
    views.load(state + DisplayState.FORMAT) === PixelFormat.RGBX
      ? PixelFormat.RGBX
      : PixelFormat.BGRX;
  return {
    width,
    height,
    base,
    stride,
    format,
    bigEndian: views.load(state + DisplayState.BYTE_ORDER) === BIG_ENDIAN,
  };
}

/** Offset of each colour's byte within a pixel's four bytes: of the bytes as they lie in memory. */
export function colourOffsets(frame: Frame): {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
} {
  const isRedFirst = frame.format === PixelFormat.RGBX;
  const red = isRedFirst ? 0 : 2;
  const blue = isRedFirst ? 2 : 0;
  return frame.bigEndian ? { red: 3 - red, green: 2, blue: 3 - blue } : { red, green: 1, blue };
}
