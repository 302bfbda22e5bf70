// Mutants of how a process ends. tools/mutants.mjs runs them.

export const tests = ["processes"];

export const mutants = [
  {
    file: "kernel-as/proc/end.ts",
    from: "  processMark(process, End.FAULT, 128 + Signal.SEGV);\n  leaveProgram();",
    to: "  processMark(process, End.FAULT, 128 + Signal.SEGV);\n  unreachable();",
    bug: "a program's fault halts the machine",
  },
  {
    file: "kernel-as/entry/page.ts",
    from: "  const last = va + (n - 1);\n  if (last < va) faultLocked(va, access, 0);\n  let rounds",
    to: "  const last = va + (n - 1);\n  if (last < va) faultLocked(0xfffff000, access, 0);\n  let rounds",
    bug: "an access over the end of memory is reported elsewhere",
  },
];
