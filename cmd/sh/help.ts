// help: what the shell runs itself, its language in a few lines, and the programs that there are. It is as wide as the terminal.

import { DirEntry, OpenFlag } from "../../abi/syscall";
import { consoleColumns } from "../../lib/console";
import { openLiteral } from "../../lib/files";
import { out } from "../../lib/fmt";
import { close, readdir } from "../../lib/sys";
import { wrapText } from "../../lib/wrap";
import { builtinName } from "./builtins";

const entries: usize = memory.data(4096);
const name: usize = memory.data(32);
let width = 0;

export function helpRun(): i32 {
  const cells = consoleColumns(out.fd);
  width = cells > 0 ? cells - 1 : 78;
  wrapText(
    out,
    "Try these: ls /bin, ps, top, man, gpudemo, snake; edit FILE is a text editor. Ctrl+C ends a command, Tab completes.\n",
  );
  out.text("In the shell:");
  for (let i = 0; ; i++) {
    const n = builtinName(i, name);
    if (n == 0) break;
    put(name, n);
  }
  out.newline();
  wrapText(out, LANGUAGE);
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
  wrapText(
    out,
    "PROGRAM --help says what it does; man PROGRAM says more, and man alone lists them.\n",
  );
  return 0;
}

const LANGUAGE: string =
  "  A; B   A && B   A || B   ! A   A | B   A &   < FILE   > FILE   >> FILE   2> FILE   2>&1   &> FILE   <<< TEXT\n" +
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's language has it.
  "  X=1 $X ${X:-Y} ${X#P} ${X/A/B} ${X:1:2} $? $$ $! $1   'as it is'  \"with $X\"   {a,b} {1..5}   # comment\n" +
  "  if A; then B; else C; fi   while A; do B; done   for X in WORDS; do A; done   for ((I=0; I<3; I++)); do A; done\n" +
  "  case W in P) A;; esac   F() { A; }   $(A)   $((1 + X))   [[ $X == P* ]]   << END   *.txt   ~   ( A )   { A; }\n" +
  "Keys: Tab completes, Up finds lines that begin alike, ^R finds any, ^C ends a command, ^Z stops it (fg, bg go on).\n";

function put(text: usize, bytes: i32): void {
  if (out.column + bytes + 1 > width) out.newline().byte(0x20);
  out.byte(0x20).bytes(text, bytes);
}
