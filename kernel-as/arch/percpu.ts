// Per-CPU state. The `let`s are wasm globals: each Worker has its own. What another CPU must see of this one is in its CpuRecord.
//
// Locks  CpuRecord fields: kernel lock. A CPU that reads (arch/lock.ts) may write what is about itself in its own record.

import { CpuBlock } from "../../abi/cpu";
import { Limit } from "../../abi/layout";
import { Vars } from "../lib/vars";
import { PAT_VALUE } from "./pat";

/** This CPU's slot, and the host offset of its block (abi/cpu.ts). Set once by cpuAttach. */
export let cpuSlot: u32 = 0;
export let cpuBlock: usize = 0;
/** This CPU's bit in masks of CPUs (Limit.CPUS is 64). */
export let cpuBit: u64 = 0;
/** The process that this CPU runs, as the address of its Process; 0 none. proc/ owns its meaning. */
export let cpuProcess: usize = 0;
/** The space that this CPU runs, as the address of its Space; 0 none. Set by spaceActivate. */
export let cpuSpace: usize = 0;
/** This CPU's record. */
export let cpuRecord: usize = 0;

/** Four frames of shared variables: one record for every slot. */
const STATE_CPUS: usize = Vars.SPARE;
export const CPU_RECORD_BYTES: usize = 256;

@unmanaged
export class CpuRecord {
  /** Space that runs here, 0 none. */
  space: usize;
  /** Host offset of the CPU's block, 0 until it has attached. */
  block: usize;
  /** 1: something was invalidated here by another CPU and this one has not entered the kernel since. */
  ackPending: u32;
  /** 1: it left the kernel with a host address that program code is going to use (arch/shootdown.ts D3). Beside ackPending. */
  carries: u32;
  /** Frames that may be in use by an access in flight here: a list through Page.link, freed at the acknowledgement. */
  quarantine: u32;
  /** Page-fault linear address, as the register of that name. */
  cr2: u64;
  /** IA32_PAT as this CPU has it. */
  pat: u64;
  /** The run of equal deltas that grows beside the windows (arch/tlb.ts): first page, pages, delta; read and write. */
  readRunStart: u32;
  readRunPages: u32;
  readRunDelta: u32;
  writeRunStart: u32;
  writeRunPages: u32;
  writeRunDelta: u32;
  /** memory.atomic.wait of a program (mm/futex.ts): host address waited on or 0, and the word that the CPU sleeps on. */
  waitHost: u32;
  waitEvent: u32;
  /** Pages in this CPU's write-combining set (mm/wc.ts). */
  wcPages: u32;
  /** Results of the last walk (arch/paging.ts): page-fault error code, level of the entry found. */
  walkError: u32;
  walkLevel: u32;
  /** 1: it reads shared state without the lock, 2: and the lock's holder sleeps until it has done so (arch/lock.ts). */
  reading: u32;
  /** Frames leased to it (mm/lease.ts): LEASE_WORDS pairs of a word of the bitmap and what is left of it, for runs and for any page. */
  runLeases: u64;
  runLeases1: u64;
  runLeases2: u64;
  runLeases3: u64;
  looseLeases: u64;
  looseLeases1: u64;
  looseLeases2: u64;
  looseLeases3: u64;
  /** Frames taken of both. */
  leaseTaken: u32;
  /** Its share of Counter.FAULTS and TLB_FILLS; kept when another Worker gets the slot. */
  faults: u64;
  fills: u64;
  /** What the last operation lacked (mm/want.ts): 0 nothing, a Want, or the host address of a futex word that holds wantValue until it comes. */
  want: u32;
  wantValue: u32;
  /**
   * Frames that reclaim has set aside for this CPU (mm/reclaim.ts): a list through Page.next, 0 none; how many; how many more than one
   * the operation under way needs.
   */
  grant: u32;
  granted: u32;
  more: u32;
  /** This CPU's place among those that wait for frames, 0: it does not; the place that it was given for the operation under way. */
  hungry: u32;
  ticket: u32;
  /** 1: it was told that there are frames enough and has not come back yet. Looks in vain for what is on its way. */
  told: u32;
  looks: u32;
  /** Frames that the clock has looked at for this CPU since it found something. */
  swept: u32;
  /** Times this CPU gave up the lock to wait for memory: what was known before is not true any more. */
  waits: u32;
  /** Times the call under way was run again for want of frames (entry/calls.ts). */
  reruns: u32;
  /** Reading ahead for this CPU (mm/readahead.ts): slots of the last window, its slot that was wanted, pages used since, reads ever. */
  window: u32;
  windowSlot: u32;
  windowUsed: u32;
  windowReads: u32;
}

if (offsetof<CpuRecord>("carries") != offsetof<CpuRecord>("ackPending") + 4) ERROR("cpuMustAck reads both at once");
if (offsetof<CpuRecord>() > 256) ERROR("CpuRecord is at most 256 bytes");

// @ts-ignore: decorator
@inline
export function cpuRecordOf(slot: u32): CpuRecord {
  return changetype<CpuRecord>(STATE_CPUS + <usize>slot * CPU_RECORD_BYTES);
}

/** First call in each Worker: an empty record, IA32_PAT programmed. `blocks` is the host offset of slot 0's block. */
export function percpuAttach(slot: u32, blocks: usize): void {
  cpuSlot = slot;
  cpuBlock = blocks + <usize>slot * <usize>CpuBlock.BYTES;
  cpuRecord = STATE_CPUS + <usize>slot * CPU_RECORD_BYTES;
  cpuBit = (<u64>1) << <u64>slot;
  cpuProcess = 0;
  cpuSpace = 0;
  const faults = cpuRecordOf(slot).faults;
  const fills = cpuRecordOf(slot).fills;
  memory.fill(cpuRecord, 0, CPU_RECORD_BYTES);
  cpuRecordOf(slot).faults = faults;
  cpuRecordOf(slot).fills = fills;
  cpuRecordOf(slot).block = cpuBlock;
  cpuRecordOf(slot).pat = PAT_VALUE;
}

export function cpuSetProcess(process: usize): void {
  cpuProcess = process;
}

export function cpuSetSpace(space: usize): void {
  cpuSpace = space;
}

/** For an instance that only looks: it is no CPU, and must not be taken for one that holds the lock. */
export function percpuObserve(): void {
  cpuSlot = Limit.CPUS;
  cpuBit = 0;
}
