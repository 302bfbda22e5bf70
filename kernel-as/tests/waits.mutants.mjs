// Mutants of stores that wait in the middle. tools/mutants.mjs runs them.

export const tests = ["waits"];

export const mutants = [
  {
    file: "kernel-as/entry/fault.ts",
    from: "if (storesToBus(leaf) && drainWaits()) leaf = pageLocked(va, Access.WRITE);",
    to: "if (storesToBus(leaf)) drainWaits();",
    bug: "a store goes on with the page that it had found before it waited",
  },
  {
    file: "kernel-as/entry/fault.ts",
    from: "if (bus && drainWaits()) reachLocked(va, size, Access.WRITE);",
    to: "if (bus) drainWaits();",
    bug: "a store over two pages looks at them only before it waits",
  },
  {
    file: "kernel-as/sys/memory.ts",
    from: "if (displayWaits(wcRoom())) first",
    to: "if (false) first",
    bug: "a flush waits with the lock held",
  },
];
