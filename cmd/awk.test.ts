// awk, over a stand-in for the kernel.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildProgram } from "../lib/testing/build.ts";
import { FakeSys } from "../lib/testing/fakeSys.ts";

const NAMES = ["awk", "cat", "sh", "sort"];
let modules: (WebAssembly.Module | undefined)[];
let sys: FakeSys;

beforeAll(async () => {
  modules = await Promise.all(NAMES.map((name) => buildProgram(`cmd/${name}/index.ts`)));
}, 120000);

beforeEach(() => {
  sys = new FakeSys();
  NAMES.forEach((name, i) => {
    const module = modules[i];
    if (module !== undefined) sys.programs.set(name, module);
  });
});

/** What awk makes of its arguments and an input. */
function check(args: string[], input: string, out: string, err = "", status = 0): void {
  expect(sys.run("awk", ["awk", ...args], input)).toEqual({ out, err, status });
}

/** What a program makes of an input. */
function runs(program: string, input: string, out: string): void {
  check([program], input, out);
}

/** What a program in BEGIN prints. */
function prints(statements: string, out: string): void {
  runs(`BEGIN { ${statements} }`, "", out);
}

/** A program that is wrong, and what is said. */
function fails(program: string, sentence: string, input = "x\n"): void {
  check([program], input, "", `awk: ${sentence}\n`, 2);
}

describe("patterns", () => {
  it("print what they select", () => {
    runs("/b/", "a\nb\nab\n", "b\nab\n");
    runs("!/b/", "a\nb\n", "a\n");
    runs("NR % 2", "1\n2\n3\n", "1\n3\n");
    runs("$1 == 2 { print NR }", "1\n2\n2.0\n", "2\n3\n");
    runs("!seen[$0]++", "a\nb\na\n", "a\nb\n");
  });
  it("BEGIN and END, several of each", () =>
    runs(
      'BEGIN { print "x" } END { print NR, $0 } BEGIN { print "y" } END { print "z" }',
      "1\n2",
      "x\ny\n2 2\nz\n",
    ));
  it("ranges open and close, on one record too", () => {
    runs("/b/,/d/", "a\nb\nc\nd\ne\nb\n", "b\nc\nd\nb\n");
    runs("/b/,/b/", "a\nb\nc\n", "b\n");
    runs("NR==1,NR==2 { print; next } { print NR }", "a\nb\nc\n", "a\nb\n3\n");
  });
});

describe("operators", () => {
  it("bind as POSIX has it", () => {
    prints("print 1+2*3, -2^2, 2^3^2, 2^-1, -7%3, !1+1, 2 - 1 - 1", "7 -4 512 0.5 -1 1 0\n");
    prints('print 1 " " 2, 1+1 "" 2, 2 * 3 4, 1 " " -1', "1 2 22 64 1-1\n");
    prints('print 1 == 1 ? "y" : "n", (1 < 2) (2 < 1), "a" "b" == "ab"', "y 10 1\n");
    prints("print 0 || 2 && 0, !0 ~ 1, 1 in a", "0 1 0\n");
    prints("a = b = 3; a += b -= 1; a ^= 2; print a, b, x++ + ++x, x--, --x", "25 2 2 2 0\n");
    prints('$0 = "3 4 5"; i = 1; print $i++, i, $i++, $NF-1, $$1', "3 1 4 4 \n");
  });
  it("leave a > to print", () => {
    prints('print 2 > "/f"; print (2 > 1)', "1\n");
    expect(sys.text("/f")).toBe("2\n");
  });
  it("tell / from an expression", () =>
    prints(
      'a = 6; print a / 2 / 3, 4 /2/ 1; a /= 3; print a, "a/b" ~ /a\\/b/, "/" ~ /[/]/',
      "1 2\n2 1 1\n",
    ));
});

