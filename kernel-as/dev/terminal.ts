// Terminal: the virtual terminal of a process. Nothing is kept for it: it is that of the process's descriptors.
//
// Locks     kernel lock.
import { Vt } from "../../abi/console";
import { FileKind, fdFile } from "../proc/file";
import { Process } from "../proc/process";

/** The virtual terminal (abi Vt) of a process's descriptors 2, 0 or 1; without one, the first. */
export function terminalOf(process: Process): u32 {
  for (let i = 0; i < 3; i++) {
    const file = fdFile(process, (i + 2) % 3);
    if (file !== null && file.kind == FileKind.CONSOLE) return file.node;
  }
  return Vt.FIRST;
}
