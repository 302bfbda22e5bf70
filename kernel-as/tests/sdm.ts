// The MMU once more, from the manual alone (Intel SDM 3A 4.5 to 4.9 and 12.12), for the matrix test. It shares nothing with arch/paging.ts.
//
// The machine that it describes: four-level paging, 40 physical address bits, no 1 GiB pages, EFER.NXE 1, CR0.WP 1, CR4 without SMEP,
// SMAP and PKE. Entries are pairs of 32-bit halves, so that millions of walks take seconds.

/** Bits of the low half; the high half has frame bits 32-39, reserved bits 40-51, ignored bits 52-62, and NX. */
const P = 1 << 0;
const RW = 1 << 1;
const US = 1 << 2;
const A = 1 << 5;
const D = 1 << 6;
const PS = 1 << 7;
/** Bits 13 to 20 must be 0 in an entry that maps 2 MiB. */
const RESERVED_2M = 0x001fe000;
const RESERVED_HIGH = 0x000fff00;
const FRAME_HIGH = 0xff;
const NX_HIGH = 1 << 31;

/** Page-fault error code, SDM 3A 4.7. */
export const ERROR_P = 1;
export const ERROR_W = 2;
export const ERROR_U = 4;
export const ERROR_RSVD = 8;

export interface Access {
  readonly write: boolean;
  readonly user: boolean;
}

export interface Outcome {
  /** Page-fault error code, or -1: the access is allowed. */
  error: number;
  /** Physical address of the byte, as two halves. */
  low: number;
  high: number;
  /** Effective rights: what a translation of it may be used for. */
  writable: boolean;
  user: boolean;
  noExecute: boolean;
  /** PAT index of the leaf, and the type that it selects. */
  index: number;
  type: number;
  /** Level of the leaf: 1 or 2. */
  level: number;
  /** Bits that the access sets in the entry of each level, 1 to 4; index 0 is not used. */
  readonly sets: number[];
}

const outcome: Outcome = {
  error: -1,
  low: 0,
  high: 0,
  writable: false,
  user: false,
  noExecute: false,
  index: 0,
  type: 0,
  level: 0,
  sets: [0, 0, 0, 0, 0],
};

/** What an access does. The result is used up by the next call. indices: of the entry in the table of each level; offset: bits 0-20 of the address. */
export function access(
  ram: DataView,
  root: number,
  indices: readonly number[],
  offset: number,
  pat: bigint,
  how: Access,
): Outcome {
  const bits = (how.write ? ERROR_W : 0) | (how.user ? ERROR_U : 0);
  const r = outcome;
  r.sets.fill(0);
  let table = root * 4096;
  let rights = RW | US;
  let execute = 0;
  for (let level = 4; level >= 1; level--) {
    const at = table + (indices[level] as number) * 8;
    const low = ram.getInt32(at, true);
    const high = ram.getInt32(at + 4, true);
    // Not present decides first: no other bit of the entry means anything.
    if ((low & P) === 0) return fault(bits);
    const leaf = level === 1 || (low & PS) !== 0;
    // PS is reserved where no page can be: in a PML4 entry, and in a PDPT entry of a processor without 1 GiB pages.
    if (
      (high & RESERVED_HIGH) !== 0 ||
      (level > 2 && leaf) ||
      (level === 2 && leaf && (low & RESERVED_2M) !== 0)
    )
      return fault(bits | ERROR_P | ERROR_RSVD);
    rights &= low;
    execute |= high & NX_HIGH;
    r.sets[level] = A;
    if (!leaf) {
      table = ((low & 0xfffff000) >>> 0) + (high & FRAME_HIGH) * 0x100000000;
      continue;
    }
    // Rights are looked at once the whole translation is there.
    if ((how.user && (rights & US) === 0) || (how.write && (rights & RW) === 0))
      return fault(bits | ERROR_P);
    if (how.write) r.sets[level] = A | D;
    r.error = -1;
    r.level = level;
    r.low =
      level === 1
        ? ((low & 0xfffff000) | (offset & 0xfff)) >>> 0
        : ((low & 0xffe00000) | offset) >>> 0;
    r.high = high & FRAME_HIGH;
    r.writable = (rights & RW) !== 0;
    r.user = (rights & US) !== 0;
    r.noExecute = execute !== 0;
    const patBit = level === 1 ? (low >> 7) & 1 : (low >> 12) & 1;
    r.index = patBit * 4 + ((low >> 4) & 1) * 2 + ((low >> 3) & 1);
    r.type = Number((pat >> BigInt(r.index * 8)) & 7n);
    return r;
  }
  throw new Error("a walk has four levels");
}

/** An access that faults sets no bit. */
function fault(error: number): Outcome {
  outcome.error = error;
  outcome.sets.fill(0);
  return outcome;
}

const WC = 1;
const WT = 4;
const WB = 6;

/** May a TLB of this machine answer loads of the page by itself: of a program, allowed, and of a type that is not bus traffic. */
export function mayCacheReads(o: Outcome): boolean {
  return o.error < 0 && o.user && (o.type === WB || o.type === WT || o.type === WC);
}

/** Stores: only when D is set already, writable, and of a type whose stores need not reach the bus one by one. */
export function mayCacheWrites(o: Outcome, dirty: boolean): boolean {
  return o.error < 0 && o.user && o.writable && dirty && (o.type === WB || o.type === WC);
}
