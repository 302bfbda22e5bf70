// Bugs of symbolic links that the tests must see fail.

export const tests = ["links", "files"];

export const mutants = [
  {
    file: "kernel-as/dev/link.ts",
    from: "export const LINKS_MAX: u32 = 40;",
    to: "export const LINKS_MAX: u32 = 39;",
    bug: "one link fewer is followed",
  },
  {
    file: "kernel-as/dev/link.ts",
    from: "if (floor >= n || rest >= n - floor) return -Errno.EIO;",
    to: "if (rest >= n) return -Errno.EIO;",
    bug: "a server speaks of a link in the name of its mount",
  },
  {
    file: "kernel-as/dev/link.ts",
    from: "if (rest != 0 && load<u8>(path + end) != SLASH) return -Errno.EIO;",
    to: "",
    bug: "a link may end in the middle of a name",
  },
  {
    file: "kernel-as/dev/link.ts",
    from: "if (bytes + rest >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;",
    to: "if (bytes >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;",
    bug: "what is behind a link runs over what lies there",
  },
  {
    file: "kernel-as/ipc/server.ts",
    from: "if (!tagFollows(channel.servingTag) || length <= <u32>LinkAnswer.TARGET)",
    to: "if (length <= <u32>LinkAnswer.TARGET)",
    bug: "a read is answered with a link",
  },
  {
    file: "kernel-as/ipc/server.ts",
    from: "if (bytes >= <u32>Limit.PATH_BYTES) return -Errno.EINVAL;",
    to: "",
    bug: "a target runs over the program's path",
  },
  {
    file: "kernel-as/dev/lookup.ts",
    from: "exclusive ? ONLY_LOOK : flags & ~MAKING",
    to: "exclusive ? <u32>OpenFlag.READ : flags & ~MAKING",
    bug: "EXCLUSIVE makes a file through a link",
  },
  {
    file: "kernel-as/dev/lookuppair.ts",
    from: "if (!linkIsSecond(process)) {",
    to: "if (true) {",
    bug: "a link in the second path is put into the first",
  },
  {
    file: "kernel-as/sys/file.ts",
    from: "process.cwdBytes = process.pathBytes;",
    to: "process.cwdBytes = n;",
    bug: "the current directory has the length of another path",
  },
  {
    file: "kernel-as/dev/merged.ts",
    from: "OpenFlag.READ | OpenFlag.NOFOLLOW, Tag.T_OPEN",
    to: "OpenFlag.READ, Tag.T_OPEN",
    bug: "a link hides no name of the places behind it",
  },
  {
    file: "kernel-as/dev/merged.ts",
    from: "if (error == LINKED) return 0;",
    to: "",
    bug: "a link above a directory of a union ends its listing",
  },
  {
    file: "kernel-as/dev/merged.ts",
    from: " && there.type != FileType.LINK",
    to: "",
    bug: "a link's target is read as names",
  },
  {
    file: "kernel-as/dev/tree.ts",
    from: "  fileGet(file);\n",
    to: "",
    bug: "/dev/stdin is opened without a reference",
  },
];
