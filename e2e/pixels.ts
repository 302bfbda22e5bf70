// The canvas as a test sees it: a screenshot of what the browser shows.

import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { PNG } from "pngjs";

export interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

/** What is shown where the canvas is. The canvas may be scaled to its pane. */
export async function canvasPicture(page: Page): Promise<Picture> {
  const png = PNG.sync.read(await page.locator("#screen canvas").screenshot());
  return { width: png.width, height: png.height, data: png.data };
}

/** How many pixels differ by more than `tolerance` in a channel. */
export function differingPixels(a: Picture, b: Picture, tolerance = 8): number {
  if (a.width !== b.width || a.height !== b.height)
    return Math.max(a.data.length, b.data.length) / 4;
  let count = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    for (let channel = 0; channel < 3; channel++) {
      if (Math.abs((a.data[at + channel] ?? 0) - (b.data[at + channel] ?? 0)) > tolerance) {
        count++;
        break;
      }
    }
  }
  return count;
}

/** How many colours there are, to 16 levels a channel. An empty screen has one. */
export function colourCount(picture: Picture): number {
  const seen = new Set<number>();
  const { data } = picture;
  for (let at = 0; at < data.length; at += 4) {
    seen.add(
      (((data[at] ?? 0) >> 4) << 8) |
        (((data[at + 1] ?? 0) >> 4) << 4) |
        ((data[at + 2] ?? 0) >> 4),
    );
  }
  return seen.size;
}

/** Size of the canvas and a digest of all its pixels: two that are the same show the same picture. */
export function canvasDigest(page: Page): Promise<string> {
  return page.locator("#screen canvas").evaluate(async (element) => {
    const { width, height } = element as HTMLCanvasElement;
    const context = new OffscreenCanvas(width, height).getContext("2d", {
      willReadFrequently: true,
    });
    context?.drawImage(element as HTMLCanvasElement, 0, 0);
    const pixels = context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", pixels));
    return `${width}x${height} ${[...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  });
}

/** The digest that a canvas with this picture has. */
export function pictureDigest({ width, height, data }: Picture): string {
  return `${width}x${height} ${createHash("sha256").update(data).digest("hex")}`;
}

/** The canvas's own pixels, not scaled. */
export async function canvasPixels(page: Page): Promise<Picture> {
  const base64 = await page.locator("#screen canvas").evaluate(async (element) => {
    const canvas = element as HTMLCanvasElement;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    copy.getContext("2d")?.drawImage(canvas, 0, 0);
    const bytes = await (await copy.convertToBlob({ type: "image/png" })).bytes();
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  });
  const png = PNG.sync.read(Buffer.from(base64, "base64"));
  return { width: png.width, height: png.height, data: png.data };
}
