// The CPU block: host-private memory of one CPU (a Worker), outside physical memory. Rewritten code, the kernel and the machine share it.
//
//   +0x0000  window words, break, state (one cache line each)
//   +0x0100  TOUCHED: one bit per 4 KiB page of the TLB (512 translations, 2 MiB of addresses)
//   +0x0200  WC_SET: one bit per frame of VRAM
//   +0x1000  TLB: 2^20 entries of {read: u32, write: u32}, indexed by virtual page number
//   +0x801000  one page that stays zero: entries past the last page are never valid
//
// TLB entry: 0 is invalid, else (delta - 4096) | 1 where delta = host offset of the page - virtual address of the page.
// A window is a run of pages whose valid TLB entries share one delta: addresses va with (va - START) <u LEN are at host offset va + DELTA.
// LEN leaves out the last 15 bytes of the run, so that an access of up to 16 bytes never leaves it. LEN 0 means no window.

export const enum CpuBlock {
  READ_START = 0x00,
  READ_LEN = 0x04,
  READ_DELTA = 0x08,
  BREAK = 0x0c, // heap break in bytes: memory.size is BREAK >> 16
  WRITE_START = 0x10,
  WRITE_LEN = 0x14,
  WRITE_DELTA = 0x18,
  STATE = 0x40, // CpuState, changed with atomics only
  PID = 0x44,
  SCRATCH = 0x80, // 16 bytes: result of mmu.load128
  TOUCHED = 0x100, // 256 bytes
  WC_SET = 0x200, // bitmap: VRAM frames with a write entry since the last drain; the kernel's alone
  WC_SET_END = 0x1000,
  TLB = 0x1000,
  TLB_END = 0x801000,
  BYTES = 0x802000,
}

export const enum CpuState {
  OFFLINE = 0, // no Worker
  IDLE = 1, // waiting for a process
  KERNEL = 2, // in the kernel, or in the machine's code on its behalf: must not be terminated
  USER = 3, // in program code: holds no lock
  DOOMED = 4, // the machine is about to terminate the Worker: entering the kernel parks for ever
}
