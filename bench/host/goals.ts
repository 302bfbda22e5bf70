// The goals, and nothing else: what each number must be. A run compares with them and never changes them.

export interface Goal {
  readonly on: "value" | "ratio";
  readonly is: "at most" | "at least";
  readonly limit: number;
}

const value = (limit: number): Goal => ({ on: "value", is: "at most", limit });
const ratio = (limit: number): Goal => ({ on: "ratio", is: "at most", limit });
const atLeast = (limit: number): Goal => ({ on: "value", is: "at least", limit });

export const GOALS: ReadonlyMap<string, Goal> = new Map([
  ["syscall.null", ratio(25)],
  ["tlb.miss", value(60)],
  ["fault.zero", value(1.5)],
  ["fault.parallel", atLeast(1.5)],
  ["fault.cow", value(2)],
  ["swapin.cache", value(3)],
  ["swapin.pages", atLeast(8)],
  ["swapin.random", value(1.3)],
  ["swapout.pages", atLeast(16)],
  ["evict.mappings", value(1)],
  ["clone.ops.1", value(8)],
  ["clone.ops.16", value(8)],
  ["clone.ops.64", value(8)],
  ["clone.ops.256", value(8)],
  ["frame.alloc.steps", value(20)],
  ["mmap.pair", value(2)],
  ["ipc.awake", value(5)],
  ["ipc.parked", ratio(5)],
  ["ipc.payload", ratio(1)],
  ["spawn.main", value(15)],
  ["boot.prompt", value(1500)],
  ["rewrite.speed", atLeast(20)],
  ["mmu.geomean", value(2)],
  ["geomean.all", value(2)],
  ["gpu.frame.syscalls", ratio(1.1)],
  ["gpu.frame.bytes", ratio(1)],
]);
