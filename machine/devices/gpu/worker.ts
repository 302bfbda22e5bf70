// The display Worker: owns the canvas and the GPU device, runs the DisplayDevice, and keeps a picture on the screen when the GPU goes away:
// another GPU device, after too many losses a 2D picture, and where there is no canvas for that a byte buffer.

import { DisplayBackend } from "../../../abi/display.ts";
import { BufferScanout } from "../display/buffer.ts";
import { DisplayDevice, FRAME_MS, type FrameClock, timerFrames } from "../display/device.ts";
import type { Frame } from "../display/frame.ts";
import type { Scanout } from "../display/scanout.ts";
import { hasWaitAsync, type WaitChanged, waitAsync, waitThrough } from "../wait.ts";
import { Canvas2dScanout } from "./canvas2d.ts";
import type { BackendName, FromDisplay, ToDisplay } from "./messages.ts";
import { WebGpuScanout } from "./webgpu.ts";

/** GPU devices lost in one life of the machine before WebGPU is given up. */
const LOSSES_MAXIMUM = 3;
const RECOVERY_PAUSE_MS = 500;
const FRAME_LATE_MS = 250;

declare const self: {
  onmessage: ((event: { readonly data: ToDisplay }) => void) | null;
  postMessage(message: FromDisplay): void;
  requestAnimationFrame?(callback: () => void): void;
  close(): void;
};

type StartMessage = Extract<ToDisplay, { type: "start" }>;

class DisplayWorker {
  readonly #start: StartMessage;
  #canvas: OffscreenCanvas;
  #scanout: Scanout | undefined;
  #device: DisplayDevice | undefined;
  #losses = 0;
  #shown = "";

  constructor(start: StartMessage) {
    this.#start = start;
    this.#canvas = start.canvas;
  }

  async run(): Promise<void> {
    const { memory, offsets } = this.#start;
    const scanout = await this.#open();
    const options = { frames: frameClock(), wait: makeWait() };
    this.#scanout = scanout;
    this.#device = new DisplayDevice(memory, offsets, this.#announcing(scanout), options);
    await this.#device.run();
  }

  async sendPixels(id: number): Promise<void> {
    this.#device?.presentNow();
    self.postMessage({ type: "pixels", id, picture: await this.#scanout?.pixels() });
  }

  /** Goes on after a loss, on a fresh canvas if the page has one. */
  async useCanvas(canvas: OffscreenCanvas | undefined): Promise<void> {
    if (canvas !== undefined) this.#canvas = canvas;
    const scanout = await this.#open();
    this.#scanout = scanout;
    this.#device?.replaceScanout(this.#announcing(scanout));
  }

  stop(): void {
    this.#device?.stop();
    this.#scanout?.dispose();
    self.close();
  }

  /** The best backend that there is now. After a loss the GPU process may be on its way back, so a refusal is not believed at once. */
  async #open(): Promise<Scanout> {
    const { offsets, webgpu } = this.#start;
    const canvas = this.#canvas;
    const lost = (reason: string): void => this.#lose(reason);
    const tries = webgpu === false || this.#losses >= LOSSES_MAXIMUM ? 0 : this.#losses + 1;
    for (let i = 0; i < tries; i++) {
      if (i > 0) await pause(RECOVERY_PAUSE_MS);
      const gpu = await WebGpuScanout.open(canvas, offsets.vramBytes, webgpu === true, lost).catch(
        String,
      );
      if (typeof gpu !== "string") return gpu;
    }
    const flat = Canvas2dScanout.open(canvas, offsets.vramBytes, lost);
    return typeof flat === "string" ? new BufferScanout(offsets.vramBytes) : flat;
  }

  /**
   * The GPU process is gone, and with it what the canvas shows. Chromium also stops to show frames of a canvas that was there
   * before, so another one is asked for.
   */
  #lose(reason: string): void {
    this.#losses += 1;
    self.postMessage({ type: "needCanvas", reason });
  }

  /** The same scan-out, which tells the page when the size or the backend of the picture changes. */
  #announcing(scanout: Scanout): Scanout {
    return {
      backend: scanout.backend,
      upload: (aperture, start, end) => scanout.upload(aperture, start, end),
      clear: (bytes) => scanout.clear(bytes),
      present: (frame) => {
        scanout.present(frame);
        this.#announce(frame, backendName(scanout.backend));
      },
      pixels: () => scanout.pixels(),
      dispose: () => scanout.dispose(),
    };
  }

  #announce(frame: Frame | null, backend: BackendName): void {
    if (frame === null) return;
    const shown = `${frame.width}x${frame.height} ${backend}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    self.postMessage({ type: "mode", width: frame.width, height: frame.height, backend });
  }
}

function backendName(backend: DisplayBackend): BackendName {
  if (backend === DisplayBackend.WEBGPU) return "webgpu";
  return backend === DisplayBackend.CANVAS_2D ? "2d" : "buffer";
}

/**
 * Animation frames. A timer stands in while the browser gives none, in a hidden tab or after its GPU process died: the first time after
 * FRAME_LATE_MS, then at the usual rate until an animation frame comes again.
 */
function frameClock(): FrameClock {
  if (self.requestAnimationFrame === undefined) return timerFrames;
  let isLate = false;
  return {
    request: (callback) => {
      let isDone = false;
      const finish = (late: boolean): void => {
        isLate = late;
        if (isDone) return;
        isDone = true;
        clearTimeout(timer);
        callback();
      };
      const timer = setTimeout(() => finish(true), isLate ? FRAME_MS : FRAME_LATE_MS);
      self.requestAnimationFrame?.(() => finish(false));
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function makeWait(): WaitChanged {
  if (hasWaitAsync()) return waitAsync;
  return waitThrough(
    new Worker(new URL("../waitWorker.ts", import.meta.url), { type: "module", name: "wait" }),
  );
}

function fail(error: unknown): void {
  self.postMessage({
    type: "failed",
    text: error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error),
  });
}

let display: DisplayWorker | undefined;

self.onmessage = ({ data }) => {
  switch (data.type) {
    case "start":
      display = new DisplayWorker(data);
      display.run().catch(fail);
      return;
    case "canvas":
      display?.useCanvas(data.canvas).catch(fail);
      return;
    case "pixels":
      display?.sendPixels(data.id).catch(fail);
      return;
    case "stop":
      display?.stop();
      return;
  }
};
