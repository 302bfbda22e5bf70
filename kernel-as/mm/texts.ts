// Texts of memory management: what /proc/PID/maps and /proc/memtypes say. They print to the text window (lib/text.ts).
//
// Locks     kernel lock.

import { UserPage } from "../../abi/layout";
import { MemType } from "../../abi/pte";
import { ObjectKind, Prot } from "../../abi/syscall";
import { text, textByte, textBytes, textDec, textHex } from "../lib/text";
import { Entry, EntryFlag, entryAt } from "./entry";
import { frameType, frameTypedCount } from "./frametype";
import { memtypeAt, memtypeCount, memtypeName, OWNER_BYTES, Reservation } from "./memtype";
import { Obj } from "./object";
import { PageState, pageCount } from "./page";
import { rangeFrame } from "./ranges";
import { Space } from "./space";
import { MmVar, mmVar } from "./vars";

/** One line for each entry: "START-END rwx[ps] TYPE OBJECT NAME". */
export function spaceMapsText(space: Space): void {
  for (let i: u32 = 0; i < space.entryCount; i++) {
    const e = entryAt(space, i);
    textHex((<u64>e.start) << 12, 8);
    text("-");
    textHex((<u64>e.end) << 12, 8);
    textByte(0x20);
    textByte(e.prot & Prot.READ ? 0x72 : 0x2d);
    textByte(e.prot & Prot.WRITE ? 0x77 : 0x2d);
    textByte(e.prot & Prot.EXEC ? 0x78 : 0x2d);
    textByte(e.flags & EntryFlag.SHARED ? 0x73 : 0x70);
    textByte(0x20);
    text(memtypeName(<MemType>e.type));
    textByte(0x20);
    text(objectName(<ObjectKind>changetype<Obj>(e.object).kind));
    textByte(0x20);
    printName(e);
    textByte(0x0a);
  }
}

/** One line for each reservation: "START-END TYPE REFS PID OWNER". */
export function memtypesText(): void {
  for (let i: u32 = 0; i < memtypeCount(); i++) {
    const r = memtypeAt(i);
    textHex((<u64>r.first) << 12, 8);
    text("-");
    textHex((<u64>(r.first + r.frames)) << 12, 8);
    textByte(0x20);
    text(memtypeName(<MemType>r.type));
    textByte(0x20);
    textDec(r.refs);
    textByte(0x20);
    textDec(r.ownerPid);
    textByte(0x20);
    const name = changetype<usize>(r) + offsetof<Reservation>("nameLow");
    let n: usize = 0;
    while (n < OWNER_BYTES && load<u8>(name + n) != 0) n++;
    textBytes(name, n);
    textByte(0x0a);
  }
  framesText();
}

/** Runs of frames of RAM whose type is not WB, as lines of the same form. */
function framesText(): void {
  const frames: u32 = frameTypedCount() == 0 ? 0 : mmVar(MmVar.FRAMES);
  for (let pfn: u32 = 0; pfn < frames; ) {
    const type = frameType(pfn);
    const first = pfn++;
    if (type == MemType.WB) continue;
    while (pfn < frames && frameType(pfn) == type) pfn++;
    textHex((<u64>first) << 12, 8);
    text("-");
    textHex((<u64>pfn) << 12, 8);
    textByte(0x20);
    text(memtypeName(type));
    text(" 1 0 shared memory\n");
  }
}

/** Frames of RAM by state, "NAME COUNT" a line; the last two are marks that frames of these states bear. */
export function framesStateText(): void {
  stateLine("free", pageCount(PageState.FREE));
  stateLine("object", pageCount(PageState.OBJECT));
  stateLine("page-table", pageCount(PageState.PTABLE));
  stateLine("wired", pageCount(PageState.WIRED));
  stateLine("swap-cache", pageCount(PageState.SWAP));
  stateLine("quarantine", pageCount(PageState.QUARANTINE));
  stateLine("reserved", pageCount(PageState.RESERVED));
  stateLine("total", mmVar(MmVar.FRAMES));
  stateLine("typed", frameTypedCount());
}

function stateLine(name: string, count: u32): void {
  text(name);
  textByte(0x20);
  textDec(count);
  textByte(0x0a);
}

function objectName(kind: ObjectKind): string {
  switch (kind) {
    case ObjectKind.ANON:
      return "anon";
    case ObjectKind.SHARED_ANON:
      return "shared";
    case ObjectKind.IMAGE:
      return "image";
    case ObjectKind.DEVICE:
      return "device";
    case ObjectKind.SG:
      return "sg";
    default:
      return "gone";
  }
}

function printName(e: Entry): void {
  const object = changetype<Obj>(e.object);
  if (e.flags & EntryFlag.STACK) text("[stack]");
  else if (e.flags & EntryFlag.HEAP) text("[heap]");
  else if (object.kind == ObjectKind.DEVICE || object.kind == ObjectKind.SG) {
    text("pa=");
    textHex((<u64>rangeFrame(object, e.offset)) << 12, 8);
  } else if (object.kind == ObjectKind.IMAGE)
    text(
      e.start >= <u32>UserPage.LIBRARY
        ? "[library]"
        : e.start == 0
          ? "[image, null page]"
          : "[image]",
    );
  else text("-");
}
