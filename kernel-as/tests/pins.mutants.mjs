// Mutants of pins under clones, revocation without memory, stores under way and limits. tools/mutants.mjs runs them.

export const tests = ["pins"];

export const mutants = [
  {
    file: "kernel-as/mm/clone.ts",
    from: "  const split = wireSplit(space, source);\n",
    to: "  const split = true;\n",
    bug: "a clone shares pinned frames",
  },
  {
    file: "kernel-as/mm/clone.ts",
    from: "  wireRestore(source);\n",
    to: "",
    bug: "a write after a clone leaves the device's frame",
  },
  {
    file: "kernel-as/mm/wire.ts",
    from: "  if (cowOwn(space, vpn, writable) != FaultResult.OK) return 0;\n",
    to: "",
    bug: "a page that is only read is pinned while others share it",
  },
  {
    file: "kernel-as/mm/wire.ts",
    from: "const rights = entry != null && entryAllows(entry, Access.WRITE) ? PTE_RW : 0;",
    to: "const rights = PTE_RW;",
    bug: "a clone makes pinned pages writable",
  },
  {
    file: "kernel-as/mm/revoke.ts",
    from: "  if (inFlight) objectMarkInFlight(object);\n",
    to: "",
    bug: "frames of revoked shared memory do not wait for the other CPU",
  },
  {
    file: "kernel-as/mm/revoke.ts",
    from: "    if (inPlace) ptRecount(space);\n",
    to: "",
    bug: "tables cleared in place are not counted again",
  },
  {
    file: "kernel-as/mm/revoke.ts",
    from: "    if (ptPruneShared(space, vpn)) inPlace = true;\n",
    to: "    {}\n",
    bug: "tables emptied in place are lost",
  },
  {
    file: "kernel-as/mm/revoke.ts",
    from: "  if (keep != null && !separate(keep, object)) return false;\n",
    to: "",
    bug: "KEEP_OWN loses what it shares with a clone",
  },
  {
    file: "kernel-as/mm/wc.ts",
    from: "!keep || !shootdownSettle(slot)",
    to: "true",
    bug: "a store under way during another CPU's drain is in no burst",
  },
  {
    file: "kernel-as/sys/limit.ts",
    from: "  if (value > old && currentProcess().uid != 0) return -Errno.EPERM;\n",
    to: "",
    bug: "anybody raises limits",
  },
];
