// memtypes: the reservations of memory types.

import { finish, help } from "../../lib/program";
import { showFile } from "../../lib/table";

export function _start(): void {
  help("memtypes: lists who has reserved which memory with which type");
  finish(showFile("/proc/memtypes"));
}
