// The matrix: all permutations of the bits of page-table entries x accesses x levels, the kernel's walker and MMU entries against the
// second model in sdm.ts. What is compared: allowed or the error code, physical address, effective rights, memory type, A and D of every
// level, what the TLB holds afterwards, and that a refused store changes nothing.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CpuBlock } from "../../abi/cpu.ts";
import { DeviceMapFlag } from "../../abi/syscall.ts";
import { type Exports, kernelModule, Machine } from "./harness.ts";
import * as sdm from "./sdm.ts";

let cases = 0;
beforeAll(() => void kernelModule());
afterAll(() => console.log(`matrix: ${cases} cases`));

const TIMEOUT = 120_000;
const PAT = 0x0001_0406_0007_0406n;
/** Another PAT, with the type that this kernel's has not (WP 5), so that no index is right by chance. */
const OTHER_PAT = 0x0507_0600_0104_0506n;
const ACCESSES: sdm.Access[] = [false, true].flatMap((write) =>
  [false, true].map((user) => ({ write, user })),
);

/** Bits of an entry: low half, high half. */
type Bits = readonly [number, number];
const low = (bit: number): Bits => [1 << bit, 0];
const high = (bit: number): Bits => [0, 1 << (bit - 32)];
const NX = high(63);
/** P RW US PWT PCD A D bit-7 G and the software bits COW SWAPPED DEMAND. */
const LOW_TWELVE = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(low);
const RESERVED: Bits[] = [[0, 0], high(40), high(51)];

/** All ors of subsets of some bits. */
function subsets(bits: readonly Bits[]): Int32Array {
  const all = new Int32Array(2 << bits.length);
  for (let set = 0; set < 1 << bits.length; set++)
    for (const [i, [l, h]] of bits.entries())
      if ((set >> i) & 1) {
        all[set * 2] = (all[set * 2] as number) | l;
        all[set * 2 + 1] = (all[set * 2 + 1] as number) | h;
      }
  return all;
}

/** Four tables, one for each level, with one entry each on the way to an address. */
class Tables {
  readonly m = new Machine({ ramBytes: 4 << 20 });
  readonly k: Exports = this.m.k;
  readonly frames = [0, 1, 2, 3, 4].map(() => this.m.locked("pmmAlloc", 1));
  readonly indices = [0, 0x155, 0x0c3, 0x1fe, 0x0aa];
  readonly offset = 0x1559a5;
  readonly va = (0x0aan << 39n) | (0x1fen << 30n) | (0x0c3n << 21n) | 0x1559a5n;
  /** Where the entry of each level is. */
  readonly at = this.frames.map((pfn, level) => pfn * 4096 + (this.indices[level] as number) * 8);
  pat = PAT;

  constructor() {
    for (let level = 4; level > 1; level--) this.set(level, this.table(level), 0);
    this.set(1, 0x7b1c7007, 0x5a);
  }

  /** What an entry of this level needs to lead to the next table. */
  table(level: number): number {
    return ((this.frames[level - 1] as number) * 4096) | 7;
  }

  set(level: number, l: number, h: number): void {
    this.m.view.setInt32(this.at[level] as number, l, true);
    this.m.view.setInt32((this.at[level] as number) + 4, h, true);
  }

