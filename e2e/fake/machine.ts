// A stand-in for machine/client that knows nothing of kernels: it echoes a prompt and acts out, on typed words, the events that a page
// must show (panic N, halt N, take, release, flood, progress). Only the page's own tests load it (vite.config.ts beside it); it is in no build.

import type {
  DumpFile,
  Machine,
  MachineEvent,
  MachineListener,
  MachineOptions,
  MachineStats,
} from "../../machine/client/types.ts";

const LOG = [
  "Quire 0.1 (stand-in machine for the page's tests)",
  "memory: 0x00000000-0x0009ffff usable, 0x00100000-0x03ffffff usable, 64 MiB",
  "PAT: WB WT UC- UC WB WT WC UC",
  "paging: on, 4 levels, direct map at 0xffff800000000000",
  "pci 00:02.0 1234:1111 display BAR0 0xe0000000 32 MiB prefetchable, BAR2 0xfe000000 4 KiB",
  "init: pid 1",
  "srv/gpu: mounted at /dev/gpu",
];

export async function bootMachine(options: MachineOptions): Promise<Machine> {
  const failure = new URLSearchParams(location.search).get("fail");
  if (failure !== null) throw new Error(failure);
  return new FakeMachine(options);
}

class FakeMachine implements Machine {
  #listener: MachineListener = () => {};
  #line = "";
  readonly #files: string[];
  readonly #canvas: OffscreenCanvas | undefined;

  constructor(options: MachineOptions) {
    this.#canvas = options.canvas;
    this.#files = (options.files ?? []).map((file) => file.path);
    setTimeout(() => this.#boot(), 20);
  }

  on(listener: MachineListener): void {
    this.#listener = listener;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (new URLSearchParams(location.search).has("keys")) {
      for (const byte of bytes) this.#print(`<${byte.toString(16).padStart(2, "0")}>`);
      return;
    }
    for (const char of new TextDecoder().decode(bytes)) {
      if (char !== "\r" && char !== "\n") {
        this.#line += char;
        this.#print(char);
        continue;
      }
      this.#print("\n");
      const line = this.#line;
      this.#line = "";
      if (this.#run(line)) this.#print("quire$ ");
    }
  }

  resize(): void {}

  show(vt: number): void {
    if (vt !== 1) this.#print(`terminal ${vt}\n`, vt);
  }

  async addFile(path: string): Promise<void> {
    this.#files.push(path);
  }

  stats(): MachineStats {
    return {};
  }

  async dump(): Promise<DumpFile[]> {
    const shared = new Uint8Array(new SharedArrayBuffer(5000)).fill(7);
    return [
      { name: "ram.bin", bytes: shared },
      { name: "machine.json", bytes: new TextEncoder().encode("{}") },
    ];
  }

  dispose(): void {
    this.#listener = () => {};
  }

  #boot(): void {
    this.#print(`${LOG.join("\n")}\n`);
    if (!new URLSearchParams(location.search).has("kernel")) this.#take();
    this.#print("quire$ ");
  }

  #take(): void {
    this.#emit({ type: "screen", state: "taking" });
    this.#emit({ type: "mode", width: 1024, height: 768, backend: "webgpu" });
    const context = this.#canvas?.getContext("2d");
    if (context) {
      context.fillStyle = "#0b2533";
      context.fillRect(0, 0, 1024, 768);
      context.fillStyle = "#ffffff";
      context.font = "16px monospace";
      LOG.forEach((line, row) => {
        context.fillText(line, 8, 20 + row * 20);
      });
    }
    this.#emit({ type: "screen", state: "server" });
  }

  /** True: a prompt follows. */
  #run(line: string): boolean {
    const [word = "", rest = ""] = line.split(" ");
    switch (word) {
      case "ls":
        this.#print(`${this.#files.join("\n")}\n`);
        return true;
      case "take":
        this.#take();
        return true;
      case "release":
        this.#emit({ type: "screen", state: "kernel" });
        this.#print("screen: srv/gpu was killed; the kernel console is back\n");
        return true;
      case "limit":
        this.#emit({ type: "screen", state: "server", limit: { columns: 40, rows: 10 } });
        return true;
      case "vt":
        this.#emit({ type: "vt", vt: Number(rest) });
        return true;
      case "flood":
        this.#print("a line of output that goes on\n".repeat(20_000));
        this.#print("flood ends\n");
        return true;
      case "progress":
        this.#emit({ type: "progress", label: "Reading the disk", done: 3, total: 4 });
        return true;
      case "panic":
        this.#emit({ type: "screen", state: "kernel" });
        this.#emit({ type: "panic", text: `kernel panic 7 (argument ${rest})\n  at walk` });
        return false;
      case "halt":
        this.#emit({ type: "halted", code: Number(rest) });
        return false;
      default:
        if (word !== "") this.#print(`sh: ${word}: not found\n`);
        return true;
    }
  }

  #print(text: string, vt = 1): void {
    this.#emit({ type: "output", bytes: new TextEncoder().encode(text), vt });
  }

  #emit(event: MachineEvent): void {
    void this.#listener(event);
  }
}