describe("values", () => {
  it("of the input are numbers when they look like it", () => {
    runs("{ print ($1 < $2), ($1 == 1) }", "10 9\n1.0 2\na b\n 1e0 +1 \n", "0 0\n1 1\n1 0\n0 1\n");
    prints('print ("10" < "9"), (10 < 9), (x == 0), (x == "")', "1 0 1 1\n");
    prints('print "3x" + 1, +"", -"2", "0x10" + 0, ".5." + 0', "4 0 -2 0 0.5\n");
  });
  it("are texts by CONVFMT and OFMT, whole numbers with all digits", () => {
    prints(
      'CONVFMT = "%.2g"; OFMT = "%.3f"; a = 3.14159; print a, a "", 12, 12 ""',
      "3.142 3.1 12 12\n",
    );
    prints(
      "print 0.1 + 0.2, 1e6, 2^53, 1e-5, 1/3, 100000 * 100000, -0",
      "0.3 1000000 9007199254740992 1e-05 0.333333 10000000000 0\n",
    );
  });
  it("a format that asks for itself is harmless", () =>
    prints('CONVFMT = "%s"; print 0.5 ""', "0.5\n"));
  it("a text that others share is not changed", () =>
    prints(
      'x = "ab"; y = x; a[x]; x = x "c"; y = y "d"; print x, y; for (k in a) print k',
      "abc abd\nab\n",
    ));
});

describe("fields", () => {
  it("are made from the record, and it from them", () => {
    runs('{ $2 = "X"; print; print NF }', "a b  c\n", "a X c\n3\n");
    runs('{ $5 = "e"; print; print NF; NF = 2; print }', "a b\n", "a b   e\n5\na b\n");
    runs(
      'BEGIN { OFS = "-" } { $1 = $1; print; $0 = "x y z"; print NF, $3 }',
      "a b\n",
      "a-b\n3-z\n",
    );
    runs("{ print $NF, $(NF-1), $9 }", " a b \n", "b a \n");
    runs('END { print $0, NF; $3 = "z"; print }', "a b\n", "a b 2\na b z\n");
  });
  it("are separated by FS", () => {
    check(["-F:", "{ print $2, NF }"], "a:b::c\n", "b 4\n");
    check(["-F", "\\t", "{ print $2 }"], "a b\tc d\n", "c d\n");
    check(["-Ft", "{ print $2 }"], "a\tb\n", "b\n");
    check(["-F|", "{ print $2 }"], "a|b\n", "b\n");
    check(["-F", "[:,]+", "{ print $2, NF }"], "a:,b,c\n", "b 3\n");
    runs('BEGIN { FS = "" } { print $2 NF }', "héy\n", "é3\n");
    runs('{ FS = ","; print $1 }', "a b,c\na b,c\n", "a\na b\n");
  });
  it("number a million at most", () => {
    fails("{ $2000000 = 1 }", "line 1: a field's number is above 1048576");
    fails("{ print $(-1) }", "line 1: a field's number is below 0");
    prints('$1000000 = 1; print NF; $0 = ""; print NF', "1000000\n0\n");
  });
});

describe("records", () => {
  it("are separated by RS", () => {
    runs('BEGIN { RS = ";" } { print NR ":" $0 }', "a;b\nc;d", "1:a\n2:b\nc\n3:d\n");
    runs(
      'BEGIN { RS = "" } { print NR ":" $1 "-" $NF, NF }',
      "\n\na b\nc\n\n\n\nd\n",
      "1:a-c 3\n2:d-d 1\n",
    );
    runs('BEGIN { RS = ""; FS = ":" } { print $2 "|" $3 }', "a:b\nc\n\nd:e\n", "b|c\ne|\n");
    runs('BEGIN { RS = "[0-9]+" } { printf "%s,", $0 }', "a12b3c", "a,b,c,");
  });
  it("may be longer than any buffer", () => {
    const long = "x".repeat(300000);
    runs("{ print length($0), length($2) }", `${long} ab\n${long}\n`, "300003 2\n300000 0\n");
  });
  it("are counted in NR and FNR, over files and assignments", () => {
    sys.write("/a", "1\n2\n");
    sys.write("/b", "3\n");
    check(
      ["{ print FILENAME, NR, FNR, x }", "/a", "x=1", "/b", "x=a\\tb", "-"],
      "in\n",
      "/a 1 1 \n/a 2 2 \n/b 3 1 1\n- 4 1 a\tb\n",
    );
  });
  it("of a file that is not there are none, and the status is 2", () => {
    sys.write("/b", "3\n");
    check(["{ print }", "/none", "/b"], "", "3\n", "awk: /none: no such file or directory\n", 2);
  });
});

