// clone.ops.<MiB>, clone.perpage.ops.<MiB>, fault.cow, frame.alloc.steps, swapin.cache, swapin.pages, swapin.random, swapout.pages, evict.mappings:
// what copies of address spaces, evictions and swap cost. Node only.

import { metric } from "../host/metric.ts";
import type { Suite } from "../host/suite.ts";

const SIZES = [1, 16, 64, 256];
const TRAFFIC = ["swapin.pages", "swapin.random", "swapout.pages"];
const shared = (mib: number): string => `clone.ops.${mib}`;
const perPage = (mib: number): string => `clone.perpage.ops.${mib}`;

export const clone: Suite = {
  names: [
    ...SIZES.map(shared),
    ...SIZES.map(perPage),
    "fault.cow",
    "frame.alloc.steps",
    "swapin.cache",
    ...TRAFFIC,
    "evict.mappings",
  ],
  async run(context, wanted, report) {
    const spaces = await context.around.spaces?.();
    if (spaces === undefined) return;
    for (const mib of SIZES) {
      const ops = (how: "shared" | "per page") => ({
        value: spaces.cloneOps(mib, how),
        unit: "ops",
        note: "entries, tables and pages copied, references taken",
      });
      if (wanted(shared(mib))) report(metric(shared(mib), ops("shared")));
      if (wanted(perPage(mib))) report(metric(perPage(mib), ops("per page")));
    }
    if (wanted("frame.alloc.steps"))
      report(
        metric("frame.alloc.steps", {
          value: spaces.allocSteps(),
          unit: "steps",
          note: "words of bitmaps looked at for a frame, 1 GiB with 1 % free",
        }),
      );
    if (wanted("fault.cow"))
      report(
        metric("fault.cow", {
          value: spaces.cowFault() / 1000,
          unit: "us",
          note: "the copy of the page included",
        }),
      );
    if (wanted("swapin.cache"))
      report(metric("swapin.cache", { value: spaces.cacheFault() / 1000, unit: "us" }));
    if (wanted("evict.mappings"))
      report(metric("evict.mappings", { value: spaces.evictMappings(), unit: "ops" }));
    if (!TRAFFIC.some(wanted)) return;
    const { inOrder, atRandom, written } = spaces.swapTraffic();
    report(
      metric("swapin.pages", { value: inOrder, unit: "pages", note: "a request, read in order" }),
    );
    report(
      metric("swapin.random", { value: atRandom, unit: "pages", note: "read for each wanted" }),
    );
    report(metric("swapout.pages", { value: written, unit: "pages", note: "a request" }));
  },
};
