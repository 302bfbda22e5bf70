// Session: one machine after another behind the same terminal and screen. A reset ends the machine and starts a fresh one with the same
// added programs, as cards stay in a computer that is reset.
//
// A session is off, starting, running or stopped. Events of a machine that is no longer the current one are dropped.

import { bootMachine, type Machine, type MachineEvent } from "../machine/client/index.ts";
import { download } from "./download.ts";
import { type PageOptions, sizeText } from "./options.ts";
import list from "./programs.json" with { type: "json" };
import type { Program } from "./programs.ts";
import { SCREEN_WORDS, type ScreenPane } from "./screen.ts";
import type { StatusLine } from "./status.ts";
import type { ConsoleTerminal } from "./terminal.ts";

const RESTART = "Choose Machine, then Reset, to start it again.";
/** The terminal that shows the kernel's log. */
const LOG_VT = 4;
const BACKENDS = { webgpu: "WebGPU", "2d": "2D canvas", buffer: "memory buffer" };

export class Session {
  readonly #options: PageOptions;
  readonly #terminal: ConsoleTerminal;
  readonly #screen: ScreenPane;
  readonly #status: StatusLine;
  readonly #changed: () => void;
  readonly #programs = new Map<string, Uint8Array>();
  #machine: Promise<Machine> | null = null;
  /** Counts machines; an event is heard only while its machine's number is the current one. */
  #serial = 0;
  #running = false;
  #mode = "";
  #hadScreen = false;
  #input: Promise<void> = Promise.resolve();

