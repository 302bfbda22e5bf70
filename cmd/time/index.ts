// time: how long a program runs.

import { argc } from "../../lib/args";
import { err } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";
import { runStart, runWait } from "../../lib/run";
import { now } from "../../lib/time";

export function _start(): void {
  help("time PROGRAM [ARG ...]: runs PROGRAM and says how long it took\n  time sleep 0.5");
  if (argc() < 2) usage("time PROGRAM [ARG ...]");
  runStart(1);
  const began = now();
  const status = runWait();
  const ms = (now() - began) / 1000000;
  err.dec(ms / 1000).byte(0x2e);
  if (ms % 1000 < 100) err.byte(0x30);
  if (ms % 1000 < 10) err.byte(0x30);
  err
    .dec(ms % 1000)
    .text(" s")
    .newline();
  finish(status);
}
