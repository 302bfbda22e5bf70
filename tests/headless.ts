// Runs the headless machine as a person would, and collects what it printed.

import { startHeadless } from "../tools/runHeadless.mjs";

export interface HeadlessResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `input` is given as standard input, which then ends. */
export async function headless(args: readonly string[], input = ""): Promise<HeadlessResult> {
  const { child, status } = startHeadless(args, ["pipe", "pipe", "pipe"]);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {}); // The machine may halt before it has read everything: that is its right.
  child.stdin.end(input);
  return {
    status: await status,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}

/** Runs one line in the shell. */
export function shell(line: string, ...options: string[]): Promise<HeadlessResult> {
  return headless(["-c", line, ...options]);
}
