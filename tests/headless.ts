// Runs the headless machine as a person would, and collects what it printed.

import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const runner = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "..",
  "build",
  "node",
  "headless.mjs",
);

export interface HeadlessResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `input` is given as standard input, which then ends. */
export function headless(args: readonly string[], input = ""): Promise<HeadlessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (status) => {
      resolve({
        status,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
    child.stdin.on("error", () => {}); // The machine may halt before it has read everything: that is its right.
    child.stdin.end(input);
  });
}

/** Runs one line in the shell. */
export function shell(line: string, ...options: string[]): Promise<HeadlessResult> {
  return headless(["-c", line, ...options]);
}
