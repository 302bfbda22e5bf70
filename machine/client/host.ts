// Host: what a machine needs from where it runs. The browser and Node each have one; everything else is shared.

import type { FromCpu, ToCpu } from "../cpu/messages.ts";
import type { SystemImage } from "../cpu/translations.ts";
import type { DiskHandle } from "../devices/disk/client.ts";
import type { Picture } from "../devices/display/scanout.ts";
import type { LoadedMemory } from "../memory.ts";
import type { MachineEvent, MachineOptions } from "./types.ts";

export interface CpuHandle {
  post(message: ToCpu): void;
  /** Ends the Worker, wherever its code is; resolves once it cannot run any more. */
  terminate(): Promise<void>;
}

export interface DisplayHandle {
  /** The picture now; undefined when the display is off. */
  pixels(): Promise<Picture | undefined>;
  dispose(): void;
}

export interface Host {
  /** Starts a CPU Worker. `failed` is called when the Worker itself dies with an error text. */
  startCpu(receive: (message: FromCpu) => void, failed: (text: string) => void): CpuHandle;
  startDisplay(
    loaded: LoadedMemory,
    options: MachineOptions,
    emit: (event: MachineEvent) => void,
  ): DisplayHandle;
  /** Starts the disk, unless the options say that there is none. `log` hears sentences about what is wrong with it. */
  startDisk(loaded: LoadedMemory, options: MachineOptions, log: (line: string) => void): DiskHandle;
}

export interface MachineImages {
  readonly kernel: WebAssembly.Module;
  readonly system: SystemImage;
}
