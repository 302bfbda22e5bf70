// What the game looks like: cells in the middle of the surface, a line of text above them.

import { GLYPH_HEIGHT, GLYPH_WIDTH } from "../../lib/font/index";
import { Surface, surfaceBytes, surfaceFill, surfaceText } from "../../lib/surface";
import { putDecimal, putLiteral } from "../../lib/text";
import {
  Cell,
  COLUMNS,
  cellAt,
  End,
  end,
  foodCell,
  headCell,
  leftCell,
  neckCell,
  ROWS,
  score,
} from "./game";

const DESK: u32 = 0x10141c;
const FIELD: u32 = 0x1b2230;
const BODY: u32 = 0x46a758;
const HEAD: u32 = 0x9be8a8;
const FOOD: u32 = 0xe5484d;
const INK: u32 = 0xd6dce6;
const MUTED: u32 = 0x8a94a6;
const line: usize = memory.data(96);

let cellSize = 0;
let left = 0;
let top = 0;

/** Everything, for a surface that is new or has changed its size. */
export function drawAll(s: Surface): void {
  const bar = GLYPH_HEIGHT + 8;
  cellSize = max(1, min(s.width / COLUMNS, (s.height - bar) / ROWS));
  left = (s.width - cellSize * COLUMNS) / 2;
  top = bar + (s.height - bar - cellSize * ROWS) / 2;
  surfaceFill(s, 0, 0, s.width, s.height, DESK);
  surfaceFill(s, left, top, cellSize * COLUMNS, cellSize * ROWS, FIELD);
  for (let cell = 0; cell < COLUMNS * ROWS; cell++)
    if (cellAt(cell) != Cell.EMPTY) drawCell(s, cell);
  drawLine(s);
  if (end != End.NONE) drawEnd(s);
}

/** What the last step has changed. */
export function drawStep(s: Surface): void {
  if (leftCell >= 0) drawCell(s, leftCell);
  drawCell(s, neckCell);
  drawCell(s, headCell);
  if (foodCell >= 0) drawCell(s, foodCell);
  if (end != End.NONE) drawEnd(s);
}

function drawCell(s: Surface, cell: i32): void {
  const x = left + (cell % COLUMNS) * cellSize;
  const y = top + (cell / COLUMNS) * cellSize;
  const kind = cellAt(cell);
  const color =
    kind == Cell.EMPTY ? FIELD : kind == Cell.FOOD ? FOOD : cell == headCell ? HEAD : BODY;
  const gap = cellSize > 4 ? 1 : 0;
  surfaceFill(s, x, y, cellSize - gap, cellSize - gap, color);
}

/** The score, and what the keys do where there is room. */
export function drawLine(s: Surface): void {
  let n = putLiteral(line, "Snake  score ");
  n += putDecimal(line + n, score);
  surfaceFill(s, 0, 4, s.width, GLYPH_HEIGHT, DESK);
  surfaceBytes(s, max(left, 4), 4, line, n, INK, DESK);
  const keys = "w a s d or arrows, p pause, q quit";
  const x = min(left + cellSize * COLUMNS, s.width - 4) - keys.length * GLYPH_WIDTH;
  if (x > max(left, 4) + (n + 2) * GLYPH_WIDTH) surfaceText(s, x, 4, keys, MUTED, DESK);
}

/** A sheet over the field: why the game is over. */
function drawEnd(s: Surface): void {
  const reason =
    end == End.WALL ? "The wall." : end == End.SELF ? "Bitten itself." : "The field is full: won.";
  let n = putLiteral(line, "Game over, score ");
  n += putDecimal(line + n, score);
  drawSheet(s, line, n, reason, "r play again   q quit");
}

export function drawPause(s: Surface): void {
  drawSheet(s, line, putLiteral(line, "Paused"), "", "p go on   q quit");
}

function drawSheet(s: Surface, title: usize, titleBytes: i32, reason: string, keys: string): void {
  const width = 28 * GLYPH_WIDTH;
  const height = 5 * GLYPH_HEIGHT;
  const x = (s.width - width) / 2;
  const y = (s.height - height) / 2;
  surfaceFill(s, x - 2, y - 2, width + 4, height + 4, MUTED);
  surfaceFill(s, x, y, width, height, DESK);
  surfaceBytes(s, (s.width - titleBytes * GLYPH_WIDTH) / 2, y + 12, title, titleBytes, INK, DESK);
  surfaceText(s, (s.width - reason.length * GLYPH_WIDTH) / 2, y + 30, reason, MUTED, DESK);
  surfaceText(s, (s.width - keys.length * GLYPH_WIDTH) / 2, y + 54, keys, INK, DESK);
}
