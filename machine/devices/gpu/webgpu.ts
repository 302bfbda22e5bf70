// WebGpuScanout: the adapter's VRAM is a GPU buffer; scan-out is one triangle that covers the canvas and reads that buffer.
//
// Invariants
//   W1  The canvas has the size of the frame, so one fragment is one pixel and nothing is scaled or filtered here.
//   W2  writeBuffer and submit keep their order in the queue, so clears, uploads and frames do too.
//   W3  The GPU buffer is written in words: a burst that starts or ends inside a word takes the rest of that word from the aperture.
//
// Not here  What to do when the device is lost: worker.ts.

import { DisplayBackend } from "../../../abi/display.ts";
import { colourOffsets, type Frame, PIXEL_BYTES } from "../display/frame.ts";
import { copyPixels } from "../display/pixels.ts";
import type { Picture, Scanout } from "../display/scanout.ts";

/** Uniforms: base and stride in words, then the bit offsets of red, green and blue in a word. */
const UNIFORM_WORDS = 8;
const WORD_BYTES = 4;

const SHADER = /* wgsl */ `
struct Scan { base: u32, stride: u32, red: u32, green: u32, blue: u32 }
@group(0) @binding(0) var<storage, read> vram: array<u32>;
@group(0) @binding(1) var<uniform> scan: Scan;

@vertex fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  let corner = vec2f(f32((index << 1u) & 2u), f32(index & 2u));
  return vec4f(corner * 2.0 - 1.0, 0.0, 1.0);
}

@fragment fn pixel(@builtin(position) at: vec4f) -> @location(0) vec4f {
  let word = vram[scan.base + u32(at.y) * scan.stride + u32(at.x)];
  let colour = vec3u(word >> scan.red, word >> scan.green, word >> scan.blue) & vec3u(255u);
  return vec4f(vec3f(colour) / 255.0, 1.0);
}`;

export class WebGpuScanout implements Scanout {
  readonly backend = DisplayBackend.WEBGPU;
  readonly #device: GPUDevice;
  readonly #canvas: OffscreenCanvas;
  readonly #context: GPUCanvasContext;
  readonly #pipeline: GPURenderPipeline;
  readonly #vram: GPUBuffer;
  readonly #uniforms: GPUBuffer;
  readonly #bindings: GPUBindGroup;
  #frame: Frame | null = null;
  #isSharedRefused = false;
  #isDisposed = false;
  #isLost = false;

