// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's language has ${X} too.

// Compound commands, functions, substitution, arithmetic, here-documents and patterns, in the compiled shell over a stand-in for the kernel.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildProgram } from "../../lib/testing/build.ts";
import { FakeSys } from "../../lib/testing/fakeSys.ts";

let programs: [string, WebAssembly.Module][];
let sys: FakeSys;

beforeAll(async () => {
  const build = async (name: string): Promise<[string, WebAssembly.Module]> => [
    name,
    await buildProgram(`cmd/${name}/index.ts`),
  ];
  programs = await Promise.all(["sh", "echo", "cat"].map(build));
}, 120_000);

beforeEach(() => {
  sys = new FakeSys();
  for (const [name, module] of programs) sys.programs.set(name, module);
  sys.programs.set("status", (argv) => Number(argv[1]));
});

function check(line: string, out: string, status = 0, args: string[] = []): void {
  const result = sys.run("sh", ["sh", "-c", line, ...args]);
  expect([result.out, result.err, result.status]).toEqual([out, "", status]);
}

function checkError(line: string, err: string, status: number, out = ""): void {
  const result = sys.run("sh", ["sh", "-c", line]);
  expect([result.out, result.err, result.status]).toEqual([out, err, status]);
}

describe("if", () => {
  it("then", () => check("if true; then echo a; fi", "a\n"));
  it("else", () => check("if false; then echo a; else echo b; fi", "b\n"));
  it("elif", () => check("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"));
  it("without a branch taken is 0", () => check("if status 3; then echo a; fi", ""));
  it("over lines", () => check("if true\nthen\n  echo a\n  echo b\nfi\n", "a\nb\n"));
  it("keywords are words elsewhere", () => check("echo if then fi", "if then fi\n"));
  it("may be a stage", () => check("if true; then echo a; fi | cat", "a\n"));
  it("not closed", () => checkError("if true; then echo a", "sh: the line ends too early\n", 2));
  it("closed twice", () => checkError("if true; then echo a; fi; fi", "sh: unexpected fi\n", 2));
  it("needs commands", () => checkError("if true; then fi", "sh: unexpected fi\n", 2));
});

describe("loops", () => {
  it("for", () => check('for x in a "b c" d; do echo "<$x>"; done', "<a>\n<b c>\n<d>\n"));
  it("for over nothing", () => check("for x in $NONE; do echo $x; done", ""));
  it("for over the parameters", () =>
    check("for x do echo $x; done", "a\nb\n", 0, ["me", "a", "b"]));
  it("while", () => check("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done", "0\n1\n2\n"));
  it("until", () => check("i=0; until [ $i -ge 2 ]; do i=$((i+1)); done; echo $i", "2\n"));
  it("break and continue", () =>
    check(
      "for i in 1 2 3 4; do if [ $i = 2 ]; then continue; fi; [ $i = 4 ] && break; echo $i; done",
      "1\n3\n",
    ));
  it("break 2", () => check("for i in 1 2; do for j in 1 2; do break 2; done; echo no; done", ""));
  it("continue 2", () =>
    check("for i in 1 2; do for j in 1 2; do continue 2; done; echo no; done; echo end", "end\n"));
  it("break outside", () => checkError("break", "sh: not in a loop\n", 1));
  it("read lines of a redirection", () => {
    sys.write("/f", "one two\nthree\n");
    check('while read a b; do echo "$a-$b"; done < /f', "one-two\nthree-\n");
  });
  it("keep variables after a redirected loop", () => {
    sys.write("/f", "1\n2\n3\n");
    check("n=0; while read x; do n=$((n+x)); done < /f; echo $n", "6\n");
  });
  it("read a pipe, with the variables so far", () =>
    check("p=X; echo a | while read x; do echo $p$x; done", "Xa\n"));
  it("write a file", () => check("for i in 1 2; do echo $i; done > /f; cat /f", "1\n2\n"));
});

describe("case", () => {
  const text =
    "case $1 in a|b) echo ab;; [0-9]*) echo number;; *.txt) echo text;; *) echo other; esac";
  it("first of several patterns", () => check(text, "ab\n", 0, ["sh", "b"]));
  it("sets", () => check(text, "number\n", 0, ["sh", "42"]));
  it("star", () => check(text, "text\n", 0, ["sh", "a.txt"]));
  it("default", () => check(text, "other\n", 0, ["sh", "zz"]));
  it("quoted pattern bytes are literal", () =>
    check("case x in '*') echo star;; ?) echo one;; esac", "one\n"));
  it("no match", () => check("case x in y) echo y;; esac", ""));
  it("over lines", () => check("case a in\n  (a)\n    echo 1\n    ;;\nesac", "1\n"));
});

