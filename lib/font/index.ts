// The font: 8 by 16 pixels, ASCII, Latin-1 and box drawing (spleen8x16.ts).

import { GLYPHS_ASCII, GLYPHS_BOX, GLYPHS_LATIN } from "./spleen8x16";

export const GLYPH_WIDTH = 8;
export const GLYPH_HEIGHT = 16;

/** The 16 rows of a character's glyph, leftmost pixel in the highest bit; of "?" when the font lacks it. */
export function glyphOf(codePoint: i32): usize {
  const glyph = glyphFind(codePoint);
  return glyph != 0 ? glyph : glyphFind(0x3f);
}

/** As glyphOf, but 0 when the font lacks it. */
export function glyphFind(codePoint: i32): usize {
  if (codePoint >= 0x20 && codePoint <= 0x7e)
    return GLYPHS_ASCII + (codePoint - 0x20) * GLYPH_HEIGHT;
  if (codePoint >= 0xa0 && codePoint <= 0xff)
    return GLYPHS_LATIN + (codePoint - 0xa0) * GLYPH_HEIGHT;
  if (codePoint >= 0x2500 && codePoint <= 0x2593)
    return GLYPHS_BOX + (codePoint - 0x2500) * GLYPH_HEIGHT;
  return 0;
}
