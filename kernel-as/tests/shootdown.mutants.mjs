// Mutants of shootdown and of the way past the lock: one for each invalidation, each wait for an acknowledgement, each drain that goes with
// them, and each check that lets a CPU read without the lock. tools/mutants.mjs runs them.
//
// Not in the list is what shows only when two cores meet within nanoseconds: that shootdownSettle adds instead of loading, that the flags of
// readers are stored sequentially consistent, and that a reader looks at READERS again after it has set its flag. tests/litmus.test.ts and the Workers of
// tests/quick.test.ts make them meet, but need not on every machine and every day. Eviction has its own list (swap.mutants.mjs).

const at = (folder) => (file, from, to, bug) => ({
  file: `kernel-as/${folder}/${file}.ts`,
  from,
  to,
  bug,
});
const arch = at("arch");
const mm = at("mm");
const entry = at("entry");

export const tests = ["shootdown", "quick"];

export const mutants = [
  // The TLB of one CPU.
  arch(
    "tlb",
    "  tlbDropSide(block, record, vpn, pages, Side.READ, own);\n",
    "",
    "a drop leaves read entries",
  ),
  arch(
    "tlb",
    "  tlbDropSide(block, record, vpn, pages, Side.WRITE, own);\n",
    "",
    "a drop leaves write entries",
  ),
  arch(
    "tlb",
    "  windowDrop(block, record, vpn, pages, side, own);\n",
    "",
    "a drop leaves the window",
  ),
  arch(
    "tlb",
    "  if (!own) {\n    store<u32>(w, 0, 4);\n    return;\n  }\n",
    "  if (!own) return;\n",
    "a drop leaves the window of another CPU",
  ),
  arch(
    "tlb",
    "for (let p = at; p < next; p++) store<u32>(slotOf(block, p, side), 0);",
    "{}",
    "a drop leaves the entries",
  ),
  arch(
    "tlb",
    "  store<u32>(runOf(record, side), 0, 4);\n  const w = windowOf(block, side);\n  const len",
    "  const w = windowOf(block, side);\n  const len",
    "a drop leaves the run that grows into a window",
  ),
  arch("tlb", "  store<u32>(block, 0, CpuBlock.READ_LEN);\n", "", "a flush leaves the read window"),
  arch(
    "tlb",
    "  store<u32>(block, 0, CpuBlock.WRITE_LEN);\n",
    "",
    "a flush leaves the write window",
  ),
  arch("tlb", "  record.readRunPages = 0;\n", "", "a flush leaves the run of reads"),
  arch("tlb", "  record.writeRunPages = 0;\n", "", "a flush leaves the run of writes"),
  arch(
    "tlb",
    "      memory.fill(block + CpuBlock.TLB + (<usize>page << 12), 0, 4096);\n",
    "",
    "a flush leaves the entries",
  ),

  // From one CPU to another.
  arch(
    "shootdown",
    "    tlbDrop(record.block, record, vpn, pages, true);\n",
    "",
    "no invalidation on this CPU",
  ),
  arch(
    "shootdown",
    "  tlbDrop(record.block, record, vpn, pages, false);\n",
    "",
    "no invalidation on the other CPU",
  ),
  arch(
    "shootdown",
    "  tlbDrop(record.block, record, vpn, pages, false);\n  return shootdownSettle(slot);",
    "  tlbDrop(record.block, record, vpn, pages, false);\n  return false;",
    "nobody waits for a shootdown",
  ),
  arch(
    "shootdown",
    "  tlbDropSide(record.block, record, 0, TLB_PAGES, Side.WRITE, own);\n",
    "",
    "write entries survive their loss",
  ),
  arch(
    "shootdown",
    "return !own && shootdownSettle(slot);",
    "return false;",
    "nobody waits for stores under way at a clone",
  ),
  arch("shootdown", "  tlbFlush(record.block, record);\n", "", "an interrupt leaves the TLB"),
  arch(
    "shootdown",
    "return slot != cpuSlot && shootdownSettle(slot);",
    "return false;",
    "nobody waits for an interrupted CPU",
  ),
  arch("shootdown", "  record.ackPending = 1;\n", "", "no acknowledgement is asked for"),
  arch(
    "shootdown",
    "state != CpuState.USER && state != CpuState.DOOMED && ",
    "state != CpuState.DOOMED && ",
    "a program that runs has nothing under way",
  ),
  arch(
    "shootdown",
    "state != CpuState.USER && state != CpuState.DOOMED && ",
    "state != CpuState.USER && ",
    "a doomed program has nothing under way",
  ),
  arch(
    "shootdown",
    "  if (state != CpuState.USER && state != CpuState.DOOMED && record.carries == 0) return false;\n",
    "",
    "frames wait for a CPU in the kernel",
  ),
  arch(
    "shootdown",
    " && record.carries == 0) return false;",
    ") return false;",
    "an address that left the kernel is not waited for",
  ),

  // Leaves that change.
  mm(
    "batch",
    "  const inFlight = space.slot >= 0 && shootdown(space.slot, large ? vpn & ~511 : vpn, pages);\n  if (!large",
    "  const inFlight = space.slot >= 0;\n  if (!large",
    "an unmapped page keeps its translations",
  ),
  mm(
    "batch",
    "shootdown(space.slot, large ? vpn & ~511 : vpn, pages);\n  if (!large",
    "shootdown(space.slot, vpn, 1);\n  if (!large",
    "an unmapped 2 MiB page keeps all translations but one",
  ),
  mm(
    "batch",
    "    leafDrop(leaf, at, inFlight ? space.slot : -1);\n",
    "    leafDrop(leaf, at, -1);\n",
    "an unmapped frame does not wait",
  ),
  mm(
    "batch",
    "  const inFlight = space.slot >= 0 && shootdown(space.slot, base, PT_ENTRIES);\n",
    "  const inFlight = space.slot >= 0;\n",
    "a dropped table leaves its translations",
  ),
  mm(
    "batch",
    "    if (inFlight && leaf & PTE_P) pageOf(pteFrame(leaf)).flags |= <u8>PageFlag.IN_FLIGHT;\n",
    "",
    "frames of a dropped table do not wait",
  ),
  mm(
    "batch",
    "  const inFlight = space.slot >= 0 && shootdown(space.slot, vpn, 1);\n  leafDrop(old",
    "  const inFlight = space.slot >= 0;\n  leafDrop(old",
    "a copied page leaves translations of the old one",
  ),
  mm(
    "batch",
    "  leafDrop(old, at, inFlight ? space.slot : -1);",
    "  leafDrop(old, at, -1);",
    "a frame that was copied does not wait",
  ),
  mm(
    "batch",
    "return space.slot >= 0 && shootdownWrites(space.slot);",
    "return false;",
    "a clone leaves write translations",
  ),
  mm(
    "batch",
    "  if (space.slot >= 0) shootdown(space.slot, 0, 0x100000);\n",
    "",
    "a replaced space keeps its translations",
  ),
  mm(
    "batch",
    "  if (space.slot >= 0) shootdown(space.slot, large ? vpn & ~511 : vpn, pages);\n",
    "",
    "a changed leaf keeps its translations",
  ),
  mm("clone", "  batchProtect(source);\n", "", "a clone does not protect its source"),
  mm("clone", "  batchFlush(space);\n", "", "a replaced space is not flushed"),
  mm(
    "clone",
    "  if (space.slot >= 0) wcDrain(space.slot);\n",
    "",
    "what was stored before a restore is not drained",
  ),
  mm(
    "dirty",
    "  batchChange(space, vpn, at, leaf & ~mask);",
    "  store<u64>(at, leaf & ~mask);",
    "bits are cleared under their translations",
  ),
  mm("retype", "wcDrainForRetype(changetype<Space>(at).slot);", "{}", "mcache does not drain"),
  mm(
    "retype",
    "    e.type = <u8>type;\n    relabel(space, e, 0);\n  }\n}\n\n/** The whole",
    "    e.type = <u8>type;\n  }\n}\n\n/** The whole",
    "mcache of a device changes no leaf",
  ),
  mm(
    "retype",
    "    labelObject(changetype<Space>(at), object, type);",
    "    if (changetype<Space>(at).slot < 0) labelObject(changetype<Space>(at), object, type);",
    "mcache of RAM forgets who runs",
  ),
  mm(
    "revoke",
    "      if (space.slot >= 0) wcDrain(space.slot);\n",
    "",
    "revocation does not drain",
  ),
  mm(
    "revoke",
    "if (space.slot >= 0 && shootdown(space.slot, e.start, e.end - e.start)) inFlight = true;",
    "if (space.slot >= 0) inFlight = true;",
    "revocation from shared tables leaves translations",
  ),
  mm("revoke", "  if (inFlight) objectMarkInFlight(object);\n", "", "revoked frames do not wait"),
  mm(
    "map",
    "  if (space.slot >= 0) wcDrain(space.slot);\n  let vpn",
    "  let vpn",
    "munmap does not drain",
  ),
  mm(
    "map",
    "  if (space.slot >= 0) wcDrain(space.slot);\n  for (let i",
    "  for (let i",
    "mprotect does not drain",
  ),
  mm(
    "wc",
    "    dropEntries(slot, first, frame - first);\n",
    "",
    "a drain leaves write entries: later stores are not marked",
  ),
  mm(
    "wc",
    "if (!keep || !shootdownSettle(slot)) unmark",
    "unmark",
    "a store under way at a drain is in no burst",
  ),
  mm("space", "  wcDrain(slot);\n", "", "a space leaves its CPU without a drain"),
  mm(
    "space",
    "  tlbFlush(record.block, record);\n",
    "",
    "a space leaves its CPU with translations",
  ),

  // Waiting and acknowledging.
  mm(
    "batch",
    "  if (cpuMustAck()) quarantineRelease(changetype<CpuRecord>(cpuRecord));\n",
    "",
    "nobody acknowledges",
  ),
  mm("batch", "  record.ackPending = 0;\n", "", "an acknowledgement is never over"),
  mm("batch", "  record.carries = 0;\n", "", "an address that left is never put down"),
  mm(
    "batch",
    "    freeFrom(slot + 1, pfn);\n",
    "    pmmFree(pfn);\n",
    "one CPU acknowledges for all",
  ),
  mm("batch", "    freeFrom(slot + 1, pfn);\n", "", "a quarantined frame is never free"),
  mm(
    "batch",
    "  if (slot >= 0) page.flags |= <u8>PageFlag.IN_FLIGHT;\n",
    "",
    "a frame with an access under way is not marked",
  ),
  mm(
    "batch",
    "  if (pageOf(pfn).flags & PageFlag.IN_FLIGHT) freeFrom(0, pfn);\n  else pmmFree(pfn);",
    "  pmmFree(pfn);",
    "a frame with an access under way is free",
  ),
  mm(
    "batch",
    "    if (cpuRecordOf(slot).ackPending == 0) continue;\n    quarantine",
    "    continue;\n    quarantine",
    "no frame is quarantined",
  ),
  mm("cow", " && !frameIsInFlight(pfn)", "", "a frame is written while another CPU may read it"),
  mm(
    "space",
    "  quarantineRelease(record);\n",
    "",
    "a CPU that leaves its space never acknowledges",
  ),
  entry(
    "enter",
    "  kernelLock();\n  shootdownAck();\n",
    "  kernelLock();\n",
    "entering acknowledges nothing",
  ),
  entry(
    "fault",
    "    cpuCarry();\n    quickLeave();\n",
    "    quickLeave();\n",
    "an address leaves without the lock, and nobody knows",
  ),
  entry(
    "fault",
    "  cpuCarry();\n  kernelLeave();\n",
    "  kernelLeave();\n",
    "an address leaves, and nobody knows",
  ),

  // Past the lock.
  arch(
    "lock",
    "  if (load<u64>(READERS) != 0) readersWait();\n",
    "",
    "the lock does not wait for readers",
  ),
  arch(
    "lock",
    "if (atomic.load<u32>(WORD) == 0 && (load<u64>(READERS) & cpuBit) != 0) return true;",
    "if ((load<u64>(READERS) & cpuBit) != 0) return true;",
    "readers do not look at the lock",
  ),
  entry("quick", "(record.ackPending | ", "(", "a fault without the lock acknowledges nothing"),
  entry("quick", " | process.stop)", ")", "a stopped process goes on faulting"),
  entry("quick", " | process.signal | ", " | ", "a killed process goes on faulting"),
  entry(
    "quick",
    "  if (patType(record.pat, patIndex4K(leaf)) != MemType.WB) return 0;\n",
    "",
    "a page of another type gets a translation without the lock",
  ),
  entry(
    "quick",
    "  if (leaf == 0 || pteFrame(leaf) >= mmVar(MmVar.FRAMES)) return 0;\n",
    "  if (leaf == 0) return 0;\n",
    "device memory is taken for RAM",
  ),
  mm(
    "table",
    "  const own = PTE_P | PTE_RW;\n",
    "  const own = PTE_P;\n",
    "a new page appears in tables of others",
  ),
  mm("quick", " || !entryAllows(entry, access)", "", "a guard page gets a frame"),
  mm(
    "quick",
    "  memory.fill((<usize>pfn) << 12, 0, 4096);\n",
    "",
    "a new page shows another's bytes",
  ),
  mm(
    "quick",
    "  if (changetype<Obj>(object).kind != ObjectKind.ANON) return false;\n",
    "",
    "image pages are zeros",
  ),
  mm(
    "pmm",
    "  if (pfn == 0 && leaseReturnAll()) pfn = take();\n",
    "",
    "leased frames are lost to others",
  ),
  mm(
    "pmm",
    "    leaseReturnAll();\n    first = findRun",
    "    first = findRun",
    "leases break runs",
  ),
  mm(
    "pmm",
    "    if (!leaseHas(pfn)) return 0;\n    leaseReturnAll();\n",
    "    return 0;\n",
    "a leased frame cannot be had",
  ),
  mm("space", "  leaseReturn(slot);\n", "", "a CPU keeps its leases"),
  mm("lease", "  if (free < FLOOR_FRAMES) return;\n", "", "the last frames are leased"),
  mm(
    "lease",
    "first | ((CHUNK_FRAMES >> 5) - 1)",
    "first | 0xffff",
    "a run leases what is behind its chunk",
  ),
  mm("lease", "  record.leaseTaken = 0;\n", "", "frames that were leased are counted twice"),
  entry(
    "quick",
    "  if (at == 0 || pteFrame(load<u64>(at)) >= mmVar(MmVar.FRAMES)) return;\n",
    "",
    "accesses to devices lease memory",
  ),
  mm(
    "lease",
    "    if (mask != 0) pmmWordGive(load<u32>(pair), mask);\n",
    "",
    "a lease that is exchanged is lost",
  ),
  mm(
    "page",
    "return count - leaseCount();",
    "return count;",
    "leased frames that are used count as free",
  ),
];
