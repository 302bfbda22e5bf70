// lspci: the devices on the PCI bus.

import { finish, help } from "../../lib/program";
import { showFile } from "../../lib/table";

export function _start(): void {
  help("lspci: lists the devices on the PCI bus with their BARs");
  finish(showFile("/proc/pci"));
}
