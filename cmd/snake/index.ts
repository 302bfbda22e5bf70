// snake: the game on the screen. A step every 40 ms, told by the vblank interrupt; the console is raw meanwhile.

import { arg, argBytes, argc } from "../../lib/args";
import { consoleCooked, consoleRaw, consoleWaiting } from "../../lib/console";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import {
  Found,
  framebufferClose,
  framebufferFault,
  framebufferFrame,
  framebufferOpen,
} from "../../lib/framebuffer";
import { complain, finish, help, usage } from "../../lib/program";
import { Surface, surfaceNew } from "../../lib/surface";
import { random, read } from "../../lib/sys";
import { parsedBytes, parseNumber } from "../../lib/text";
import { MILLISECOND, now } from "../../lib/time";
import { drawAll, drawLine, drawPause, drawStep } from "./draw";
import { End, end, gameStart, gameStep, gameTurn, score, Way } from "./game";

const TICK: i64 = 40 * MILLISECOND;
const KEYS = 32;
const keys: usize = memory.data(32);
const chance: usize = memory.data(4);
const screen: Surface = surfaceNew();

let seed: u32 = 0;
let best = 0;
let paused = false;
let ends = false;
/** Bytes of an arrow key's sequence that have come: ESC, then [ or O. */
let sequence = 0;

/** srv/gpu may go, and come back: the game goes on. */
export function __fault(address: i32, _access: i32, _bits: i32): i32 {
  return framebufferFault(address);
}

export function _start(): void {
  help(
    "snake [SEED]: w a s d or the arrow keys turn, p pauses, r plays again, q quits; the same seed puts food in the same places",
  );
  if (argc() > 2) usage("snake [SEED]");
  if (argc() == 2) {
    seed = <u32>parseNumber(arg(1), argBytes(1));
    if (parsedBytes != argBytes(1) || parsedBytes == 0) usage("snake [SEED]");
  } else if (random(chance, 4) == 4) {
    seed = load<u32>(chance);
  }
  const r = framebufferOpen(screen);
  if (r < 0) {
    complain();
    err.text("/dev/gpu: ").text(errnoText(r)).newline();
    finish(1);
  }
  consoleRaw(0);
  gameStart(seed);
  drawAll(screen);
  play();
  framebufferClose(screen);
  consoleCooked(0);
  out.text("snake: best score ").dec(best).text(", seed ").dec(seed).newline();
  finish(0);
}

function play(): void {
  let due = now() + TICK;
  while (!ends) {
    if (framebufferFrame(screen) == Found.CHANGED) {
      drawAll(screen);
      if (paused) drawPause(screen);
    }
    keysTake();
    const time = now();
    if (paused || end != End.NONE) {
      due = time + TICK;
      continue;
    }
    if (time < due) continue;
    due = time < due + TICK ? due + TICK : time + TICK; // late by more than a step: time is not made up for
    step();
  }
}

function step(): void {
  const before = score;
  gameStep();
  if (score != before) drawLine(screen);
  if (score > best) best = score;
  drawStep(screen);
}

/** Every key that has been pressed. The end of the input ends the game too. */
function keysTake(): void {
  while (!ends && consoleWaiting(0) > 0) {
    const n = read(0, keys, KEYS);
    if (n <= 0) ends = true;
    for (let i = 0; i < n; i++) keyPressed(load<u8>(keys + i));
  }
}

function keyPressed(key: i32): void {
  if (sequence == 1) {
    sequence = key == 0x5b || key == 0x4f ? 2 : 0;
    if (sequence != 0) return;
  } else if (sequence == 2) {
    sequence = 0;
    arrow(key);
    return;
  }
  if (key == 27) sequence = 1;
  else if (key == 0x77) gameTurn(Way.UP);
  else if (key == 0x61) gameTurn(Way.LEFT);
  else if (key == 0x73) gameTurn(Way.DOWN);
  else if (key == 0x64) gameTurn(Way.RIGHT);
  else if (key == 0x71 || key == 3) ends = true;
  else if (key == 0x70 && end == End.NONE) pause();
  else if (key == 0x72 && end != End.NONE) again();
}

/** The last byte of an arrow key's sequence. */
function arrow(key: i32): void {
  if (key == 0x41) gameTurn(Way.UP);
  else if (key == 0x42) gameTurn(Way.DOWN);
  else if (key == 0x43) gameTurn(Way.RIGHT);
  else if (key == 0x44) gameTurn(Way.LEFT);
}

function pause(): void {
  paused = !paused;
  if (paused) drawPause(screen);
  else drawAll(screen);
}

function again(): void {
  gameStart(++seed);
  drawAll(screen);
}
