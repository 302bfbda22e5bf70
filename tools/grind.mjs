// grind: long runs of kernel-as/tests/grind.ts.
//
//   node tools/grind.mjs SEED ROUNDS        one seed: what a failure says, replayed
//   node tools/grind.mjs --minutes N [S]    seeds S, S + 1, ... for N minutes, each with 2000 rounds
//
// Ends with a line of seeds, rounds and minutes; the first failure ends it with status 1.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { buildFolder, root } from "./build/targets.mjs";

const ROUNDS = 2000;
const usage = "grind: node tools/grind.mjs SEED ROUNDS, or --minutes N [SEED]";

const outfile = path.join(buildFolder, "test", "grind.mjs");
await build({
  entryPoints: [path.join(root, "kernel-as/tests/grind.ts")],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  logLevel: "warning",
});
const { grind } = await import(pathToFileURL(outfile).href);

const args = process.argv.slice(2);
const timed = args[0] === "--minutes";
const [first, second] = (timed ? args.slice(1) : args).map(Number);
if (!Number.isFinite(first) || (!timed && !Number.isFinite(second))) {
  console.error(usage);
  process.exit(2);
}
const began = performance.now();
const minutes = () => (performance.now() - began) / 60_000;
const start = timed ? (second ?? 1) : first;
let seed = start;
let rounds = 0;
try {
  do {
    const done = grind(seed, timed ? ROUNDS : second);
    rounds += timed ? ROUNDS : second;
    if (!timed)
      for (const [name, [good, refused]] of done)
        console.log(name.padEnd(14), String(good).padStart(7), String(refused).padStart(7));
    seed++;
  } while (timed && minutes() < first);
} catch (error) {
  console.error(error.message);
  console.error(error.cause?.stack);
  process.exitCode = 1;
}
console.log(`seeds ${start} to ${seed - 1}: ${rounds} rounds in ${minutes().toFixed(1)} minutes`);
