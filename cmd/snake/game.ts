// The game: a field of cells, a snake, one piece of food. Knows nothing of time, keys or the screen; the same seed and turns give the same game.
//
// Invariants
//   G1  cells[cell] is SNAKE exactly for the `length` cells of the ring from `tail` on; the last of them is the head.
//   G2  Exactly one cell is FOOD while the game is not over.

export const COLUMNS = 64;
export const ROWS = 40;
const CELLS = COLUMNS * ROWS;
const START_LENGTH = 5;
const GROWS = 3;
const TURNS = 3;

export const enum Cell {
  EMPTY = 0,
  SNAKE = 1,
  FOOD = 2,
}

export const enum Way {
  UP = 0,
  RIGHT = 1,
  DOWN = 2,
  LEFT = 3,
}

export const enum End {
  NONE = 0,
  WALL = 1,
  SELF = 2,
  FULL = 3, // no place is left for food: won
}

const cells: usize = memory.data(2560);
const ring: usize = memory.data(5120, 8); // u16 cells, from tail to head
const turns: usize = memory.data(4);
let turnCount = 0;
let tail = 0;
let length = 0;
let way: i32 = Way.RIGHT;
let toGrow = 0;
let state: u32 = 0;

export let score = 0;
export let end: i32 = End.NONE;
/** What the last step changed, for who draws: cells, -1 none. */
export let headCell = 0;
export let neckCell = 0;
export let leftCell = 0;
export let foodCell = 0;

export function cellAt(cell: i32): i32 {
  return load<u8>(cells + cell);
}

/** A new game. The seed decides where food appears. */
export function gameStart(seed: u32): void {
  memory.fill(cells, 0, CELLS);
  state = seed * 2654435761 + 1013904223;
  if (state == 0) state = 1;
  way = Way.RIGHT;
  turnCount = 0;
  tail = 0;
  length = START_LENGTH;
  toGrow = 0;
  score = 0;
  end = End.NONE;
  const first = (ROWS / 2) * COLUMNS + COLUMNS / 4;
  for (let i = 0; i < length; i++) {
    store<u16>(ring + i * 2, first + i);
    store<u8>(cells + first + i, Cell.SNAKE);
  }
  headCell = first + length - 1;
  neckCell = headCell - 1;
  leftCell = -1;
  foodPlace();
}

/** Turns at the next step; a few more are kept for the steps after it. Back into its own neck is no turn. */
export function gameTurn(to: i32): void {
  if (turnCount == TURNS) return;
  const from = turnCount == 0 ? way : load<u8>(turns + turnCount - 1);
  if (to == from || ((to + 2) & 3) == from) return;
  store<u8>(turns + turnCount++, to);
}

/** One cell ahead. */
export function gameStep(): void {
  if (end != End.NONE) return;
  if (turnCount > 0) {
    way = load<u8>(turns);
    turnCount--;
    for (let i = 0; i < turnCount; i++) store<u8>(turns + i, load<u8>(turns + i + 1));
  }
  const next = ahead();
  if (next < 0) {
    end = End.WALL;
    return;
  }
  leftCell = -1;
  if (toGrow > 0) {
    toGrow--;
  } else {
    leftCell = load<u16>(ring + tail * 2);
    tail = (tail + 1) % CELLS;
    length--;
    store<u8>(cells + leftCell, Cell.EMPTY);
  }
  if (cellAt(next) == Cell.SNAKE) {
    end = End.SELF;
    return;
  }
  const eats = next == foodCell;
  neckCell = headCell;
  headCell = next;
  store<u16>(ring + ((tail + length) % CELLS) * 2, next);
  length++;
  store<u8>(cells + next, Cell.SNAKE);
  if (!eats) return;
  score++;
  toGrow += GROWS;
  foodPlace();
}

/** The cell before the head, or -1 at the wall. */
function ahead(): i32 {
  const x = headCell % COLUMNS;
  const y = headCell / COLUMNS;
  switch (way) {
    case Way.UP:
      return y > 0 ? headCell - COLUMNS : -1;
    case Way.DOWN:
      return y < ROWS - 1 ? headCell + COLUMNS : -1;
    case Way.LEFT:
      return x > 0 ? headCell - 1 : -1;
  }
  return x < COLUMNS - 1 ? headCell + 1 : -1;
}

/** In the n-th empty cell, n by chance. */
function foodPlace(): void {
  const empty = CELLS - length;
  if (empty == 0) {
    end = End.FULL;
    foodCell = -1;
    return;
  }
  let n = <i32>(random() % <u32>empty);
  let cell = 0;
  for (;;) {
    if (cellAt(cell) == Cell.EMPTY && n-- == 0) break;
    cell++;
  }
  foodCell = cell;
  store<u8>(cells + cell, Cell.FOOD);
}

/** Xorshift, 32 bits. */
function random(): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}
