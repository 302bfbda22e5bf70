// Irq: device interrupts as counts, for drivers that wait for them in programs.
//
// Locks     kernel lock. Waiters sleep with IRQ_KEY.
import { Errno } from "../../abi/errno";
import { Irq } from "../../abi/machine";
import { channelInterrupt } from "../ipc/channel";
import { Vars } from "../lib/vars";
import { Process, processIrqSeen } from "../proc/process";
import { FOREVER, processSleep, wakeAll } from "../proc/sleep";

const IRQS: u32 = Irq.TIMER + 1;
const COUNTS: usize = Vars.DEV + 0x100;
const IRQ_KEY: usize = COUNTS;

/** Counts one interrupt, wakes whoever waits for any, and tells the servers that asked for this one. */
export function irqRaise(irq: u32): void {
  const count = COUNTS + (irq << 2);
  store<u32>(count, load<u32>(count) + 1);
  wakeAll(IRQ_KEY);
  channelInterrupt(irq);
}

/** From now on the process waits for interrupts that are still to come. */
export function irqForget(process: Process): void {
  for (let irq: u32 = 0; irq < IRQS; irq++) {
    store<u32>(processIrqSeen(process, irq), load<u32>(COUNTS + (irq << 2)));
  }
}

/** Sleeps until the interrupt has been raised since the process's last return from here. 0; -EINVAL, -EINTR. */
export function irqWait(process: Process, irq: u32): i32 {
  if (irq >= IRQS) return -Errno.EINVAL;
  const count = COUNTS + (irq << 2);
  while (load<u32>(count) == load<u32>(processIrqSeen(process, irq))) {
    if (!processSleep(IRQ_KEY, FOREVER)) return -Errno.EINTR;
  }
  store<u32>(processIrqSeen(process, irq), load<u32>(count));
  return 0;
}
