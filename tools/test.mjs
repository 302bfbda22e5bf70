// npm test: sets up what is missing, builds, then runs everything: types, lint, unit and kernel tests, the system's own usertests,
// and the product in a browser. Goes on after a failure, and ends with one line: "N passed, N failed".
//
//   npm test                       everything
//   npm test -- types lint unit e2e   only those

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./setup.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const reports = path.join(root, "build", "reports");
const STAGES = ["types", "lint", "unit", "usertests", "e2e"];

const asked = process.argv.slice(2);
const unknown = asked.filter((stage) => !STAGES.includes(stage));
if (unknown.length > 0) {
  console.error(`npm test: no stage ${unknown.join(", ")}; there are ${STAGES.join(", ")}`);
  process.exit(2);
}
const stages = asked.length > 0 ? asked : STAGES;

let passed = 0;
let failed = 0;

await setUp({ browser: stages.includes("e2e") });
const { build } = await import("./build.mjs"); // needs the packages that setUp installs
rmSync(reports, { recursive: true, force: true });
try {
  const { compiled, packed } = await build();
  console.log(`build: ${compiled} modules compiled, system ${Math.round(packed / 1024)} KiB`);
} catch (error) {
  console.error(error.message);
  console.log("0 passed, 1 failed");
  process.exit(1);
}
for (const stage of stages) {
  const start = performance.now();
  console.log(`\n== ${stage}`);
  runStage(stage);
  console.log(`== ${stage}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function runStage(stage) {
  if (stage === "types") return count(run("node", ["tools/types.mjs"]));
  if (stage === "lint") return count(run("npx", ["biome", "check", "."]));
  if (stage === "unit") return countVitest(path.join(reports, "vitest.json"));
  if (stage === "usertests") return count(run("node", ["tools/headless.mjs", "-c", "usertests"]));
  return countPlaywright(path.join(reports, "playwright.json"));
}

function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  return result.status === 0;
}

function count(ok) {
  if (ok) passed++;
  else failed++;
}

function countVitest(report) {
  const ok = run("npx", [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  if (!existsSync(report)) return count(false);
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  passed += numPassedTests;
  failed += numFailedTests;
  if (!ok && numFailedTests === 0) failed++; // a suite that could not be loaded
}

function countPlaywright(report) {
  const ok = run("npx", ["playwright", "test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  if (!existsSync(report)) return count(false);
  const { stats } = JSON.parse(readFileSync(report, "utf8"));
  passed += stats.expected;
  failed += stats.unexpected + stats.flaky;
  if (!ok && stats.unexpected + stats.flaky === 0) failed++;
}