describe("groups and functions", () => {
  it("a group in this shell", () => check("{ x=1; echo $x; }; echo $x", "1\n1\n"));
  it("a group with a redirection", () => check("{ echo a; echo b; } > /f; cat /f", "a\nb\n"));
  it("a subshell keeps its changes to itself", () =>
    check("x=1; ( x=2; echo $x ); echo $x", "2\n1\n"));
  it("a subshell's status", () => check("( exit 3 )", "", 3));
  it("a function", () => check('f() { echo "$1-$#"; }; f a b; f', "a-2\n-0\n"));
  it("parameters come back after a call", () =>
    check("f() { :; }; f x y; echo $1", "a\n", 0, ["sh", "a"]));
  it('"$@"', () =>
    check('f() { for x in "$@"; do echo "<$x>"; done; }; f "a b" c', "<a b>\n<c>\n"));
  it("shift", () => check("f() { shift; echo $1 $#; shift 5; }; f a b c 2> /e", "b 2\n", 1));
  it("return", () => check("f() { return 4; echo no; }; f; echo $?", "4\n"));
  it("return out of a loop", () =>
    check("f() { while true; do return 2; done; }; f; echo $?", "2\n"));
  it("recursion", () =>
    check("f() { [ $1 = 0 ] && return; echo $1; f $(($1 - 1)); }; f 3", "3\n2\n1\n"));
  it("endless recursion ends", () => {
    const result = sys.run("sh", ["sh", "-c", "f() { f; }; f"]);
    expect(result.err).toBe("sh: f: functions are nested too deeply\n");
  });
  it("in a pipeline and a substitution", () =>
    check("f() { echo $1; }; f a | cat; echo $(f b)", "a\nb\n"));
  it("redirected", () => check("f() { echo a; }; f > /f; cat /f", "a\n"));
  it("redefined", () => check("f() { echo 1; }; f; f() { echo 22222222; }; f", "1\n22222222\n"));
  it("unset", () => checkError("f() { :; }; unset f; f", "sh: f: not found\n", 127));
  it("eval", () => check("x=y; eval $x=5 ';' 'echo $y'", "5\n"));
  it(". FILE", () => {
    sys.write("/s", "g() { echo g; }\nx=1\n");
    check(". /s; g; echo $x", "g\n1\n");
  });
});

describe("substitution", () => {
  it("without the last newlines", () => check('echo "<$(echo a)>"', "<a>\n"));
  it("is split when unquoted", () => check("for x in $(echo a b); do echo $x; done", "a\nb\n"));
  it("nests", () => check("echo $(echo $(echo a) b)", "a b\n"));
  it("holds quotes and parentheses", () => check('echo "$(echo ")(" \'x)\')"', ")( x)\n"));
  it("has a status in an assignment", () => check("x=$(status 3); echo $?", "3\n"));
  it("sees variables", () => check('x=\'a  b\'; echo "$(echo "$x")"', "a  b\n"));
  it("not closed", () => checkError("echo $(echo a", "sh: a $( is not closed\n", 2));
  it("backquotes", () =>
    checkError("echo `date`", "sh: write $(...) instead of backquotes, near `\n", 2));
});

describe("arithmetic", () => {
  const value = (text: string, result: string) =>
    check(`x=6; y=3; echo $((${text}))`, `${result}\n`);
  it("precedence", () => value("1 + 2 * 3", "7"));
  it("parentheses", () => value("(1 + 2) * 3", "9"));
  it("variables with and without dollar", () => value("x / $y", "2"));
  it("unset is 0", () => value("none + 1", "1"));
  it("comparison", () => value("x > y && y >= 3", "1"));
  it("not", () => value("!x", "0"));
  it("bits", () => value("(x & 3) | 8 ^ 1", "11"));
  it("shifts", () => value("1 << 40 >> 2", "274877906944"));
  it("negative", () => value("-7 / 2 - -1", "-2"));
  it("left to right", () => value("10 - 3 - 2", "5"));
  it("remainder", () => value("7 % 4", "3"));
  it("the smallest number by -1", () => value("-9223372036854775807 - 1", "-9223372036854775808"));
  it("assigns", () => check("echo $((x = 5)) $x $((x += 2))", "5 5 7\n"));
  it("in quotes", () => check('echo "a$((1+1))b"', "a2b\n"));
  it("division by zero", () =>
    checkError("echo $((1/0))", "sh: division by zero: echo $((1/0))\n", 1));
  it("nonsense", () =>
    checkError("echo $((1 +))", "sh: a number is missing in arithmetic: echo $((1 +))\n", 1));
});

