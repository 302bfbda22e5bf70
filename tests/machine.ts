// A whole machine inside the test's own process, for tests that look at it more than once: lines for its shell, its picture, its log.

import { readFileSync } from "node:fs";
import { QuireMachine } from "../machine/client/machine.ts";
import { unpackSystem } from "../machine/cpu/translations.ts";
import type { Picture } from "../machine/devices/display/scanout.ts";
import { nodeHost } from "../machine/node/host.ts";

const BUILD = new URL("../build/", import.meta.url);
/** Runs each line of the console and says its status after it; nothing is echoed. */
const SERVE = 'stty raw; echo "@ ready"; while read -r line; do eval "$line"; echo "@ $?"; done';

export class TestMachine {
  /** What the kernel has said so far. */
  log = "";
  /** The terminal takes this long, in ms, for what has been printed before it takes more: a program that prints much waits for it. */
  slowness = 0;
  readonly #machine: QuireMachine;
  readonly #decoder = new TextDecoder();
  #output = "";
  #heard = (): void => {};

  private constructor(machine: QuireMachine) {
    this.#machine = machine;
    machine.on((event) => {
      if (event.type === "output")
        this.#output += this.#decoder.decode(event.bytes, { stream: true }).replaceAll("\r", "");
      else if (event.type === "log") this.log += new TextDecoder().decode(event.bytes);
      else if (event.type === "panic") this.log += `panic: ${event.text}\n`;
      const heard = this.#heard;
      this.#heard = () => {};
      heard();
      if (event.type !== "output" || this.slowness === 0) return;
      return new Promise((resolve) => setTimeout(resolve, this.slowness));
    });
  }

  /** Boots to a shell that waits for run(); with the option "screen" a console server runs too. */
  static async boot(options = ""): Promise<TestMachine> {
    const kernel = await WebAssembly.compile(readFileSync(new URL("kernel.wasm", BUILD)));
    const system = unpackSystem(new Uint8Array(readFileSync(new URL("system.bin", BUILD))));
    const machine = new TestMachine(
      new QuireMachine(
        { kernel, system },
        { commandLine: `quiet ${options} -- ${SERVE}`, columns: 80, rows: 25 },
        nodeHost(new URL("node/", BUILD)),
      ),
    );
    await machine.until("@ ready\n");
    return machine;
  }

  /** What a line printed. */
  async run(line: string): Promise<string> {
    await this.type(`${line}\n`);
    const text = await this.until(/(^|\n)@ \d+\n/);
    return text.slice(0, text.lastIndexOf("@ "));
  }

  /** Keys, to whatever reads the console. */
  async type(keys: string): Promise<void> {
    await this.#machine.write(new TextEncoder().encode(keys));
  }

  /** Waits for a text; what was printed up to its end since the last one. */
  async until(wanted: string | RegExp): Promise<string> {
    for (;;) {
      const end = endOf(this.#output, wanted);
      if (end >= 0) {
        const text = this.#output.slice(0, end);
        this.#output = this.#output.slice(end);
        return text;
      }
      await this.#news();
    }
  }

  /** Waits until the kernel has said something, from a position of the log on. */
  async logs(wanted: RegExp, from = 0): Promise<void> {
    while (!wanted.test(this.log.slice(from))) await this.#news();
  }

  /** Puts a program into /bin. */
  async add(name: string, program: Uint8Array): Promise<void> {
    await this.#machine.addFile(`bin/${name}`, program);
  }

  /** Bytes that the display has taken so far. */
  uploadBytes(): number {
    return this.#machine.stats().uploadBytes ?? 0;
  }

  /** The screen as it is; undefined while it is off. */
  picture(): Promise<Picture | undefined> {
    return this.#machine.pixels();
  }

  dispose(): void {
    this.#machine.dispose();
  }

  /** The next thing that the machine tells. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#heard;
      this.#heard = () => {
        before();
        resolve();
      };
    });
  }
}

function endOf(text: string, wanted: string | RegExp): number {
  if (typeof wanted === "string") {
    const at = text.indexOf(wanted);
    return at < 0 ? -1 : at + wanted.length;
  }
  const found = wanted.exec(text);
  return found === null ? -1 : found.index + found[0].length;
}
