// rewrite.speed, rewrite.growth: the translation of big programs that others built. Growth is of the code section's file, all told.

import { rewrite } from "../../machine/mmu/index.ts";
import { LANGS } from "../host/apps.ts";
import { metric } from "../host/metric.ts";
import { Rounds } from "../host/stats.ts";
import type { Suite } from "../host/suite.ts";

const MODULES = ["sqlite.wasm", "wasmedge_quickjs.wasm", "php-cgi-8.2.0.wasm"];
const ROUNDS = 3;

export const rewriting: Suite = {
  names: ["rewrite.speed", "rewrite.growth"],
  async run({ around }, wanted, report) {
    around.status("rewrite");
    const modules = await Promise.all(MODULES.map((name) => around.file(LANGS + name)));
    const bytes = modules.reduce((sum, { length }) => sum + length, 0);
    let grown = 0;
    for (const module of modules) grown += rewrite(module).bytes.length;
    if (wanted("rewrite.growth"))
      report(
        metric("rewrite.growth", { value: grown / bytes, unit: "x", note: MODULES.join(" ") }),
      );
    if (!wanted("rewrite.speed")) return;
    const taken = new Rounds();
    const whole: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const floor = time(() => modules.every((module) => WebAssembly.validate(module)));
      taken.add(
        time(() => modules.forEach((module) => void rewrite(module, { validate: false }))),
        floor,
      );
      whole.push(time(() => modules.forEach((module) => void rewrite(module))));
    }
    const { value, floor, ratio } = taken.result();
    const speed = (ms: number): number => bytes / 1e6 / (ms / 1e3);
    const note = `with the engine's validation before and after: ${speed(Math.min(...whole)).toFixed(1)} MB/s`;
    report(
      metric("rewrite.speed", {
        value: speed(value),
        unit: "MB/s",
        floor: speed(floor),
        floorName: "WebAssembly.validate",
        ratio,
        note,
      }),
    );
  },
};

function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
