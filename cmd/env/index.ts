// env: the environment, or a program with a changed one.

import { arg, argBytes, argc, argIs } from "../../lib/args";
import {
  environBytes,
  environLoad,
  environSet,
  environStart,
  environStore,
  environText,
  environUnset,
} from "../../lib/environ";
import { err, out } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";
import { runStart, runWait } from "../../lib/run";
import { bytesIndex, cstrLength } from "../../lib/text";

export function _start(): void {
  help(
    "env [-i] [-u NAME] [NAME=VALUE ...] [PROGRAM [ARG ...]]: shows the environment, or runs PROGRAM with a changed one\n  env\n  env COLOUR=green sh -c 'echo $COLOUR'",
  );
  environLoad();
  let i = 1;
  for (; i < argc() && load<u8>(arg(i)) == 0x2d; i++) {
    if (argIs(i, "-i")) {
      environStart();
    } else if (argIs(i, "-u") && i + 1 < argc()) {
      i++;
      environUnset(arg(i), argBytes(i));
    } else {
      usage("env [-i] [-u NAME] [NAME=VALUE ...] [PROGRAM [ARG ...]]");
    }
  }
  for (; i < argc() && bytesIndex(arg(i), argBytes(i), 0x3d) > 0; i++) {
    if (environSet(arg(i), argBytes(i))) continue;
    complain();
    err.text("the environment is full").newline();
    finish(1);
  }
  if (i < argc()) {
    environStore();
    runStart(i);
    finish(runWait());
  }
  const end = environText + environBytes;
  for (let p = environText; p < end; p += cstrLength(p) + 1) out.cstr(p).newline();
  finish(0);
}
