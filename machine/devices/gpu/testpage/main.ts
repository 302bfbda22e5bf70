// A page with an adapter and no machine: check.mjs plays the kernel through window.adapter and looks at the canvas.

import { type Dispi, DisplayReg, type DisplayState } from "../../../../abi/display.ts";
import { PhysFrame } from "../../../../abi/layout.ts";
import { Bus } from "../../../bus/bus.ts";
import { postBurst, testMachine } from "../../testing/testMemory.ts";
import { startBrowserDisplay } from "../client.ts";

const REGISTERS = PhysFrame.DISPLAY_REGS * 4096;
const VRAM = PhysFrame.VRAM * 4096;

interface Canvas {
  readonly width: number;
  readonly height: number;
  transferControlToOffscreen(): OffscreenCanvas;
}

declare const document: {
  body: { replaceChildren(node: Canvas): void };
  createElement(name: "canvas"): Canvas;
};
declare const location: { search: string };

let canvas: Canvas;
let onReplaced: (() => void) | undefined;

function newCanvas(): OffscreenCanvas {
  canvas = document.createElement("canvas");
  document.body.replaceChildren(canvas);
  onReplaced?.();
  return canvas.transferControlToOffscreen();
}

const test = testMachine();
const bus = new Bus(test.memory, 0);
const events: string[] = [];
const display = startBrowserDisplay(
  { memory: test.memory, layout: test.offsets },
  {
    canvas: newCanvas(),
    replaceCanvas: newCanvas,
    webgpu: location.search.includes("webgpu"),
  },
  (event) =>
    events.push(
      event.type === "mode" ? `${event.width}x${event.height} ${event.backend}` : event.text,
    ),
);

const adapter = {
  events,
  dispi: (register: Dispi, value: number): void =>
    bus.write(REGISTERS + DisplayReg.DISPI + 2 * register, 2, value),
  register: (register: DisplayReg, value: number): void =>
    bus.write(REGISTERS + register, 4, value),
  read: (register: DisplayReg): number => bus.read(REGISTERS + register, 4),
  /** Stores one value in `count` words from word `first`. */
  fill: (first: number, count: number, value: number): void => {
    for (let i = first; i < first + count; i++) bus.write(VRAM + i * 4, 4, value);
  },
  drain: (start: number, bytes: number): void => postBurst(test, start, bytes),
  state: (word: DisplayState): number => test.views.load(test.offsets.display + word),
  /** What the canvas element shows at these points, [x, y] each; without the browser's compositor. */
  look: (points: readonly (readonly number[])[]): string => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d", { willReadFrequently: true });
    context?.drawImage(canvas as unknown as OffscreenCanvas, 0, 0);
    const colours = points.map(([x = 0, y = 0]) =>
      context?.getImageData(x, y, 1, 1).data.subarray(0, 3),
    );
    return colours.map(String).join(" ");
  },
  /** Resolves when the canvas is replaced. */
  replaced: (): Promise<void> =>
    new Promise((resolve) => {
      onReplaced = resolve;
    }),
  pixels: async (): Promise<number[] | undefined> => {
    const picture = await display.pixels();
    return picture && [picture.width, picture.height, ...picture.data.subarray(0, 4)];
  },
};

export type Adapter = typeof adapter;
(globalThis as unknown as { adapter: Adapter }).adapter = adapter;
