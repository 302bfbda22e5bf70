// mutants: breaks the kernel in each way that a list names, and fails when its tests do not notice.
//
//   node tools/mutants.mjs [WORDS ...]     only mutants whose list, file or bug has one of the words
//
// Lists are kernel-as/tests/*.mutants.mjs: `mutants` of {file, from, to, bug} and `tests`, the names of the test files that must fail.
// Works on a copy, so that the tree is never broken.

import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "./build/targets.mjs";

const FOLDER = "kernel-as/tests";
const words = process.argv.slice(2);
const copy = mkdtempSync(path.join(tmpdir(), "quire-mutants-"));
for (const name of [
  "abi",
  "kernel-as",
  "machine",
  "asconfig.json",
  "package.json",
  "tools",
  "tsconfig.base.json",
]) {
  cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
}
symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));

function passes(tests) {
  try {
    const files = tests.map((name) => `${FOLDER}/${name}.test.ts`);
    const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
    execFileSync(
      process.execPath,
      [vitest, "run", "--bail", "1", "--testTimeout", "30000", "--hookTimeout", "180000", ...files],
      {
        cwd: copy,
        env: { ...process.env, QUIRE_MUTANT: "1" },
        stdio: "pipe",
      },
    );
    return true;
  } catch (error) {
    if (`${error.stdout}${error.stderr}`.includes("compile error"))
      throw new Error("the mutant does not compile", { cause: error });
    return false;
  }
}

let survived = 0;
let killed = 0;
try {
  for (const name of readdirSync(path.join(root, FOLDER)).filter((n) =>
    n.endsWith(".mutants.mjs"),
  )) {
    const list = await import(path.join(root, FOLDER, name));
    const { tests } = list;
    const mutants = list.mutants.filter(
      ({ file, bug }) =>
        words.length === 0 || words.some((word) => `${name} ${file} ${bug}`.includes(word)),
    );
    if (mutants.length === 0) continue;
    if (!passes(tests)) throw new Error(`${name}: its tests fail without a mutant`);
    for (const { file, from, to, bug } of mutants) {
      const at = path.join(copy, file);
      const source = readFileSync(at, "utf8");
      if (source.split(from).length !== 2)
        throw new Error(`${file}: not there exactly once: ${from}`);
      writeFileSync(
        at,
        source.replace(from, () => to),
      );
      const noticed = !passes(tests);
      writeFileSync(at, source);
      console.log(`${noticed ? "killed  " : "SURVIVED"}  ${path.basename(file)}: ${bug}`);
      if (noticed) killed++;
      else survived++;
    }
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${killed} killed, ${survived} survived`);
process.exitCode = survived === 0 ? 0 : 1;
