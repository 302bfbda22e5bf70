// DisplayDevice: the adapter's own side. It sleeps on WAKE; when something was posted it takes the bursts, frees the CPUs that wait for
// them, and shows a new picture at the next animation frame.
//
// Invariants
//   V1  BURST_TAIL moves past a burst only after the backend has taken its bytes.
//   V2  Nothing runs while nothing changes, unless the vblank interrupt is unmasked: then one vblank for each animation frame.
//   V3  A clear is applied before the bursts that were posted after it.

import { DisplayIrq, DisplayState } from "../../../abi/display.ts";
import { Irq } from "../../../abi/machine.ts";
import { type DeviceOffsets, HostViews, type SharedMemory } from "../../bus/host.ts";
import { irqRaise } from "../irq.ts";
import { type WaitChanged, waitAsync, yieldTask } from "../wait.ts";
import { burstRanges } from "./bursts.ts";
import { displayFrame } from "./frame.ts";
import type { Scanout } from "./scanout.ts";

/** Steps without sleeping after which other work of the thread gets its turn. */
const STEPS_BEFORE_YIELD = 256;
/** An animation frame at 60 Hz. */
export const FRAME_MS = 1000 / 60;

/** Animation frames: requestAnimationFrame where there is one, else timerFrames. */
export interface FrameClock {
  request(callback: () => void): void;
}

export interface DisplayDeviceOptions {
  readonly frames: FrameClock;
  /** Atomics.waitAsync when left out. */
  readonly wait?: WaitChanged;
}

declare function setTimeout(callback: () => void, ms: number): unknown;

export const timerFrames: FrameClock = {
  request: (callback) => {
    setTimeout(callback, FRAME_MS);
  },
};

export class DisplayDevice {
  readonly #views: HostViews;
  readonly #offsets: DeviceOffsets;
  readonly #frames: FrameClock;
  readonly #wait: WaitChanged;
  #scanout: Scanout;
  #generation = -1;
  #clears = 0;
  #doorbells = 0;
  #isDirty = true;
  #isFrameRequested = false;
  #isStopped = false;

  constructor(
    memory: SharedMemory,
    offsets: DeviceOffsets,
    scanout: Scanout,
    options: DisplayDeviceOptions,
  ) {
    this.#views = new HostViews(memory);
    this.#offsets = offsets;
    this.#scanout = scanout;
    this.#frames = options.frames;
    this.#wait = options.wait ?? waitAsync;
    this.#clears = this.#load(DisplayState.CLEARS);
    this.#doorbells = this.#load(DisplayState.DOORBELLS);
    this.#store(DisplayState.BACKEND, scanout.backend);
  }

  /** Serves the adapter until stop(). From its first turn on, CPUs wait for their bursts to be taken. */
  async run(): Promise<void> {
    this.#store(DisplayState.DEVICE_READY, 1);
    let steps = 0;
    while (!this.#isStopped) {
      const wake = this.#load(DisplayState.WAKE);
      this.step();
      const sleep = this.#wait(
        this.#views.words,
        (this.#offsets.display + DisplayState.WAKE) >> 2,
        wake | 0,
      );
      steps = sleep === undefined ? steps + 1 : 0;
      if (sleep !== undefined) await sleep;
      else if (steps % STEPS_BEFORE_YIELD === 0) await yieldTask();
    }
  }

