// system: the file that a machine boots from besides its kernel: the initrd, and its programs rewritten ahead (machine/cpu/translations.ts).

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { writeOutput } from "./output.mjs";
import { buildFolder } from "./targets.mjs";

/** Writes build/system.bin when the initrd or the rewriter has changed; returns its size in bytes. */
export async function writeSystem() {
  const initrd = readFileSync(path.join(buildFolder, "initrd.bin"));
  const translator = path.join(buildFolder, "node", "translate.mjs");
  const output = path.join(buildFolder, "system.bin");
  const stamp = path.join(buildFolder, "stamps", "system.sha256");
  const digest = createHash("sha256").update(initrd).update(readFileSync(translator)).digest("hex");
  if (!existsSync(output) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== digest) {
    // Asked for by its digest: while watching, an older one may be loaded already.
    const { makeSystem } = await import(`${pathToFileURL(translator)}?${digest}`);
    writeOutput(output, await makeSystem(new Uint8Array(initrd)));
    writeOutput(stamp, Buffer.from(digest));
  }
  return readFileSync(output).length;
}
