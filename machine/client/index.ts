// machine/client: the machine for a page. bootMachine fetches the kernel and its programs and powers a machine on.

import { unpackSystem } from "../cpu/translations.ts";
import { browserHost, startCpusAhead } from "./browser.ts";
import { BOOT_CPUS } from "./cpuPool.ts";
import { QuireMachine } from "./machine.ts";
import type { Machine, MachineOptions } from "./types.ts";

export type {
  DumpFile,
  Machine,
  MachineEvent,
  MachineListener,
  MachineOptions,
  MachineStats,
} from "./types.ts";

/** Where the built images lie, relative to the page. */
const KERNEL_URL = "quire/kernel.wasm";
const SYSTEM_URL = "quire/system.bin";

/** Boots a machine in this tab. Rejects with a sentence when an image cannot be fetched or the memory cannot be had. */
export async function bootMachine(options: MachineOptions): Promise<Machine> {
  startCpusAhead(BOOT_CPUS);
  const progress = new FetchProgress(options.progress);
  const [kernel, system] = await Promise.all([
    fetchImage(KERNEL_URL, progress).then((bytes) => WebAssembly.compile(bytes)),
    fetchImage(SYSTEM_URL, progress).then(unpackSystem),
  ]);
  const images = { kernel, system };
  return new QuireMachine(images, options, browserHost);
}

/** Adds up what several fetches have to bring and have brought. */
class FetchProgress {
  readonly #tell: MachineOptions["progress"];
  #done = 0;
  #total = 0;

  constructor(tell: MachineOptions["progress"]) {
    this.#tell = tell;
  }

  expect(bytes: number): void {
    this.#total += bytes;
  }

  add(bytes: number): void {
    this.#done += bytes;
    this.#tell?.(
      "fetching the kernel and its programs",
      this.#done,
      Math.max(this.#done, this.#total),
    );
  }
}

async function fetchImage(url: string, progress: FetchProgress): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(url, self.location.href)).catch(() => undefined);
  if (response === undefined) {
    throw new Error(`${url} could not be fetched; check the connection and reload the page`);
  }
  if (!response.ok || response.body === null) {
    throw new Error(
      `${url} could not be fetched (status ${response.status}); run npm run build and reload the page`,
    );
  }
  progress.expect(Number(response.headers.get("Content-Length") ?? 0));
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        progress.add(chunk.length);
        controller.enqueue(chunk);
      },
    }),
  );
  return new Uint8Array(await new Response(counted).arrayBuffer());
}
