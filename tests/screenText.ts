// The text on a picture: each cell is looked up among the font's glyphs.

import { readFileSync } from "node:fs";
import path from "node:path";

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

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly data: Uint8Array;
}

/** Words of 32 bits, one for each `scale`th pixel of each `scale`th row: glyphs may be drawn larger. */
function pixelsOf({ width, height, data }: Picture, scale: number) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    width: Math.floor(width / scale),
    height: Math.floor(height / scale),
    at: (x: number, y: number): number => view.getUint32((y * width + x) * scale * 4),
  };
}

/** The lines of text on a picture, without spaces at their ends and empty lines at the end. */
export function textOf(picture: Picture, scale = 1): string {
  const pixels = pixelsOf(picture, scale);
  const lines: string[] = [];
  for (let y = 0; y + HEIGHT <= pixels.height; y += HEIGHT) {
    let line = "";
    for (let x = 0; x + WIDTH <= pixels.width; x += WIDTH) line += characterAt(pixels, x, y);
    lines.push(line.trimEnd());
  }
  return lines.join("\n").trimEnd();
}

function characterAt(picture: ReturnType<typeof pixelsOf>, x: number, y: number): string {
  const colors = new Map<number, number>();
  const cell: number[] = [];
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const color = picture.at(x + column, y + row);
      cell.push(color);
      colors.set(color, (colors.get(color) ?? 0) + 1);
    }
  }
  if (colors.size === 1) return " ";
  const [paper] = [...colors].sort((a, b) => b[1] - a[1])[0] ?? [0];
  for (const background of [paper, ...colors.keys()]) {
    const rows = Array.from({ length: HEIGHT }, (_, row) =>
      cell
        .slice(row * WIDTH, (row + 1) * WIDTH)
        .reduce((bits, color) => (bits << 1) | (color === background ? 0 : 1), 0),
    );
    const found = font.get(rows.join());
    if (found !== undefined) return found;
  }
  return UNKNOWN;
}
