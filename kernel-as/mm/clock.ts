// Clock: which frame goes next. A hand goes round all of RAM; a page that was used since the hand passed it last gets a second chance.
//
// Locks     kernel lock.

import { Counter, counterAdd } from "../arch/counters";
import { listPut } from "./cachelist";
import { Evicted, evict, evictAge, evictAllows } from "./evict";
import { PageIo, PageState, pageOf } from "./page";
import { swapMayWriteOut } from "./swap";
import { MmVar, mmVar, mmVarSet } from "./vars";

const AGE_USED: u8 = 0x80;

/** Looks at one frame and moves on. */
export function clockStep(): Evicted {
  const frames = mmVar(MmVar.FRAMES);
  let hand = mmVar(MmVar.CLOCK_HAND);
  if (hand >= frames) hand = 0;
  mmVarSet(MmVar.CLOCK_HAND, hand + 1);
  counterAdd(Counter.CLOCK_STEPS, 1);
  const page = pageOf(hand);
  if (page.state == PageState.SWAP) return unmapped(hand);
  if (!evictAllows(hand)) return Evicted.NO;
  page.age >>= 1;
  if (evictAge(hand)) {
    page.age |= AGE_USED;
    return Evicted.NO;
  }
  return evict(hand);
}

/** A frame of the swap cache on no list: it was read and nobody has come for it, or it could not be written. */
function unmapped(pfn: u32): Evicted {
  const page = pageOf(pfn);
  if (page.io != PageIo.NONE) return Evicted.NO;
  if (page.stale != 0) {
    if (!swapMayWriteOut()) return Evicted.NO;
    listPut(pfn, PageIo.PENDING);
    return Evicted.LATER;
  }
  if (page.age != 0) {
    page.age--;
    return Evicted.NO;
  }
  listPut(pfn, PageIo.CLEAN);
  return Evicted.FREE;
}
