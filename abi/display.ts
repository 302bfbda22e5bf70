// The display adapter: Bochs DISPI registers in BAR2, our extension from +0x800, and the state page that CPUs and the device Worker share.

/** Register offsets in BAR2 (bytes). DISPI registers are 16-bit, the extension's are 32-bit. */
export const enum DisplayReg {
  DISPI = 0x500, // + 2 * Dispi
  BYTE_ORDER = 0x604, // u32: 0x1e1e1e1e little-endian, 0xbebebebe big-endian
  EXT_ID = 0x800, // reads 0x51475055 "QGPU"
  EXT_VERSION = 0x804,
  VBLANK = 0x808, // vblanks so far
  DOORBELL = 0x80c, // write: present what was drained
  IRQ_STATUS = 0x810, // bit 0 vblank; write one to clear
  IRQ_MASK = 0x814,
  FORMAT = 0x818, // PixelFormat
  VRAM_BYTES = 0x81c,
  PRESENTED = 0x820, // frames shown so far
  UPLOADS = 0x824, // runs of bytes taken into the adapter so far, and their bytes: read the low half first
  UPLOAD_BYTES_LOW = 0x828,
  UPLOAD_BYTES_HIGH = 0x82c,
}

export const enum Dispi {
  ID = 0, // 0xb0c5
  XRES = 1,
  YRES = 2,
  BPP = 3,
  ENABLE = 4, // bit 0 enabled, bit 6 linear frame buffer, bit 7 do not clear
  BANK = 5,
  VIRT_WIDTH = 6,
  VIRT_HEIGHT = 7,
  X_OFFSET = 8,
  Y_OFFSET = 9,
  COUNT = 10, // that are state; the next one is a constant
  VIDEO_MEMORY = 10, // VRAM in units of 64 KiB
}

export const enum PixelFormat {
  BGRX = 0, // bytes B G R X in memory: a pixel is 0x00RRGGBB
  RGBX = 1,
}

/**
 * State page. The kernel (under its lock) produces bursts of drained bytes; the device consumes all of them, uploads them and
 * then advances BURST_TAIL, which the draining CPU waits for: so what is stored after a drain cannot be shown by it.
 */
export const enum DisplayState {
  DISPI = 0x00, // 10 u32 words, one for each DISPI register
  BYTE_ORDER = 0x28,
  FORMAT = 0x2c,
  VBLANK = 0x30,
  IRQ_STATUS = 0x34,
  IRQ_MASK = 0x38,
  PRESENTED = 0x3c,
  GENERATION = 0x40, // bumped at each change of mode, format or panning
  WAKE = 0x44, // futex the device waits on: bumped after bursts or registers changed
  BURST_HEAD = 0x48, // bursts ever produced, consumed
  BURST_TAIL = 0x4c,
  DEVICE_READY = 0x50, // 1 once the device consumes bursts; before that nobody waits for it
  UPLOADS = 0x54, // device counters: uploads, and their bytes (u64)
  UPLOAD_BYTES = 0x58,
  BACKEND = 0x60, // DisplayBackend
  MODE = 0x64, // the mode in force: XRES | YRES << 16; the registers may already hold the next one
  CLEARS = 0x68, // bumped when a mode set cleared the first CLEAR_BYTES bytes of VRAM
  CLEAR_BYTES = 0x6c,
  DOORBELLS = 0x70, // writes of DOORBELL so far
  BURSTS = 0x1000, // ring of {offset: u32, length: u32} in VRAM bytes
  BURST_CAPACITY = 1024, // descriptors; a UC store is one burst of its width
  BYTES = 0x4000,
}

export const enum DisplayBackend {
  NONE = 0,
  WEBGPU = 1,
  CANVAS_2D = 2,
  BUFFER = 3,
}

export const enum DisplayValue {
  DISPI_ID = 0xb0c5,
  EXT_ID = 0x51475055,
  EXT_VERSION = 1,
  LITTLE_ENDIAN = 0x1e1e1e1e,
}

/** Bits of Dispi.ENABLE. */
export const enum DisplayEnable {
  ENABLED = 1,
  LFB = 0x40,
  NO_CLEAR = 0x80,
}

/** Bits of IRQ_STATUS, and of IRQ_MASK, where a one lets the interrupt through. */
export const enum DisplayIrq {
  VBLANK = 1,
}

/** Modes the adapter accepts, as far as they fit into its VRAM; 32 bits per pixel only. */
export const enum DisplayLimit {
  MIN_XRES = 320,
  MIN_YRES = 200,
  MAX_XRES = 1920,
  MAX_YRES = 1080,
  BPP = 32,
}

/**
 * /dev/gpu/info, and the page at FbMap.INFO of a file of /dev/gpu/fb: u32 little-endian words about one view. Stride is in bytes.
 * In the page they are live: GENERATION is odd while srv/gpu changes the others, and 0 when the view is gone.
 */
export const enum FbInfo {
  WIDTH = 0,
  HEIGHT = 4,
  STRIDE = 8,
  BPP = 12,
  FORMAT = 16,
  GENERATION = 20, // another one: size or format have changed, map the pixels again
  VBLANK = 24, // vblanks since the view was made, while somebody asked for them: the word to wait on
  SHOWN = 28, // 1: this view is on the screen
  VIEW = 32, // 0 is the base view
  PAN = 36, // the row of the view that is the first one shown
  FRAMES = 40, // frames one below the other, for double buffering
  BYTES = 48,
}

/** Offsets for mmap of /dev/gpu/fb; pixels are from 0 on. */
export const enum FbMap {
  INFO = 0x40000000, // one page with the view's FbInfo, to be read only
}
