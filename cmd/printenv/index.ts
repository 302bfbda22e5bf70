// printenv: the environment, or the values of some names.

import { arg, argBytes, argc } from "../../lib/args";
import { environBytes, environLoad, environText, environValue } from "../../lib/environ";
import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";
import { cstrLength } from "../../lib/text";

export function _start(): void {
  help(
    "printenv [NAME ...]: the environment, or the values of these names; status 1 when one is not set\n  printenv HOME",
  );
  environLoad();
  const end = environText + environBytes;
  if (argc() == 1) {
    for (let p = environText; p < end; p += cstrLength(p) + 1) out.cstr(p).newline();
  }
  let status = 0;
  for (let i = 1; i < argc(); i++) {
    const value = environValue(arg(i), argBytes(i));
    if (value == 0) status = 1;
    else out.cstr(value).newline();
  }
  finish(status);
}
