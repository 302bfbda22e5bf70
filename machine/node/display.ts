// The display in Node: the adapter's device on the main thread, showing into a byte buffer.

import type { DisplayHandle, Host } from "../client/host.ts";
import { BufferScanout } from "../devices/display/buffer.ts";
import { DisplayDevice, timerFrames } from "../devices/display/device.ts";

export const startNodeDisplay: Host["startDisplay"] = (loaded): DisplayHandle => {
  const scanout = new BufferScanout(loaded.layout.vramBytes);
  const device = new DisplayDevice(loaded.memory, loaded.layout, scanout, { frames: timerFrames });
  void device.run();
  return {
    pixels: async () => {
      device.presentNow();
      return scanout.pixels() ?? undefined;
    },
    dispose: () => device.stop(),
  };
};
