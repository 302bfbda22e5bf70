// spin: computes for ever without touching memory: only kill or ^C ends it.

import { help } from "../../lib/program";

export function _start(): void {
  help("spin: loops for ever; end it with ^C or kill");
  for (;;) {}
}
