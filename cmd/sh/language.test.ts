// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's language has ${X} too.

// Compound commands, functions, substitution, arithmetic, here-documents and patterns, in the compiled shell over a stand-in for the kernel.

import { beforeEach, describe, expect, it } from "vitest";
import { check, checkError, eachTestHasAShell, sys } from "./testing/shell.ts";

eachTestHasAShell();

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
  it("backquotes", () => {
    check('echo `echo a; echo b` "`echo x  y`"', "a b x y\n");
    check('x=c; echo `echo \\`echo $x\\`` "`echo \\"q r\\"`"', "c q r\n");
    checkError("echo `echo", "sh: a ` is not closed\n", 2);
  });
  it("the ) of a case pattern, of a here-document and of a quote does not end it", () => {
    check("echo $(case a in b) echo 1;; a) echo 2;; esac)", "2\n");
    check("echo $(cat <<E\nit's ) here\nE\n)", "it's ) here\n");
    check("echo $(echo ')') \"$(echo '\")')\"", ') ")\n');
  });
  it("knows the status and the number of its shell", () => {
    check("status 3; echo $(echo $?)", "3\n");
    check("[ $$ = $(echo $$) ] && (echo $$) | { read p; [ $p = $$ ] && echo same; }", "same\n");
  });
  it("of a file", () => {
    sys.write("/f", "one\n");
    check("echo $(< /f)", "one\n");
  });
});

describe("IFS", () => {
  it("says where values are split", () => {
    check('IFS=:; x=a:b::c; for i in $x; do echo "<$i>"; done', "<a>\n<b>\n<>\n<c>\n");
    check("IFS=' :'; x=' a : b '; for i in $x; do echo \"<$i>\"; done", "<a>\n<b>\n");
    check("IFS=; x='a b'; for i in $x; do echo \"<$i>\"; done", "<a b>\n");
  });
  it('joins "$*"', () =>
    check('IFS=,; set -- a b c; echo "$*" $*; IFS=; echo "$*"', "a,b,c a b c\nabc\n"));
  it("says where read splits", () => {
    check('echo 1,2,,3,4 | { IFS=, read a b c d; echo "$a|$b|$c|$d"; }', "1|2||3,4\n");
    check("echo '  x y  ' | { IFS= read -r a; echo \"<$a>\"; }", "<  x y  >\n");
    check("echo 'a\\ b c' | { read x y; echo \"$x|$y\"; }", "a b|c\n");
  });
});

