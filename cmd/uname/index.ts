// uname: what system this is.

import { arg, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";

let all = false;
let system = false;
let release = false;
let machine = false;

export function _start(): void {
  help("uname [-a] [-s] [-r] [-m]: the system's name, release and machine\n  uname -a");
  for (let i = 1; i < argc(); i++) {
    if (load<u8>(arg(i)) != 0x2d || load<u8>(arg(i) + 1) == 0) usage("uname [-asrm]");
    for (let p = arg(i) + 1; load<u8>(p) != 0; p++) option(load<u8>(p));
  }
  if (all) system = release = machine = true;
  if (!release && !machine) system = true;
  if (system) word("Quire");
  if (release) word("0.1.0");
  if (machine) word("wasm32");
  out.newline();
  finish(0);
}

function option(c: i32): void {
  if (c == 0x61) all = true;
  else if (c == 0x73) system = true;
  else if (c == 0x72) release = true;
  else if (c == 0x6d) machine = true;
  else usage("uname [-asrm]");
}

function word(text: string): void {
  if (out.column > 0) out.byte(0x20);
  out.text(text);
}
