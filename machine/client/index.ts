// machine/client: the machine for a page. bootMachine fetches the kernel and the initrd and powers a machine on.

import { browserHost } from "./browser.ts";
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
const INITRD_URL = "quire/initrd.bin";

/** Boots a machine in this tab. Rejects with a sentence when an image cannot be fetched or the memory cannot be had. */
export async function bootMachine(options: MachineOptions): Promise<Machine> {
  const [kernel, initrd] = await Promise.all([fetchImage(KERNEL_URL), fetchImage(INITRD_URL)]);
  const images = { kernel: await WebAssembly.compile(kernel), initrd: new Uint8Array(initrd) };
  return new QuireMachine(images, options, browserHost);
}

async function fetchImage(url: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(url, self.location.href)).catch(() => undefined);
  if (response === undefined)
    throw new Error(`${url} could not be fetched; check the connection and reload the page`);
  if (!response.ok)
    throw new Error(
      `${url} could not be fetched (status ${response.status}); run npm run build and reload the page`,
    );
  return response.arrayBuffer();
}