describe("arithmetic", () => {
  const value = (text: string, result: string) =>
    check(`x=6; y=3; echo $((${text}))`, `${result}\n`);
  it("precedence", () => value("1 + 2 * 3", "7"));
  it("parentheses", () => value("(1 + 2) * 3", "9"));
  it("powers, steps, choices, commas", () => {
    value("2**10 + 2**3**2", "1536");
    value("x++ + ++x, x", "8");
    value("x-- - --x", "2");
    value("x > y ? x : y", "6");
    value("y = 1, y + 1", "2");
  });
  it("assigns with any operator", () =>
    check(
      "x=7; echo $((x -= 2)) $((x <<= 2)) $((x %= 6)) $((x |= 9)) $((x ^= 1)) $((x /= 5))",
      "5 20 2 11 10 2\n",
    ));
  it("numbers of other bases", () => {
    value("0x1F + 010 + 2#101", "44");
    checkError(
      "echo $((08))",
      "sh: a digit is too large for its base in arithmetic: echo $((08))\n",
      1,
    );
  });
  it("does not evaluate the side that does not count", () =>
    check(
      "x=0; echo $((0 && (x = 1))) $((1 || x++)) $((1 ? 2 : x++)) $((0 && 1 / 0)) $x",
      "0 1 2 0 0\n",
    ));
  it("a variable that is an expression", () =>
    check("z=3+4; w=' 5 '; echo $((z * 2)) $((w + 1))", "14 6\n"));
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

describe("parameters", () => {
  const value = (text: string, result: string) =>
    check(`x=abcabc; e=; f=/a/b.tar.gz; echo "<${text}>"`, `<${result}>\n`);
  it("length, in characters", () => check("x=aéb; echo ${#x} ${#y} ${#}", "3 0 0\n"));
  it("a value for one that is not set", () => value("${y-d} ${e-d} ${x-d}", "d  abcabc"));
  it("or empty", () => value("${y:-d} ${e:-d} ${x:-d}", "d d abcabc"));
  it("another value for one that is", () => value("${y+o}${e+o}${e:+o}${x:+o}", "oo"));
  it("assigns", () => check('echo ${y:=1 2} "$y"', "1 2 1 2\n"));
  it("the word is expanded, with quotes and nesting", () =>
    value('${y:-$x ${z:-"}"}}', "abcabc }"));
  it("splits unquoted", () => check("for w in ${y:-a b}; do echo $w; done", "a\nb\n"));
  it("keeps quotes together", () => check('for w in ${y:-"a b"}; do echo $w; done', "a b\n"));
  it("an error ends the shell", () =>
    checkError("echo ${y:?is missing}; echo no", "sh: y: is missing\n", 1));
  it("an error has words of its own", () => checkError("echo ${y?}", "sh: y: not set\n", 1));
  it("without a beginning", () => value("${x#a*b} ${x##a*b} ${f##*/}", "cabc c b.tar.gz"));
  it("without an end", () => value("${x%b*} ${x%%b*} ${f%.*} ${f%/*}", "abca a /a/b.tar /a"));
  it("a quoted pattern is literal", () => check("x='a*b'; echo ${x#'a*'} ${x#a\\*}", "b b\n"));
});

describe("the environment", () => {
  const seen = () => sys.environments.at(-1)?.split("\0").filter(Boolean).sort();
  it("has what is exported", () => {
    check("X=1; Y=2; export Y Z=3; nop", "");
    expect(seen()).toEqual(["Y=2", "Z=3"]);
  });
  it("has what stands before a command, for that command alone", () => {
    check('X=1; X=2 Y="a b" nop; echo $X$Y; nop', "1\n");
    expect(sys.environments.map((text) => text.split("\0").join(" "))).toContain("X=2 Y=a b ");
    expect(seen()).toEqual([]);
  });
  it("expands the words with the old value", () => check("X=1; X=2 echo $X", "1\n"));
  it("reaches functions and builtins, and comes back", () =>
    check("f() { echo $X; }; X=1; X=2 f; X=3 eval 'echo $X'; echo $X", "2\n3\n1\n"));
  it("is taken over", () => {
    sys.environment = "COLOUR=green\0N=1\0";
    check("echo $COLOUR; N=2; unset COLOUR; nop", "green\n");
    expect(seen()).toEqual(["N=2"]);
  });
  it("reaches child shells", () => {
    check("export X=1; ( echo $X ); echo $(X=2; nop; echo $X)", "1\n2\n");
  });
});

describe("options", () => {
  it("-e ends at a failure", () => check("set -e; echo a; false; echo no", "a\n", 1));
  it("-e spares conditions", () =>
    check(
      "set -e; if false; then :; fi; false || true; ! true; while false; do :; done; echo ok",
      "ok\n",
    ));
  it("-e sees the last of a && b", () => check("set -e; true && status 3; echo no", "", 3));
  it("-e in a function", () => check("set -e; f() { false; echo no; }; f; echo no", "", 1));
  it("-e spares a function in a condition", () =>
    check("set -e; f() { false; echo on; }; if f; then echo then; fi", "on\nthen\n"));
  it("+e", () => check("set -e; set +e; false; echo ok $-", "ok\n"));
  it("-e in ( )", () => check("set -e; ( false; echo no ); echo no", "", 1));
  it("-u", () => checkError("set -u; echo $NONE; echo no", "sh: NONE: not set\n", 1));
  it("-u has defaults", () => check("set -u; echo ${NONE:-d}", "d\n"));
  it("-x shows commands", () =>
    checkError("set -x; x=1; echo $x b", "+ x=1\n+ echo 1 b\n", 0, "1 b\n"));
  it("words become parameters", () =>
    check('set -- a "b c"; echo $2 $#; set x; echo $1', "b c 2\nx\n"));
  it("others are refused", () =>
    checkError("set -q", "sh: set: -q: the options are a C e f n u x, and -o pipefail\n", 2));
  it("by their names", () => {
    check("set -o errexit; false; echo no", "", 1);
    check("set -eu +o errexit; false; echo $-", "u\n");
    check(
      "set -o pipefail; status 3 | true; echo $?; set +o pipefail; status 3 | true; echo $?",
      "3\n0\n",
    );
  });
  it("-e and a condition around a subshell", () =>
    check("set -e; (false; echo in) || echo or; false; echo no", "in\n", 1));
  it("-f, -C and -a", () => {
    sys.write("/f", "old\n");
    check("set -f; echo /*", "/*\n");
    checkError("set -C; echo new > /f", "sh: /f: already exists\n", 1);
    check("set -C; echo new >| /f; cat /f", "new\n");
    check("set -a; v=1; export", "export v='1'\n");
  });
  it("on the command line", () => {
    sys.write("/s", "false\necho no\n");
    expect(sys.run("sh", ["sh", "-e", "/s"]).out).toBe("");
    expect(sys.run("sh", ["sh", "-eo", "pipefail", "-c", "echo $-"]).out).toBe("e\n");
    expect(sys.run("sh", ["sh", "-q"]).status).toBe(2);
  });
});

describe("local, alias, exec, trap", () => {
  it("local comes back", () =>
    check("f() { local x=2 y; y=3; echo $x$y; }; x=1; y=0; f; echo $x$y", "23\n10\n"));
  it("local through recursion", () =>
    check("f() { local n=$1; [ $n = 0 ] && return; f $((n-1)); echo $n; }; f 3", "1\n2\n3\n"));
  it("local in a loop", () =>
    check("f() { for i in 1 2; do local v=$i; done; echo $v; }; v=0; f; echo $v", "2\n0\n"));
  it("local outside", () => checkError("local x", "sh: local: not in a function\n", 1));
  it("alias", () =>
    check("alias hi='echo hi'; hi there; alias hi; unalias hi", "hi there\nalias hi='echo hi'\n"));
  it("an alias of its own name", () => check("alias echo='echo a'; echo b", "a b\n"));
  it("an alias in a pipeline, with a redirection", () =>
    check("alias p='echo x'; p | cat; p > /f; cat /f", "x\nx\n"));
  it("no such alias", () => checkError("unalias q", "sh: unalias: q: not an alias\n", 1));
  it("exec ends the shell with the program's status", () => check("exec status 3; echo no", "", 3));
  it("exec without a command keeps redirections", () => {
    check("exec > /f; echo a; echo b", "");
    expect(sys.text("/f")).toBe("a\nb\n");
  });
  it("trap EXIT", () => check("trap 'echo bye' EXIT; echo a; exit 3", "a\nbye\n", 3));
  it("trap EXIT may exit otherwise", () => check("trap 'exit 5' EXIT; exit 3", "", 5));
  it("trap lists and clears", () =>
    check(
      "trap 'echo x' EXIT; trap 'y' INT; trap; trap - EXIT",
      "trap -- 'echo x' EXIT\ntrap -- 'y' INT\n",
    ));
  it("trap takes signals that never come, and refuses what is none", () => {
    check("trap 'echo x' HUP QUIT EXIT", "x\n");
    checkError("trap x DEBUG", "sh: trap: DEBUG: not a signal; try EXIT, ERR, INT or TERM\n", 1);
  });
  it("trap ERR", () =>
    check(
      "trap 'echo failed $?' ERR; false; if false; then :; fi; status 4",
      "failed 1\nfailed 4\n",
      4,
    ));
  it("exec is the end of the shell, whatever becomes of it", () => {
    check("trap 'echo no' EXIT; exec status 5; echo no", "", 5);
    checkError("exec none; echo no", "sh: none: not found\n", 127);
  });
  it("exec keeps descriptors", () => {
    check("exec 3> /f; echo a >&3; exec 3>&-; cat /f", "a\n");
    check("echo one > /f; exec 4< /f; read x <&4; exec 4<&-; echo $x", "one\n");
    checkError("exec 3> /f; exec 3>&-; echo a >&3", "sh: 3: not an open descriptor\n", 1);
    check(
      "echo 1 > /f; while read x <&5; do echo $x; done 5< /f; { echo b >&6; } 6> /g; cat /g",
      "1\nb\n",
    );
    check("exec 3> /f; (echo sub >&3); echo $(echo in >&3) | cat; cat /f", "\nsub\nin\n");
  });
  it("readonly", () => {
    checkError("readonly x=1; x=2; echo $x", "sh: x: is read-only\n", 0, "1\n");
    checkError("readonly x=1; unset x; echo $x", "sh: x: is read-only\n", 0, "1\n");
  });
  it("local and export take values whole", () =>
    check(
      "f() { local x=$1; echo \"$x\"; }; f 'a  b'; v='c  *'; export w=$v; echo \"$w\"",
      "a  b\nc  *\n",
    ));
  it("set in a function, and in a loop there", () =>
    check(
      "f() { for i in 1; do set -- p q; done; echo $1 $#; }; set -- out; f; echo $1",
      "p 2\nout\n",
    ));
  it("command, type", () => {
    check("echo() { :; }; command echo a", "a\n");
    check("f() { :; }; command -v f cd status; command -v none", "f\ncd\n/bin/status\n", 1);
    check(
      "alias l=ls; type l if cd status",
      "l is an alias for ls\nif is a word of the shell's language\ncd is in the shell\nstatus is /bin/status\n",
    );
  });
  it("getopts", () => {
    const line = "while getopts ab: o; do echo $o $OPTARG; done; shift $((OPTIND - 1)); echo $1";
    check(line, "a\nb v\nb w\nrest\n", 0, ["sh", "-ab", "v", "-bw", "rest"]);
    checkError("getopts a o -x; echo $o", "sh: wrong option -x\n", 0, "?\n");
  });
  it("a program named by #!, or by nothing", () => {
    sys.programs.set("show", (argv) => {
      sys.spawned.push(argv);
      return 0;
    });
    sys.write("/a", "#! /usr/bin/show -x y\n");
    sys.write("/b", "echo plain $1\n");
    check("/a 1", "");
    expect(sys.spawned.at(-1)).toEqual(["show", "-x y", "/a", "1"]);
    check("/b 2", "plain 2\n");
    checkError("/tmp; echo $?", "sh: /tmp: not found\n", 0, "127\n");
  });
  it("source", () => {
    sys.write("/s", "x=7\n");
    check("source /s; echo $x", "7\n");
  });
  it("jobs, wait and kill", () => {
    check("status 3 & wait %1; echo $?", "3\n");
    check("status 4 & status 5 & wait; jobs", "");
    checkError(
      "kill %3; fg; bg %x",
      "sh: kill: %3: no such job\nsh: fg: no such job\nsh: bg: %x: no such job\n",
      1,
    );
  });
  it("kill knows signals by name and number", () => {
    check("status 1 & kill -SIGKILL $!; wait $!; echo $?", "137\n");
    checkError("kill -FOO 1", "sh: kill: -FOO: no such signal\n", 2);
  });
  it("jobs shows what runs", () =>
    expect(sys.run("sh", ["sh", "-c", "nop & jobs"]).out).toBe("[1]+  Running             nop\n"));
});

describe("scripts", () => {
  it("run by their interpreter, with its argument", () => {
    sys.write("/s", "#!/bin/args  -x y\n");
    check("/s a b", "");
    expect(sys.spawned.at(-1)).toEqual(["/bin/args", "-x y", "/s", "a", "b"]);
  });
  it("of the shell get their arguments", () => {
    sys.write("/s", "#!/bin/sh\necho $0 $1\n");
    check("/s a", "/s a\n");
  });
  it("are found in PATH", () => {
    sys.write("/my/s", "#!/bin/sh\necho found\n");
    check("PATH=/none:/my:/bin; s; echo ok", "found\nok\n");
    checkError("PATH=/my; q", "sh: q: not found\n", 127);
  });
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