  /**
   * A scan-out on `canvas`, or a sentence that says why there is none; then the canvas is free for another context, unless it had one.
   * A software adapter is taken only if `allowSoftware`: a browser without a GPU may not show what WebGPU draws (headless Chromium
   * does not). `lost` is called once if the device goes away by itself.
   */
  static async open(
    canvas: OffscreenCanvas,
    vramBytes: number,
    allowSoftware: boolean,
    lost: (reason: string) => void,
  ): Promise<WebGpuScanout | string> {
    const gpu = navigator.gpu as GPU | undefined;
    if (gpu === undefined) return "this browser has no WebGPU";
    const adapter = await gpu.requestAdapter();
    if (adapter === null) return "WebGPU has no adapter";
    if (adapter.info.isFallbackAdapter && !allowSoftware)
      return "WebGPU has a software adapter only";
    const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    if (vramBytes > Math.min(maxStorageBufferBindingSize, maxBufferSize))
      return "the GPU's buffers are smaller than VRAM";
    const device = await adapter.requestDevice({
      requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
    });
    device.pushErrorScope("validation");
    device.pushErrorScope("out-of-memory");
    const pipeline = makePipeline(device, gpu.getPreferredCanvasFormat());
    const vram = device.createBuffer({
      size: vramBytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    const errors = [await device.popErrorScope(), await device.popErrorScope()].filter(
      (error) => error !== null,
    );
    const context = errors.length === 0 ? canvas.getContext("webgpu") : null;
    if (context === null) {
      device.destroy();
      return errors[0]?.message ?? "the canvas has no WebGPU context";
    }
    context.configure({ device, format: gpu.getPreferredCanvasFormat(), alphaMode: "opaque" });
    const scanout = new WebGpuScanout(device, canvas, context, pipeline, vram);
    // A dead GPU process says "destroyed" too, so only our own dispose() tells what was meant.
    void device.lost.then((info) => {
      scanout.#isLost = true;
      if (!scanout.#isDisposed) lost(info.message || "the GPU device was lost");
    });
    return scanout;
  }

  private constructor(
    device: GPUDevice,
    canvas: OffscreenCanvas,
    context: GPUCanvasContext,
    pipeline: GPURenderPipeline,
    vram: GPUBuffer,
  ) {
    this.#device = device;
    this.#canvas = canvas;
    this.#context = context;
    this.#pipeline = pipeline;
    this.#vram = vram;
    this.#uniforms = device.createBuffer({
      size: UNIFORM_WORDS * WORD_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#bindings = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: this.#vram } },
        { binding: 1, resource: { buffer: this.#uniforms } },
      ],
    });
  }

  upload(aperture: Uint8Array, start: number, end: number): void {
    const first = start & ~(WORD_BYTES - 1);
    const last = (end + WORD_BYTES - 1) & ~(WORD_BYTES - 1);
    const bytes = aperture.subarray(first, last);
    if (!this.#isSharedRefused) {
      try {
        this.#device.queue.writeBuffer(this.#vram, first, bytes);
        return;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        this.#isSharedRefused = true; // an engine that takes no shared memory: copy first
      }
    }
    this.#device.queue.writeBuffer(this.#vram, first, new Uint8Array(bytes));
  }

  clear(bytes: number): void {
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(this.#vram, 0, bytes & ~(WORD_BYTES - 1));
    this.#device.queue.submit([encoder.finish()]);
  }

  present(frame: Frame | null): void {
    this.#frame = frame;
    if (this.#isLost) return;
    if (frame !== null) this.#setFrame(frame);
    const encoder = this.#device.createCommandEncoder();
    const view = this.#context.getCurrentTexture().createView();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view, clearValue: [0, 0, 0, 1], loadOp: "clear", storeOp: "store" }],
    });
    if (frame !== null) {
      pass.setPipeline(this.#pipeline);
      pass.setBindGroup(0, this.#bindings);
      pass.draw(3);
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  async pixels(): Promise<Picture | undefined> {
    const frame = this.#frame;
    if (frame === null) return undefined;
    const bytes = (frame.height - 1) * frame.stride + frame.width * PIXEL_BYTES;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = this.#device.createBuffer({ size: bytes, usage });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#vram, frame.base, staging, 0, bytes);
    this.#device.queue.submit([encoder.finish()]);
    const isMapped = await staging.mapAsync(GPUMapMode.READ).then(
      () => true,
      () => false, // the device was lost: the backend that follows has the picture
    );
    if (!isMapped) return undefined;
    const picture = copyPixels(new Uint8Array(staging.getMappedRange()), { ...frame, base: 0 });
    staging.destroy();
    return picture;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#device.destroy();
  }

  #setFrame(frame: Frame): void {
    if (this.#canvas.width !== frame.width || this.#canvas.height !== frame.height) {
      this.#canvas.width = frame.width;
      this.#canvas.height = frame.height;
    }
    const { red, green, blue } = colourOffsets(frame);
    const words = [
      frame.base / WORD_BYTES,
      frame.stride / WORD_BYTES,
      red * 8,
      green * 8,
      blue * 8,
    ];
    this.#device.queue.writeBuffer(this.#uniforms, 0, new Uint32Array(words));
  }
}

function makePipeline(device: GPUDevice, format: GPUTextureFormat): GPURenderPipeline {
  const module = device.createShaderModule({ code: SHADER });
  return device.createRenderPipeline({
    layout: "auto",
    vertex: { module, entryPoint: "cover" },
    fragment: { module, entryPoint: "pixel", targets: [{ format }] },
    primitive: { topology: "triangle-list" },
  });
}
