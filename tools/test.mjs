// npm test: sets up what is missing, builds, then runs everything: types, lint, unit and kernel tests, the system's own usertests,
// and the product in a browser. Goes on after a failure, says every failure again when all has run, and ends with one line:
// "N passed, N failed".
//
//   npm test                       everything
//   npm test -- types lint unit e2e   only those

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./setup.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const reports = path.join(root, "build", "reports");
/** How many lines of a failure are said again at the end, and how many parts of a command's output are kept for it. */
const DETAIL_LINES = 20;
const TAIL_PARTS = 64;
const STAGES = ["types", "lint", "unit", "usertests", "e2e"];

const asked = process.argv.slice(2);
const unknown = asked.filter((stage) => !STAGES.includes(stage));
if (unknown.length > 0) {
  console.error(`npm test: no stage ${unknown.join(", ")}; there are ${STAGES.join(", ")}`);
  process.exit(2);
}
const stages = asked.length > 0 ? asked : STAGES;

let passed = 0;
/** What failed: `title` names the stage, the file and the test, `detail` is its message or the end of what its command printed. */
const failures = [];

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
  await runStage(stage);
  console.log(`== ${stage}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
for (const { title, detail } of failures) console.log(`\n== failed: ${title}\n${detail}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length > 0 ? 1 : 0);

function runStage(stage) {
  if (stage === "types") return runCommand(stage, "node", ["tools/types.mjs"]);
  if (stage === "lint") return runCommand(stage, "npx", ["biome", "check", "."]);
  if (stage === "unit") return runVitest(stage, path.join(reports, "vitest.json"));
  if (stage === "usertests")
    return runCommand(stage, "node", ["tools/headless.mjs", "-c", "usertests"]);
  return runPlaywright(stage, path.join(reports, "playwright.json"));
}

/** A stage that is one check: its exit status says whether it passed. */
async function runCommand(stage, command, args) {
  const { ok, tail } = await run(command, args);
  if (ok) passed++;
  else failures.push({ title: stage, detail: tail });
}

async function runVitest(stage, report) {
  const { ok, tail } = await run("npx", [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  const before = failures.length;
  if (existsSync(report)) {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    passed += numPassedTests;
    for (const { name, assertionResults } of testResults) {
      for (const { status, fullName, failureMessages } of assertionResults) {
        if (status !== "failed") continue;
        const title = `${stage}: ${path.relative(root, name)}: ${fullName}`;
        failures.push({ title, detail: shortened(failureMessages.join("\n")) });
      }
    }
  }
  if (!ok && failures.length === before) failures.push({ title: stage, detail: tail }); // a suite that could not be loaded
}

async function runPlaywright(stage, report) {
  const { ok, tail } = await run("npx", ["playwright", "test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  const before = failures.length;
  if (existsSync(report)) {
    const { stats, suites } = JSON.parse(readFileSync(report, "utf8"));
    passed += stats.expected;
    for (const suite of suites) playwrightFailures(stage, suite);
  }
  if (!ok && failures.length === before) failures.push({ title: stage, detail: tail });
}

/** What failed in a suite of Playwright's report and in the suites in it: flaky tests too. */
function playwrightFailures(stage, suite) {
  for (const { file, line, title, tests } of suite.specs) {
    for (const { status, projectName, results } of tests) {
      if (status !== "unexpected" && status !== "flaky") continue;
      const messages = results.flatMap(({ errors }) => errors.map(({ message }) => message));
      failures.push({
        title: `${stage}: [${projectName}] ${file}:${line}: ${title}`,
        detail: shortened(messages.join("\n")),
      });
    }
  }
  for (const inner of suite.suites ?? []) playwrightFailures(stage, inner);
}

/** The first lines of a message, without the test runner's own frames. */
function shortened(text) {
  const lines = text.split("\n").filter((line) => !line.includes("node_modules"));
  return [...lines.slice(0, DETAIL_LINES), ...(lines.length > DETAIL_LINES ? ["..."] : [])].join(
    "\n",
  );
}

/** Runs a command and shows what it prints. `tail` is the last lines of that. */
function run(command, args, env = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}), ...env },
  });
  const tail = [];
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.setEncoding("utf8");
    from.on("data", (text) => {
      to.write(text);
      tail.push(text);
      if (tail.length > 2 * TAIL_PARTS) tail.splice(0, TAIL_PARTS);
    });
  }
  return new Promise((resolve) => {
    const end = (ok, why) => {
      const lines = `${tail.join("")}${why}`.trimEnd().split("\n");
      resolve({ ok, tail: lines.slice(-DETAIL_LINES).join("\n") });
    };
    child.on("error", (error) => end(false, `\n${command}: ${error.message}`));
    child.on("close", (status, signal) =>
      end(status === 0, status === 0 ? "" : `\n${command} ended with ${signal ?? status}`),
    );
  });
}
