// Vblank: the interrupt becomes a count in the page of each view that wants it. Clients wait on that word; nobody polls.

import { FbInfo } from "../../abi/display";
import { now } from "../../lib/time";
import { vblankTake } from "./adapter";
import { VIEWS, viewAt, viewPage } from "./views";

/** One interrupt of the display. A view with a rate is told at most that often. */
export function vblankInterrupt(): void {
  vblankTake();
  for (let i = 0; i < VIEWS; i++) {
    const view = viewAt(i);
    if (view.vblanks == 0) continue;
    if (view.period != 0) {
      const time = now();
      // Half a host's frame early is in time: else 60 Hz on a host of 60 Hz would miss every second one.
      if (time - view.last < view.period - view.period / 4) continue;
      view.last = time;
    }
    const word = viewPage(i) + FbInfo.VBLANK;
    atomic.add<u32>(word, 1);
    atomic.notify(word, -1);
  }
}
