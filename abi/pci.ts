// PCI configuration space (PCI Local Bus 3.0, chapter 6) and the devices of the machine's single bus.

export const enum PciConfig {
  VENDOR = 0x00,
  DEVICE = 0x02,
  COMMAND = 0x04,
  STATUS = 0x06,
  REVISION = 0x08,
  CLASS = 0x0a, // 16 bits: subclass, class
  HEADER_TYPE = 0x0e,
  BAR0 = 0x10,
  BAR2 = 0x18,
  SUBSYSTEM_VENDOR = 0x2c,
  SUBSYSTEM = 0x2e,
  IRQ_LINE = 0x3c,
  IRQ_PIN = 0x3d,
}

export const enum PciSlot {
  HOST_BRIDGE = 0, // 8086:1237
  DISPLAY = 2, // 1234:1111
  CONSOLE = 3, // 1b36:0003
  ROM = 4, // 1b36:0010-like storage card, class 0580
  DISK = 5, // 1b36:00d1, class 0180
  COUNT = 32,
}

export const enum PciId {
  HOST_BRIDGE_VENDOR = 0x8086,
  HOST_BRIDGE_DEVICE = 0x1237,
  DISPLAY_VENDOR = 0x1234,
  DISPLAY_DEVICE = 0x1111,
  QUIRE_VENDOR = 0x1b36,
  CONSOLE_DEVICE = 0x0003,
  ROM_DEVICE = 0x00e0,
  DISK_DEVICE = 0x00d1,
}