  /** Walks in all four ways, and compares everything. The entries are put back after each. */
  compare(): void {
    const view = this.m.view;
    const before = [1, 2, 3, 4].map((level) => view.getInt32(this.at[level] as number, true));
    for (const how of ACCESSES) {
      cases++;
      const want = sdm.access(
        view,
        this.frames[4] as number,
        this.indices,
        this.offset,
        this.pat,
        how,
      );
      const walk = this.k["testWalk"] as unknown as (
        r: number,
        va: bigint,
        w: number,
        u: number,
      ) => bigint;
      const leaf = walk(this.frames[4] as number, this.va, how.write ? 1 : 0, how.user ? 1 : 0);
      const got = Number(leaf & 0xffffffffn);
      const gotHigh = Number((leaf >> 32n) & 0xffffffffn);
      let wrong = "";
      if (want.error >= 0) {
        if (leaf !== 0n) wrong = "allowed";
        else if (this.k["testWalkError"]?.() !== want.error)
          wrong = `error ${this.k["testWalkError"]?.()}`;
      } else if (leaf === 0n) wrong = `refused with ${this.k["testWalkError"]?.()}`;
      else {
        const index = ((got >> 5) & 4) | ((got >> 3) & 3);
        if (
          (got & 0xfffff000) >>> 0 !== (want.low & 0xfffff000) >>> 0 ||
          (gotHigh & 0xff) !== want.high
        )
          wrong = "physical address";
        else if (((got & 2) !== 0) !== want.writable || ((got & 4) !== 0) !== want.user)
          wrong = "rights";
        else if (gotHigh >>> 31 !== (want.noExecute ? 1 : 0)) wrong = "NX";
        else if (index !== want.index) wrong = `PAT index ${index}`;
      }
      for (let level = 1; level <= 4; level++) {
        const at = this.at[level] as number;
        const now = view.getInt32(at, true);
        const old = before[level - 1] as number;
        if (now !== (old | (want.sets[level] as number))) wrong ||= `A or D at level ${level}`;
        if (now !== old) view.setInt32(at, old, true);
      }
      if (wrong !== "") throw new Error(`${wrong}: ${this.describe(how, want)}`);
    }
  }

  describe(how: sdm.Access, want: sdm.Outcome): string {
    const entry = (level: number) =>
      this.m.view.getBigUint64(this.at[level] as number, true).toString(16);
    return `${JSON.stringify(how)}, entries ${[4, 3, 2, 1].map(entry).join(" ")}; want ${JSON.stringify(want)}`;
  }
}

describe("a walk", { timeout: TIMEOUT }, () => {
  it.each([
    ["this kernel's PAT", PAT],
    ["another PAT", OTHER_PAT],
  ])("agrees for every 4 KiB leaf, %s", (_name, pat) => {
    const t = new Tables();
    t.pat = pat;
    const all = subsets([...LOW_TWELVE, NX]);
    for (const [reservedLow, reservedHigh] of RESERVED)
      for (let i = 0; i < all.length; i += 2) {
        t.set(
          1,
          0x7b1c7000 | (all[i] as number) | reservedLow,
          0x5a | (all[i + 1] as number) | reservedHigh,
        );
        t.compare();
      }
  });

  it("agrees for every 2 MiB leaf", () => {
    const t = new Tables();
    const all = subsets([...LOW_TWELVE.filter((_, bit) => bit !== 7), low(12), NX]);
    for (const [reservedLow, reservedHigh] of [...RESERVED, low(13), low(17), low(20)])
      for (let i = 0; i < all.length; i += 2) {
        t.set(
          2,
          0x7b000080 | (all[i] as number) | reservedLow,
          0x5a | (all[i + 1] as number) | reservedHigh,
        );
        t.compare();
      }
  });

  it.each([2, 3, 4])(
    "agrees for every entry of level %i that leads to a table, or should",
    (level) => {
      const t = new Tables();
      const all = subsets([...LOW_TWELVE, NX]);
      for (const [reservedLow, reservedHigh] of RESERVED)
        for (let i = 0; i < all.length; i += 2) {
          const frame = (t.table(level) & ~0xfff) | reservedLow;
          t.set(level, frame | (all[i] as number), (all[i + 1] as number) | reservedHigh);
          t.compare();
        }
    },
  );

  it("ignores bits 52 to 62 of every level, in every combination", () => {
    const t = new Tables();
    const all = subsets([52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62].map(high));
    for (let level = 1; level <= 4; level++) {
      for (let i = 0; i < all.length; i += 2) {
        const l = level === 1 ? 0x7b1c7007 : t.table(level);
        t.set(level, l, (level === 1 ? 0x5a : 0) | (all[i + 1] as number));
        t.compare();
      }
    }
  });

  it("agrees for P, RW, US, A and NX of all levels at once", () => {
    const t = new Tables();
    const flags = subsets([0, 1, 2, 5].map(low).concat([NX]));
    const levels = [4, 3, 2, 1].map((level) =>
      level === 1 ? 0x7b1c7000 : t.table(level) & ~0xfff,
    );
    for (let four = 0; four < 64; four += 2) {
      t.set(4, (levels[0] as number) | (flags[four] as number), flags[four + 1] as number);
      for (let three = 0; three < 64; three += 2) {
        t.set(3, (levels[1] as number) | (flags[three] as number), flags[three + 1] as number);
        for (let two = 0; two < 64; two += 2) {
          t.set(2, (levels[2] as number) | (flags[two] as number), flags[two + 1] as number);
          // A level that is not present hides those below it: one of them stands for all.
          const hidden = !(
            (flags[four] as number) &
            (flags[three] as number) &
            (flags[two] as number) &
            1
          );
          for (let one = 0; one < (hidden ? 2 : 64); one += 2) {
            t.set(
              1,
              (levels[3] as number) | (flags[one] as number),
              0x5a | (flags[one + 1] as number),
            );
            t.compare();
          }
        }
      }
    }
  });
});

