// The kernels by name, in the order of bench/kernels/list.ts.

import { Kernel } from "../kernels/list.ts";

const NAMES: Record<Exclude<Kernel, Kernel.COUNT>, string> = {
  [Kernel.STREAM]: "stream",
  [Kernel.SORT]: "sort",
  [Kernel.HASH]: "hash",
  [Kernel.STRING]: "string",
  [Kernel.MATMUL]: "matmul",
  [Kernel.CHASE]: "chase",
  [Kernel.BYTES]: "bytes",
  [Kernel.RECURSION]: "recursion",
  [Kernel.SIEVE]: "sieve",
  [Kernel.NBODY]: "nbody",
  [Kernel.SHA256]: "sha256",
  [Kernel.LIFE]: "life",
  [Kernel.INTERP]: "interp",
};

export const KERNELS: readonly string[] = Array.from(
  { length: Kernel.COUNT },
  (_, i) => NAMES[i as keyof typeof NAMES],
);