  /** `changed` is called whenever `running` or the screen may have changed. */
  constructor(
    options: PageOptions,
    terminal: ConsoleTerminal,
    screen: ScreenPane,
    status: StatusLine,
    changed: () => void,
  ) {
    this.#options = options;
    this.#terminal = terminal;
    this.#screen = screen;
    this.#status = status;
    this.#changed = changed;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Starts a machine; what ran before is gone. Settles when it is on, or when the page says why it is not. */
  async start(): Promise<void> {
    this.#discard();
    const serial = ++this.#serial;
    this.#mode = "";
    this.#hadScreen = false;
    this.#terminal.reset();
    this.#screen.showWords(SCREEN_WORDS.starting);
    this.#status.show("Starting: fetching the kernel and its programs.", "busy");
    this.#changed();
    const machine = bootMachine({
      ...this.#options,
      canvas: this.#screen.newCanvas(),
      replaceCanvas: () => this.#screen.newCanvas(),
      progress: (label, done, total) => {
        if (serial === this.#serial && !this.#running)
          this.#status.showProgress(label, done, total);
      },
      columns: this.#terminal.columns,
      rows: this.#terminal.rows,
      offers: list
        .filter(({ name }) => !this.#programs.has(name))
        .map((program) => ({
          path: `bin/${program.name}`,
          fetch: () => this.#fetchListed(program, serial),
        })),
      files: [...this.#programs].map(([name, bytes]) => ({ path: `bin/${name}`, bytes })),
    });
    this.#machine = machine;
    this.#input = Promise.resolve();
    try {
      const booted = await machine;
      if (serial !== this.#serial) return;
      this.#running = true;
      this.#screen.showWords(SCREEN_WORDS.kernel);
      this.#status.show("Booting: the log is in the terminal.", "busy");
      booted.on((event) => (serial === this.#serial ? this.#hear(event) : undefined));
      // The window may have changed while the machine was being put together.
      booted.resize(this.#terminal.columns, this.#terminal.rows);
    } catch (error) {
      if (serial !== this.#serial) return;
      this.#machine = null;
      this.#stop(`Not started: ${reasonOf(error)}. ${RESTART}`, "bad");
    }
    this.#changed();
  }

  /** Cuts the power. */
  powerOff(): void {
    this.#discard();
    this.#serial++;
    this.#stop(`Powered off. ${RESTART}`, "off");
  }

  /** Keyboard bytes of a virtual terminal, in order, also those typed while the machine is being fetched. */
  type(bytes: Uint8Array, vt = 1): void {
    const machine = this.#machine;
    if (machine === null) return;
    this.#input = this.#input
      .then(async () => (await machine).write(bytes, vt))
      .catch(() => {
        // The machine could not start or is gone: start() has said so, and there is nobody to type to.
      });
  }

  /** The person looks at another virtual terminal. */
  show(vt: number): void {
    const serial = this.#serial;
    this.#machine?.then(
      (machine) => {
        if (serial === this.#serial) machine.show(vt);
      },
      () => undefined,
    );
  }

  resize(columns: number, rows: number): void {
    const serial = this.#serial;
    this.#machine?.then(
      (machine) => {
        if (serial === this.#serial) machine.resize(columns, rows);
      },
      () => undefined,
    );
  }

  /** Puts a program at /bin/NAME, in this machine and in those after a reset. Rejects with a sentence when it does not fit. */
  async addProgram(name: string, bytes: Uint8Array): Promise<void> {
    const machine = await this.#machine;
    await machine?.addFile(`bin/${name}`, bytes);
    this.#programs.set(name, bytes);
  }

  /** Brings a program of the list because somebody typed its name. Rejects with a sentence. */
  async #fetchListed(program: Program, serial: number): Promise<Uint8Array> {
    const label = `Fetching ${program.name}, ${sizeText(program.bytes)}.`;
    const result = await download(program, (done) => {
      if (serial === this.#serial) this.#status.showProgress(label, done, program.bytes);
    });
    if (serial === this.#serial) this.#showRunning();
    if (!result.ok) throw new Error(`not downloaded: ${result.reason}`);
    this.#programs.set(program.name, result.bytes);
    return result.bytes;
  }

  /** The files of a memory dump, or null when no machine is on. */
  async dump(): Promise<readonly { name: string; bytes: Uint8Array }[] | null> {
    const machine = await this.#machine;
    return machine === null ? null : machine.dump();
  }

  #hear(event: MachineEvent): void | Promise<void> {
    switch (event.type) {
      case "output":
        return this.#terminal.write(event.bytes, event.vt);
      case "log":
        return this.#terminal.write(event.bytes, LOG_VT);
      case "vt":
        return this.#terminal.show(event.vt);
      case "progress":
        if (event.done >= event.total) this.#showRunning();
        else this.#status.showProgress(event.label, event.done, event.total);
        return;
      case "notice":
        this.#terminal.write(new TextEncoder().encode(`\r\n${event.text}\r\n`));
        return;
      case "mode":
        this.#mode = `${event.width} × ${event.height} by ${BACKENDS[event.backend]}`;
        this.#screen.setShape(event.width, event.height);
        if (this.#screen.showsPicture) this.#showRunning();
        return;
      case "screen":
        this.#terminal.limit = event.limit;
        this.#hearScreen(event.state);
        break;
      case "halted":
        this.#stop(`Halted with code ${event.code}. ${RESTART}`, event.code === 0 ? "off" : "bad");
        break;
      case "panic":
        // All of it, an engine's call stack too, belongs to the log; the status line has its first line.
        this.#terminal.write(
          new TextEncoder().encode(`\n${event.text.trim()}\n${RESTART}\n`),
          this.#terminal.vt,
        );
        this.#screen.showWords({
          title: "Kernel panic",
          text: `${capital(panicText(event.text))} ${RESTART}`,
        });
        this.#stop(`Stopped by a ${panicText(event.text)} ${RESTART}`, "bad", true);
        break;
    }
    this.#changed();
  }

  #hearScreen(state: "kernel" | "taking" | "server"): void {
    if (state === "server") {
      this.#hadScreen = true;
      this.#screen.showPicture();
    } else if (state === "taking") {
      this.#screen.showWords(SCREEN_WORDS.taking);
    } else {
      this.#screen.showWords(this.#hadScreen ? SCREEN_WORDS.released : SCREEN_WORDS.kernel);
    }
    this.#showRunning();
  }

  #showRunning(): void {
    if (!this.#screen.showsPicture) {
      this.#status.show("Running on the kernel console.", "good");
    } else {
      this.#status.show(this.#mode === "" ? "Running." : `Running, ${this.#mode}.`, "good");
    }
  }

  /** The machine has ended; its last picture stays if it had one, and so do words that say more. */
  #stop(text: string, tone: "bad" | "off", hasWords = false): void {
    this.#running = false;
    if (!hasWords && !this.#screen.showsPicture) this.#screen.showWords(SCREEN_WORDS.stopped);
    this.#status.show(text, tone);
    this.#changed();
  }

  #discard(): void {
    this.#running = false;
    this.#machine?.then(
      (machine) => machine.dispose(),
      () => undefined,
    );
    this.#machine = null;
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\.$/, "");
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The first line of a panic's words as the end of a sentence. */
function panicText(text: string): string {
  const words = (text.trim().split("\n")[0] ?? "").replace(/\.$/, "");
  return /^kernel panic/i.test(words) ? `${words}.` : `kernel panic: ${words}.`;
}
