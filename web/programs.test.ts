// The list names the files that are really served: their sizes and hashes.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import list from "./programs.json" with { type: "json" };

test.each(list)("$name is the file on the list", (program) => {
  const bytes = readFileSync(join(import.meta.dirname, "../node_modules", program.source));
  expect(bytes.length).toBe(program.bytes);
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(program.sha256);
  expect(program.url).toBe(`programs/${program.name}.wasm`);
  expect(program.licence).not.toBe("");
});