describe("here-documents", () => {
  it("expands", () =>
    check("x=1; cat <<EOF\na $x\n'b' \"c\" $((x+1))\nEOF\necho end", "a 1\n'b' \"c\" 2\nend\n"));
  it("quoted delimiter", () => check("cat <<'EOF'\n$x \\n\nEOF\n", "$x \\n\n"));
  it("drops tabs", () => check("cat <<-E\n\ta\n\tE\n", "a\n"));
  it("into a loop", () => check('while read x; do echo "<$x>"; done <<E\n1\n2\nE\n', "<1>\n<2>\n"));
  it("with a pipe", () => check("cat <<E | cat\na\nE\n", "a\n"));
  it("two", () => check("cat <<A; cat <<B\n1\nA\n2\nB\n", "1\n2\n"));
  it("empty", () => check("cat <<E\nE\n", ""));
  it("in a function", () => check("f() {\ncat <<E\n$1\nE\n}\nf a; f b", "a\nb\n"));
  it("not closed", () => checkError("cat <<E\na", "sh: a here-document has no last line\n", 2));
});

describe("globbing", () => {
  beforeEach(() => {
    for (const name of ["b.txt", "a.txt", "c.md", ".hidden", "sub/x.txt"])
      sys.write(`/d/${name}`, "");
  });
  it("star, sorted", () => check("echo /d/*.txt", "/d/a.txt /d/b.txt\n"));
  it("question mark and set", () => check("echo /d/?.md /d/[ab]*", "/d/c.md /d/a.txt /d/b.txt\n"));
  it("relative", () => check("cd /d; echo *.md", "c.md\n"));
  it("directories", () => check("echo /d/*/x*", "/d/sub/x.txt\n"));
  it("no match stays", () => check("echo /d/*.none", "/d/*.none\n"));
  it("quoted stays", () => check("echo '/d/*.md' \"/d/*\" /d/\\*", "/d/*.md /d/* /d/*\n"));
  it("hidden ones need their dot", () => check("echo /d/.h*", "/d/.hidden\n"));
  it("in a value", () => check("p='/d/*.md'; echo $p \"$p\"", "/d/c.md /d/*.md\n"));
  it("in for", () => check("for f in /d/*.txt; do echo $f; done", "/d/a.txt\n/d/b.txt\n"));
  it("~", () => check("HOME=/d; echo ~ ~/x a~ '~'", "/d /d/x a~ ~\n"));
});

describe("test, read, printf, type", () => {
  it("strings and numbers", () =>
    check("[ a = a ] && [ a != b ] && [ 3 -gt 2 ] && [ -n x ] && [ -z '' ] && echo ok", "ok\n"));
  it("not, and, or", () => check("[ ! a = b -a 1 -eq 1 ] && [ a = b -o x ] && echo ok", "ok\n"));
  it("files", () => {
    sys.write("/d/f", "x");
    check("[ -f /d/f ] && [ -d /d ] && [ -e /d ] && [ -s /d/f ] && [ ! -e /n ] && echo ok", "ok\n");
  });
  it("nothing is false", () => check("[ ]; echo $?; test; echo $?", "1\n1\n"));
  it("not a number", () => checkError("[ a -lt 1 ]", "sh: test: a number was expected\n", 2));
  it("no bracket", () => checkError("[ a", "sh: [: a ] is missing at the end\n", 2));
  it("printf", () =>
    check("printf '%s=%03d|%-4s|%x%%\\n' a 7 b 255 c", "a=007|b   |ff%\nc=000|    |0%\n"));
  it("printf without a newline, escapes", () => check("printf 'a\\tb\\101'", "a\tbA"));
  it("read at the end", () => check("read x < /dev/null || echo end", "end\n"));
  it("type", () =>
    check("f() { :; }; type cd f cat", "cd is in the shell\nf() { :; }\ncat is /bin/cat\n"));
});
