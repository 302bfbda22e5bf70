// A second page walker, written from the manual alone (Intel SDM 3A 4.5, 4.6, 12.12.4) and sharing nothing with the kernel's.
// It works on the files of a dump: RAM as bytes, CR3, and the PAT.

export interface Translation {
  readonly va: bigint;
  readonly pa: bigint;
  readonly pageBytes: bigint;
  readonly writable: boolean;
  readonly user: boolean;
  readonly executable: boolean;
  readonly global: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  /** PAT entry's value: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC-. */
  readonly memoryType: number;
}

export type WalkResult =
  | Translation
  | { readonly fault: "not-present" | "reserved" | "non-canonical" | "table outside RAM" };

const PHYSICAL_BITS = 40n;
const ADDRESS_MASK = ((1n << PHYSICAL_BITS) - 1n) & ~0xfffn;
const bit = (entry: bigint, n: bigint): boolean => ((entry >> n) & 1n) === 1n;

export class X86Walker {
  readonly #ram: DataView;
  readonly #pat: bigint;

  constructor(ram: Uint8Array, pat: bigint) {
    this.#ram = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
    this.#pat = pat;
  }

  walk(cr3: bigint, va: bigint): WalkResult {
    const top = va >> 47n;
    if (top !== 0n && top !== 0x1ffffn) return { fault: "non-canonical" };
    let table = cr3 & ADDRESS_MASK;
    let writable = true;
    let user = true;
    let executable = true;
    for (let level = 4n; level >= 1n; level--) {
      const shift = 12n + 9n * (level - 1n);
      const entry = this.#read(table + ((va >> shift) & 0x1ffn) * 8n);
      if (entry === undefined) return { fault: "table outside RAM" };
      if (!bit(entry, 0n)) return { fault: "not-present" };
      // Bits between the physical-address width and 51 are reserved at every level.
      if ((entry & (((1n << 52n) - 1n) & ~((1n << PHYSICAL_BITS) - 1n))) !== 0n)
        return { fault: "reserved" };
      writable &&= bit(entry, 1n);
      user &&= bit(entry, 2n);
      executable &&= !bit(entry, 63n);
      const large = bit(entry, 7n);
      if (level === 4n && large) return { fault: "reserved" };
      if (level === 1n || (level <= 3n && large)) {
        const pageBytes = 1n << shift;
        if (level > 1n && (entry & ADDRESS_MASK & (pageBytes - 1n) & ~(1n << 12n)) !== 0n)
          return { fault: "reserved" };
        const patBit = level === 1n ? bit(entry, 7n) : bit(entry, 12n);
        const index = (patBit ? 4n : 0n) | (bit(entry, 4n) ? 2n : 0n) | (bit(entry, 3n) ? 1n : 0n);
        return {
          va,
          pa: (entry & ADDRESS_MASK & ~(pageBytes - 1n)) | (va & (pageBytes - 1n)),
          pageBytes,
          writable,
          user,
          executable,
          global: bit(entry, 8n),
          accessed: bit(entry, 5n),
          dirty: bit(entry, 6n),
          memoryType: Number((this.#pat >> (index * 8n)) & 7n),
        };
      }
      table = entry & ADDRESS_MASK;
    }
    return { fault: "not-present" };
  }

  /** The entries of the root that are present. */
  rootSlots(cr3: bigint): number[] {
    const slots = Array.from({ length: 512 }, (_, index) => index);
    return slots.filter((slot) =>
      bit(this.#read((cr3 & ADDRESS_MASK) + BigInt(slot) * 8n) ?? 0n, 0n),
    );
  }

  /** Every leaf below CR3, in address order; the self map (slot 510) is left out. */
  *leaves(cr3: bigint): Generator<Translation> {
    yield* this.#below(cr3, cr3 & ADDRESS_MASK, 4n, 0n);
  }

  *#below(cr3: bigint, table: bigint, level: bigint, base: bigint): Generator<Translation> {
    for (let index = 0n; index < 512n; index++) {
      if (level === 4n && index === 510n) continue;
      const entry = this.#read(table + index * 8n);
      if (entry === undefined || !bit(entry, 0n)) continue;
      let va = base | (index << (12n + 9n * (level - 1n)));
      if (level === 4n && index >= 256n) va |= 0xffffn << 48n;
      if (level === 1n || (level < 4n && bit(entry, 7n))) {
        const found = this.walk(cr3, va);
        if ("fault" in found) throw new Error(`leaf at ${va.toString(16)}: ${found.fault}`);
        yield { ...found, va };
      } else yield* this.#below(cr3, entry & ADDRESS_MASK, level - 1n, va);
    }
  }

  #read(pa: bigint): bigint | undefined {
    if (pa + 8n > BigInt(this.#ram.byteLength)) return undefined;
    return this.#ram.getBigUint64(Number(pa), true);
  }
}
