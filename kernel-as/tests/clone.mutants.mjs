// Mutants of copy-on-write and clones: each is a bug that somebody could make, and that a test must notice. tools/mutants.mjs runs them.

const mm = (file, from, to, bug) => ({ file: `kernel-as/mm/${file}.ts`, from, to, bug });

export const tests = ["clone", "images", "check", "memory"];

export const mutants = [
  {
    file: "kernel-as/mm/fault.ts",
    from: "  const at = old != 0 ? ptLeafAt(space, vpn) : ptRoom(space, vpn);\n  if (at == 0) return false;\n  if (rmapNeedsNode(pfn) && !rmapReserve(1)) {",
    to: "  const kept = !rmapNeedsNode(pfn) || rmapReserve(1);\n  const at = old != 0 ? ptLeafAt(space, vpn) : ptRoom(space, vpn);\n  if (at == 0) return false;\n  if (!kept) {",
    bug: "the copy of a table takes the node that was kept for the page",
  },
  mm(
    "share",
    "    if (leafIsRam(leaf)) leafDrop(leaf, table + i, -1);",
    "    if (leafIsRam(leaf)) continue;",
    "copy-on-write frames are never freed",
  ),
  mm(
    "batch",
    "  leafDrop(old, at, inFlight ? space.slot : -1);",
    "",
    "the page that was copied keeps its reference",
  ),
  mm(
    "share",
    "      pageGet(pfn);",
    "      if (leaf & PTE_RW) pageGet(pfn);",
    "read-only pages are not counted and freed twice",
  ),
  mm(
    "share",
    "return kind == ObjectKind.ANON || kind == ObjectKind.IMAGE;",
    "return true;",
    "shared memory becomes copy-on-write",
  ),
  mm(
    "share",
    "    } else if (leaf & PTE_P && pfn < frames) {",
    "    } else if (pfn >= frames) {\n      leaf = (leaf & ~PTE_RW) | PTE_COW;\n      store<u64>(from + i, leaf);\n    } else if (leaf & PTE_P) {",
    "device pages become copy-on-write and the screen freezes",
  ),
  mm(
    "batch",
    "  if (space.slot >= 0) shootdown(space.slot, large ? vpn & ~511 : vpn, pages);",
    "",
    "the A bit is cleared without a flush",
  ),
  mm("clone", "  batchProtect(source);", "", "the source keeps its write translations"),
  mm("share", "load<u64>(from) & ~PTE_RW;", "load<u64>(from);", "the root keeps RW"),
  mm("share", "      e &= ~PTE_RW;\n", "", "children of a copied table keep RW"),
  mm(
    "share",
    "      pageOf(pteFrame(e)).link++;\n      counterAdd",
    "      counterAdd",
    "children of a copied table are not counted",
  ),
  mm("share", "  old.link--;", "", "a copied table keeps its sharer"),
  mm(
    "share",
    "leaf = (leaf & ~PTE_RW) | PTE_COW;",
    "leaf = leaf & ~PTE_RW;",
    "a copied leaf loses its mark",
  ),
  mm("cow", "if (page.refs == 1 && ", "if (", "a frame of several owners is written in place"),
  mm(
    "cow",
    "if (page.refs == 1 && !frameIsInFlight(pfn) && swapMayWrite(pfn)) {",
    "if (page.refs == 0) {",
    "the last owner copies",
  ),
  mm("cow", " && !frameIsInFlight(pfn)", "", "a frame is written while another CPU may read it"),
  mm(
    "cow",
    "    if (page.flags & PageFlag.CACHED) imageCacheDrop(pfn);\n",
    "",
    "what a process wrote shows up in the next one",
  ),
  mm(
    "batch",
    "  if (page.flags & PageFlag.CACHED) imageCacheDrop(pfn);\n",
    "",
    "the image's index names a free frame",
  ),
  mm(
    "batch",
    "  if (pageOf(pfn).flags & PageFlag.IN_FLIGHT) freeFrom(0, pfn);\n  else pmmFree(pfn);",
    "  pmmFree(pfn);",
    "a frame in flight is freed",
  ),
  mm(
    "batch",
    "  const inFlight = space.slot >= 0 && shootdown(space.slot, base, PT_ENTRIES);",
    "  const inFlight = false;",
    "a dropped table leaves its translations",
  ),
  mm(
    "batch",
    "  const inFlight = space.slot >= 0 && shootdown(space.slot, vpn, 1);\n  leafDrop(old",
    "  const inFlight = false;\n  leafDrop(old",
    "a copied page leaves the read translation of the old one",
  ),
  mm(
    "fault",
    "if (pageOf(pfn).flags & PageFlag.CACHED) leaf = (leaf & ~PTE_RW) | PTE_COW;",
    "",
    "an image page is written for everybody",
  ),
  mm(
    "entry",
    "  pageOf(<u32>(source.entries >> 12)).refs++;",
    "",
    "an entry array is freed under its other space",
  ),
  mm(
    "entry",
    "  const shared = entriesAreShared(space);",
    "  const shared = false;",
    "munmap in one space takes the other's entries",
  ),
  mm("entry", "entryGet(entryAt(space, i));", "continue;", "copied entries hold nothing"),
  mm(
    "map",
    "    if (leaf & PTE_COW) leaf &= ~PTE_RW;\n",
    "",
    "mprotect makes a shared frame writable",
  ),
  mm(
    "map",
    "!shareOwnRange(space, start, end, true) || !splitEdges",
    "!splitEdges",
    "munmap changes the tables of others",
  ),
  mm(
    "map",
    "!shareOwnRange(space, start, end, false) || !splitEdges(space, start, end)) return -Errno.ENOMEM;\n  if (space.slot",
    "!splitEdges(space, start, end)) return -Errno.ENOMEM;\n  if (space.slot",
    "mprotect changes the tables of others",
  ),
  mm(
    "table",
    "    } else if (!(e & PTE_RW)) {",
    "    } else if (false) {",
    "a new page appears in the tables of others",
  ),
  mm("page", "page.refs == u32.MAX_VALUE", "page.refs == 255", "references of 8 bits"),
  mm("clone", "  batchFlush(space);\n", "", "a restored space keeps its translations"),
  mm(
    "clone",
    "  if (space.slot >= 0) store<u32>(cpuRecordOf(space.slot).block, space.brk, CpuBlock.BREAK);\n",
    "",
    "memory.size is that of before the restore",
  ),
  mm("fault", "  if (space.frozen != 0) return FaultResult.BAD;\n", "", "a frozen space changes"),
];
