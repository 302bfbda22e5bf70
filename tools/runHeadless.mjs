// Runs the headless machine as a child process and ends it as soon as it says its status (machine/node/headless.ts, leave).

import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const runner = fileURLToPath(new URL("../build/node/headless.mjs", import.meta.url));

/**
 * Starts it with these arguments and stdio of three entries, as spawn takes them. `status` resolves with the line's status, or with 1 when
 * the process ended without saying one.
 */
export function startHeadless(args, stdio) {
  const child = spawn(process.execPath, [path.normalize(runner), ...args], {
    stdio: [...stdio, "ipc"],
  });
  const status = new Promise((resolve, reject) => {
    let said;
    child.on("error", reject);
    child.on("message", (message) => {
      said = message.status;
      child.kill("SIGKILL");
    });
    child.on("close", (code) => resolve(said ?? code ?? 1));
  });
  return { child, status };
}
