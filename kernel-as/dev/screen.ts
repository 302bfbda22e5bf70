// Screen: who draws. The kernel console (the page's terminals) until a console server takes the screen, and again when it lets go. The
// kernel itself never draws.
//
//   KERNEL --screenTake--> TAKING --screenShow--> SERVER        the taker draws the text so far in TAKING
//   TAKING, SERVER --release, end of the owner or of the driver, "screen release"--> KERNEL, and the reason goes to the log
//
// Invariants
//   W1  OWNER is 0 if and only if the state is KERNEL; else it is the pid of a live process.
//   W2  All text stands in the rings of the VTs, whoever owns the screen: nothing is lost by any way back to KERNEL.
//   W3  DRIVER is 0 or the pid of a live process, the one that drives the display adapter.
//
// Locks     kernel lock.
import { ConsoleDevice, ConsoleState, Vt } from "../../abi/console";
import { Errno } from "../../abi/errno";
import { MachineRequest } from "../../abi/machine";
import { request } from "../arch/io";
import { consoleInterruptRaise, kprint, kprintBytes, kprintDec } from "../lib/klog";
import { Vars } from "../lib/vars";
import { copyOut } from "../mm/usercopy";
import { Process, processName, processNameBytes } from "../proc/process";
import { wakeAll } from "../proc/sleep";
import { consoleEvent, consoleHost, EVENTS_KEY, vtHead, vtOldest, vtOutput } from "./consolevt";

const enum ScreenVar {
  OWNER = 0x80, // pid
  GIVEN = 0x84, // position in the output ring up to which the owner has received the text
  DRIVER = 0x88, // pid
  GENERATION = 0x8c, // of the driver's mode
  REFUSED = 0x90, // 1: "screen release" was said; no server takes the screen
}

/**
 * The caller takes the screen and receives the console's text so far (VT 1, its last n bytes) at va. The owner may call again for the
 * text since then. Returns the bytes copied; -EBUSY when another process has the screen; -EAGAIN while the kernel console is asked for;
 * -EFAULT and the state is as before.
 */
export function screenTake(process: Process, va: u32, n: u32): i32 {
  const owner = load<i32>(Vars.DEV, ScreenVar.OWNER);
  if (owner != 0 && owner != process.pid) return -Errno.EBUSY;
  if (owner == 0 && load<u32>(Vars.DEV, ScreenVar.REFUSED) != 0) return -Errno.EAGAIN;
  const copied = giveText(process, va, n, owner == 0);
  if (copied < 0 || owner != 0) return copied;
  store<i32>(Vars.DEV, process.pid, ScreenVar.OWNER);
  setState(ConsoleState.TAKING);
  return copied;
}

/** The owner shows the text, as much of it as columns by rows cells. 0; -EPERM: not the owner; -EINVAL. */
export function screenShow(process: Process, columns: u32, rows: u32): i32 {
  if (load<i32>(Vars.DEV, ScreenVar.OWNER) != process.pid) return -Errno.EPERM;
  if (columns == 0 || rows == 0 || columns > 4096 || rows > 4096) return -Errno.EINVAL;
  setLimits(columns, rows);
  setState(ConsoleState.SERVER);
  return 0;
}

/** The owner lets go. -EPERM when the caller does not own the screen. */
export function screenRelease(process: Process): i32 {
  if (load<i32>(Vars.DEV, ScreenVar.OWNER) != process.pid) return -Errno.EPERM;
  kernelAgain(process, " released the screen");
  return 0;
}

/** Somebody asks for the kernel console, or for a server on the screen. Root only. */
export function screenWanted(process: Process, wanted: bool): i32 {
  if (process.uid != 0) return -Errno.EPERM;
  store<u32>(Vars.DEV, <u32>!wanted, ScreenVar.REFUSED);
  consoleEvent();
  if (!wanted && load<i32>(Vars.DEV, ScreenVar.OWNER) != 0)
    kernelAgain(process, " asked for the kernel console");
  return 0;
}

/** The caller drives the display adapter, now with this mode generation. 0; -EBUSY when another process does. */
export function screenDriver(process: Process, generation: u32): i32 {
  const driver = load<i32>(Vars.DEV, ScreenVar.DRIVER);
  if (driver != 0 && driver != process.pid) return -Errno.EBUSY;
  store<i32>(Vars.DEV, process.pid, ScreenVar.DRIVER);
  store<u32>(Vars.DEV, generation, ScreenVar.GENERATION);
  consoleEvent();
  return 0;
}

