// Mutants of mappings that a server grants (T_MMAP). tools/mutants.mjs runs them.

export const tests = ["messages"];

export const mutants = [
  {
    file: "kernel-as/sys/mmap.ts",
    from: "  if (channelGrantIsGone(object)) {",
    to: "  if (false) {",
    bug: "what was taken back before it was mapped is mapped, and stays",
  },
  {
    file: "kernel-as/sys/mmap.ts",
    from: "    objectPut(object);\n    return <u32>-Errno.EPIPE;",
    to: "    return <u32>-Errno.EPIPE;",
    bug: "the object of a mapping that is not made is kept for ever",
  },
];
