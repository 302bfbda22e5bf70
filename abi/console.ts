// The console device: two rings in host memory and a few words. Positions are u32 counters that only grow; the slot is position & MASK.
//
//   OUTPUT  written by the kernel (under the kernel lock), read by the host     INPUT  written by the host, read by the kernel
//   The host waits (Atomics.waitAsync) on OUTPUT_HEAD; the kernel sleeps on MachineWord.EVENT and is told by an interrupt.

export const enum ConsoleDevice {
  OUTPUT_HEAD = 0x00, // u32 bytes ever written
  OUTPUT_TAIL = 0x04, // u32 bytes ever read; the writer sleeps on it when the ring is full
  INPUT_HEAD = 0x08,
  INPUT_TAIL = 0x0c,
  INPUT_CLOSED = 0x10, // 1: no more input will come (end of a piped stdin)
  STATE = 0x14, // ConsoleState, written by the kernel
  COLUMNS = 0x18, // size of the terminal in cells, written by the host
  ROWS = 0x1c,
  LOG_HEAD = 0x20, // kernel log sink for hosts that show it apart from program output (headless -v); same ring rules
  LOG_TAIL = 0x24,
  OUTPUT = 0x1000,
  OUTPUT_BYTES = 0x10000,
  INPUT = 0x11000,
  INPUT_BYTES = 0x1000,
  LOG = 0x12000,
  LOG_BYTES = 0x10000,
  BYTES = 0x22000,
}

/** Who owns the screen (design 8). */
export const enum ConsoleState {
  KERNEL = 0,
  TAKING = 1,
  SERVER = 2,
}

/** Registers in the console's BAR0: u32, read-only. */
export const enum ConsoleReg {
  ID = 0x00, // ConsoleRegValue.ID
  VERSION = 0x04,
  COLUMNS = 0x08,
  ROWS = 0x0c,
  STATE = 0x10, // ConsoleState
}

export const enum ConsoleRegValue {
  ID = 0x4e4f4351, // "QCON"
  VERSION = 1,
}
