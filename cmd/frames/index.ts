// frames: how many frames of RAM are in each state.

import { finish, help } from "../../lib/program";
import { showFile } from "../../lib/table";

export function _start(): void {
  help("frames: counts the frames of RAM (4 KiB each) by state");
  finish(showFile("/proc/frames"));
}