describe("statements", () => {
  it("if, while, do, for, break, continue", () => {
    prints("if (0) print 1; else if (1) print 2\nelse print 3", "2\n");
    prints("while (i < 5) { if (++i == 2) continue; if (i == 4) break; print i }", "1\n3\n");
    prints("do { print i++ } while (i < 2); for (;;) if (++j > 3) break; print j", "0\n1\n4\n");
    prints(
      "for (i = 0; i < 2; i++) for (j = 0; j < 3; j++) { if (j == 1) break; print i, j }",
      "0 0\n1 0\n",
    );
    prints("if (1) ; else print 1; for (i = 0; i < 3; i++) ; print i", "3\n");
  });
  it("next and exit, out of functions and loops too", () => {
    runs(
      "function f() { for (k in a) next } { a[1]; f(); print 1 } END { print NR }",
      "x\ny\n",
      "2\n",
    );
    check(["function f() { exit 3 } { f() } END { print NR }"], "x\ny\n", "1\n", "", 3);
    check(["BEGIN { exit 2 } END { exit; print 1 }"], "x\n", "", "", 2);
  });
  it("newlines, semicolons and comments", () =>
    runs(
      "# first\nfunction f(a,\n b)\n{ return a +\\\n b }\n\nBEGIN { x = 1 &&\n 1; print x; ; print f(1,\n2) # last\n}\n",
      "",
      "1\n3\n",
    ));
});

describe("arrays", () => {
  it("elements come and go; for goes through them in their order", () => {
    prints(
      'a["x"] = 1; a["y"]; a[3] = 2; delete a["x"]; for (k in a) print k, a[k]; print length(a)',
      "y \n3 2\n2\n",
    );
    prints(
      'if (!("x" in a)) a["x"]; print "x" in a; delete a; print "x" in a, length(a)',
      "1\n0 0\n",
    );
    prints("a[0.1 + 0.2] = 1; a[01] = 2; for (k in a) print k; print (1 in a)", "0.3\n1\n1\n");
  });
  it("several subscripts", () =>
    prints(
      'a[1, "b"] = 3; print ((1, "b") in a); for (k in a) { split(k, p, SUBSEP); print p[2] }',
      "1\nb\n",
    ));
  it("many elements", () =>
    prints(
      "for (i = 0; i < 50000; i++) a[i] = i; for (k in a) { n += a[k]; delete a[k] } print n, length(a)",
      "1249975000 0\n",
    ));
  it("may be changed while for goes through them", () =>
    prints("a[1]; a[2]; for (k in a) { delete a; n++; for (j in a) break } print n", "2\n"));
});

describe("functions", () => {
  it("recursion, locals, values", () => {
    runs("function f(n) { return n < 2 ? n : f(n-1) + f(n-2) } BEGIN { print f(15) }", "", "610\n");
    runs(
      'function g(x, l) { l[x]; if (x) g(x-1); for (k in l) return k } BEGIN { print g(3), g() "|" }',
      "",
      "3 |\n",
    );
    runs(
      "function f(n) { return n == 0 ? 0 : 1 + f(n-1) } BEGIN { print f(50000) }",
      "",
      "50000\n",
    );
  });
  it("arrays are given as they are, values are copied", () => {
    runs(
      "function s(a, k) { a[k] = 1; k = 5 } BEGIN { j = 2; s(x, j); for (i in x) print i, j }",
      "",
      "2 2\n",
    );
    runs("function h(a) { a[1] = 7 } function f(b) { h(b) } BEGIN { f(c); print c[1] }", "", "7\n");
    runs(
      'function f(a) { $0 = "x y"; return a } BEGIN { $0 = "p q"; print f($2), $2 }',
      "",
      "q y\n",
    );
  });
});

