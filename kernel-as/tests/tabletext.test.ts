// What /proc/PID/pt says of page tables, against the entries in memory.

import { beforeAll, describe, expect, it } from "vitest";
import { DeviceMapFlag, MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const BAR = 0x50000000;
const BUFFER = 0x3000;
const ROOM = 0x1000;
const END = 0xc0000;
const NAMES: [string, number][] = [
  ["RW", 1],
  ["US", 2],
  ["PWT", 3],
  ["PCD", 4],
  ["A", 5],
  ["D", 6],
  ["NX", 63],
];

function text(m: Machine, space: number): string[] {
  let all = "";
  for (;;) {
    const n = m.locked("testTablesText", space, BUFFER, all.length, ROOM);
    if (n === 0) return all.trimEnd().split("\n");
    all += new TextDecoder().decode(new Uint8Array(m.view.buffer, BUFFER, n).slice());
  }
}

/** The pages that the lines tell of, each with its bits. */
function pagesOf(lines: string[]): Map<number, string[]> {
  const pages = new Map<number, string[]>();
  for (const line of lines) {
    const [range = "", leaves = "", size, , ...words] = line.split(" ");
    const [start = 0, end = 0] = range.split("-").map((va) => Number.parseInt(va, 16) >>> 12);
    expect(end - start).toBe(Number(leaves) * (size === "2M" ? 512 : 1));
    for (let vpn = start; vpn < end; vpn++) pages.set(vpn, words);
  }
  return pages;
}

describe("the text of page tables", () => {
  it("tells every leaf and its bits, as they are in memory", () => {
    const m = new Machine({ swapBlocks: 4096 });
    m.call("testResource", BAR, 0x800000, 0);
    const [, space] = m.process();
    const a = m.locked("sysMmapAnonymous", 0, 16 * 4096, RW, ANON) >>> 0;
    for (const page of [0, 1, 2, 3, 4, 5, 9]) m.call("mmu_store32", a + page * 4096, 0, page);
    m.locked("sysMprotect", a + 0x1000, 0x1000, Prot.READ);
    m.locked("sysMprotect", a + 0x2000, 0x1000, Prot.NONE);
    expect(m.locked("testEvict", space, (a >>> 12) + 5)).toBeGreaterThan(0);
    m.disk?.serve();
    const large = DeviceMapFlag.WRITECOMBINE | DeviceMapFlag.HUGEPAGE;
    const b = m.locked("sysMmapDevice", BigInt(BAR), BigInt(0x401000), large) >>> 0;
    expect(b % 0x200000).toBe(0);

    const [heading, ...lines] = text(m, space);
    expect(heading).toBe("RANGE LEAVES SIZE ENTRY BITS");
    const pages = pagesOf(lines);
    const wrong: string[] = [];
    for (let vpn = 0; vpn < END; vpn++) {
      const leaf = m.big("testLeaf", space, vpn);
      const words = pages.get(vpn) ?? [];
      const present = (leaf & 1n) !== 0n;
      const right =
        (leaf !== 0n) === pages.has(vpn) &&
        present === words.includes("P") &&
        NAMES.every(
          ([name, bit]) =>
            words.includes(name) === (present && ((leaf >> BigInt(bit)) & 1n) !== 0n),
        );
      if (!right) wrong.push(`${vpn.toString(16)} ${leaf.toString(16)}: ${words.join(" ")}`);
    }
    expect(wrong).toEqual([]);
    for (const line of lines) {
      const [range = "", , size, entry = ""] = line.split(" ");
      const leaf = m.big("testLeaf", space, Number.parseInt(range, 16) >>> 12);
      expect(BigInt(`0x${entry}`)).toBe(leaf);
      expect(size).toBe(line.includes("2M") ? "2M" : "4K");
    }
    expect(pages.get((a >>> 12) + 5)).toEqual([
      "SWAPPED",
      "slot",
      expect.stringMatching(/^\d+$/),
      "WAS_DIRTY",
    ]);
    expect(lines.filter((line) => / 2M .* WC$/.test(line))).toHaveLength(1);
    expect(pages.get((b >>> 12) + 1024)?.at(-1)).toBe("WC");
  });

  it("says which leaves lie in tables that spaces share", () => {
    const m = new Machine();
    const [, space] = m.process();
    const a = m.locked("sysMmapAnonymous", 0, 4096, RW, ANON) >>> 0;
    m.call("mmu_store32", a, 0, 1);
    expect(pagesOf(text(m, space).slice(1)).get(a >>> 12)).not.toContain("SHARED");
    expect(m.locked("spaceClone", space)).not.toBe(0);
    expect(pagesOf(text(m, space).slice(1)).get(a >>> 12)).toContain("SHARED");
    m.call("mmu_store32", a, 0, 2);
    expect(pagesOf(text(m, space).slice(1)).get(a >>> 12)).not.toContain("SHARED");
    m.check();
  });

  it("tells a run over several page tables as one, up to where a table is not there", () => {
    const m = new Machine();
    const [, space] = m.process();
    const at = 0x50000000;
    const fixed = ANON | MapFlag.FIXED;
    expect(m.locked("sysMmapAnonymous", at, 2048 * 4096, RW, fixed) >>> 0).toBe(at);
    for (let page = 500; page < 1536; page++) m.call("mmu_store32", at + page * 4096, 0, 1);
    m.call("mmu_store32", at + 2047 * 4096, 0, 1);
    const runs = text(m, space).filter((line) => /^5/.test(line));
    expect(runs.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "501f4000-50600000 1036 4K",
      "507ff000-50800000 1 4K",
    ]);
  });

  it("ends after 640 runs, and says so", () => {
    const m = new Machine();
    const [, space] = m.process();
    const a = m.locked("sysMmapAnonymous", 0, 1400 * 4096, RW, ANON) >>> 0;
    for (let page = 0; page < 1400; page += 2) m.call("mmu_store32", a + page * 4096, 0, 1);
    const lines = text(m, space);
    expect(lines).toHaveLength(642);
    expect(lines.at(-1)).toBe("more");
    expect(lines.join("\n").length).toBeLessThan(65536);
  });
});
