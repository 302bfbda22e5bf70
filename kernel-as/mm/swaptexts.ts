// Swaptexts: /proc/vmstat and /proc/swaps. They print to the text window (lib/text.ts).
//
// Locks     kernel lock.

import { Counter, counterGet } from "../arch/counters";
import { text, textByte, textDec } from "../lib/text";
import { PageState, pageCount } from "./page";
import { slotCount, slotUsed } from "./slot";
import { swapIsLeaving, swapMayWriteOut } from "./swap";
import { MmVar, mmVar } from "./vars";

/** "NAME COUNT" a line: since power on, then what is there now. */
export function vmstatText(): void {
  line("faults", counterGet(Counter.FAULTS));
  line("swap_ins", counterGet(Counter.SWAP_INS));
  line("swap_outs", counterGet(Counter.SWAP_OUTS));
  line("swap_reads", counterGet(Counter.SWAP_READS));
  line("swap_writes", counterGet(Counter.SWAP_WRITES));
  line("swap_ahead", counterGet(Counter.SWAP_AHEAD));
  line("swap_ahead_used", counterGet(Counter.SWAP_AHEAD_USED));
  line("swap_hits", counterGet(Counter.SWAP_HITS));
  line("swap_errors", counterGet(Counter.SWAP_ERRORS));
  line("clock_steps", counterGet(Counter.CLOCK_STEPS));
  line("evictions", counterGet(Counter.EVICTIONS));
  line("evict_mappings", counterGet(Counter.EVICT_MAPPINGS));
  line("clean_drops", counterGet(Counter.CLEAN_DROPS));
  line("throttles", counterGet(Counter.THROTTLES));
  line("oom_ends", counterGet(Counter.OOM_ENDS));
  line("slots", slotCount());
  line("slots_used", slotUsed());
  line("cached_frames", pageCount(PageState.SWAP));
  line("reserve_frames", mmVar(MmVar.RESERVE));
  line("requests", mmVar(MmVar.SWAP_REQUESTS));
}

/** A heading, and the swap space if there is one. */
export function swapsText(): void {
  text("PARTITION BLOCKS USED STATE\n");
  if (slotCount() == 0) return;
  text("disk-swap ");
  textDec(slotCount());
  textByte(0x20);
  textDec(slotUsed());
  text(swapIsLeaving() ? " leaving\n" : swapMayWriteOut() ? " on\n" : " failing\n");
}

function line(name: string, value: u64): void {
  text(name);
  textByte(0x20);
  textDec(value);
  textByte(0x0a);
}
