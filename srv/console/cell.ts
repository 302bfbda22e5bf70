// Cell: one character cell, 16 bytes: the code point (0: never written) with its width in bits 24 and 25, ink, paper, flags.
//
//   width 2: the first half of a wide character; the next cell is its second half, with code 0 and width 0
//   a colour: 0 the default, INDEXED | 0..255, DIRECT | 0xRRGGBB

export const enum Cell {
  CODE = 0,
  INK = 4,
  PAPER = 8,
  FLAGS = 12,
  BYTES = 16,
  CODE_MASK = 0x1fffff,
  WIDTH_SHIFT = 24,
}

export const enum Color {
  DEFAULT = 0,
  INDEXED = 0x1000000,
  DIRECT = 0x2000000,
}

export const enum CellFlag {
  BOLD = 1,
  DIM = 2,
  ITALIC = 4,
  UNDERLINE = 8,
  BLINK = 16,
  INVERSE = 32,
  INVISIBLE = 64,
  STRIKE = 128,
  OVERLINE = 256,
}
