// Scanout: where the adapter's picture goes. A backend owns the adapter's copy of VRAM and turns it into pixels.
//
// Invariants
//   S1  The copy holds what was drained, not what was stored: it changes by upload and clear only.
//   S2  When upload returns, its bytes have been taken: the aperture may change again without being seen.

import type { DisplayBackend } from "../../../abi/display.ts";
import type { Frame } from "./frame.ts";

export interface Scanout {
  readonly backend: DisplayBackend;
  /** Takes bytes [start, end) of the aperture, of which `aperture` is a view, into the copy. */
  upload(aperture: Uint8Array, start: number, end: number): void;
  /** Sets the first `bytes` bytes of the copy to zero. */
  clear(bytes: number): void;
  /** Shows `frame` of the copy; black when it is null. */
  present(frame: Frame | null): void;
  /** The picture presented last, from the copy as it is now; undefined while the display is off. */
  pixels(): Picture | undefined | Promise<Picture | undefined>;
  dispose(): void;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA, 4 bytes per pixel, rows without gaps. */
  readonly data: Uint8Array<ArrayBuffer>;
}
