// The machine's screen as text: the picture that the page saves, each cell looked up among the font's glyphs.

import { readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { PNG } from "pngjs";

const WIDTH = 8;
const HEIGHT = 16;
/** A cell that is no character of the font. */
const UNKNOWN = "\u{fffd}";

/** Rows of a glyph to its character, from the lines of the font's source: bytes, then the code point as a comment. */
function readFont(): Map<string, string> {
  const file = path.join(import.meta.dirname, "../lib/font/spleen8x16.ts");
  const glyphs = new Map<string, string>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const match = /^((?: *0x[0-9a-f]{2},){16}) \/\/ ([0-9a-f]{4,})$/.exec(line);
    if (match === null) continue;
    const rows = (match[1] ?? "").match(/0x../g)?.map(Number) ?? [];
    const key = rows.join();
    if (!glyphs.has(key))
      glyphs.set(key, String.fromCodePoint(Number.parseInt(match[2] ?? "", 16)));
  }
  return glyphs;
}

const font = readFont();

/** Saves the screen as the Machine menu does. */
export async function savedScreen(page: Page): Promise<PNG> {
  await page.getByRole("button", { name: "Machine" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save a screenshot" }).click();
  return PNG.sync.read(readFileSync(await (await download).path()));
}

/** Every `scale`th pixel of every `scale`th row: glyphs may be drawn larger. */
function shrink(png: PNG, scale: number): PNG {
  const small = new PNG({
    width: Math.floor(png.width / scale),
    height: Math.floor(png.height / scale),
  });
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const pixel = png.data.readUInt32BE((y * png.width + x) * scale * 4);
      small.data.writeUInt32BE(pixel, (y * small.width + x) * 4);
    }
  }
  return small;
}

/** The lines of text on a picture, without spaces at their ends and empty lines at the end. */
export function textOf(picture: PNG, scale = 1): string {
  const png = scale === 1 ? picture : shrink(picture, scale);
  const lines: string[] = [];
  for (let y = 0; y + HEIGHT <= png.height; y += HEIGHT) {
    let line = "";
    for (let x = 0; x + WIDTH <= png.width; x += WIDTH) line += characterAt(png, x, y);
    lines.push(line.trimEnd());
  }
  return lines.join("\n").trimEnd();
}

function characterAt(png: PNG, x: number, y: number): string {
  const colors = new Map<number, number>();
  const pixels: number[] = [];
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const color = png.data.readUInt32BE(((y + row) * png.width + x + column) * 4);
      pixels.push(color);
      colors.set(color, (colors.get(color) ?? 0) + 1);
    }
  }
  if (colors.size === 1) return " ";
  const [paper] = [...colors].sort((a, b) => b[1] - a[1])[0] ?? [0];
  for (const background of [paper, ...colors.keys()]) {
    const rows = Array.from({ length: HEIGHT }, (_, row) =>
      pixels
        .slice(row * WIDTH, (row + 1) * WIDTH)
        .reduce((bits, color) => (bits << 1) | (color === background ? 0 : 1), 0),
    );
    const found = font.get(rows.join());
    if (found !== undefined) return found;
  }
  return UNKNOWN;
}

/** The screen's text now. */
export async function screenText(page: Page, scale = 1): Promise<string> {
  return textOf(await savedScreen(page), scale);
}
