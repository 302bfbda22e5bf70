// The dump, read by a walker that shares nothing with the kernel: every mapping is where the kernel says it is.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HeadlessResult, shell } from "./headless.ts";
import { type Translation, X86Walker } from "./x86Walker.ts";

const BUILT_KERNEL = new URL("../build/kernel.wasm", import.meta.url);

/** The kernel's own walker, run over a copy of the dump's RAM. */
function kernelWalker(ram: Uint8Array): (cr3: bigint, va: bigint) => bigint {
  const pages = Math.ceil(ram.length / 65536) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  new Uint8Array(memory.buffer).set(ram);
  const module = new WebAssembly.Module(readFileSync(BUILT_KERNEL));
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] = { ...imports[from], [name]: kind === "memory" ? memory : () => 0 };
  }
  const { inspectWalk } = new WebAssembly.Instance(module, imports).exports as unknown as {
    inspectWalk(root: number, va: bigint): bigint;
  };
  return (cr3, va) => BigInt.asUintN(64, inspectWalk(Number(cr3 >> 12n), va));
}

const MEBIBYTE = 0x100000n;
const WC = 1;
/** What `maps` and `pt` call the types that the PAT gives. */
const TYPES: Record<number, string> = { 0: "UC", 1: "WC", 4: "WT", 6: "WB", 7: "UC-" };
/** The index by which the kernel asks for a type (design 4.1). */
const PAT_INDEX: Record<number, number> = { 0: 3, 1: 6, 4: 1, 6: 0, 7: 2 };
/** Addresses of init and of gpu that `pt` walks: mapped by 4 KiB and 2 MiB pages, as memory, VRAM and registers; and one that is not mapped. */
const WALKED = { init: ["00010000", "bffffffc", "70000000"], gpu: ["40234567", "40000504"] };
const DIRECT_MAP = 0xffff_8000_0000_0000n;

interface MachineFile {
  ram: { base: number; size: number };
  vram: { base: number; size: number };
  pat: number;
  cpus: {
    pid: number;
    name: string;
    cr0: number;
    cr3: number;
    cr4: number;
    efer: number;
  }[];
  proc: Record<string, string[]>;
}

interface Maps {
  readonly start: bigint;
  readonly end: bigint;
  readonly rights: string;
  readonly type: string;
}

