// The hints in the two bottom rows: number 0 above 1, beside them 2 above 3, and so on; the first ones are those that a narrow screen has.
// Esc and then U is what every keyboard has; Alt+U is the same.

import { Mode } from "./message";

export const HINTS: i32 = 12;

/** The key of a hint, "": there is none. */
export function hintKey(mode: Mode, i: i32): string {
  if (mode == Mode.LINE) return i == 0 ? "Enter" : i == 1 ? "^C" : i == 2 ? "^U" : "";
  if (mode == Mode.CHOICE) return i == 0 ? "Y" : i == 1 ? "N" : i == 2 ? "^C" : "";
  if (mode == Mode.HELP) return i == 0 ? "^X" : i == 1 ? "Down" : i == 3 ? "Up" : i == 2 ? "q" : "";
  switch (i) {
    case 0:
      return "^G";
    case 1:
      return "^X";
    case 2:
      return "^S";
    case 3:
      return "^O";
    case 4:
      return "^F";
    case 5:
      return "Esc U";
    case 6:
      return "^K";
    case 7:
      return "^U";
    case 8:
      return "^_";
    case 9:
      return "Esc E";
    case 10:
      return "^C";
    case 11:
      return "Esc W";
  }
  return "";
}

export function hintText(mode: Mode, i: i32): string {
  if (mode == Mode.LINE) return i == 0 ? "Done" : i == 1 ? "Cancel" : i == 2 ? "Clear" : "";
  if (mode == Mode.CHOICE) return i == 0 ? "Yes" : i == 1 ? "No" : i == 2 ? "Cancel" : "";
  if (mode == Mode.HELP)
    return i == 0 || i == 2 ? "Back" : i == 1 ? "Further" : i == 3 ? "Back up" : "";
  switch (i) {
    case 0:
      return "Help";
    case 1:
      return "Exit";
    case 2:
      return "Save";
    case 3:
      return "Save as";
    case 4:
      return "Find";
    case 5:
      return "Undo";
    case 6:
      return "Cut";
    case 7:
      return "Paste";
    case 8:
      return "To line";
    case 9:
      return "Redo";
    case 10:
      return "Where";
    case 11:
      return "Next";
  }
  return "";
}
