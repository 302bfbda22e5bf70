// Plays games for game.test.ts: probe SEED KEYS, where each key is a turn (w a s d) or a step (.). Prints the state after each step.

import { arg, argBytes, argc } from "../../../lib/args";
import { out } from "../../../lib/fmt";
import { finish } from "../../../lib/program";
import { parseNumber } from "../../../lib/text";
import {
  Cell,
  COLUMNS,
  cellAt,
  end,
  foodCell,
  gameStart,
  gameStep,
  gameTurn,
  headCell,
  ROWS,
  score,
  Way,
} from "../game";

export function _start(): void {
  if (argc() != 3) finish(2);
  gameStart(<u32>parseNumber(arg(1), argBytes(1)));
  say();
  for (let i = 0; i < argBytes(2); i++) {
    const key = load<u8>(arg(2) + i);
    if (key == 0x2e) {
      gameStep();
      say();
    } else {
      gameTurn(key == 0x77 ? Way.UP : key == 0x64 ? Way.RIGHT : key == 0x73 ? Way.DOWN : Way.LEFT);
    }
  }
  finish(0);
}

/** head x y, food x y, cells of the snake, cells of food, score, end. */
function say(): void {
  let body = 0;
  let food = 0;
  for (let cell = 0; cell < COLUMNS * ROWS; cell++) {
    if (cellAt(cell) == Cell.SNAKE) body++;
    if (cellAt(cell) == Cell.FOOD) food++;
  }
  out
    .dec(headCell % COLUMNS)
    .byte(0x20)
    .dec(headCell / COLUMNS)
    .byte(0x20);
  out
    .dec(foodCell % COLUMNS)
    .byte(0x20)
    .dec(foodCell / COLUMNS)
    .byte(0x20);
  out.dec(body).byte(0x20).dec(food).byte(0x20).dec(score).byte(0x20).dec(end).newline();
}
