// Vars: where the kernel's shared variables lie. They have fixed addresses in the static area because every instance of the
// kernel (one per CPU) must see the same ones, and a data segment would be rewritten by each instantiation.
//
// Invariants
//   V1  RAM is zero at power on, so every variable starts as 0.
//   V2  asc's constants end below KLOG_RING (checked at boot against __heap_base).
//   V3  Each layer has one page and lays it out itself in a const enum or @unmanaged class.

export const enum Vars {
  KLOG_RING = 0x150000, // 64 KiB
  KLOG_RING_BYTES = 0x10000,
  LIB = 0x160000, // one 4 KiB page for each layer
  ARCH = 0x161000,
  MM = 0x162000,
  PROC = 0x163000,
  IPC = 0x164000,
  DEV = 0x165000,
  SYS = 0x166000,
  ENTRY = 0x167000,
  SPARE = 0x168000, // room up to KERNEL_TABLES
  END = 0x180000,
}
