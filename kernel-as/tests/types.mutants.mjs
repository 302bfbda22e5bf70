// Mutants of memory types, lists, revocation, fault handlers and pins: each breaks one rule, and a test must notice. tools/mutants.mjs runs them.

export const tests = ["types", "memory"];

export const mutants = [
  {
    file: "kernel-as/mm/dirty.ts",
    from: "  batchChange(space, vpn, at, leaf & ~mask);",
    to: "  store<u64>(at, leaf & ~mask);",
    bug: "A cleared without a TLB flush",
  },
  {
    file: "kernel-as/mm/retype.ts",
    from: "const done = eachPiece(",
    to: "const done = space.slot < 0 || eachPiece(",
    bug: "mcache forgets aliases of other spaces",
  },
  {
    file: "kernel-as/mm/retype.ts",
    from: "wcDrainForRetype(changetype<Space>(at).slot);",
    to: "{}",
    bug: "mcache does not drain",
  },
  {
    file: "kernel-as/mm/retype.ts",
    from: "    kernelDeviceSet(first, frames, type);\n",
    to: "",
    bug: "mcache forgets the kernel's mapping",
  },
  {
    file: "kernel-as/mm/frametype.ts",
    from: "  retag(at, type);\n  if (type == MemType.WB) mergeSmall",
    to: "  if (type == MemType.WB) mergeSmall",
    bug: "direct map keeps WB",
  },
  {
    file: "kernel-as/mm/pmm.ts",
    from: "  if (page.flags != 0) frameSetType(pfn, MemType.WB);\n",
    to: "",
    bug: "freed frame keeps its type",
  },
  {
    file: "kernel-as/mm/object.ts",
    from: "if (object.type != MemType.WB && !frameSetType(pfn, <MemType>object.type))",
    to: "if (false)",
    bug: "new frames of a typed object are WB",
  },
  {
    file: "kernel-as/mm/memtype.ts",
    from: "r.ownerPid == 0 ? inside && uncached : inside || !whole",
    to: "inside || !whole",
    bug: "kernel registers may become WC",
  },
  {
    file: "kernel-as/mm/memtype.ts",
    from: "inside || !whole) continue",
    to: "true) continue",
    bug: "straddling reservation is retyped",
  },
  {
    file: "kernel-as/mm/sglist.ts",
    from: "  if (list.refs > 1) return -Errno.EBUSY;\n  const length",
    to: "  const length",
    bug: "shared list changes",
  },
  {
    file: "kernel-as/mm/ranges.ts",
    from: "  while (i + 1 < list.count && page >= sglistAt(list, i).frames) page -= sglistAt(list, i++).frames;",
    to: "  ",
    bug: "sg is one range",
  },
  {
    file: "kernel-as/mm/revoke.ts",
    from: "  if (rangeIsDevice(object)) rangesFree(object, e.offset, e.end - e.start, <MemType>e.type);\n",
    to: "",
    bug: "revocation leaves reservations",
  },
  {
    file: "kernel-as/mm/revoke.ts",
    from: "if (clearAll(space, e.start, e.end)) inPlace = true;",
    to: "{}",
    bug: "revocation leaves leaves",
  },
  {
    file: "kernel-as/mm/fault.ts",
    from: "  if (kind != ObjectKind.ANON && kind != ObjectKind.IMAGE) return 0;\n",
    to: "",
    bug: "gone entry gets rights back",
  },
  {
    file: "kernel-as/sys/memtype.ts",
    from: "  if (object.owner != <u32>currentProcess().pid) return -Errno.EPERM;\n",
    to: "",
    bug: "everybody revokes",
  },
  {
    file: "kernel-as/entry/handler.ts",
    from: "  process.handler = HandlerState.RUNNING;\n",
    to: "",
    bug: "handler asked while it runs",
  },
  {
    file: "kernel-as/entry/page.ts",
    from: "page << 12, access);\n    page = asked == changes() ? page + 1 : va >> 12",
    to: "page << 12, access);\n    page = page + 1",
    bug: "no second look at a range after a handler",
  },
  {
    file: "kernel-as/entry/page.ts",
    from: "va, access);\n    page = asked == changes() ? page + 1 : va >> 12",
    to: "va, access);\n    page = page + 1",
    bug: "no second look after a handler",
  },
  {
    file: "kernel-as/sys/memory.ts",
    from: "      mapRemove(space, start, start + pages);\n      return <u32>(refused",
    to: "      return <u32>(refused",
    bug: "prefault is not unwound",
  },
  {
    file: "kernel-as/sys/memory.ts",
    from: "  const access = flags & MapFlag.PREFAULT_WRITE ? Access.WRITE : Access.READ;",
    to: "  const access = Access.READ;",
    bug: "prefault forgets D",
  },
  {
    file: "kernel-as/mm/wire.ts",
    from: "if (!isWired(pfn)) pageOf",
    to: "pageOf",
    bug: "unpin of one frees the mark of two",
  },
  {
    file: "kernel-as/mm/wire.ts",
    from: "    pageGet(frame);\n",
    to: "",
    bug: "pin without a reference",
  },
  {
    file: "kernel-as/mm/ranges.ts",
    from: "  memtypeSplit(rangeFrame(object, from), n, rangeFrame(object, cut), type);",
    to: "  ",
    bug: "split moves no reservation",
  },
  {
    file: "kernel-as/entry/page.ts",
    from: "  if (type == MemType.WT) return leaf;\n",
    to: "",
    bug: "WT fills write entries",
  },
  {
    file: "kernel-as/entry/page.ts",
    from: "  if (type == MemType.UC || type == MemType.UC_MINUS || type == MemType.WP) return leaf;\n",
    to: "",
    bug: "UC fills the TLB",
  },
];
