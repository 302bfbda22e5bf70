// The test card that `fbtest ... card` draws, told a second time: what colour each pixel of a picture of some size has. It shares nothing
// with the program.

/** [width, height] of every mode that /dev/gpu/status lists. */
export const MODES: readonly (readonly [number, number])[] = [
  [320, 200],
  [320, 240],
  [400, 300],
  [512, 384],
  [640, 400],
  [640, 480],
  [800, 600],
  [1024, 768],
  [1152, 864],
  [1280, 720],
  [1280, 800],
  [1280, 1024],
  [1440, 900],
  [1600, 900],
  [1920, 1080],
];

export const FORMATS = ["bgrx", "rgbx"] as const;

interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly data: ArrayLike<number>;
}

const BLACK = 0x000000;
const WHITE = 0xffffff;
const RED = 0xff0000;
const GREEN = 0x00ff00;
const BLUE = 0x0000ff;
const BARS: readonly number[] = [WHITE, 0xffff00, 0x00ffff, GREEN, 0xff00ff, RED, BLUE, BLACK];

/** 0xRRGGBB of a pixel. */
function cardColour(x: number, y: number, width: number, height: number): number {
  const isTop = y < 16;
  const isBottom = y >= height - 16;
  if (isTop && x < 16) return RED;
  if (isTop && x >= width - 16) return GREEN;
  if (isBottom && x >= width - 16) return BLUE;
  if (isBottom && x < 16) return WHITE;
  if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return WHITE;
  if (3 * y < height) return BARS[Math.floor((x * 8) / width)] ?? BLACK;
  if (3 * y < 2 * height) {
    const value = Math.floor((255 * x) / (width - 1));
    const band = Math.floor((4 * (3 * y - height)) / height);
    if (band === 3) return value * 0x010101;
    return value << (16 - 8 * band);
  }
  return x % 8 === 0 || y % 8 === 0 || x % 2 !== y % 2 ? WHITE : BLACK;
}

/** The card in RGBA. */
export function cardPicture(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  const pixels = new DataView(data.buffer);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4)
      pixels.setUint32(at, ((cardColour(x, y, width, height) << 8) | 0xff) >>> 0);
  }
  return data;
}

/** The first pixel that is not as the card has it, in words; "" when all are. */
export function cardDifference(picture: Picture, width: number, height: number): string {
  if (picture.width !== width || picture.height !== height)
    return `the picture is ${picture.width}x${picture.height}`;
  const { data } = picture;
  const card = cardPicture(width, height);
  for (let at = 0; at < card.length; at += 4) {
    if (data[at] === card[at] && data[at + 1] === card[at + 1] && data[at + 2] === card[at + 2])
      continue;
    const x = (at / 4) % width;
    const y = Math.floor(at / 4 / width);
    const words = (from: ArrayLike<number>): string =>
      `${from[at]} ${from[at + 1]} ${from[at + 2]}`;
    return `pixel ${x},${y} is ${words(data)}, not ${words(card)}`;
  }
  return "";
}
