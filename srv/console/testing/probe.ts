// A terminal that a test feeds and looks at: the console server's emulator without a server.

import "../../../lib/program";
import { sizeColumns, sizeRows } from "../cells";
import { parserFeed } from "../parser";
import { Terminal, terminalNew, terminalStart } from "../terminal";

const INPUT_BYTES = 65536;
const input: usize = memory.data(65536);
const terminal: Terminal = terminalNew(80, 24);

export function _start(): void {}

export function start(columns: i32, rows: i32): void {
  terminalStart(terminal, sizeColumns(columns), sizeRows(rows, sizeColumns(columns)));
}

/** Where feed() finds its bytes, at most INPUT_BYTES. */
export function inputAt(): usize {
  return input;
}

export function feed(n: i32): void {
  parserFeed(terminal, input, min(n, INPUT_BYTES));
}

export function cells(): usize {
  return terminal.buffer.cells;
}

export function cursorX(): i32 {
  return terminal.buffer.x;
}

export function cursorY(): i32 {
  return terminal.buffer.y;
}

export function cursorHidden(): bool {
  return terminal.hidden;
}
