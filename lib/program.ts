// How a program ends and complains. Importing this file also brings the assertion handler.

import { Errno } from "../abi/errno";
import "./abort/abort";
import { arg, argc, argIs } from "./args";
import { errnoText } from "./errno";
import { err, out } from "./fmt";
import { exit } from "./sys";
import { wrapText } from "./wrap";

/** Flushes standard output and ends the program. A failed write of the output is said (but not a closed pipe) and turns status 0 into 1. */
export function finish(status: i32): void {
  out.flush();
  if (out.failed != 0 && out.failed != -Errno.EPIPE) {
    err.cstr(arg(0)).text(": write: ").text(errnoText(out.failed)).newline();
  }
  err.flush();
  exit(status == 0 && out.failed != 0 ? 1 : status);
}

/** "NAME: " on standard error, after what standard output holds. The caller goes on and ends the line. */
export function complain(): void {
  out.flush();
  err.cstr(arg(0)).text(": ");
}

/** "NAME: WHAT: sentence" for a failed call; WHAT is a NUL-terminated string. */
export function complainErrno(what: usize, errno: i32): void {
  complain();
  err.cstr(what).text(": ").text(errnoText(errno)).newline();
}

/** Says what is wrong, then ends with status 2, the status for a wrong command line. */
export function usage(text: string): void {
  out.flush();
  err.text("usage: ");
  wrapText(err, text);
  err.newline();
  finish(2);
}

/** Prints the help and ends with 0 when the first argument is --help. */
export function help(text: string): void {
  if (!argIs(1, "--help")) return;
  wrapText(out, text);
  out.newline();
  finish(0);
}

/** True when there are no arguments after the name. */
export function noArguments(): bool {
  return argc() <= 1;
}
