// Messages between the page's main thread and the display Worker, one discriminated union for each direction.

import type { DeviceOffsets } from "../../bus/host.ts";
import type { Picture } from "../display/scanout.ts";

export type BackendName = "webgpu" | "2d" | "buffer";

export type ToDisplay =
  | {
      readonly type: "start";
      readonly memory: WebAssembly.Memory;
      readonly offsets: DeviceOffsets;
      readonly canvas: OffscreenCanvas;
      /** true: WebGPU if there is any; undefined: unless it is only emulated in software; false: the 2D canvas. */
      readonly webgpu: boolean | undefined;
    }
  /** Answer to "needCanvas"; undefined when the page has no other: the one before is tried again. */
  | { readonly type: "canvas"; readonly canvas: OffscreenCanvas | undefined }
  | { readonly type: "pixels"; readonly id: number }
  | { readonly type: "stop" };

export type FromDisplay =
  | {
      readonly type: "mode";
      readonly width: number;
      readonly height: number;
      readonly backend: BackendName;
    }
  | { readonly type: "pixels"; readonly id: number; readonly picture: Picture | undefined }
  /** What the canvas showed is lost with the browser's GPU process: a fresh one is wanted in its place. */
  | { readonly type: "needCanvas"; readonly reason: string }
  | { readonly type: "failed"; readonly text: string };