describe("awk's own functions", () => {
  it("texts, by characters", () => {
    prints(
      'print length("héy"), index("héy", "y"), substr("héyo", 2, 2), toupper("abc") tolower("ABC")',
      "3 3 éy ABCabc\n",
    );
    prints(
      'print substr("hello", 0), substr("hello", -1, 3), substr("hello", 1.5, 1), substr("hello", 4, 99) "|" substr("x", 5)',
      "hello h e lo|\n",
    );
    prints(
      'print match("foobar", /o+/), RSTART, RLENGTH, match("x", "y"), RSTART, RLENGTH',
      "2 2 2 0 0 -1\n",
    );
    runs("{ print length, length() }", "abc\n", "3 3\n");
  });
  it("split", () => {
    prints(
      'n = split(" a b  c ", a); print n, a[1] a[3]; n = split("a:b:c", a, ":"); print n, a[3], length(a)',
      "3 ac\n3 c 3\n",
    );
    prints(
      'print split("aXbYYc", a, /[XY]+/), a[3], split("", a), length(a), split("a.b", a, ".")',
      "3 c 0 0 2\n",
    );
  });
  it("sub and gsub", () => {
    prints(
      's = "hello"; n = gsub(/l/, "[&\\\\&]", s); print n, s; sub(/h/, "", s); print s',
      "2 he[l&][l&]o\ne[l&][l&]o\n",
    );
    prints(
      's = "abc"; gsub(/x*/, "-", s); print s; s = "abc"; gsub(/$/, "!", s); print s; s = "aaa"; gsub(/^a/, "b", s); print s',
      "-a-b-c-\nabc!\nbaa\n",
    );
    runs(
      '{ print gsub(/[0-9]/, "#"), $0, $1; sub(/b/, "B", $2); print }',
      "1 b2\n",
      "2 # b# #\n# B#\n",
    );
    prints(
      'a["k"] = "xx"; print gsub("x", "y", a["k"]), a["k"], sub(/a/, "b", "aa" "")',
      "2 yy 1\n",
    );
  });
  it("numbers", () => {
    prints(
      'print int(-3.9), int("3abc"), sqrt(16), exp(0), log(1), sin(0), cos(0), atan2(0, -1)',
      "-3 3 4 1 0 0 1 3.14159\n",
    );
    prints(
      "srand(1); a = rand(); srand(1); print a == rand(), a >= 0 && a < 1, srand(7), srand()",
      "1 1 1 7\n",
    );
  });
  it("printf and sprintf", () => {
    prints(
      'printf "%d|%5d|%-5d|%05d|%+d|%x|%X|%o|%c|%c|%5s|%-5s|%.2s|%%\\n", 42.9, 42, 42, 42, 5, 255, 255, 8, 65, "hello", "r", "l", "abc"',
      "42|   42|42   |00042|+5|ff|FF|10|A|h|    r|l    |ab|%\n",
    );
    prints(
      'printf "%.2f %e %g %*d %-*d| %.3d %i\\n", 3.14159, 12345.678, 1e-5, 4, 7, 4, 7, 5, 3000000000',
      "3.14 1.234568e+04 1e-05    7 7   | 005 3000000000\n",
    );
    prints('print sprintf("%s-%s", "a", 0.5), sprintf("%5s|%c", "é", 233)', "a-0.5     é|é\n");
  });
});

describe("files and commands", () => {
  it("print to files and commands", () => {
    prints(
      'print "a" > "/f"; print "b" > "/f"; print "c" >> "/g"; close("/f"); while ((getline l < "/f") > 0) print l',
      "a\nb\n",
    );
    expect(sys.text("/g")).toBe("c\n");
    prints(
      'print "b" | "sort"; print "a" | "sort"; r = close("sort"); print r, close("none")',
      "a\nb\n0 -1\n",
    );
  });
  it("getline in its forms", () => {
    runs("NR == 1 { getline; print; getline x; print x, $0, NR }", "a\nb\nc\n", "b\nc b 3\n");
    sys.write("/f", "p q\nr\n");
    prints(
      'getline < "/f"; print $2, NR; getline v < "/f"; print v; print (getline v < "/f"), (getline < "/none")',
      "q 0\nr\n0 -1\n",
    );
    prints(
      '"echo a; echo b" | getline; print $0, NR; "echo a; echo b" | getline x; print x, NR',
      "a 1\nb 2\n",
    );
    prints(
      'while (("echo 1; echo 2" | getline v[n++]) > 0) ; print v[0] + v[1]; "echo " "x" | getline y; print y',
      "3\nx\n",
    );
  });
  it("system tells the status, after what was printed before", () =>
    prints('print "a"; r = system("echo b; exit 3"); print r', "a\nb\n3\n"));
});

