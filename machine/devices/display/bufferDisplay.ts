// The display without a screen, ready to use: a DisplayDevice over a BufferScanout on the calling thread. For Node, and for a page
// that has no canvas.

import type { DeviceOffsets, SharedMemory } from "../../bus/host.ts";
import { BufferScanout } from "./buffer.ts";
import { DisplayDevice, timerFrames } from "./device.ts";
import type { Picture } from "./scanout.ts";

export interface BufferDisplay {
  /** Everything drained so far; undefined while the display is off. */
  pixels(): Promise<Picture | undefined>;
  dispose(): void;
}

/** `failed` is told when the device stops by an error of its own. */
export function startBufferDisplay(
  memory: SharedMemory,
  offsets: DeviceOffsets,
  failed: (error: unknown) => void,
): BufferDisplay {
  const scanout = new BufferScanout(offsets.vramBytes);
  const device = new DisplayDevice(memory, offsets, scanout, { frames: timerFrames });
  device.run().catch(failed);
  return {
    pixels: async () => {
      device.presentNow();
      return scanout.pixels();
    },
    dispose: () => device.stop(),
  };
}
