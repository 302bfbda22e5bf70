// Programs that are read from a server: each bug loses the file, its reference, or the moment at which somebody ended.
export const tests = ["program"];

export const mutants = [
  {
    file: "kernel-as/sys/process.ts",
    from: "if (result < 0 && program !== null) filePut(program);",
    to: "",
    bug: "a spawn that fails keeps the server's file open",
  },
  {
    file: "kernel-as/sys/process.ts",
    from: "  programPut(process);\n",
    to: "",
    bug: "a process that ends before its program was read keeps the file open",
  },
  {
    file: "kernel-as/sys/program.ts",
    from: "if (result != 0) filePut(file);",
    to: "",
    bug: "a directory that was to be run stays open",
  },
  {
    file: "kernel-as/sys/program.ts",
    from: "if (archiveFind(path + 1, n - 1) != 0) return <i32>n;",
    to: "",
    bug: "a server mounted over /bin is asked for init's programs",
  },
  {
    file: "kernel-as/entry/execfile.ts",
    from: "if (result == 0) programPut(process);",
    to: "",
    bug: "a program's file stays open while it runs",
  },
  {
    file: "kernel-as/entry/execfile.ts",
    from: "if (process.signal != 0) result = -Errno.EINTR;",
    to: "",
    bug: "a killed process goes on loading its data",
  },
];
