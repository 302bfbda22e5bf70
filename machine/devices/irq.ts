// Interrupts from the host to the kernel: a bit in the machine page, and the futex that the kernel thread sleeps on (abi/machine.ts).

import { type Irq, MachineWord } from "../../abi/machine.ts";
import { HostViews, type SharedMemory } from "../bus/host.ts";

/** Makes `irq` pending and wakes the kernel thread. `machineHost` is the machine page's host offset. Any thread may call it. */
export function raiseIrq(memory: SharedMemory, machineHost: number, irq: Irq): void {
  irqRaise(new HostViews(memory), machineHost, irq);
}

/** The same for a caller that has views. */
export function irqRaise(views: HostViews, machineHost: number, irq: Irq): void {
  Atomics.or(views.words, (machineHost + MachineWord.PENDING_IRQS) >> 2, 1 << irq);
  views.bump(machineHost + MachineWord.EVENT);
}
