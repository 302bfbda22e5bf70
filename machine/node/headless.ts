// headless: boots the machine in Node; with -c runs one line, else is an interactive terminal.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Vt } from "../../abi/console.ts";
import { QuireMachine } from "../client/machine.ts";
import { unpackSystem } from "../cpu/translations.ts";
import { pngEncode } from "../devices/display/png.ts";
import { type HeadlessArguments, parseArguments, USAGE } from "./arguments.ts";
import { nodeHost } from "./host.ts";
import { splitVtKeys } from "./vtKeys.ts";

/** Exit statuses of the runner itself; the line's own status is 0..255 like a shell's. */
const EXIT_USAGE = 2;
const EXIT_PANIC = 70;

/** How a report of kernel-as/entry/report.ts begins; its call stack is indented. */
const REPORT = /^(fault|trap): pid /;

const buildFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

async function main(): Promise<number> {
  let given: HeadlessArguments;
  try {
    given = parseArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`headless: ${messageOf(error)}\n`);
    return EXIT_USAGE;
  }
  if (given.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  try {
    return await run(given);
  } catch (error) {
    process.stderr.write(`headless: ${messageOf(error)}\n`);
    return EXIT_USAGE;
  }
}

async function run(given: HeadlessArguments): Promise<number> {
  const files = given.files.map(({ name, file }) => ({
    path: name.includes("/") ? name.replace(/^\/+/, "") : `bin/${name}`,
    bytes: new Uint8Array(readFileSync(file)),
  }));
  const images = {
    kernel: await WebAssembly.compile(readFileSync(path.join(buildFolder, "kernel.wasm"))),
    system: unpackSystem(new Uint8Array(readFileSync(path.join(buildFolder, "system.bin")))),
  };
  const commandLine =
    given.line === undefined ? "once" : `quiet ${given.screen ? "screen " : ""}-- ${given.line}`;
  const machine = new QuireMachine(
    images,
    {
      ramBytes: given.ramBytes,
      commandLine,
      columns: process.stdout.columns ?? 80,
      rows: process.stdout.rows ?? 25,
      files,
      disk: given.disk,
    },
    nodeHost,
  );
  const log = new LogPrinter(given.verbose);
  const screen = new VtPrinter(machine);
  const ended = new Promise<number>((resolve) => {
    machine.on((event) => {
      if (event.type === "output") screen.print(event.bytes, event.vt ?? 1);
      else if (event.type === "vt") screen.show(event.vt);
      else if (event.type === "log") {
        screen.print(event.bytes, Vt.LOG);
        if (given.line !== undefined) log.print(event.bytes);
      } else if (event.type === "notice") process.stderr.write(`${event.text}\n`);
      else if (event.type === "halted") resolve(event.code);
      else if (event.type === "panic") {
        process.stderr.write(`panic: ${event.text}\n`);
        resolve(EXIT_PANIC);
      }
    });
  });
  connectInput(machine, screen);
  const status = await ended;
  if (given.dumpFolder !== undefined) await writeDump(machine, given.dumpFolder);
  if (given.screenshot !== undefined) await writeScreenshot(machine, given.screenshot);
  machine.dispose();
  return status;
}

/** A terminal is passed on key by key; a pipe or a file is console input with an end. */
function connectInput(machine: QuireMachine, screen: VtPrinter): void {
  const { stdin, stdout } = process;
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdout.on("resize", () => machine.resize(stdout.columns, stdout.rows));
  }
  const pump = async (): Promise<void> => {
    for await (const chunk of stdin) {
      const bytes = new Uint8Array(chunk as Buffer);
      for (const part of stdin.isTTY ? splitVtKeys(bytes) : [{ bytes }]) {
        if ("vt" in part) {
          machine.show(part.vt);
          screen.show(part.vt);
        } else await machine.write(part.bytes, screen.shown);
      }
    }
    machine.closeInput();
  };
  pump().catch((error: unknown) => {
    process.stderr.write(`headless: standard input: ${messageOf(error)}\n`);
    machine.closeInput();
  });
}

/** Prints the virtual terminal that is shown. On a terminal another one can be: it is printed from what its ring still holds. */
class VtPrinter {
  readonly #machine: QuireMachine;
  shown = 1;

  constructor(machine: QuireMachine) {
    this.#machine = machine;
  }

  print(bytes: Uint8Array, vt: number): void {
    if (vt === this.shown) process.stdout.write(bytes);
  }

  show(vt: number): void {
    if (vt === this.shown || !process.stdout.isTTY) return;
    this.shown = vt;
    process.stdout.write("\x1b[!p\x1b[?1049l\x1b[H\x1b[2J");
    process.stdout.write(this.#machine.transcript(vt));
  }
}

/** Prints the kernel's log with -v; without, only its reports of processes that died, as a shell's terminal would show them. */
class LogPrinter {
  readonly #isVerbose: boolean;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #isReport = false;

  constructor(isVerbose: boolean) {
    this.#isVerbose = isVerbose;
  }

  print(bytes: Uint8Array): void {
    if (this.#isVerbose) {
      process.stderr.write(bytes);
      return;
    }
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      this.#isReport = REPORT.test(line) || (this.#isReport && line.startsWith("  "));
      if (this.#isReport) process.stderr.write(`${line}\n`);
    }
  }
}

async function writeDump(machine: QuireMachine, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const file of await machine.dump()) writeFileSync(path.join(folder, file.name), file.bytes);
}

async function writeScreenshot(machine: QuireMachine, file: string): Promise<void> {
  const picture = await machine.pixels();
  if (picture === undefined)
    throw new Error(`--screenshot ${file}: the display is off, there is no picture`);
  writeFileSync(file, await pngEncode(picture));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Ends with the status. A parent that asked for it over IPC ends this process itself: on the way out Node waits for the engine's
 * compile jobs, many seconds after a large program.
 */
function leave(status: number): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  process.stdout.write("", () => {
    if (process.send === undefined) process.exit(status);
    process.send({ status });
  });
}

leave(await main());
