import { beforeAll, describe, expect, it } from "vitest";
import { kernelModule, Machine } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = 2n;
const COW = 0x200n;
const ACCESSED = 0x20n;

/** A process that runs, with a page of its own at 5, one of its image at 2, one shared with its clone at 6, and VRAM. */
function machine() {
  const m = new Machine();
  m.call("testResource", 0xe0000000, 1 << 20, 0);
  const [, space] = m.process();
  m.locked("testImage", space, 0x2000, 0, 0x1000, m.vramHost, 0x20000, 0xffffffff);
  const vram = m.locked("sysMmapDevice", 0xe0000000n, 0x1000n, 2) >>> 0;
  m.call("mmu_load8", 0x2000, 0);
  m.call("mmu_store8", 0x6000, 0, 1);
  const child = m.locked("spaceClone", space);
  m.call("mmu_store8", 0x5000, 0, 1);
  m.call("mmu_load8", 0x2000, 0);
  m.check();
  return { m, space, child, vram };
}

type Setup = ReturnType<typeof machine>;

const change = ({ m, space }: Setup, vpn: number, f: (leaf: bigint) => bigint) => {
  const at = m.call("testLeafAt", space, vpn);
  m.view.setBigUint64(at, f(m.view.getBigUint64(at, true)), true);
};
const word = (s: Setup, at: number, by: number) =>
  s.m.view.setUint32(at, s.m.view.getUint32(at, true) + by, true);
const frameOf = ({ m, space }: Setup, vpn: number) =>
  Number((m.big("testLeaf", space, vpn) >> 12n) & 0xfffffffn);
const rootEntry = ({ m, space }: Setup) => m.call("testRoot", space) * 4096;

describe("mmCheck names what is broken in", () => {
  it.each<[string, number, (s: Setup) => void]>([
    ["the references of a frame", 3, (s) => word(s, s.m.call("testPage", frameOf(s, 6)) + 4, 1)],
    [
      "the sharers of a table",
      21,
      (s) => word(s, s.m.call("testPage", s.m.call("testLeafAt", s.child, 6) >>> 12) + 12, 1),
    ],
    [
      "a shared table that is writable",
      22,
      (s) => {
        const made = s.m.locked("spaceClone", s.space);
        expect(made).not.toBe(0);
        const at = rootEntry(s);
        s.m.view.setBigUint64(at, s.m.view.getBigUint64(at, true) | RW, true);
      },
    ],
    ["a frame of two without COW", 23, (s) => change(s, 6, (leaf) => leaf & ~COW)],
    ["COW with RW", 23, (s) => change(s, 6, (leaf) => leaf | RW)],
    ["COW on a device", 24, (s) => change(s, s.vram >>> 12, (leaf) => leaf | COW)],
    [
      "the references of an entry array",
      25,
      (s) => word(s, s.m.call("testPage", s.m.call("testEntriesFrame", s.space)) + 4, 1),
    ],
    [
      "a cached page that its index does not have",
      26,
      (s) => {
        const flags = s.m.call("testPage", frameOf(s, 6)) + 1;
        s.m.view.setUint8(flags, 2);
      },
    ],
    ["an A bit cleared without a flush", 30, (s) => change(s, 5, (leaf) => leaf & ~ACCESSED)],
    ["a write translation that outlived its right", 18, (s) => change(s, 5, (leaf) => leaf & ~RW)],
  ])("%s", (_name, invariant, breakIt) => {
    const s = machine();
    breakIt(s);
    expect(s.m.locked("mmCheck")).toBe(invariant);
  });
});
