// Screen: who draws. The kernel console (the page's terminal) until a server takes the screen, and again when it lets go.
//
// Invariants
//   W1  OWNER is 0 if and only if the state is KERNEL; else it is the pid of a live process.
//   W2  All text also goes to the console's output ring, whoever owns the screen: the terminal keeps every line.
//
// Locks     kernel lock.
import { ConsoleDevice, ConsoleState } from "../../abi/console";
import { Errno } from "../../abi/errno";
import { MachineRequest } from "../../abi/machine";
import { request } from "../arch/io";
import { kprint, kprintBytes, kprintDec } from "../lib/klog";
import { Vars } from "../lib/vars";
import { copyOut } from "../mm/usercopy";
import { Process, processName, processNameBytes } from "../proc/process";
import { consoleHost } from "./console";

const enum ScreenVar {
  OWNER = 0x80, // pid
  GIVEN = 0x84, // position in the output ring up to which the owner has received the text
}

/**
 * The caller takes the screen and receives the console's text so far, its last n bytes, at va. The owner may call again for the text
 * since then. Returns the bytes copied; -EBUSY when another process has the screen; -EFAULT and the state is as before.
 */
export function screenTake(process: Process, va: u32, n: u32): i32 {
  const owner = load<i32>(Vars.DEV, ScreenVar.OWNER);
  if (owner != 0 && owner != process.pid) return -Errno.EBUSY;
  if (owner == 0) setState(ConsoleState.TAKING);
  const copied = giveText(process, va, n, owner == 0);
  if (copied < 0) {
    if (owner == 0) setState(ConsoleState.KERNEL);
    return copied;
  }
  store<i32>(Vars.DEV, process.pid, ScreenVar.OWNER);
  if (owner == 0) setState(ConsoleState.SERVER);
  return copied;
}

/** The owner lets go. -EPERM when the caller does not own the screen. */
export function screenRelease(process: Process): i32 {
  if (load<i32>(Vars.DEV, ScreenVar.OWNER) != process.pid) return -Errno.EPERM;
  kernelAgain(process, " released the screen");
  return 0;
}

/** A process has ended: if it owned the screen, the kernel console comes back with the reason. */
export function screenOwnerEnded(process: Process): void {
  if (load<i32>(Vars.DEV, ScreenVar.OWNER) != process.pid) return;
  kernelAgain(process, process.signal != 0 ? " was killed" : " ended");
}

/** ConsoleState. */
export function screenState(): u32 {
  return load<u32>(consoleHost(), ConsoleDevice.STATE);
}

function kernelAgain(process: Process, reason: string): void {
  store<i32>(Vars.DEV, 0, ScreenVar.OWNER);
  setState(ConsoleState.KERNEL);
  kprint("screen: back to the kernel console: ");
  kprintBytes(processName(process), processNameBytes(process));
  kprint(" (pid ");
  kprintDec(process.pid);
  kprint(")");
  kprint(reason);
  kprint("\n");
}

function setState(state: ConsoleState): void {
  atomic.store<u32>(consoleHost() + ConsoleDevice.STATE, state);
  request(MachineRequest.SCREEN, state, 0);
}

/** Output that has been read by the host still stands in the ring until it is overwritten: the transcript. */
function giveText(process: Process, va: u32, n: u32, fromStart: bool): i32 {
  const host = consoleHost();
  const head = load<u32>(host, ConsoleDevice.OUTPUT_HEAD);
  const oldest = head > <u32>ConsoleDevice.OUTPUT_BYTES ? head - ConsoleDevice.OUTPUT_BYTES : 0;
  let at = fromStart ? oldest : max<u32>(load<u32>(Vars.DEV, ScreenVar.GIVEN), oldest);
  if (fromStart && head - at > n) at = head - n;
  let done: u32 = 0;
  while (at != head && done < n) {
    const slot = at & (ConsoleDevice.OUTPUT_BYTES - 1);
    const part = min<u32>(min(head - at, n - done), ConsoleDevice.OUTPUT_BYTES - slot);
    const copied = copyOut(process.space!, va + done, host + ConsoleDevice.OUTPUT + slot, part);
    if (copied != <i32>part) return -Errno.EFAULT;
    at += part;
    done += part;
  }
  store<u32>(Vars.DEV, at, ScreenVar.GIVEN);
  return <i32>done;
}
