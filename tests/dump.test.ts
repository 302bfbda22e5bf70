// The dump, read by a walker that shares nothing with the kernel: every mapping is where the kernel says it is.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HeadlessResult, shell } from "./headless.ts";
import { type Translation, X86Walker } from "./x86Walker.ts";

const MEBIBYTE = 0x100000n;
const WC = 1;
const DIRECT_MAP = 0xffff_8000_0000_0000n;

interface MachineFile {
  ram: { base: number; size: number };
  vram: { base: number; size: number };
  pat: string;
  cpus: { pid: number; name: string; cr0: string; cr3: string; cr4: string; efer: string }[];
}

interface Maps {
  readonly start: bigint;
  readonly end: bigint;
  readonly rights: string;
}

describe.each(["64M", "20484K"])("a dump of %s", { timeout: 60_000 }, (ram) => {
  const folder = mkdtempSync(path.join(tmpdir(), "quire-dump-"));
  let result: HeadlessResult;
  let machine: MachineFile;
  let walker: X86Walker;

  beforeAll(async () => {
    result = await shell(
      "echo ---; cat /proc/1/maps; echo ---; cat /proc/2/maps",
      "--ram",
      ram,
      "--dump",
      folder,
    );
    machine = JSON.parse(readFileSync(path.join(folder, "machine.json"), "utf8"));
    walker = new X86Walker(
      new Uint8Array(readFileSync(path.join(folder, "ram.bin"))),
      BigInt(machine.pat),
    );
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  const root = (pid: number): bigint =>
    BigInt(machine.cpus.find((cpu) => cpu.pid === pid)?.cr3 ?? 0);
  const mapsOf = (pid: number): Maps[] => {
    const text = result.stdout.split("---\n")[pid] ?? "";
    return [...text.matchAll(/^([0-9a-f]+)-([0-9a-f]+)\s+(\S+)/gm)].map((match) => ({
      start: BigInt(`0x${match[1]}`),
      end: BigInt(`0x${match[2]}`),
      rights: match[3] ?? "",
    }));
  };

  test("names sizes, the PAT and every process with long mode on", () => {
    expect(readFileSync(path.join(folder, "ram.bin")).length).toBe(machine.ram.size);
    expect(readFileSync(path.join(folder, "vram.bin")).length).toBe(machine.vram.size);
    expect(BigInt(machine.pat)).toBe(0x0001_0406_0007_0406n);
    expect(machine.cpus.map((cpu) => cpu.name)).toEqual(
      expect.arrayContaining(["init", "gpu", "sh"]),
    );
    for (const cpu of machine.cpus) {
      expect(BigInt(cpu.cr0) & 0x8000_0001n).toBe(0x8000_0001n);
      expect(BigInt(cpu.cr4) & 0x20n).toBe(0x20n);
      expect(BigInt(cpu.efer) & 0xd00n).toBe(0xd00n);
    }
  });

  test.each([1, 2])("process %i maps only what its map allows", (pid) => {
    const maps = mapsOf(pid);
    expect(maps.length).toBeGreaterThan(1);
    const leaves = [...walker.leaves(root(pid))].filter((leaf) => leaf.user);
    expect(leaves.length).toBeGreaterThan(3);
    for (const leaf of leaves) {
      const entry = maps.find(
        ({ start, end }) => leaf.va >= start && leaf.va + leaf.pageBytes <= end,
      );
      expect(entry, `no entry covers ${leaf.va.toString(16)}`).toBeDefined();
      if (leaf.writable) expect(entry?.rights[1]).toBe("w");
      expect(leaf.executable).toBe(false);
    }
  });

  test("VRAM is mapped write-combining with 2 MiB pages", () => {
    const vram = [...walker.leaves(root(2))].filter((leaf) => leaf.user && inVram(leaf));
    expect(vram.length).toBe(machine.vram.size / 2 ** 21);
    for (const leaf of vram)
      expect(leaf).toMatchObject({ pageBytes: 2n * MEBIBYTE, memoryType: WC });
  });

  test("no two processes share a frame of RAM, and none maps the first MiB or a page table", () => {
    const frames = new Map<bigint, string>();
    for (const cpu of machine.cpus) {
      for (const leaf of walker.leaves(BigInt(cpu.cr3))) {
        if (!leaf.user || leaf.pa >= BigInt(machine.ram.size)) continue;
        expect(leaf.pa).toBeGreaterThanOrEqual(MEBIBYTE);
        const other = frames.get(leaf.pa);
        expect(
          other,
          `${leaf.pa.toString(16)} is mapped by ${other} and ${cpu.name}`,
        ).toBeUndefined();
        frames.set(leaf.pa, cpu.name);
      }
    }
    for (const cpu of machine.cpus) expect(frames.has(BigInt(cpu.cr3))).toBe(false);
  });

  test("the kernel half is the same in every process: all of RAM but frame 0, supervisor, no execute, global", () => {
    const kernelHalf = (cr3: bigint): Translation[] =>
      [...walker.leaves(cr3)].filter((leaf) => leaf.va >= DIRECT_MAP);
    const first = kernelHalf(root(1));
    expect(kernelHalf(root(2))).toEqual(first);
    let mapped = 0n;
    for (const leaf of first) {
      expect(leaf.user).toBe(false);
      expect(leaf.executable).toBe(false);
      if (leaf.va - DIRECT_MAP < BigInt(machine.ram.size)) {
        expect(leaf.pa).toBe(leaf.va - DIRECT_MAP);
        expect(leaf.global).toBe(true);
        mapped += leaf.pageBytes;
      }
    }
    expect(mapped).toBe(BigInt(machine.ram.size) - 4096n);
    expect(first.some((leaf) => leaf.pa === 0n)).toBe(false);
  });

  test("slot 510 maps the root itself", () => {
    const cr3 = root(1);
    expect(walker.walk(cr3, 0xffff_ff7f_bfdf_e000n)).toMatchObject({ pa: cr3, user: false });
  });

  const inVram = (leaf: Translation): boolean =>
    leaf.pa >= BigInt(machine.vram.base) && leaf.pa < BigInt(machine.vram.base + machine.vram.size);
});
