// fs: the files that are forgotten with the machine. A file system in memory, mounted behind the kernel's own names: what the initrd
// has is found first, and everything else can be made, here.
//
// It may take half of RAM; then, or when others have taken the rest, ENOSPC.

import { NewNames, SysInfo } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { mountMemory } from "../../lib/fs/mount";
import { FileServer } from "../../lib/fs/server";
import { complain, finish } from "../../lib/program";
import { staticDataTouch } from "../../lib/resident";
import { serve } from "../../lib/server";
import { newns, sysinfo } from "../../lib/sys";
import { directoriesMake } from "./directories";

const info: usize = memory.data(256, 8);

export function _start(): void {
  staticDataTouch();
  sysinfo(info);
  let r = newns(NewNames.EMPTY); // no name that this server looks up may lead to itself
  if (r == 0) r = mountMemory(load<u32>(info, SysInfo.TOTAL_FRAMES) >>> 1);
  if (r < 0) {
    complain();
    err.text(errnoText(r)).newline();
    finish(1);
  }
  const server = new FileServer();
  directoriesMake(server);
  serve(server);
}