const LOADS: [string, number][] = [
  ["mmu_load8", 1],
  ["mmu_load16", 2],
  ["mmu_load32", 4],
  ["mmu_load64", 8],
  ["mmu_load128", 16],
];
const STORES: [string, number][] = [
  ["mmu_store8", 1],
  ["mmu_store16", 2],
  ["mmu_store32", 4],
  ["mmu_store64", 8],
  ["mmu_store128", 16],
];

/** A program with VRAM mapped, whose leaves the test writes behind the kernel's back. */
class Program {
  readonly m = new Machine({ vramBytes: 4 << 20 });
  readonly space: number;
  readonly va: number;
  readonly leaves: bigint[];
  readonly pages: readonly number[];

  constructor(huge: boolean) {
    this.m.call("testResource", 0xe0000000, 4 << 20, 1);
    const [, space] = this.m.process();
    this.space = space;
    const flags = DeviceMapFlag.WRITECOMBINE | (huge ? DeviceMapFlag.HUGEPAGE : 0);
    this.va = this.m.locked("sysMmapDevice", 0xe0000000n, 4n << 20n, flags) >>> 0;
    const vpn = this.va >>> 12;
    this.pages = huge ? [vpn, vpn + 512] : [vpn, vpn + 1];
    this.leaves = this.pages.map((page) => this.m.big("testLeaf", space, page));
  }

  /** Page i gets these bits; the TLB forgets everything. */
  set(i: number, bits: bigint): void {
    this.m.locked("testSetLeaf", this.space, this.pages[i] as number, bits);
    this.m.locked("cpuInterrupt", 0);
    this.m.consume();
  }

  /** What the second model says of an access to page i. */
  outcome(i: number, write: boolean): sdm.Outcome {
    const page = this.pages[i] as number;
    const indices = [0, page & 511, (page >> 9) & 511, (page >> 18) & 511, 0];
    const offset = (page & 511) << 12;
    return sdm.access(this.m.view, this.m.call("testRoot", this.space), indices, offset, PAT, {
      write,
      user: true,
    });
  }

  /** Makes an access; false: it has ended the program. */
  run(name: string, va: number): boolean {
    const wide = name.endsWith("128");
    const args = name.includes("load")
      ? []
      : wide
        ? [-1n, -1n]
        : name.endsWith("64")
          ? [-1n]
          : [-1];
    if (!this.m.dies(name, va, 0, ...args)) return true;
    this.m.call("testForgetDeath");
    return false;
  }

  leaf(i: number): bigint {
    return this.m.big("testLeaf", this.space, this.pages[i] as number);
  }

  /** TLB entries of page i: read, write. */
  tlb(i: number): boolean[] {
    return this.m.tlb(this.pages[i] as number).map((e) => e !== 0);
  }
}

