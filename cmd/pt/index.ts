// pt: a process's page tables: all of its leaves, or the walk of one address through every level.

import { MemType, PteBit } from "../../abi/pte";
import { ObjectKind, PageInfo, Prot } from "../../abi/syscall";
import { arg, argBytes, argc, argNumber, argValue } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";
import { getpid, pagequery } from "../../lib/sys";
import { showTablePath } from "../../lib/table";
import { parsedBytes, parseHex, parseNumber, putDecimal, putLiteral } from "../../lib/text";

const USAGE = "pt PID [ADDRESS]";
const path: usize = memory.data(64);
const info: usize = memory.data(96, 8);
let address: u32 = 0;

export function _start(): void {
  help(
    "pt PID: the leaves of a process's page tables, a line for each run with equal bits; PID 0 is pt itself\n" +
      "pt PID ADDRESS: walks an address (0x...) through every level",
  );
  if (argc() < 2 || argc() > 3 || !argNumber(1) || argValue < 0 || argValue > i32.MAX_VALUE)
    usage(USAGE);
  const pid = <i32>argValue;
  if (argc() == 2) finish(leaves(pid == 0 ? getpid() : pid));
  addressRead();
  const r = pagequery(pid, address, info);
  if (r < 0) {
    complain();
    err.text("process ").dec(pid).text(": ").text(errnoText(r)).newline();
    finish(1);
  }
  out.text("CR3    ").hex(load<u64>(info, PageInfo.CR3), 16).newline();
  if (level("PML4E", PageInfo.PML4E, 39, false)) {
    if (level("PDPTE", PageInfo.PDPTE, 30, false)) {
      const large = load<u32>(info, PageInfo.LEVEL) == 2;
      if (level("PDE", PageInfo.PDE, 21, large) && !large) level("PTE", PageInfo.PTE, 12, true);
    }
  }
  leaf();
  entry();
  finish(load<u32>(info, PageInfo.LEVEL) == 0 ? 1 : 0);
}

function leaves(pid: i32): i32 {
  let n = putLiteral(path, "/proc/");
  n += putDecimal(path + n, pid);
  n += putLiteral(path + n, "/pt");
  store<u8>(path + n, 0);
  return showTablePath(path, 4);
}

/** The address in hexadecimal with 0x, or with a letter in it, or of eight digits; else decimal. */
function addressRead(): void {
  const n = argBytes(2);
  let value = <u64>parseNumber(arg(2), n);
  if (parsedBytes != n || n == 8) value = parseHex(arg(2), n);
  if (n == 0 || parsedBytes != n || value > 0xffffffff) usage(USAGE);
  address = <u32>value;
}

/** One entry, raw and decoded; true when it is present. */
function level(name: string, offset: i32, shift: i32, isLeaf: bool): bool {
  const e = load<u64>(info + offset);
  out
    .text(name)
    .tab(7)
    .hex(e, 16)
    .text("  index ")
    .dec((<u64>address >> shift) & 511, 3)
    .text("  ");
  if (!bit(e, PteBit.P)) {
    out.text("not present");
    if (bit(e, PteBit.SWAPPED)) out.text(" SWAPPED slot ").dec((e >> 12) & 0xffffffffff);
    if (bit(e, PteBit.DEMAND)) out.text(" DEMAND");
    out.newline();
    return false;
  }
  out.text("P");
  flag(e, PteBit.RW, " RW", " RO");
  flag(e, PteBit.US, " US", " SU");
  flag(e, PteBit.PWT, " PWT", "");
  flag(e, PteBit.PCD, " PCD", "");
  flag(e, PteBit.A, " A", "");
  if (isLeaf) {
    flag(e, PteBit.D, " D", "");
    if (shift == 21) {
      out.text(" PS");
      flag(e, PteBit.PAT_2M, " PAT", "");
    } else {
      flag(e, PteBit.PAT_4K, " PAT", "");
    }
    flag(e, PteBit.G, " G", "");
    flag(e, PteBit.COW, " COW", "");
  }
  flag(e, PteBit.NX, " NX", "");
  out.newline();
  return true;
}

function bit(e: u64, n: i32): bool {
  return ((e >> n) & 1) != 0;
}

function flag(e: u64, n: i32, on: string, off: string): void {
  out.text(bit(e, n) ? on : off);
}

function leaf(): void {
  if (load<u32>(info, PageInfo.LEVEL) == 0) {
    out.text("not mapped to memory").newline();
    return;
  }
  out.text("physical ").hex(load<u64>(info, PageInfo.PA), 12);
  const bytes = load<u32>(info, PageInfo.PAGE_BYTES);
  out.text(bytes >= 0x200000 ? ", 2 MiB page" : ", 4 KiB page");
  out
    .text(", PAT ")
    .dec(load<u32>(info, PageInfo.PAT_INDEX))
    .text(" = ")
    .text(typeName(load<u32>(info, PageInfo.MEMTYPE)));
  out.newline();
}

function typeName(type: u32): string {
  switch (type) {
    case MemType.UC:
      return "UC";
    case MemType.WC:
      return "WC";
    case MemType.WT:
      return "WT";
    case MemType.WP:
      return "WP";
    case MemType.WB:
      return "WB";
    case MemType.UC_MINUS:
      return "UC-";
  }
  return "?";
}

function entry(): void {
  const start = load<u32>(info, PageInfo.ENTRY_START);
  const end = load<u32>(info, PageInfo.ENTRY_END);
  if (end == 0) {
    out.text("no map entry covers it").newline();
    return;
  }
  const prot = load<u32>(info, PageInfo.PROT);
  out.text("entry ").hex(start, 8).byte(0x2d).hex(end, 8).byte(0x20);
  out
    .byte(prot & Prot.READ ? 0x72 : 0x2d)
    .byte(prot & Prot.WRITE ? 0x77 : 0x2d)
    .byte(prot & Prot.EXEC ? 0x78 : 0x2d);
  out
    .text(load<u32>(info, PageInfo.SHARED) ? "s " : "p ")
    .text(objectName(load<u32>(info, PageInfo.OBJECT)))
    .newline();
}

function objectName(kind: u32): string {
  switch (kind) {
    case ObjectKind.NONE:
      return "no object";
    case ObjectKind.ANON:
      return "anonymous memory";
    case ObjectKind.SHARED_ANON:
      return "shared anonymous memory";
    case ObjectKind.IMAGE:
      return "program image";
    case ObjectKind.DEVICE:
      return "device";
    case ObjectKind.SG:
      return "scatter/gather list";
    case ObjectKind.GONE:
      return "device gone";
  }
  return "unknown object";
}
