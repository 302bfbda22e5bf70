// npm run bench: the numbers (bench/README.md).
//
//   npm run -s bench -- [--json] [--only PREFIX] [--browser]

import { setUp } from "./setup.mjs";

const USAGE = "usage: npm run -s bench -- [--json] [--only PREFIX] [--browser]";
const given = { json: false, browser: false, only: "" };
const words = process.argv.slice(2);
while (words.length > 0) {
  const word = words.shift();
  if (word === "--json") given.json = true;
  else if (word === "--browser") given.browser = true;
  else if (word === "--only" && words.length > 0) given.only = words.shift();
  else {
    console.error(USAGE);
    process.exit(2);
  }
}

await setUp({ browser: given.browser });
// These need the packages that setUp installs.
const { buildPrograms, bundleRunner } = await import("../bench/build.mjs");
const { build } = await import("./build.mjs");
try {
  await build();
  await buildPrograms();
  await bundleRunner();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { benchNode, hostFacts, tableRow } = await import("../build/node/bench.mjs");
const show = (metric) => (given.json ? console.error : console.log)(tableRow(metric));
const status = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`${text}...\x1b[K\r`);
};
let report;
if (given.browser) {
  const { benchBrowser } = await import("../bench/browser/run.mjs");
  report = await benchBrowser(given.only, hostFacts(), show, status);
} else {
  report = await benchNode(given.only, show, status);
}
if (report.metrics.length === 0) {
  console.error(`bench: no metric's name starts with "${given.only}"`);
  process.exit(2);
}
if (given.json) console.log(JSON.stringify(report, null, 2));
// A missed goal is a result; a metric without a value is a failure.
process.exit(report.metrics.every((metric) => metric.error === undefined) ? 0 : 1);
