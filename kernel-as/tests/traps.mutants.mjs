// Mutants of frames, faults and mappings: the bugs that other systems shipped (the traps of the specification's sections 4 and 5), one by one.
// Those of copy-on-write and swap are in their own lists. tools/mutants.mjs runs them.

const kernel = (file, from, to, bug) => ({ file: `kernel-as/${file}.ts`, from, to, bug });

export const tests = ["memory", "frames", "clone"];

export const mutants = [
  // Frames.
  kernel(
    "mm/boot",
    "min<u64>(end >> 12, <u64>frames);",
    "min<u64>(end >> 12, <u64>frames) & ~31;",
    "the tail of RAM is never given out",
  ),
  kernel(
    "mm/pmm",
    "  for (let i: u32 = 0; i < n; i++) pmmFree(pfn + i);\n",
    "",
    "contiguous frames are never free again",
  ),
  kernel(
    "mm/pmm",
    "  if (page.state == PageState.FREE) panic(Panic.DOUBLE_FREE, pfn);\n",
    "  if (page.state == PageState.FREE) return;\n",
    "a second free goes unnoticed",
  ),
  kernel(
    "mm/pmm",
    "    if (load<u64>(at + i) != JUNK64) panic(Panic.JUNK, pfn);\n",
    "",
    "a write to a free frame goes unnoticed",
  ),

  // Faults and user memory.
  kernel(
    "mm/fault",
    "  const old: u64 = at == 0 ? 0 : load<u64>(at);\n",
    "  const old: u64 = at == 0 ? 0 : load<u64>(at);\n  if (at != 0 && old == 0) return FaultResult.BAD;\n",
    "an untouched page is refused because its page table is there",
  ),
  kernel(
    "mm/fault",
    "access == Access.READ ? FaultResult.OK : cowResolve(space, vpn)",
    "access == Access.READ ? FaultResult.OK : FaultResult.BAD",
    "a copy to a copy-on-write page is refused",
  ),
  kernel(
    "mm/fault",
    "  if (vpn < space.stackLimit ||",
    "  if (vpn + 1 < space.stackLimit ||",
    "the stack grows into its guard page",
  ),
  kernel(
    "mm/fault",
    "  if (vpn < space.stackLimit ||",
    "  if (vpn <= space.stackLimit ||",
    "the last page of the stack is refused",
  ),
  kernel(
    "mm/fault",
    "  if (!entryAllows(entry, access)) return FaultResult.BAD;\n",
    "",
    "a fault gives rights that the map does not",
  ),

  // The break.
  kernel(
    "mm/space",
    "  const now = (space.brk + 4095) >> 12;\n",
    "  const now = space.brk >> 12;\n",
    "a break that moves up maps the page in use again",
  ),
  kernel(
    "mm/space",
    "  const then = (addr + 4095) >> 12;\n",
    "  const then = addr >> 12;\n",
    "a break that moves down unmaps the page in use",
  ),
  kernel("mm/space", "  if (from == 0) from = 1;\n", "", "the heap covers the null page"),
  kernel(
    "entry/grow",
    "const PAGES_MAX: u32 = 0xffff;",
    "const PAGES_MAX: u32 = 0x10000;",
    "memory.grow to 4 GiB is memory.grow to nothing",
  ),

  // mmap, munmap, mprotect.
  kernel(
    "sys/memory",
    "len != 0 && addr < USER_END && len <= USER_END - addr;",
    "len != 0 && addr + len <= USER_END;",
    "a range that wraps is one",
  ),
  kernel(
    "sys/memory",
    "len != 0 && addr < USER_END && len <= USER_END - addr;",
    "len != 0 && addr + len > addr;",
    "munmap takes the kernel's addresses",
  ),
  kernel(
    "sys/memory",
    "(addr & 4095) == 0 && len != 0 && addr",
    "(addr & 4095) == 0 && addr",
    "munmap of nothing succeeds",
  ),
  kernel(
    "sys/memory",
    "  return len != 0 && (prot & ~PROT_ALL) == 0",
    "  return (prot & ~PROT_ALL) == 0",
    "mmap of nothing succeeds",
  ),
  kernel(
    "mm/grant",
    "    const error = mapRemove(space, start, end);\n",
    "    const error = 0;\n",
    "a mapping over pages leaks them",
  ),
  kernel("mm/map", "    relabel(space, e, PTE_RIGHTS);\n", "", "mprotect changes the map only"),
  kernel("mm/map", "    e.prot = <u8>prot;\n", "", "mprotect changes what is there only"),

  // Where ranges and leaves end.
  kernel(
    "mm/map",
    "if (!ptSplit(space, start) || !ptSplit(space, end)) {",
    "if (!ptSplit(space, start)) {",
    "a range that ends inside a 2 MiB leaf takes all of it",
  ),
  kernel(
    "mm/map",
    "  if ((start ^ (end - 1)) >> 9 != 0) settleLeaves(space, end - 1);\n",
    "",
    "the leaf where a range ends stays split",
  ),
  kernel(
    "mm/map",
    "at + pages <= <u32>UserPage.MMAP_END ?",
    "at + pages < <u32>UserPage.MMAP_END ?",
    "the area's last page is never used",
  ),
  kernel(
    "mm/map",
    "at + pages <= <u32>UserPage.MMAP_END ?",
    "at + pages <= <u32>UserPage.MMAP_END + 1 ?",
    "a gap reaches into the stack's area",
  ),
  kernel(
    "mm/map",
    "hint <= high - pages &&",
    "hint < high - pages &&",
    "a hint at the area's end is not honoured",
  ),
  kernel(
    "mm/map",
    "  if (start < space.hint && start >= <u32>UserPage.MMAP_START) space.hint = start;\n",
    "",
    "gaps below the last mapping are not reused",
  ),
  kernel("mm/table", "patMerge(want | used)", "patMerge(want)", "a merge loses A and D"),
  kernel(
    "mm/table",
    "  let used: u64 = 0;\n  for (let i: u32 = 0; i < PT_ENTRIES; i++) {",
    "  let used: u64 = 0;\n  for (let i: u32 = 0; i < PT_ENTRIES - 1; i++) {",
    "a merge does not look at the last page",
  ),
];
