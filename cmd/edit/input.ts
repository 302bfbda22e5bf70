// Keys: the screen is drawn before one is waited for. What ends the editor from outside is seen to here.

import { consoleWaiting } from "../../lib/console";
import { err } from "../../lib/fmt";
import { fullscreenEnd, fullscreenKey, fullscreenPasted, Key } from "../../lib/fullscreen";
import { complain, finish } from "../../lib/program";
import { draw } from "./draw";
import { saveRescue } from "./save";
import { screenForget } from "./screen";
import { isModified } from "./undo";

/** Keys that wait are taken without drawing between them, at most so many. */
const BATCH = 256;
const ESCAPE = 27;
let batch = 0;

/** The next key, a byte or a Key. `alt`: Esc alone goes with the key behind it. */
export function keyNext(alt: bool): i32 {
  const key = keyWait();
  if (key != ESCAPE || !alt) return key;
  const second = keyWait();
  return second > 0x20 && second < 127 ? Key.ALT + second : second;
}

/** Leaves out what is pasted where no text can go. */
export function pasteDrop(): void {
  while (fullscreenPasted() >= 0);
}

function keyWait(): i32 {
  for (;;) {
    if (++batch >= BATCH || consoleWaiting(1) <= 0) {
      draw();
      batch = 0;
    }
    const key = fullscreenKey(-1);
    if (key == Key.ENDED) ended();
    // The console has written ^C where the cursor was.
    if (key == Key.REDRAW || key == Key.QUIT) screenForget();
    if (key != Key.REDRAW) return key;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** The signal TERM, or no terminal any more: what is not saved is put into a file of its own. */
function ended(): void {
  const where: usize = isModified() ? saveRescue() : 0;
  fullscreenEnd();
  complain();
  err.text("ended from outside");
  if (where != 0) err.text("; the text is in ").cstr(where);
  else if (isModified()) err.text("; the text could not be saved");
  err.newline();
  finish(143);
}