describe("the command line", () => {
  it("-v, -f, --, ARGV and ENVIRON", () => {
    sys.write("/p", "{ print f($1) }");
    sys.write("/q", "function f(x) { return x + n }");
    sys.environment = "HOME=/home\0";
    check(["-v", "n=2", "-f", "/p", "-f", "/q"], "1\n", "3\n");
    check(
      ["-vx=a\\nb", "-v", "y=10", 'BEGIN { print x, (y > 9), ENVIRON["HOME"] }'],
      "",
      "a\nb 1 /home\n",
    );
    check(
      ["--", "BEGIN { for (i = 0; i < ARGC; i++) print ARGV[i] }", "-x", "b=1"],
      "",
      "awk\n-x\nb=1\n",
    );
    check(['BEGIN { ARGV[1] = ""; delete ARGV[2] } { print }', "/none", "/none"], "in\n", "in\n");
  });
});

describe("says what is wrong", () => {
  it("with a program", () => {
    fails("\n\nBEGIN { print (1 }", "line 3: a ( is not closed");
    fails("{ print", "line 1: a { is not closed");
    fails('BEGIN { x = "a }', 'line 1: a string has no " at its end');
    fails("/a", "line 1: an expression has no / at its end");
    fails("/(/", "line 1: /(/: a ( is not closed");
    fails("BEGIN { f(1) }", "line 1: f is called and not defined");
    fails(
      "function f(a) { }\nBEGIN { f(1, 2) }",
      "line 2: f is called with more values than it has parameters",
    );
    fails("BEGIN { next }", "line 1: next in BEGIN or END");
  });
  it("while it runs", () => {
    fails("{\n x = 0\n y = 1 / x }", "line 3: division by zero");
    fails("BEGIN { a[1]; a = 2 }", "line 1: an array is used as a single value");
    fails(
      "function f(x) { x[1] = 1 } BEGIN { a = 1; f(a) }",
      "line 1: a single value is used as an array",
    );
    fails('BEGIN { printf "%d" }', "line 1: the format asks for more values than there are");
    fails('BEGIN { x = "["; print "a" ~ x }', "line 1: /[/: a [ is not closed");
  });
  it("with what is nested too deep", () => {
    const deep = "line 1: the program is nested more than 250 deep";
    fails(`BEGIN { print ${"(".repeat(5000)} }`, deep);
    fails(`BEGIN { ${"{".repeat(5000)} }`, deep);
    fails(`BEGIN { x = ${"!".repeat(5000)}1 }`, deep);
    fails(`BEGIN { x = ${"$".repeat(5000)}1 }`, deep);
    prints(`print ${"(".repeat(200)}7${")".repeat(200)}`, "7\n");
    fails(
      "function f(n) { return f(n + 1) } BEGIN { f(1) }",
      "line 1: functions call each other more than 100000 deep, or with too many values",
    );
  });
  it("when a text grows without an end", () =>
    fails(
      'BEGIN { x = "a"; while (1) x = x x }',
      "line 1: a text or an array is larger than 256 MiB",
    ));
});

it("needs memory for its largest record, not for its input", () => {
  const input = Array.from({ length: 100000 }, (_, i) => `${i} word ${i * 7}`).join("\n");
  runs(
    '{ $2 = "x" NR; s = s "y"; if (length(s) > 100) s = ""; t = $0; a[NR % 10] = t } END { print NR, length(a), t }',
    input,
    "100000 10 99999 x100000 699993\n",
  );
});