  /** Takes everything posted so far, and asks for an animation frame if that changed the picture. True if it did. */
  step(): boolean {
    const head = this.#load(DisplayState.BURST_HEAD); // before CLEARS: V3
    const isCleared = this.#takeClear();
    const hasBursts = this.#takeBursts(head);
    const generation = this.#load(DisplayState.GENERATION);
    const doorbells = this.#load(DisplayState.DOORBELLS);
    const isChanged =
      isCleared || hasBursts || generation !== this.#generation || doorbells !== this.#doorbells;
    this.#generation = generation;
    this.#doorbells = doorbells;
    if (isChanged) this.#isDirty = true;
    if (this.#isDirty || this.#isVblankUnmasked()) this.#requestFrame();
    return isChanged;
  }

  /** Shows everything drained so far without waiting for an animation frame: a screenshot follows. */
  presentNow(): void {
    this.step();
    if (this.#isDirty) this.#present();
  }

  /** Goes on with another backend, because the one before lost its GPU or its canvas. Its copy is filled from the aperture. */
  replaceScanout(scanout: Scanout): void {
    this.#scanout.dispose();
    this.#scanout = scanout;
    scanout.upload(this.#aperture(), 0, this.#offsets.vramBytes);
    this.#store(DisplayState.BACKEND, scanout.backend);
    this.#isDirty = true;
    this.#requestFrame();
  }

  /** Ends run(). CPUs no longer wait for the device. */
  stop(): void {
    this.#isStopped = true;
    this.#store(DisplayState.DEVICE_READY, 0);
    this.step();
    this.#views.bump(this.#offsets.display + DisplayState.WAKE);
  }

  #takeClear(): boolean {
    const clears = this.#load(DisplayState.CLEARS);
    if (clears === this.#clears) return false;
    this.#clears = clears;
    this.#scanout.clear(Math.min(this.#load(DisplayState.CLEAR_BYTES), this.#offsets.vramBytes));
    return true;
  }

  #takeBursts(head: number): boolean {
    if (head === this.#load(DisplayState.BURST_TAIL)) return false;
    const ranges = burstRanges(this.#views, this.#offsets, head);
    const aperture = this.#aperture();
    let bytes = 0;
    for (const { start, end } of ranges) {
      this.#scanout.upload(aperture, start, end);
      bytes += end - start;
    }
    const state = this.#offsets.display;
    this.#views.add(state + DisplayState.UPLOADS, ranges.length);
    const uploaded = new BigUint64Array(
      this.#views.bytes.buffer,
      state + DisplayState.UPLOAD_BYTES,
      1,
    );
    Atomics.add(uploaded, 0, BigInt(bytes));
    this.#store(DisplayState.BURST_TAIL, head); // after the counts: who has waited for the tail finds its bytes counted
    Atomics.notify(this.#views.words, (state + DisplayState.BURST_TAIL) >> 2);
    return ranges.length > 0;
  }

  #requestFrame(): void {
    if (this.#isFrameRequested || this.#isStopped) return;
    this.#isFrameRequested = true;
    this.#frames.request(() => this.#onFrame());
  }

  #onFrame(): void {
    this.#isFrameRequested = false;
    if (this.#isStopped) return;
    if (this.#isDirty) this.#present();
    if (!this.#isVblankUnmasked()) return;
    const state = this.#offsets.display;
    this.#views.add(state + DisplayState.VBLANK, 1);
    this.#views.merge(state + DisplayState.IRQ_STATUS, DisplayIrq.VBLANK, DisplayIrq.VBLANK);
    irqRaise(this.#views, this.#offsets.machine, Irq.DISPLAY);
    this.#requestFrame();
  }

  #present(): void {
    this.#isDirty = false;
    this.#scanout.present(displayFrame(this.#views, this.#offsets));
    this.#views.add(this.#offsets.display + DisplayState.PRESENTED, 1);
  }

  #isVblankUnmasked(): boolean {
    return (this.#load(DisplayState.IRQ_MASK) & DisplayIrq.VBLANK) !== 0;
  }

  #aperture(): Uint8Array {
    return this.#views.bytes.subarray(
      this.#offsets.vram,
      this.#offsets.vram + this.#offsets.vramBytes,
    );
  }

  #load(word: DisplayState): number {
    return this.#views.load(this.#offsets.display + word);
  }

  #store(word: DisplayState, value: number): void {
    this.#views.store(this.#offsets.display + word, value);
  }
}
