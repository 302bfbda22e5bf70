// The machine control page: how the kernel and the machine (the host's main thread) talk without messages, and what the kernel imports.
//
// The kernel imports, from "machine":
//   memory
//   busRead(pa, width): i32      busWrite(pa, width, value)     width 1, 2 or 4; bus addresses outside RAM; 64-bit accesses are two of 4
//   now(): f64                   monotonic nanoseconds since power on
//   random(): i32                32 random bits
//   stackProbe()                 traps before the kernel changes anything when too little engine stack is left for a kernel entry
//   userFault(va, access, bits)  calls the running program's export __fault; its answer
//   request(kind, a, b)          posts a MachineRequest to the host's main thread; returns at once
//   abort(line)                  kernel assertion: never returns
// Host main thread to kernel: set bits in PENDING_IRQS with an atomic or, add 1 to EVENT, notify EVENT. The kernel thread (CPU 0) waits on EVENT.

export const enum MachineWord {
  EVENT = 0x00, // u32 futex of the kernel thread
  PENDING_IRQS = 0x04, // one bit per Irq
  DEAD_CPUS_LOW = 0x08, // bitmap of CPU slots whose Worker the host has terminated, low and high 32; set before Irq.CPU_DEAD
  DEAD_CPUS_HIGH = 0x0c,
  CPUS_ONLINE = 0x10, // count of Workers that have attached
  POWER = 0x14, // PowerState
  EXIT_CODE = 0x18,
  START_QUEUE = 0x1c, // futex on which idle CPUs wait
}

export const enum Irq {
  CONSOLE = 0,
  CPU_DEAD = 1,
  DISPLAY = 2, // vblank or drained, see the display's interrupt status
  DISK = 3,
  ROM = 4, // a file was added
  TIMER = 5,
}

export const enum PowerState {
  OFF = 0,
  RUNNING = 1,
  HALTED = 2, // shutdown(code) was called; EXIT_CODE holds code
  PANIC = 3,
}

export const enum MachineRequest {
  NEED_CPU = 1, // fewer than two idle CPUs: start another Worker, when slots are left
  TERMINATE = 2, // a = CPU slot, already DOOMED: terminate its Worker, then report it in DEAD_CPUS
  HALTED = 3, // a = exit code
  PANIC = 4, // a, b = Panic code and argument
  SCREEN = 5, // a = ConsoleState
  VT = 9, // a = the VT that a program wants shown
}