describe("a program's access", { timeout: TIMEOUT }, () => {
  // RW US PWT PCD A D PAT G NX: what matters to a leaf that is present. A clear P or a reserved bit is the walker's matter above.
  const bits = (huge: boolean) => [1n, 2n, 3n, 4n, 5n, 6n, huge ? 12n : 7n, 8n, 63n];

  it.each([
    ["4 KiB", false],
    ["2 MiB", true],
  ])("of every width to every %s leaf", (_name, huge) => {
    const p = new Program(huge);
    const all = bits(huge);
    const frame = (p.leaves[0] as bigint) & ~all.reduce((mask, bit) => mask | (1n << bit), 0n);
    for (let set = 0; set < 1 << all.length; set++) {
      let leaf = frame;
      for (const [i, bit] of all.entries()) if ((set >> i) & 1) leaf |= 1n << bit;
      for (const [name] of [...LOADS, ...STORES]) {
        cases++;
        const write = name.includes("store");
        p.set(0, leaf);
        const want = p.outcome(0, write);
        const where = `${name} of leaf ${leaf.toString(16)}`;
        const reads = !write && sdm.mayCacheReads(want);
        const writes = write && sdm.mayCacheWrites(want, true);
        const sets = BigInt(want.sets[want.level] ?? 0);
        const allowed = want.error < 0;
        expect(p.run(name, p.va), where).toBe(allowed);
        if (allowed) expect(p.leaf(0), where).toBe(leaf | sets);
        else expect(p.leaf(0), where).toBe(leaf);
        expect(p.tlb(0), where).toEqual([reads, writes]);
      }
    }
  });

  it("that crosses two pages, at every split of every width, for every pair of types and rights", () => {
    const p = new Program(false);
    const kinds: bigint[] = [];
    for (let index = 0; index < 8; index++)
      for (const rights of [0n, 4n, 6n])
        kinds.push(
          rights |
            (BigInt(index & 1) << 3n) |
            (BigInt((index >> 1) & 1) << 4n) |
            (BigInt(index >> 2) << 7n),
        );
    const mask = 0xfen;
    const bare = p.leaves.map((leaf) => leaf & ~mask);
    const ends = [p.m.vramHost + 4080, p.m.vramHost + 4096];
    for (const first of kinds)
      for (const second of kinds)
        for (const [name, width] of [...LOADS, ...STORES])
          for (let before = 1; before < width; before += width > 8 ? 5 : width > 4 ? 3 : 1) {
            cases++;
            const write = name.includes("store");
            p.m.bytes.fill(0x11, ends[0], (ends[1] as number) + 16);
            p.set(0, (bare[0] as bigint) | first);
            p.set(1, (bare[1] as bigint) | second);
            const one = { ...p.outcome(0, write) };
            const two = { ...p.outcome(1, write) };
            const where = `${name}, ${before} bytes before the edge, leaves ${first.toString(16)} ${second.toString(16)}`;
            const allowed = one.error < 0 && two.error < 0;
            expect(p.run(name, p.va + 4096 - before), where).toBe(allowed);
            const bytes = p.m.bytes.slice(ends[0], (ends[1] as number) + 16);
            const stored = [...bytes]
              .map((byte, i) => (byte === 0xff ? i : -1))
              .filter((i) => i >= 0);
            const want = Array.from(
              { length: allowed && write ? width : 0 },
              (_, i) => 16 - before + i,
            );
            expect(stored, where).toEqual(want);
            for (const [i, o] of [one, two].entries()) {
              const [read, writable] = p.tlb(i);
              const mayRead = sdm.mayCacheReads(o);
              const mayWrite = sdm.mayCacheWrites(o, true);
              // After an allowed access the TLB holds what it may; a store that goes to the bus has drained what the other left.
              const drained = write && [one, two].some((page) => !sdm.mayCacheWrites(page, true));
              if (allowed && !drained)
                expect([read, writable], where).toEqual([!write && mayRead, write && mayWrite]);
              else expect([read && !mayRead, writable && !mayWrite], where).toEqual([false, false]);
            }
          }
  });

  it("leaves the scratch of a 16-byte load as the memory is", () => {
    const p = new Program(false);
    p.m.bytes.fill(0x5a, p.m.vramHost, p.m.vramHost + 32);
    p.run("mmu_load128", p.va + 3);
    expect(p.m.view.getBigUint64(p.m.blocks + CpuBlock.SCRATCH, true)).toBe(0x5a5a5a5a5a5a5a5an);
  });
});
