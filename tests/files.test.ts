// Making, copying, moving and removing files and directories, by the commands a person types first. One machine is booted for all of these
// tests: each has a part of its script, and looks at what that part has said.

import { beforeAll, expect, it } from "vitest";
import { shell } from "./headless.ts";

/** Each in a shell of its own. */
const PARTS = {
  copies:
    "mkdir -p /tmp/a/b/c; echo one > /tmp/a/b/f; cp -r /tmp/a /tmp/n; mkdir /tmp/in; cp -r /tmp/a /tmp/in; find /tmp/n /tmp/in; cat /tmp/in/a/b/f; rm -r /tmp/n /tmp/in",
  moves:
    "echo two > /tmp/a/b/f; mv /tmp/a /home; ls /tmp; cat /home/a/b/f; rm -rf /home/a; ls /home; rm -rf /home/a; echo $?",
  refuses:
    "mkdir /tmp/d; echo x > /tmp/d/f; cd /tmp; rm d; rm -r /; rm -rf . ..; cp -r d d/e; mv d d/e; cp d/f ./d/../d/f; rmdir d; cat d/f; cat d; echo y > g; mv g /bin/sh; cat g; rm -r d g",
  write: "echo x > /dev/klog; echo $?",
  finds: `mkdir -p /tmp/d/e /tmp/d/s; cd /tmp/d; echo a > s/a.c; : > none; seq 1000 > big; sleep 0.05; echo x > new;
    find . -empty; find . -type f -size +1k; find . -type f -newer big; find . -type f -mmin -5 -mtime 0 -name 'n*'; find . -mtime +1;
    find . -name '*.c' -exec cat {} \\; -delete; find . -type d -delete; find .; cd /; rm -r /tmp/d`,
  blanks:
    "mkdir -p '/tmp/d/a b'; echo 1 > '/tmp/d/a b/c d'; echo 2 > /tmp/d/e; find /tmp/d -type f -print0 | xargs -0 cat; ls /tmp/d/e | xargs -I % cat %; rm -r /tmp/d",
  asks: `cd /tmp; mkdir a b; echo 1 > a/x; echo 1 > a/y; echo 2 > b/x; echo 2 > b/y
    printf 'n\\ny\\n' | cp -ri a/. b; echo; cat b/x b/y
    echo n | mv -i a/x b/y; echo; cat a/x b/y; cp -rn a/. b; cat b/x; mv -n a/x b/x; ls -1 a; rm -r a b`,
  slashes: "cd /tmp; mkdir -p a b c/d; rmdir a/ b/; rmdir -p c/d/; mkdir -p a b; rm -r a/ b/; ls",
  compares: `cd /tmp; printf 'a\\nb\\nc\\n' > p; printf 'b\\nc\\nd\\n' > q; printf 'a\\nb\\n' > r
    comm p q; comm -12 p q; comm -3 q p; comm -1 - q < p; comm p none; echo $?
    cmp p p; echo $?; cmp p q; echo $?; cmp -l p q; cmp p r; echo $?; cmp -s p r; echo $?; cmp /dev/null p; cmp p < p; cmp p none; echo $?
    paste p q r; paste p - < r; paste none p; echo $?; paste -s none p
    : > e; grep -c b p e none q; grep -c b < p; grep -H b < p; grep -L b p e - < p; grep -l b p e; grep b p q; rm p q r e`,
  stats: `cd /tmp; printf 12345 > f; stat -c '%n %s %F %i %%' f | sed 's/[0-9]* %$/N %/'; stat -c '%F %A' . /dev/null; : > g; stat -c %F g
    [ $(stat -c %Y f) -le $(date +%s) ] && stat f none | sed 's/number.*//'; stat -c %q f; echo $?; rm f g`,
  timeouts: `timeout 5 sh -c 'exit 7'; echo $?; timeout 0.05 sleep 99; echo $?; timeout -s KILL 0.05 sleep 99; echo $?
    timeout -s CONT -k 0.05 0.05 sleep 99; echo $?; timeout 0 echo on; timeout 5 nowhere; echo $?; timeout -s X 1 ls; echo $?; pidof sleep
    timeout 60 sleep 99 & until pidof sleep | grep -q ' '; do sleep 0.01; done; kill $!; wait $!; echo $?; pidof sleep`,
  programs: `cd /tmp; cp /bin/echo e; ./e one; cp e /home/named; env /home/named two; echo three | xargs ./e
    PATH=/home:/bin; named four; env named five; type named; cp /bin/false named; named; echo $?; ./named; echo $?; /home/named six
    mkdir dir; env ./dir; echo $?; printf '\\0asmx' > bad; ./bad; echo $?; env ./none; echo $?; ln=$(cat /home/named | wc -c); [ $ln -gt 99 ] && echo whole
    cp /home/named /bin/echo2; echo2 seven; /bin/echo2 eight; cp named /bin/ls; /bin/ls e; rm -r dir bad e named /home/named`,
  df: "df; echo x > /home/f; df /home | tail -n 1",
  // The last: what it leaves is deeper than rm goes.
  depth: `cd /tmp; mkdir -p ${"d/".repeat(70)}; rm -r d; echo $?; ls /tmp`,
};