/** A process has ended: what it owned is free, and if the screen depended on it the kernel console comes back with the reason. */
export function screenOwnerEnded(process: Process): void {
  const isDriver = load<i32>(Vars.DEV, ScreenVar.DRIVER) == process.pid;
  const isOwner = load<i32>(Vars.DEV, ScreenVar.OWNER) == process.pid;
  if (isDriver) store<i32>(Vars.DEV, 0, ScreenVar.DRIVER);
  if (isOwner || (isDriver && load<i32>(Vars.DEV, ScreenVar.OWNER) != 0))
    kernelAgain(process, process.signal != 0 ? " was killed" : " ended");
}

/** ConsoleState. */
export function screenState(): u32 {
  return load<u32>(consoleHost(), ConsoleDevice.STATE);
}

export function screenShows(): bool {
  return screenState() == ConsoleState.SERVER;
}

export function screenOwner(): i32 {
  return load<i32>(Vars.DEV, ScreenVar.OWNER);
}

export function screenIsWanted(): bool {
  return load<u32>(Vars.DEV, ScreenVar.REFUSED) == 0;
}

export function screenDriverPid(): i32 {
  return load<i32>(Vars.DEV, ScreenVar.DRIVER);
}

export function screenGeneration(): u32 {
  return load<u32>(Vars.DEV, ScreenVar.GENERATION);
}

/** The VT that is shown. */
export function screenVt(): u32 {
  const vt = atomic.load<u32>(consoleHost() + ConsoleDevice.SHOWN);
  return vt == 0 || vt > <u32>Vt.COUNT ? Vt.FIRST : vt;
}

/** Size of the terminals in cells: the host's, and while a server shows the text no more than fits on the screen. */
export function screenColumns(): u32 {
  return limited(ConsoleDevice.COLUMNS, ConsoleDevice.SCREEN_COLUMNS);
}

export function screenRows(): u32 {
  return limited(ConsoleDevice.ROWS, ConsoleDevice.SCREEN_ROWS);
}

function limited(word: ConsoleDevice, limitWord: ConsoleDevice): u32 {
  const size = atomic.load<u32>(consoleHost() + word);
  const limit = atomic.load<u32>(consoleHost() + limitWord);
  return limit == 0 ? size : min(size, limit);
}

function kernelAgain(process: Process, reason: string): void {
  store<i32>(Vars.DEV, 0, ScreenVar.OWNER);
  setLimits(0, 0);
  setState(ConsoleState.KERNEL);
  kprint("screen: back to the kernel console: ");
  kprintBytes(processName(process), processNameBytes(process));
  kprint(" (pid ");
  kprintDec(process.pid);
  kprint(")");
  kprint(reason);
  kprint("\n");
}

function setLimits(columns: u32, rows: u32): void {
  atomic.store<u32>(consoleHost() + ConsoleDevice.SCREEN_COLUMNS, columns);
  atomic.store<u32>(consoleHost() + ConsoleDevice.SCREEN_ROWS, rows);
  consoleInterruptRaise(); // the terminals may have another size now
}

function setState(state: ConsoleState): void {
  atomic.store<u32>(consoleHost() + ConsoleDevice.STATE, state);
  request(MachineRequest.SCREEN, state, 0);
  consoleEvent();
  wakeAll(EVENTS_KEY);
}

/** Output that has been read by the host still stands in the ring until it is overwritten: the transcript. */
function giveText(process: Process, va: u32, n: u32, fromStart: bool): i32 {
  const head = vtHead(Vt.FIRST);
  const oldest = vtOldest(Vt.FIRST);
  let at = fromStart ? oldest : max<u32>(load<u32>(Vars.DEV, ScreenVar.GIVEN), oldest);
  if (fromStart && head - at > n) at = head - n;
  let done: u32 = 0;
  while (at != head && done < n) {
    const slot = at & (ConsoleDevice.OUTPUT_BYTES - 1);
    const part = min<u32>(min(head - at, n - done), ConsoleDevice.OUTPUT_BYTES - slot);
    if (copyOut(process.space!, va + done, vtOutput(Vt.FIRST) + slot, part) != <i32>part)
      return -Errno.EFAULT;
    at += part;
    done += part;
  }
  store<u32>(Vars.DEV, at, ScreenVar.GIVEN);
  return <i32>done;
}
