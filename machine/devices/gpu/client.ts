// The page's side of the display Worker.

import type { DeviceOffsets } from "../../bus/host.ts";
import { startBufferDisplay } from "../display/bufferDisplay.ts";
import type { Picture } from "../display/scanout.ts";
import type { BackendName, FromDisplay, ToDisplay } from "./messages.ts";

export interface DisplayOptions {
  /** Where the picture goes; without one it goes to a byte buffer. It must not have a context. */
  readonly canvas?: OffscreenCanvas;
  /** Makes a canvas that replaces the one on the page: after a crash of the GPU process that one may show nothing any more. */
  readonly replaceCanvas?: () => OffscreenCanvas;
  /** true: WebGPU if there is any; left out: unless it is only emulated in software; false: the 2D canvas. */
  readonly webgpu?: boolean | undefined;
}

export type DisplayEvent =
  | { type: "mode"; width: number; height: number; backend: BackendName }
  | { type: "panic"; text: string };

export interface BrowserDisplay {
  /** Everything drained so far; undefined while the display is off. */
  pixels(): Promise<Picture | undefined>;
  dispose(): void;
}

/** Starts the display. `emit` hears of each change of mode or backend, and of an error that stopped the display. */
export function startBrowserDisplay(
  loaded: { readonly memory: WebAssembly.Memory; readonly layout: DeviceOffsets },
  options: DisplayOptions,
  emit: (event: DisplayEvent) => void,
): BrowserDisplay {
  const { memory, layout } = loaded;
  const { canvas } = options;
  const fail = (text: string): void => emit({ type: "panic", text: `display: ${text}` });
  if (canvas === undefined) {
    return startBufferDisplay(memory, layout, (error) => fail(String(error)));
  }
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: "display",
  });
  const post = (message: ToDisplay, transfer: Transferable[] = []): void =>
    worker.postMessage(message, transfer);
  const pictures = new Map<number, (picture: Picture | undefined) => void>();
  let lastId = 0;
  worker.onerror = (event) => fail(event.message || "its Worker could not be started");
  worker.onmessage = ({ data }: MessageEvent<FromDisplay>) => {
    switch (data.type) {
      case "mode":
        emit({ type: "mode", width: data.width, height: data.height, backend: data.backend });
        return;
      case "pixels":
        pictures.get(data.id)?.(data.picture);
        pictures.delete(data.id);
        return;
      case "needCanvas": {
        const fresh = options.replaceCanvas?.();
        post({ type: "canvas", canvas: fresh }, fresh === undefined ? [] : [fresh]);
        return;
      }
      case "failed":
        fail(data.text);
        return;
    }
  };
  const { machine, console, display, pci, disk, vram, vramBytes, rom } = layout;
  const offsets = { machine, console, display, pci, disk, vram, vramBytes, rom };
  post({ type: "start", memory, offsets, canvas, webgpu: options.webgpu }, [canvas]);
  return {
    pixels: () =>
      new Promise((resolve) => {
        lastId += 1;
        pictures.set(lastId, resolve);
        post({ type: "pixels", id: lastId });
      }),
    dispose: () => {
      post({ type: "stop" });
      for (const resolve of pictures.values()) resolve(undefined);
      pictures.clear();
    },
  };
}
