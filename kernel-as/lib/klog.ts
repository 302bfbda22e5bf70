// Klog: the kernel log, a ring in kernel memory that every console user can read from its start (/dev/klog, dmesg).
// Text is copied to the host's LOG ring, and to the console's output ring unless the command line says "quiet".
//
// Invariants
//   K1  HEAD counts bytes ever logged; the ring holds the last min(HEAD, KLOG_RING_BYTES) of them.
//   K2  Logging never waits: what does not fit in a host ring is left out there, and stays in the klog ring.
//   K3  While a console server watches, new text raises the console's interrupt: the kernel thread tells the server.
//
// Locks     kernel lock (or one CPU, at boot and in a panic).
import { BootBlock } from "../../abi/boot";
import { ConsoleDevice } from "../../abi/console";
import { PhysAddr } from "../../abi/layout";
import { Irq, MachineWord } from "../../abi/machine";
import { literalLength } from "./bytes";
import { fmtDec, fmtHex } from "./fmt";
import { Vars } from "./vars";

const enum KlogVar {
  HEAD = 0, // u32
  QUIET = 4, // 1: not copied to the console
  WATCHED = 8, // 1: somebody waits for console events
  SCRATCH = 0x10, // for numbers
}

/** Whether log text also goes to the console output ring. */
export function klogQuiet(quiet: bool): void {
  store<u32>(Vars.LIB, <u32>quiet, KlogVar.QUIET);
}

export function klogIsQuiet(): bool {
  return load<u32>(Vars.LIB, KlogVar.QUIET) != 0;
}

/** Whether somebody wants to hear of new text. */
export function klogWatch(watched: bool): void {
  store<u32>(Vars.LIB, <u32>watched, KlogVar.WATCHED);
}

/** Bytes ever logged. */
export function klogHead(): u32 {
  return load<u32>(Vars.LIB, KlogVar.HEAD);
}

/** Position of the oldest byte still held. */
export function klogStart(): u32 {
  const head = klogHead();
  return head > <u32>Vars.KLOG_RING_BYTES ? head - Vars.KLOG_RING_BYTES : 0;
}

/** The byte at a position in [klogStart(), klogHead()). */
export function klogByte(position: u32): u8 {
  return load<u8>(Vars.KLOG_RING + (position & (Vars.KLOG_RING_BYTES - 1)));
}

/** Logs n bytes at p. */
export function kprintBytes(p: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) klogPut(load<u8>(p + i));
  flush();
}

/** Logs a literal. */
export function kprint(s: string): void {
  const n = literalLength(s);
  for (let i: u32 = 0; i < n; i++) klogPut(load<u8>(changetype<usize>(s) + (i << 1)));
  flush();
}

export function kprintDec(value: u64): void {
  const scratch = Vars.LIB + KlogVar.SCRATCH;
  kprintBytes(scratch, fmtDec(scratch, value));
}

/** Logs "0x" and value in hexadecimal with at least `digits` digits. */
export function kprintHex(value: u64, digits: u32): void {
  const scratch = Vars.LIB + KlogVar.SCRATCH;
  kprint("0x");
  kprintBytes(scratch, fmtHex(scratch, value, digits));
}

function klogPut(value: u8): void {
  const head = load<u32>(Vars.LIB, KlogVar.HEAD);
  store<u8>(Vars.KLOG_RING + (head & (Vars.KLOG_RING_BYTES - 1)), value);
  store<u32>(Vars.LIB, head + 1, KlogVar.HEAD);
  const rings = load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.CONSOLE_HOST);
  if (rings == 0) return;
  ringPut(
    rings + ConsoleDevice.LOG_HEAD,
    rings + ConsoleDevice.LOG,
    ConsoleDevice.LOG_BYTES,
    value,
  );
  if (load<u32>(Vars.LIB, KlogVar.QUIET) == 0) {
    ringPut(
      rings + ConsoleDevice.OUTPUT_HEAD,
      rings + ConsoleDevice.OUTPUT,
      ConsoleDevice.OUTPUT_BYTES,
      value,
    );
  }
}

/** Puts one byte in a host ring whose head word is at `head` and tail word follows; false when it is full. */
export function ringPut(head: usize, ring: usize, ringBytes: u32, value: u8): bool {
  const position = atomic.load<u32>(head);
  if (position - atomic.load<u32>(head, 4) >= ringBytes) return false;
  store<u8>(ring + (position & (ringBytes - 1)), value);
  atomic.store<u32>(head, position + 1);
  return true;
}

function flush(): void {
  const rings = load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.CONSOLE_HOST);
  if (rings == 0) return;
  atomic.notify(rings + ConsoleDevice.LOG_HEAD, -1);
  atomic.notify(rings + ConsoleDevice.OUTPUT_HEAD, -1);
  if (load<u32>(Vars.LIB, KlogVar.WATCHED) != 0) consoleInterruptRaise();
}

/** Raises the console's interrupt as the device itself would: the kernel thread looks at the console again. */
export function consoleInterruptRaise(): void {
  const machine = load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.MACHINE_HOST);
  const bit: u32 = 1 << Irq.CONSOLE;
  if ((atomic.or<u32>(machine + MachineWord.PENDING_IRQS, bit) & bit) != 0) return;
  atomic.add<u32>(machine + MachineWord.EVENT, 1);
  atomic.notify(machine + MachineWord.EVENT, -1);
}
