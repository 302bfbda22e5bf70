// Panic: a broken invariant stops the machine, with the reason on the console. Nothing that a program does may lead here.
import { BootBlock } from "../../abi/boot";
import { ConsoleDevice } from "../../abi/console";
import { PhysAddr } from "../../abi/layout";
import { MachineRequest, MachineWord, PowerState } from "../../abi/machine";
import { literalCopy } from "./bytes";
import { fmtDec, fmtHex } from "./fmt";
import { klogQuiet, kprint, kprintDec, kprintHex } from "./klog";
import { request } from "./machine";

export const enum Panic {
  ASSERT = 1,
  BOOT_BLOCK = 2, // the boot block has no magic or impossible sizes
  TABLES_OVERLAP = 3, // the kernel's tables run into the initrd
  NO_MEMORY = 4, // out of frames while booting
  NO_INIT = 5,
  INIT_DIED = 6,
  DOUBLE_FREE = 7,
  BAD_FRAME = 8, // a frame number out of RAM, or of a device, where RAM is meant
  BAD_REFERENCE = 9, // a reference count below zero or past its limit
  BAD_STATE = 10,
  LOCK = 11,
  KERNEL_FAULT = 12, // a fault while the kernel used its own memory
  JUNK = 13, // a free frame was written to
  BAD_TABLE = 14,
  CHECK = 15, // mmCheck found a broken invariant
  STATIC_OVERFLOW = 16,
  ASKED = 17, // root has asked for it, to see what happens then
}

/** Prints the reason and stops the machine. Never returns. Locks: any. What goes wrong because of a panic is not another one. */
export function panic(code: Panic, argument: usize): void {
  const control = load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.MACHINE_HOST);
  if (
    control != 0 &&
    atomic.xchg<u32>(control + MachineWord.POWER, PowerState.PANIC) == PowerState.PANIC
  )
    unreachable();
  lastWords(code, argument);
  klogQuiet(false);
  kprint("\npanic: ");
  kprint(panicName(code));
  kprint(" (");
  kprintDec(code);
  kprint(", ");
  kprintHex(argument, 1);
  kprint(")\n");
  if (control != 0) {
    atomic.add<u32>(control + MachineWord.EVENT, 1);
    atomic.notify(control + MachineWord.EVENT, -1);
  }
  request(MachineRequest.PANIC, code, <i32>argument);
  unreachable();
}

/** Writes the reason where the host finds it, whatever state the console's rings are in. */
function lastWords(code: Panic, argument: usize): void {
  const rings = load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.CONSOLE_HOST);
  if (rings == 0) return;
  const text = rings + ConsoleDevice.PANIC_TEXT;
  let n = literalCopy(text, panicName(code));
  n += literalCopy(text + n, " (");
  n += fmtDec(text + n, code);
  n += literalCopy(text + n, ", 0x");
  n += fmtHex(text + n, argument, 1);
  n += literalCopy(text + n, ")");
  atomic.store<u32>(rings + ConsoleDevice.PANIC_BYTES, n);
}

function panicName(code: Panic): string {
  switch (code) {
    case Panic.ASSERT:
      return "assertion failed, at line";
    case Panic.BOOT_BLOCK:
      return "the boot block is damaged";
    case Panic.TABLES_OVERLAP:
      return "kernel tables run into the initrd";
    case Panic.NO_MEMORY:
      return "out of memory while booting";
    case Panic.NO_INIT:
      return "no /bin/init";
    case Panic.INIT_DIED:
      return "init has ended";
    case Panic.DOUBLE_FREE:
      return "frame freed twice";
    case Panic.BAD_FRAME:
      return "not a frame of RAM";
    case Panic.BAD_REFERENCE:
      return "reference count";
    case Panic.BAD_STATE:
      return "impossible state";
    case Panic.LOCK:
      return "kernel lock";
    case Panic.KERNEL_FAULT:
      return "fault in the kernel";
    case Panic.JUNK:
      return "a free frame was written to";
    case Panic.BAD_TABLE:
      return "damaged page table";
    case Panic.CHECK:
      return "check failed";
    case Panic.STATIC_OVERFLOW:
      return "static data overflow";
    case Panic.ASKED:
      return "asked for by process";
    default:
      return "unknown";
  }
}
