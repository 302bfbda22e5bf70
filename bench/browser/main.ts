// bench in a page: the same suites as in Node. The runner (run.mjs) calls runBench and provides benchReport and benchStatus.

import { bootMachine } from "../../machine/client/index.ts";
import type { MachineOptions } from "../../machine/client/types.ts";
import type { Metric } from "../host/metric.ts";
import type { PingReply, PingRequest } from "../host/ping.ts";
import { runAll } from "../host/run.ts";
import type { BenchMachine, PingWorker, Surroundings } from "../host/surroundings.ts";
import { pageWasi } from "./wasi.ts";

declare global {
  interface Window {
    runBench(prefix: string): Promise<Metric[]>;
    benchReport(metric: Metric): Promise<void>;
    benchStatus(text: string): Promise<void>;
  }
}

const around: Surroundings = {
  file,
  boot,
  startPing,
  reference: pageWasi,
  putImageData,
  report: (metric) => void window.benchReport(metric),
  status: (text) => void window.benchStatus(text),
};

window.runBench = (prefix) => {
  if (!self.crossOriginIsolated) throw new Error("the page is not cross-origin isolated");
  return runAll(around, prefix);
};

async function file(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(`/files/${path}`, location.href));
  if (!response.ok) throw new Error(`${path}: status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function boot(options: MachineOptions): Promise<BenchMachine> {
  const canvas = document.createElement("canvas");
  document.body.append(canvas);
  const machine = await bootMachine({ ...options, canvas: canvas.transferControlToOffscreen() });
  return {
    on: (listener) => machine.on(listener),
    write: (bytes) => machine.write(bytes),
    dispose: () => {
      machine.dispose();
      canvas.remove();
    },
  };
}

/** The plainest way to draw a picture: fill its pixels, put it on the canvas. */
function putImageData(n: number): number {
  const canvas = document.createElement("canvas");
  canvas.width = 1024;
  canvas.height = 768;
  document.body.append(canvas);
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) throw new Error("no 2D canvas");
  const image = new ImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const start = performance.now();
  for (let i = 0; i < n; i++) {
    pixels.fill(0xff000000 + i * 0x010305);
    context.putImageData(image, 0, 0);
  }
  context.getImageData(0, 0, 1, 1); // until it is done
  const ms = performance.now() - start;
  canvas.remove();
  return ms;
}

async function startPing(): Promise<PingWorker> {
  const worker = new Worker(new URL("./pingWorker.ts", import.meta.url), { type: "module" });
  return {
    ask: (request: PingRequest) =>
      new Promise<PingReply>((resolve, reject) => {
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = (event: MessageEvent<PingReply>) => resolve(event.data);
        worker.postMessage(request);
      }),
    stop: () => worker.terminate(),
  };
}
