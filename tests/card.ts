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

type Colour = readonly [number, number, number];

const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [255, 255, 255];
const RED: Colour = [255, 0, 0];
const GREEN: Colour = [0, 255, 0];
const BLUE: Colour = [0, 0, 255];
const BARS: readonly Colour[] = [
  WHITE,
  [255, 255, 0],
  [0, 255, 255],
  GREEN,
  [255, 0, 255],
  RED,
  BLUE,
  BLACK,
];

function cardColour(x: number, y: number, width: number, height: number): Colour {
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
    if (band === 0) return [value, 0, 0];
    if (band === 1) return [0, value, 0];
    if (band === 2) return [0, 0, value];
    return [value, value, value];
  }
  return x % 8 === 0 || y % 8 === 0 || x % 2 !== y % 2 ? WHITE : BLACK;
}

/** The first pixel that is not as the card has it, in words; "" when all are. */
export function cardDifference(picture: Picture, width: number, height: number): string {
  if (picture.width !== width || picture.height !== height)
    return `the picture is ${picture.width}x${picture.height}`;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const seen = [picture.data[at], picture.data[at + 1], picture.data[at + 2]];
      const wanted = cardColour(x, y, width, height);
      if (seen.some((part, i) => part !== wanted[i]))
        return `pixel ${x},${y} is ${seen.join(" ")}, not ${wanted.join(" ")}`;
    }
  }
  return "";
}