const said = new Map<string, string>();

beforeAll(async () => {
  const parts = Object.entries(PARTS).map(([name, line]) => `echo "== ${name}"; (${line}) 2>&1`);
  const { stdout } = await shell(parts.join("; "));
  for (const part of stdout.split("== ").slice(1)) {
    const end = part.indexOf("\n");
    said.set(part.slice(0, end), part.slice(end + 1));
  }
});

function says(part: keyof typeof PARTS): string | undefined {
  return said.get(part);
}

it("makes, copies, moves and removes trees, between file systems too", () => {
  expect(says("copies")).toBe(
    "/tmp/n\n/tmp/n/b\n/tmp/n/b/c\n/tmp/n/b/f\n/tmp/in\n/tmp/in/a\n/tmp/in/a/b\n/tmp/in/a/b/c\n/tmp/in/a/b/f\none\n",
  );
  expect(says("moves")).toBe("two\n0\n");
});

it("refuses what would lose files", () => {
  expect(says("refuses")).toBe(
    [
      "rm: d: is a directory (rm -r removes it and what is in it)",
      "rm: /: the root is not removed",
      "rm: .: . and .. are not removed",
      "rm: ..: . and .. are not removed",
      "cp: d: a directory cannot be copied into itself",
      "mv: d: a directory cannot be moved into itself",
      "cp: ./d/../d/f: is the same file",
      "rmdir: d: directory not empty",
      "x",
      "cat: d: is a directory",
      "mv: /bin/sh: read-only file system",
      "y",
      "",
    ].join("\n"),
  );
});

it("stops at a named depth and goes on with the rest", () => {
  expect(says("depth")).toMatch(/^rm: (d\/){64}d: more than 64 folders deep\n1\nd\/\n$/);
});

it("says that a builtin's output could not be written", () => {
  expect(says("write")).toBe("sh: echo: write: invalid argument\n1\n");
});

it("df shows the room in /home and in swap", () => {
  const out = says("df");
  expect(out).toMatch(/^ +KiB +used +free +use +on\n/);
  expect(out).toMatch(/\n +262144 .*% +\/home\n/);
  expect(out).toMatch(/% +swap\n/);
});

it("find looks at sizes, times and what is empty, and deletes", () => {
  expect(says("finds")?.replace("find: .: directory not empty\n", "")).toBe(
    "./e\n./none\n./big\n./new\n./new\n./none\na\n.\n./big\n./new\n./none\n",
  );
});

it("names with blanks go from find to xargs", () => {
  expect(says("blanks")).toBe("1\n2\n2\n");
});

it("-i asks before a file is written over, in trees too, and -n leaves it", () => {
  expect(says("asks")).toBe(
    "write over b/./x? write over b/./y? \n2\n1\nwrite over b/y? \n1\n1\n2\nx\ny\n",
  );
});

// A slash taken off the end of an argument once made an empty argument of its own: what came behind was another file.
it("takes several names that end with a slash", () => {
  expect(says("slashes")).toBe("");
});

it("compares lines and bytes of files, and puts them side by side", () => {
  expect(says("compares")).toBe(
    `a
\t\tb
\t\tc
\td
b
c
\ta
d
\tb
\tc
d
comm: none: no such file or directory
1
0
p q differ: byte 1, line 1
1
1 141 142
3 142 143
5 143 144
cmp: EOF on r after byte 4, line 2
1
1
cmp: EOF on /dev/null which is empty
cmp: none: no such file or directory
2
a\tb\ta
b\tc\tb
c\td\t
a\ta
b\tb
c\t
paste: none: no such file or directory
1
paste: none: no such file or directory
a\tb\tc
p:1
e:0
grep: none: no such file or directory
q:1
1
(standard input):b
e
p
p:b
q:b
`,
  );
});

it("tells what is known of files", () => {
  expect(says("stats")).toBe(
    `f 5 regular file N %
directory drwxrwxrwx
device crw-rw-rw-
regular empty file
stat: none: no such file or directory
f: regular file of 5 bytes, -rw-rw-rw-,${" "}
usage: stat [-L] [-c FORMAT] FILE ...
2
`,
  );
});

it("ends a program that takes too long, and its own clock", () => {
  expect(says("timeouts")).toBe(
    `7
124
137
137
on
timeout: nowhere: not found
127
timeout: X: no such signal
125
143
`,
  );
});

it("runs programs from /tmp and /home, by path, by PATH and through other programs", () => {
  expect(says("programs")).toBe(
    `one
two
three
four
five
named is /home/named

0
1
six
env: ./dir: permission denied
126
bad: malformed module: no wasm magic number at byte 0 (0x0)
126
env: ./none: not found
127
whole
seven
eight
cp: /bin/ls: read-only file system
e
`,
  );
});
