// Agent: the host's end of benchagent (bench/programs/agent), the program that measures from inside the machine. One machine is booted
// for all of a run's guest metrics.

import type { BenchMachine, Surroundings } from "./surroundings.ts";

const ANSWER_MS = 120_000;

export interface Answer {
  readonly numbers: number[];
  /** What was printed before the answer. */
  readonly text: string;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Files that the agent needs on the machine. */
const PROGRAMS = ["agent", "child", "server", "twin", "kernels"];
const RAM_BYTES = 256 * 1024 * 1024;

export class Agent {
  readonly #machine: BenchMachine;
  readonly #decoder = new TextDecoder();
  #text = "";
  #log = "";
  #ended: Error | undefined;
  #waiting: Waiting | undefined;

  private constructor(machine: BenchMachine) {
    this.#machine = machine;
    machine.on((event) => {
      if (event.type === "output")
        this.#output(this.#decoder.decode(event.bytes, { stream: true }));
      else if (event.type === "log")
        this.#log = (this.#log + new TextDecoder().decode(event.bytes)).slice(-2000);
      else if (event.type === "halted") this.#end(`the machine halted with ${event.code}`);
      else if (event.type === "panic") this.#end(`panic: ${event.text}`);
    });
  }

  /** Boots a machine that runs the agent, with these further files. */
  static async boot(
    around: Surroundings,
    files: { path: string; bytes: Uint8Array }[],
  ): Promise<Agent> {
    const own = await Promise.all(
      PROGRAMS.map(async (name) => ({
        path: `bin/bench${name}`,
        bytes: await around.file(`build/bench/${name}.wasm`),
      })),
    );
    const machine = await around.boot({
      ramBytes: RAM_BYTES,
      commandLine: "quiet -- benchagent",
      columns: 80,
      rows: 25,
      files: [...own, ...files],
    });
    const agent = new Agent(machine);
    await agent.#next();
    return agent;
  }

  /** Sends a request and waits for the answer. Rejects when its first number is negative: an error of the system. */
  async ask(request: string): Promise<Answer> {
    const answer = this.#next();
    await this.send(request);
    const { numbers, text } = await answer;
    if ((numbers[0] ?? -1) < 0)
      throw new Error(`"${request}" failed with ${numbers[0]}: ${text.slice(-300)}`);
    return { numbers, text };
  }

  /** Sends a request whose answer comes later: whoever asks next must know. */
  async send(request: string): Promise<void> {
    await this.#machine.write(new TextEncoder().encode(`${request}\n`));
  }

  dispose(): void {
    this.#machine.dispose();
  }

  #next(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      const timer = setTimeout(() => this.#end("no answer from the machine"), ANSWER_MS);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (answer) => {
          done();
          resolve(answer);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
    });
  }

  #output(text: string): void {
    this.#text += text.replaceAll("\r", "");
    for (;;) {
      const match = /(^|\n)@ ([^\n]*)\n/.exec(this.#text);
      if (match === null) return;
      const before = this.#text.slice(0, match.index);
      this.#text = this.#text.slice(match.index + match[0].length);
      const numbers = (match[2] ?? "").split(" ").map(Number);
      this.#waiting?.resolve({ numbers, text: before });
    }
  }

  #end(reason: string): void {
    const tail = `${this.#text.slice(-500)}${this.#log.slice(-500)}`.trim();
    this.#ended = new Error(tail === "" ? reason : `${reason}; the last lines were: ${tail}`);
    this.#waiting?.reject(this.#ended);
  }
}
