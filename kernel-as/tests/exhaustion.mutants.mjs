// Waits without an end, put in on purpose: `npm run mutants` breaks the kernel in each of these ways, one at a time, and the named test must
// fail.

export const tests = ["exhaustion"];

export const mutants = [
  {
    file: "kernel-as/mm/fault.ts",
    from: "    if (old == 0) ptPrune(space, vpn);\n",
    to: "",
    bug: "a table without a page is kept when there is no memory for the reverse map",
  },
  {
    file: "kernel-as/mm/reclaim.ts",
    from: "    if (++record.more == FRAMES_MAX) {\n",
    to: "    if (false) {\n",
    bug: "an operation that needs two frames is told again and again that there is one",
  },
  {
    file: "kernel-as/mm/reclaim.ts",
    from: "    if (!isServed(record)) continue;\n",
    to: "",
    bug: "an operation never gets more than one frame",
  },
  {
    file: "kernel-as/proc/pagewait.ts",
    from: "record.looks < LOOKS_MAX && reclaimIsComing()",
    to: "reclaimIsComing()",
    bug: "frames that a computing program holds up are waited for without an end",
  },
  {
    file: "kernel-as/proc/pagewait.ts",
    from: "if (record.looks < LOOKS_MAX && reclaimIsComing()) record.looks++;\n      else if",
    to: "if",
    bug: "memory counts as used up while frames wait for an acknowledgement",
  },
  {
    file: "kernel-as/mm/swap.ts",
    from: "    if (!swapWantAny()) wantAcknowledge();",
    to: "    swapWantAny();",
    bug: "a program ends when files have taken all of the disk's requests",
  },
];
