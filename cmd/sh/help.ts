// help: what the shell runs itself, its language in a few lines, and the programs that there are.

import { DirEntry, OpenFlag } from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import { out } from "../../lib/fmt";
import { close, readdir } from "../../lib/sys";
import { builtinName } from "./builtins";

const entries: usize = memory.data(4096);
const name: usize = memory.data(32);

export function helpRun(): i32 {
  out.text("In the shell:");
  for (let i = 0; ; i++) {
    const n = builtinName(i, name);
    if (n == 0) break;
    put(name, n);
  }
  out.newline();
  out.text(
    "  A; B   A && B   A || B   ! A   A | B   A &   < FILE   > FILE   >> FILE   2> FILE   2>&1\n",
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's language has it.
  out.text("  X=1 $X ${X:-Y} ${X#P} $? $$ $! $1   'as it is'  \"with $X\"   # comment\n");
  out.text(
    "  if A; then B; else C; fi   while A; do B; done   for X in WORDS; do A; done   F() { A; }\n",
  );
  out.text("  case W in P) A;; esac   $(A)   $((1 + X))   << END   *.txt   ~   ( A )   { A; }\n");
  out.text(
    "Keys: Tab completes, Up finds lines that begin alike, ^R finds any, ^C ends a command, ^Z stops it (fg, bg go on).\n",
  );
  const fd = openLiteral("/bin", OpenFlag.READ | OpenFlag.DIRECTORY);
  if (fd >= 0) {
    out.text("Programs:");
    for (let n = readdir(fd, entries, 4096); n > 0; n = readdir(fd, entries, 4096)) {
      for (let at = 0; at < n; ) {
        const bytes: i32 = load<u8>(entries + at, DirEntry.NAME_BYTES);
        const entry = entries + at + DirEntry.NAME;
        at += DirEntry.NAME + bytes;
        if (load<u8>(entry) != 0x2e) put(entry, bytes);
      }
    }
    out.newline();
    close(fd);
  }
  out.text("PROGRAM --help says what it does; man PROGRAM says more, and man alone lists them.\n");
  return 0;
}

function put(text: usize, bytes: i32): void {
  if (out.column + bytes + 1 > 78) out.newline().byte(0x20);
  out.byte(0x20).bytes(text, bytes);
}
