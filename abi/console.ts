// The console device: virtual terminals (VTs), each two rings in host memory and a few words. Positions are u32 counters that only grow;
// the slot is position & MASK.
//
//   OUTPUT  written by the kernel (under the kernel lock), read by the host     INPUT  written by the host, read by the kernel
//   The host waits (Atomics.waitAsync) on OUTPUT_HEAD; the kernel sleeps on MachineWord.EVENT and is told by an interrupt.
//
//   VT 1  the first shell: OUTPUT and INPUT     VT 2, 3  more shells: OUTPUT2, INPUT2, OUTPUT3, INPUT3     VT 4  the kernel log: LOG, no input
//   The words of a VT lie together: VtWord offsets from 0x00, 0x40, 0x60 and 0x20. What a ring still holds is the VT's text so far.

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
  WORDS2 = 0x40, // VtWord of VT 2
  WORDS3 = 0x60,
  SHOWN = 0x80, // u32: the VT that is shown, 0 means 1. The host writes it and raises Irq.CONSOLE; the kernel, and posts MachineRequest.VT
  SCREEN_COLUMNS = 0x84, // most cells that the screen can show; 0 no limit: no server shows text
  SCREEN_ROWS = 0x88,
  PANIC_BYTES = 0x100, // last words: the reason of a panic, written before MachineRequest.PANIC
  PANIC_TEXT = 0x104,
  PANIC_ROOM = 0x200,
  OUTPUT = 0x1000,
  OUTPUT_BYTES = 0x10000,
  INPUT = 0x11000,
  INPUT_BYTES = 0x1000,
  LOG = 0x12000,
  LOG_BYTES = 0x10000,
  OUTPUT2 = 0x22000, // rings as large as those of VT 1
  INPUT2 = 0x32000,
  OUTPUT3 = 0x33000,
  INPUT3 = 0x43000,
  BYTES = 0x44000,
}

/** The words of one VT. */
export const enum VtWord {
  OUTPUT_HEAD = 0,
  OUTPUT_TAIL = 4,
  INPUT_HEAD = 8,
  INPUT_TAIL = 12,
}

export const enum Vt {
  FIRST = 1, // its size, INPUT_CLOSED and ^C are also the machine's
  SHELLS = 3, // VTs 1 to 3 have input
  LOG = 4,
  COUNT = 4,
}

/** console_wait: what a console server has to know. u32 each. */
export const enum ConsoleInfo {
  EVENTS = 0, // in: the count of the last call, 0 at first; out: the count now
  STATE = 4, // ConsoleState
  OWNER = 8, // pid that has taken the screen, 0 none
  WANTED = 12, // 1: a console server should take the screen; 0: the kernel console is asked for
  DRIVER = 16, // pid that drives the display adapter, 0 none
  GENERATION = 20, // of the driver's mode: it grows
  SHOWN = 24, // Vt
  COLUMNS = 28, // size of the host's terminals in cells, without the screen's limit
  ROWS = 32,
  VTS = 36, // {output head, open files} of VT 1 to 4
  VT_BYTES = 8,
  BYTES = 68,
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
