// ^G: the keys, in lines that fit on a telephone.

export let helpTop: i32 = 0;

export function helpScroll(by: i32, rows: i32): void {
  helpTop = max(min(helpTop + by, LINES - rows), 0);
}

/** The line in row i of the screen. */
export function helpRow(i: i32): string {
  return helpLine(helpTop + i);
}

const LINES = 34;

function helpLine(i: i32): string {
  switch (i) {
    case 0:
      return "^X is Ctrl and X. Esc U is Esc, let go,";
    case 1:
      return "and then U; Alt and U is the same.";
    case 3:
      return "^S       save";
    case 4:
      return "^O       save under a name";
    case 5:
      return "^X       leave; asks before text is lost";
    case 7:
      return "Arrows   move, with Ctrl by words";
    case 8:
      return "^A ^E    start and end of the line;";
    case 9:
      return "         Home and End, too";
    case 10:
      return "PgUp ^Y  a screen up";
    case 11:
      return "PgDn ^V  a screen down";
    case 12:
      return "Esc \\    the start of the text;";
    case 13:
      return "         Ctrl+Home, too";
    case 14:
      return "Esc /    its end; Ctrl+End, too";
    case 15:
      return "^_       go to a line; Esc G, too";
    case 16:
      return "^C       where the cursor is";
    case 18:
      return "^F       find; ^W, too, but browsers";
    case 19:
      return "         close their tab at ^W";
    case 20:
      return "Esc W    find the next one";
    case 22:
      return "^K       cut the line; more of them, one";
    case 23:
      return "         after another, add up";
    case 24:
      return "Esc 6    copy the line";
    case 25:
      return "^U       paste what was cut";
    case 26:
      return "Esc U    undo";
    case 27:
      return "Esc E    redo";
    case 28:
      return "^D       delete; Delete, too";
    case 30:
      return "^L       draw the screen anew";
    case 31:
      return "^Z       stop; fg in the shell goes on";
    case 32:
      return "A control character is shown as ^X in";
    case 33:
      return "inverse, a byte that is no UTF-8 as ?.";
  }
  return "";
}
