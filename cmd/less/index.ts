// less, more: the pager.

import { arg, argc } from "../../lib/args";
import { pagerRun } from "../../lib/pager";
import { help, usage } from "../../lib/program";

export function _start(): void {
  help(
    "less [FILE ...]: shows a text a screen at a time; h shows the keys, q quits\n  dmesg | less\nmore: the same as less",
  );
  if (argc() > 1 && load<u8>(arg(1)) == 0x2d && load<u8>(arg(1) + 1) != 0) usage("less [FILE ...]");
  pagerRun(1);
}
