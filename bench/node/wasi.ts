// node:wasi as the reference for real programs.

import { runReference } from "../../lib/wasi/testing/reference.ts";
import { APPS } from "../host/apps.ts";
import type { AppRun, Reference } from "../host/surroundings.ts";

const files = Object.fromEntries(
  APPS.flatMap(({ scriptPath, script }) =>
    scriptPath === undefined ? [] : [[scriptPath, script] as const],
  ),
);

export const nodeWasi: Reference = {
  name: "node:wasi, untranslated",
  async run(program, args, stdin): Promise<AppRun> {
    const { status, stdout, stderr, ms } = await runReference(program, { args, files, stdin });
    if (status !== 0) {
      const text = (stdout + stderr).slice(-300);
      throw new Error(`${args[0]} under node:wasi ended with status ${status}: ${text}`);
    }
    return { ms, output: stdout };
  },
};
