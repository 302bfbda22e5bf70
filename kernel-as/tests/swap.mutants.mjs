// Bugs put into swap and replacement on purpose: `npm run mutants` breaks the kernel in each of these ways, one at a time, and the named tests
// must fail. Most are the bugs of systems that came before.

export const tests = ["swap", "swapmodel"];

export const mutants = [
  {
    file: "kernel-as/mm/table.ts",
    from: "  return space.ownerPid == FIRST_PID ? base | TABLE_KEPT : base;",
    to: "  return base;",
    bug: "a page of init is evicted, and a disk that fails ends the machine",
  },
  {
    file: "kernel-as/mm/evict.ts",
    from: "store<u64>(at, marker | (leaf & PTE_COW) | dirty);",
    to: "store<u64>(at, marker | dirty);",
    bug: "evicting a page loses its copy-on-write mark",
  },
  {
    file: "kernel-as/mm/share.ts",
    from: "      slotGet(pfn);\n",
    to: "",
    bug: "slots have no references: one process's page is another's",
  },
  {
    file: "kernel-as/mm/evict.ts",
    from: "    page.refs--;\n    counterAdd(Counter.EVICT_MAPPINGS, 1);\n",
    to: "    page.refs--;\n    counterAdd(Counter.EVICT_MAPPINGS, 1);\n    break;\n",
    bug: "one of several sharers is evicted",
  },
  {
    file: "kernel-as/mm/batch.ts",
    from: "  rmapRemove(pfn, at);\n",
    to: "",
    bug: "reverse maps point into tables that were freed",
  },
  {
    file: "kernel-as/mm/share.ts",
    from: "      rmapAdd(pfn, to + i);\n",
    to: "",
    bug: "pages of copied tables are not tracked",
  },
  {
    file: "kernel-as/mm/evict.ts",
    from: "    dropTranslations(at);\n    used = true;",
    to: "    used = true;",
    bug: "the clock clears A without a flush",
  },
  {
    file: "kernel-as/mm/evict.ts",
    from: "    if (dropTranslations(at)) inFlight = true;",
    to: "",
    bug: "a page is evicted under a translation that is still there",
  },
  {
    file: "kernel-as/mm/evict.ts",
    from: "    if (inFlight) frameSettle(pfn);\n    else listPut(pfn, PageIo.PENDING);",
    to: "    listPut(pfn, PageIo.PENDING);",
    bug: "a page is written while a store to it is in flight",
  },
  {
    file: "kernel-as/mm/evict.ts",
    from: "    if (load<u64>(rmapEntry(word)) & PTE_D) return true;",
    to: "    if (load<u64>(rmapEntry(word)) & PTE_D) return false;",
    bug: "a changed page is dropped because it has a slot",
  },
  {
    file: "kernel-as/mm/batch.ts",
    from: "  if (leaf & PTE_D) swapStale(pfn);\n",
    to: "",
    bug: "who unmaps a shared page takes the knowledge that it was changed along",
  },
  {
    file: "kernel-as/mm/dirty.ts",
    from: "  if (leaf & mask & PTE_D) swapStale(pteFrame(leaf));\n",
    to: "",
    bug: "mdirty makes a changed page clean for the swap cache",
  },
  {
    file: "kernel-as/mm/cow.ts",
    from: " && swapMayWrite(pfn)) {",
    to: ") {",
    bug: "the last owner in memory writes over what others have in the slot",
  },
  {
    file: "kernel-as/mm/swap.ts",
    from: "  if (!ok) page.stale = 1;\n",
    to: "",
    bug: "a write error is taken for a write",
  },
  {
    file: "kernel-as/mm/swap.ts",
    from: "  page.io = <u8>(ok ? PageIo.NONE : PageIo.ERROR);",
    to: "  page.io = <u8>PageIo.NONE;",
    bug: "a page that could not be read shows what was in its frame before",
  },
  {
    file: "kernel-as/mm/fault.ts",
    from: "  if (old & PTE_SWAPPED) return swapIn(space, entry, vpn, access);",
    to: "  if (old & PTE_SWAPPED) return FaultResult.BAD;",
    bug: "a copy from a swapped page fails",
  },
  {
    file: "kernel-as/mm/pagein.ts",
    from: "  if (leaf & PTE_COW) leaf &= ~PTE_RW;\n",
    to: "",
    bug: "a page comes back writable although others have it too",
  },
  {
    file: "kernel-as/mm/reclaim.ts",
    from: "    grantPut(record, pmmAlloc(false));\n    if (!isServed(record)) continue;\n",
    to: "",
    bug: "reclaim puts the frame on the free list",
  },
  {
    file: "kernel-as/proc/thrash.ts",
    from: "    process.thrashCount = 0;\n  }\n  process.thrashCount++;",
    to: "  }\n  process.thrashCount++;",
    bug: "the window of thrash detection is never reset",
  },
  {
    file: "kernel-as/mm/batch.ts",
    from: "    swapSlotPut(pteFrame(leaf));\n    return;",
    to: "    return;",
    bug: "slots of unmapped pages are never free again",
  },
  {
    file: "kernel-as/mm/swapcache.ts",
    from: "  if (page.io == PageIo.CLEAN || page.io == PageIo.PENDING) listRemove(pfn);\n  page.owner = owner;",
    to: "  page.owner = owner;",
    bug: "a page that was mapped again is handed out as free",
  },
  {
    file: "kernel-as/mm/map.ts",
    from: "    if (!(old & PTE_P)) {\n",
    to: "    if (false) {\n",
    bug: "mprotect makes a page that is away present",
  },
];
