// dmesg: the kernel log.

import { finish, help } from "../../lib/program";
import { showFile } from "../../lib/table";

export function _start(): void {
  help("dmesg: prints the kernel log from its start");
  finish(showFile("/dev/klog"));
}
