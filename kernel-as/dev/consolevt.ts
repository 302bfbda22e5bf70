// ConsoleVt: one virtual terminal: its rings in the console device, and what the kernel remembers of it.
//
// Invariants
//   V1  What is written to a VT lies in its output ring until 64 KiB more have been written; nobody's death takes it away. This is the
//       text: the page's terminals and a console server on the screen both show it, and neither owns it.
//   V2  EVENTS grows whenever something changes that a console server shows. Watchers sleep with EVENTS_KEY.
//
// Locks     kernel lock.
// Not here  What typed bytes mean: dev/consoleline.ts. Who has the screen: dev/screen.ts.
import { BootBlock } from "../../abi/boot";
import { ConsoleDevice, Vt } from "../../abi/console";
import { PhysAddr } from "../../abi/layout";
import { literalCopy } from "../lib/bytes";
import { ringPut } from "../lib/klog";
import { Vars } from "../lib/vars";
import { wakeAll } from "../proc/sleep";

export const READY_ITEMS: u32 = 4096;
export const LINE_ROOM: u32 = 1024;
export const EVENTS_KEY: usize = Vars.DEV + 4;

const enum VtVar {
  TABLE = 0, // a VtState for each VT that has input
  EVENTS = 4, // also the watchers' key
  WATCHERS = 8, // processes that sleep in console_wait
  SILENT = 12, // 1: no echo (input is not typed by a person)
  SCRATCH = 0x40,
}

/** A VT with input. Its READY items (u16) follow, then its line. */
@unmanaged
export class VtState {
  vt: u32;
  readyHead: u32;
  readyTail: u32;
  lineBytes: u32;
  raw: u32;
  foreground: i32; // group that ^C and ^Z are for, 0 none
  chooser: i32; // group of the process that chose it last, 0: nobody has
  size: u32; // columns << 16 | rows, as told last
  closed: u32; // 1: INPUT_CLOSED has been seen and the last line handed out
  fetched: u32; // output position up to which the console server has it
  behind: u32; // 1: the server was waited for in vain; nobody waits for it again before it has caught up
}

const STATE_BYTES: u32 = 64;
const VT_BYTES: u32 = STATE_BYTES + READY_ITEMS * 2 + LINE_ROOM;

if (offsetof<VtState>() > 64) ERROR("VtState runs into its READY items");

export const CONSOLE_TABLE_BYTES: u32 = Vt.SHELLS * VT_BYTES;

export function consoleInit(table: usize): void {
  store<u32>(Vars.DEV, table, VtVar.TABLE);
  for (let vt: u32 = Vt.FIRST; vt <= <u32>Vt.SHELLS; vt++) vtState(vt).vt = vt;
}

/** Whether typed characters are echoed in cooked mode. */
export function consoleSilent(silent: bool): void {
  store<u32>(Vars.DEV, <u32>silent, VtVar.SILENT);
}

export function consoleIsSilent(): bool {
  return load<u32>(Vars.DEV, VtVar.SILENT) != 0;
}

/** Host offset of the console device. */
export function consoleHost(): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.CONSOLE_HOST);
}

/** State of a VT with input, 1 to Vt.SHELLS. */
export function vtState(vt: u32): VtState {
  return changetype<VtState>(load<u32>(Vars.DEV, VtVar.TABLE) + (vt - 1) * VT_BYTES);
}

/** Address of READY item number i of a VT. */
export function vtReady(state: VtState, i: u32): usize {
  return changetype<usize>(state) + STATE_BYTES + ((i & (READY_ITEMS - 1)) << 1);
}

/** Address of byte i of the line that is being typed. */
export function vtLine(state: VtState, i: u32): usize {
  return changetype<usize>(state) + STATE_BYTES + READY_ITEMS * 2 + i;
}

/** Host address of the VtWord words of a VT. */
export function vtWords(vt: u32): usize {
  const host = consoleHost();
  switch (vt) {
    case 2:
      return host + ConsoleDevice.WORDS2;
    case 3:
      return host + ConsoleDevice.WORDS3;
    case Vt.LOG:
      return host + ConsoleDevice.LOG_HEAD;
    default:
      return host;
  }
}

/** Host address of a VT's output ring, ConsoleDevice.OUTPUT_BYTES long. */
export function vtOutput(vt: u32): usize {
  const host = consoleHost();
  switch (vt) {
    case 2:
      return host + ConsoleDevice.OUTPUT2;
    case 3:
      return host + ConsoleDevice.OUTPUT3;
    case Vt.LOG:
      return host + ConsoleDevice.LOG;
    default:
      return host + ConsoleDevice.OUTPUT;
  }
}

/** Host address of a VT's input ring, ConsoleDevice.INPUT_BYTES long. */
export function vtInput(vt: u32): usize {
  const host = consoleHost();
  switch (vt) {
    case 2:
      return host + ConsoleDevice.INPUT2;
    case 3:
      return host + ConsoleDevice.INPUT3;
    default:
      return host + ConsoleDevice.INPUT;
  }
}

/** Bytes ever written to a VT. */
export function vtHead(vt: u32): u32 {
  return atomic.load<u32>(vtWords(vt));
}

/** Position of the oldest byte that the ring still holds. */
export function vtOldest(vt: u32): u32 {
  const head = vtHead(vt);
  return head > <u32>ConsoleDevice.OUTPUT_BYTES ? head - ConsoleDevice.OUTPUT_BYTES : 0;
}

/** One byte of the kernel's own; dropped when the ring is full. vtFlush() tells the host. */
export function vtPut(vt: u32, byte: u8): void {
  ringPut(vtWords(vt), vtOutput(vt), ConsoleDevice.OUTPUT_BYTES, byte);
}

export function vtPutText(vt: u32, s: string): void {
  const buffer = Vars.DEV + VtVar.SCRATCH;
  const n = literalCopy(buffer, s);
  for (let i: u32 = 0; i < n; i++) vtPut(vt, load<u8>(buffer + i));
}

/** The host and console servers hear of new output. */
export function vtFlush(vt: u32): void {
  atomic.notify(vtWords(vt), -1);
  consoleEvent();
}

/** Something that a console server shows has changed. */
export function consoleEvent(): void {
  store<u32>(Vars.DEV, consoleEvents() + 1, VtVar.EVENTS);
  if (load<u32>(Vars.DEV, VtVar.WATCHERS) != 0) wakeAll(EVENTS_KEY);
}

export function consoleEvents(): u32 {
  return load<u32>(Vars.DEV, VtVar.EVENTS);
}

/** One watcher more or fewer; returns how many there are. */
export function consoleWatchers(change: i32): u32 {
  const count = load<u32>(Vars.DEV, VtVar.WATCHERS) + change;
  store<u32>(Vars.DEV, count, VtVar.WATCHERS);
  return count;
}
