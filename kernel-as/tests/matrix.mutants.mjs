// Mutants of the walker and of the memory types' encoding, which the matrix must notice. tools/mutants.mjs runs them.

export const tests = ["matrix"];

export const mutants = [
  {
    file: "kernel-as/arch/paging.ts",
    from: "  if (e4 & PTE_RSVD_TABLE) return fail",
    to: "  if (e4 & PTE_RSVD) return fail",
    bug: "PS in a PML4 entry is ignored",
  },
  {
    file: "kernel-as/arch/paging.ts",
    from: "    if (e2 & PTE_RSVD_2M) return fail",
    to: "    if (e2 & PTE_RSVD) return fail",
    bug: "bits 13 to 20 of a 2 MiB leaf are ignored",
  },
  {
    file: "kernel-as/arch/paging.ts",
    from: "  let rights = e4 & e3 & e2;",
    to: "  let rights = e4 & e2;",
    bug: "rights of the PDPT are ignored",
  },
  {
    file: "kernel-as/arch/paging.ts",
    from: "  let never = e4 | e3 | e2;",
    to: "  let never = e4 | e2;",
    bug: "NX of the PDPT is ignored",
  },
  {
    file: "kernel-as/arch/paging.ts",
    from: "(write && !(rights & PTE_RW))",
    to: "(write && user && !(rights & PTE_RW))",
    bug: "the supervisor writes where RW is clear",
  },
  {
    file: "kernel-as/arch/paging.ts",
    from: "    if (!(e3 & PTE_A)) atomic.or<u64>(at3, PTE_A);\n",
    to: "",
    bug: "A of the PDPT entry is not set",
  },
  {
    file: "kernel-as/arch/paging.ts",
    from: "write ? PTE_A | PTE_D : PTE_A",
    to: "PTE_A | PTE_D",
    bug: "a load sets D",
  },
  {
    file: "kernel-as/arch/paging.ts",
    from: "    if (!(leaf & PTE_P)) return fail(0, write, user);\n    if (leaf & PTE_RSVD) return fail(FaultBit.P | FaultBit.RSVD, write, user);\n",
    to: "    if (leaf & PTE_RSVD) return fail(FaultBit.P | FaultBit.RSVD, write, user);\n    if (!(leaf & PTE_P)) return fail(0, write, user);\n",
    bug: "reserved bits matter in an entry that is not present",
  },
  {
    file: "kernel-as/arch/pat.ts",
    from: "  const pat: u64 = (e & PTE_PAT_2M) >> 5;\n  return (e & ~(PTE_PAT_2M | PTE_PS)) | pat;",
    to: "  return e & ~(PTE_PAT_2M | PTE_PS);",
    bug: "a 2 MiB leaf loses its PAT bit",
  },
  {
    file: "kernel-as/entry/fault.ts",
    from: "    reachStore(va, size);\n    storeLocked(va, size, value);\n",
    to: "    storeLocked(va, size, value);\n",
    bug: "half a store over two pages happens",
  },
];
