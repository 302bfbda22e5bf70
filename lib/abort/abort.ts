// What a failed assertion of a program does (asc --use abort=lib/abort/abort): says where, and ends with status 134.

import { err } from "../fmt";
import { exit } from "../sys";

export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  err.text("abort: ");
  if (message) err.text(message);
  if (file) err.text(" at ").text(file).byte(0x3a).dec(line);
  err.newline();
  exit(134);
}