describe.each(["64M", "20484K"])("a dump of %s", { timeout: 60_000 }, (ram) => {
  const folder = mkdtempSync(path.join(tmpdir(), "quire-dump-"));
  let result: HeadlessResult;
  let machine: MachineFile;
  let walker: X86Walker;

  beforeAll(async () => {
    result = await shell(
      "echo ---; cat /proc/1/maps; echo ---; cat /proc/$(pidof gpu)/maps; echo ---; " +
        `for a in ${WALKED.init.join(" ")}; do echo $a; pt 1 $a; done; ` +
        `for a in ${WALKED.gpu.join(" ")}; do echo $a; pt $(pidof gpu) $a; done`,
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
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const root = (name: string): bigint =>
    BigInt(machine.cpus.find((cpu) => cpu.name === name)?.cr3 ?? 0);
  const mapsOf = (name: string): Maps[] => {
    const text = result.stdout.split("---\n")[name === "init" ? 1 : 2] ?? "";
    return [...text.matchAll(/^([0-9a-f]+)-([0-9a-f]+)\s+(\S+)\s+(\S+)/gm)].map((match) => ({
      start: BigInt(`0x${match[1]}`),
      end: BigInt(`0x${match[2]}`),
      rights: match[3] ?? "",
      type: match[4] ?? "",
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

  test.each(["init", "gpu"])("%s maps only what its map allows", (name) => {
    const maps = mapsOf(name);
    expect(maps.length).toBeGreaterThan(1);
    const leaves = [...walker.leaves(root(name))].filter((leaf) => leaf.user);
    expect(leaves.length).toBeGreaterThan(3);
    for (const leaf of leaves) {
      const entry = maps.find(
        ({ start, end }) => leaf.va >= start && leaf.va + leaf.pageBytes <= end,
      );
      expect(entry, `no entry covers ${leaf.va.toString(16)}`).toBeDefined();
      if (leaf.writable) expect(entry?.rights[1]).toBe("w");
      expect(leaf.executable).toBe(false);
      expect(TYPES[leaf.memoryType], leaf.va.toString(16)).toBe(entry?.type);
    }
  });

  test.each(["init", "gpu"] as const)("pt tells of %s what is in the dump", (name) => {
    const texts = result.stdout.split("---\n")[3] ?? "";
    for (const address of WALKED[name]) {
      const text = texts.slice(texts.indexOf(`${address}\n`)).split(/^[0-9a-f]{8}$/m)[1] ?? "";
      expect(text).toContain(`CR3    ${root(name).toString(16).padStart(16, "0")}`);
      const found = walker.walk(root(name), BigInt(`0x${address}`));
      if ("fault" in found) {
        expect(text).toContain("not mapped to memory");
        continue;
      }
      const small = found.pageBytes === 4096n;
      const size = small ? "4 KiB" : "2 MiB";
      const type = `PAT ${PAT_INDEX[found.memoryType]} = ${TYPES[found.memoryType]}`;
      const pa = found.pa.toString(16).padStart(12, "0");
      expect(text).toContain(`physical ${pa}, ${size} page, ${type}\n`);
      expect(/^PTE /m.test(text)).toBe(small);
    }
  });

  test("the texts of /proc are in it: those of the machine, and each process's, with every leaf that is in its tables", () => {
    expect(machine.proc.mmcheck).toEqual(["every invariant holds"]);
    expect(machine.proc.frames).toContain(`total ${machine.ram.size / 4096}`);
    for (const name of ["meminfo", "memtypes", "vmstat", "swaps", "counters", "processes"])
      expect(machine.proc[name]?.length, name).toBeGreaterThan(0);
    expect(machine.proc["1/maps"]).toEqual(result.stdout.split("---\n")[1]?.trim().split("\n"));
    for (const { pid, name, cr3 } of machine.cpus) {
      expect(machine.proc[`${pid}/status`]).toContain(`name ${name}`);
      const leaves = [...walker.leaves(BigInt(cr3))].filter((leaf) => leaf.user);
      const runs = (machine.proc[`${pid}/pt`] ?? []).slice(1).map((line) => line.split(" "));
      const told = runs.flatMap(([range = "", , size]) => {
        const [start = 0, end = 0] = range.split("-").map((va) => Number.parseInt(va, 16));
        const bytes = size === "2M" ? 0x200000 : 0x1000;
        return Array.from({ length: (end - start) / bytes }, (_, i) => start + i * bytes);
      });
      expect(told, name).toEqual(leaves.map((leaf) => Number(leaf.va)));
    }
  });

  test("the user half is slot 0 below 3 GiB, and the kernel has the direct map, its devices and the root itself", () => {
    for (const cpu of machine.cpus) {
      expect(walker.rootSlots(BigInt(cpu.cr3))).toEqual([0, 256, 384, 510]);
      for (const leaf of walker.leaves(BigInt(cpu.cr3)))
        expect(leaf.user, leaf.va.toString(16)).toBe(leaf.va < 0xc000_0000n);
    }
  });

  test("VRAM is mapped write-combining with 2 MiB pages", () => {
    const vram = [...walker.leaves(root("gpu"))].filter((leaf) => leaf.user && inVram(leaf));
    expect(vram.length).toBe(4); // the base view: the largest mode, 8,294,400 bytes
    for (const leaf of vram)
      expect(leaf).toMatchObject({ pageBytes: 2n * MEBIBYTE, memoryType: WC });
  });

  test("no two processes share a frame that one can write, and none maps the first MiB or a page table", () => {
    const frames = new Map<bigint, { name: string; writable: boolean }>();
    for (const cpu of machine.cpus) {
      for (const leaf of walker.leaves(BigInt(cpu.cr3))) {
        if (!leaf.user || leaf.pa >= BigInt(machine.ram.size)) continue;
        expect(leaf.pa).toBeGreaterThanOrEqual(MEBIBYTE);
        const other = frames.get(leaf.pa);
        const shared = other !== undefined && (other.writable || leaf.writable);
        expect(shared, `${leaf.pa.toString(16)}: ${other?.name}, ${cpu.name}`).toBe(false);
        frames.set(leaf.pa, { name: cpu.name, writable: leaf.writable });
      }
    }
    for (const cpu of machine.cpus) expect(frames.has(BigInt(cpu.cr3))).toBe(false);
  });

  test("the kernel half is the same in every process: all of RAM but frame 0, supervisor, no execute, global", () => {
    const kernelHalf = (cr3: bigint): Translation[] =>
      [...walker.leaves(cr3)].filter((leaf) => leaf.va >= DIRECT_MAP);
    const first = kernelHalf(root("init"));
    expect(kernelHalf(root("gpu"))).toEqual(first);
    let mapped = 0n;
    let large = 0n;
    for (const leaf of first) {
      expect(leaf.user).toBe(false);
      expect(leaf.executable).toBe(false);
      if (leaf.va - DIRECT_MAP < BigInt(machine.ram.size)) {
        expect(leaf.pa).toBe(leaf.va - DIRECT_MAP);
        expect(leaf.global).toBe(true);
        expect(TYPES[leaf.memoryType]).toBe("WB");
        mapped += leaf.pageBytes;
        if (leaf.pageBytes === 2n * MEBIBYTE) large++;
      } else expect(TYPES[leaf.memoryType]).toBe("UC");
    }
    expect(mapped).toBe(BigInt(machine.ram.size) - 4096n);
    // By pages of 2 MiB wherever one fits; frame 0 spoils the first.
    expect(large).toBe(BigInt(machine.ram.size) / (2n * MEBIBYTE) - 1n);
    expect(first.some((leaf) => leaf.pa === 0n)).toBe(false);
  });

  test("the kernel's walker agrees with this one for every mapping and beside it", () => {
    const kernelWalk = kernelWalker(readFileSync(path.join(folder, "ram.bin")));
    let compared = 0;
    const compare = (cr3: bigint, va: bigint): void => {
      const mine = walker.walk(cr3, va);
      const theirs = kernelWalk(cr3, va);
      const where = `${va.toString(16)} below ${cr3.toString(16)}`;
      compared++;
      if ("fault" in mine) {
        expect(theirs, where).toBe(0n);
        return;
      }
      expect(theirs & 0xf_ffff_ffff_f000n, where).toBe(mine.pa & ~0xfffn);
      expect((theirs & 2n) !== 0n, where).toBe(mine.writable);
      expect((theirs & 4n) !== 0n, where).toBe(mine.user);
      expect(theirs >> 63n === 0n, where).toBe(mine.executable);
      const index = ((theirs >> 5n) & 4n) | ((theirs >> 3n) & 3n); // PAT is bit 7, PCD 4, PWT 3
      expect(Number((BigInt(machine.pat) >> (index * 8n)) & 7n), where).toBe(mine.memoryType);
    };
    for (const cpu of machine.cpus) {
      const cr3 = BigInt(cpu.cr3);
      for (const { va, pageBytes } of walker.leaves(cr3)) {
        compare(cr3, va);
        compare(cr3, va + pageBytes - 4096n);
        compare(cr3, BigInt.asUintN(64, va + pageBytes));
        compare(cr3, BigInt.asUintN(64, va - 4096n));
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });

  test("slot 510 maps the root itself", () => {
    const cr3 = root("init");
    expect(walker.walk(cr3, 0xffff_ff7f_bfdf_e000n)).toMatchObject({ pa: cr3, user: false });
  });

  const inVram = (leaf: Translation): boolean =>
    leaf.pa >= BigInt(machine.vram.base) && leaf.pa < BigInt(machine.vram.base + machine.vram.size);
});
