// Text keeps the contrast that WCAG 2.2 asks for (1.4.3: 4.5; 1.4.11: 3 for what shows the focus), in light and in dark.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "style.css"), "utf8");
const root = /:root \{([^}]*)\}/.exec(css)?.[1] ?? "";

const TEXT_PAIRS = [
  ["ink", "desk"],
  ["ink", "sheet"],
  ["muted", "desk"],
  ["muted", "sheet"],
  ["accent-ink", "accent"],
  ["bad", "desk"],
  ["bad", "sheet"],
] as const;
const SHAPE_PAIRS = [
  ["focus", "desk"],
  ["focus", "sheet"],
  ["good", "desk"],
  ["busy", "desk"],
  ["accent", "desk"],
] as const;

function colour(scheme: "light" | "dark", name: string): string {
  const pair = `--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);`;
  const match = new RegExp(pair).exec(root);
  const found = match?.[scheme === "light" ? 1 : 2];
  if (found === undefined) throw new Error(`style.css has no --${name}`);
  return found;
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

for (const scheme of ["light", "dark"] as const) {
  test.each(TEXT_PAIRS)(`${scheme}: %s on %s is readable`, (front, back) => {
    expect(contrast(colour(scheme, front), colour(scheme, back))).toBeGreaterThanOrEqual(4.5);
  });
  test.each(SHAPE_PAIRS)(`${scheme}: %s on %s is visible`, (front, back) => {
    expect(contrast(colour(scheme, front), colour(scheme, back))).toBeGreaterThanOrEqual(3);
  });
}
