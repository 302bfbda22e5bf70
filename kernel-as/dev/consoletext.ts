// ConsoleText: /proc/console, who has the screen and what the virtual terminals hold.
//
// Locks     kernel lock.
import { ConsoleState, Vt } from "../../abi/console";
import { text, textByte, textBytes, textDec } from "../lib/text";
import { fileConsoles } from "../proc/file";
import { processFind, processName, processNameBytes } from "../proc/process";
import { vtHead } from "./consolevt";
import {
  screenColumns,
  screenDriverPid,
  screenIsWanted,
  screenOwner,
  screenRows,
  screenState,
  screenVt,
} from "./screen";

const SPACE: u8 = 32;

export function consoleText(): void {
  text("state ");
  text(stateName(screenState()));
  process("\nowner", screenOwner());
  process("\ndriver", screenDriverPid());
  text(screenIsWanted() ? "\nwanted server" : "\nwanted kernel");
  text("\nshown ");
  textDec(screenVt());
  text("\nsize ");
  textDec(screenColumns());
  textByte(SPACE);
  textDec(screenRows());
  for (let vt: u32 = Vt.FIRST; vt <= <u32>Vt.COUNT; vt++) {
    text("\nvt");
    textDec(vt);
    text(" printed ");
    textDec(vtHead(vt));
    text(" open ");
    textDec(fileConsoles(vt));
  }
  text("\n");
}

function stateName(state: u32): string {
  switch (state) {
    case ConsoleState.TAKING:
      return "taking";
    case ConsoleState.SERVER:
      return "server";
    default:
      return "kernel";
  }
}

function process(label: string, pid: i32): void {
  text(label);
  textByte(SPACE);
  const found = processFind(pid);
  if (found === null) {
    text("none");
    return;
  }
  textDec(pid);
  textByte(SPACE);
  textBytes(processName(found), processNameBytes(found));
}
