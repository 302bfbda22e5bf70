// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's language has ${X} too.

// What people know from bash and type without thinking, in the compiled shell over a stand-in for the kernel.

import { describe, expect, it } from "vitest";
import { check, checkError, eachTestHasAShell, sys } from "./testing/shell.ts";

eachTestHasAShell();

describe("{ }", () => {
  it("lists", () => {
    check("echo a{b,c}d {x,y}{1,2} pre{,.bak}", "abd acd x1 x2 y1 y2 pre pre.bak\n");
    check("echo {a,b{c,d{e,f}}}", "a bc bde bdf\n");
    check("echo {a,'b c'}", "a b c\n");
  });
  it("ranges", () => {
    check(
      "echo {1..5} {3..1} {1..10..4} {01..03} {c..a} {-1..1}",
      "1 2 3 4 5 3 2 1 1 5 9 01 02 03 c b a -1 0 1\n",
    );
    check("for i in {1..3}; do echo $i; done", "1\n2\n3\n");
  });
  it("others are themselves", () => {
    check(
      "echo {} {a} {a..} \"{a,b}\" '{a,b}' \\{a,b} x={a,b}",
      "{} {a} {a..} {a,b} {a,b} {a,b} x=a x=b\n",
    );
    check("x={a,b}; echo $x ${x}", "{a,b} {a,b}\n");
  });
  it("too many are refused", () =>
    checkError("echo {1..99999}", "sh: argument list too long\n", 126));
});

describe("${ }", () => {
  it("replaces", () => {
    check(
      "x=hello; echo ${x/l/L} ${x//l/L} ${x/#h/H} ${x/%o/O} ${x//l} ${x/z/y}",
      "heLlo heLLo Hello hellO heo hello\n",
    );
    check("p=a/b/c; echo ${p//\\//-} ${p/*\\//}", "a-b-c c\n");
    check('x=\'a*b\'; echo "${x//\\*/x}" "${x/a/1 2}"', "axb 1 2*b\n");
    check("x=aXbXc; echo ${x//[A-Z]/_} ${x/X*X/-}", "a_b_c a-c\n");
  });
  it("cuts", () => {
    check(
      "x=hello; echo ${x:1} ${x:1:3} ${x: -2} ${x:0:-1} ${x:9}. ${x:$((1+1)):1}",
      "ello ell lo hell . l\n",
    );
    check("x=aéb; echo ${x:1:1} ${#x}", "é 3\n");
    check('echo "${@:2}" ${@:1:2} ${*: -1}', "b c d a b c d\n", 0, ["sh", "a", "b c", "d"]);
  });
  it("turns large and small", () =>
    check("x=hEllo; echo ${x^} ${x^^} ${x,,}; y=ABC; echo ${y,}", "HEllo HELLO hello\naBC\n"));
  it("goes by another name", () => check("x=y; y=5; echo ${!x} ${!x:+set}", "5 set\n"));
  it("parameters from the tenth on", () =>
    check("echo ${10} ${11:-none} $10", "j none a0\n", 0, ["sh", ..."abcdefghij"]));
  it("a quote in double quotes is itself", () => check('echo "${x:-it\'s}"', "it's\n"));
  it("says what it does not know", () =>
    checkError("echo ${x@Q}", "sh: bad parameter in echo ${x@Q}\n", 2));
});

describe("[[ ]]", () => {
  const yes = (text: string) => check(`x='a b'; [[ ${text} ]] && echo yes`, "yes\n");
  const no = (text: string) => check(`x='a b'; [[ ${text} ]] || echo no`, "no\n");
  it("strings and patterns", () => {
    yes("$x == 'a b'");
    yes("$x == a*");
    no('$x == "a*"');
    yes("$x != c && -n $x && ! -z $x");
    yes("b > a && a < b");
    no("$none");
    yes("$x");
  });
  it("numbers are arithmetic", () => {
    yes("2+3 -eq 5");
    no("x1 -gt 0");
  });
  it("groups, and sides that do not count", () => {
    yes("a == b || ( b == b && c == c )");
    check("[[ a == b && -n $(echo x > /f) ]] || cat /f 2> /e", "", 1);
  });
  it("expressions", () => {
    yes("foo42 =~ ^[a-z]+[0-9]{2}$");
    yes("foo =~ (o|x)+$");
    no("axb =~ a\\.b");
    yes("a.b =~ a\\.b");
    no('axb =~ "a.b"');
    check("re='^[0-9]+$'; [[ 42 =~ $re ]] && echo yes", "yes\n");
  });
  it("over lines", () => check("if [[ a == a &&\n  b == b ]]; then echo yes; fi", "yes\n"));
  it("says what is wrong", () => {
    checkError("[[ a b ]]", "sh: not understood: [[ a b ]]\n", 2);
    checkError("[[ a =~ x( ]]", "sh: the line ends too early\n", 2);
    checkError("set -u; [[ $none == x ]]", "sh: none: not set\n", 1);
  });
});

describe("(( ))", () => {
  it("is true when it is not 0", () =>
    check("x=1; ((x += 2)) && echo $x; ((0)); echo $?", "3\n1\n"));
  it("for ((;;))", () => {
    check("for ((i = 0, j = 3; i < j; i++)); do echo $i; done", "0\n1\n2\n");
    check("for ((;;)); do break; done; echo out", "out\n");
    check("for ((i=0; i<3; i++)) { [ $i = 1 ] && continue; echo $i; }", "0\n2\n");
  });
  it("let", () => check("let x=5 y=x*2; echo $x $y; let 0; echo $?", "5 10\n1\n"));
  it("two subshells are something else", () => check("((echo a); (echo b))", "a\nb\n"));
  it("says what is wrong", () =>
    checkError("((1 +))", "sh: a number is missing in arithmetic: ((1 +))\n", 1));
});

describe("redirections", () => {
  it("<<<", () => check('cat <<< "a  b"; x=1; read y z <<< "$x two"; echo $z', "a  b\ntwo\n"));
  it("&>, &>>, >&, |&", () => {
    check("{ echo o; cat /none; } &> /f; cat /f", "o\ncat: /none: no such file or directory\n");
    check("echo a &> /f; cat /none &>> /f; cat /f", "a\ncat: /none: no such file or directory\n");
    check("echo a >& /f; cat /f; cat /none |& cat", "a\ncat: /none: no such file or directory\n");
  });
  it("< FILE reads on where the last read stopped", () => {
    sys.write("/f", "1\n2\n3\n");
    check("{ read a; read b; cat; } < /f; echo $a$b", "3\n12\n");
  });
});

describe("functions and loops", () => {
  it("function", () =>
    check(
      "function f { echo f$1; }; f 1; function g() { echo g; }; g; my-f() { echo m; }; my-f",
      "f1\ng\nm\n",
    ));
  it("survive in a child", () =>
    check("function f { echo f; }; f | cat; (f); echo $(f)", "f\nf\nf\n"));
  it(";& goes on", () => check("case x in x) echo a;& y) echo b;; z) echo c;; esac", "a\nb\n"));
  it("select", () =>
    checkError("select x in a b; do echo $x; break; done <<< 2", "1) a\n2) b\n#? ", 0, "b\n"));
  it("deep recursion", () =>
    check("f() { [ $1 = 0 ] && echo end || f $(($1 - 1)); }; f 150", "end\n"));
});

describe("variables", () => {
  it("+=", () => check("x=a; x+=b; x+=$x; echo $x", "abab\n"));
  it("declare", () => {
    check(
      "declare x=1; f() { declare x=2; echo $x; }; f; echo $x; declare -r y=3; echo $y",
      "2\n1\n3\n",
    );
    checkError("declare -a x", "sh: declare: -a: there are no arrays\n", 2);
    checkError("a=(1 2)", "sh: there are no arrays here, near a=\n", 2);
  });
  it("of the shell", () =>
    check(
      "cd /bin; cd - > /f; echo $PWD $OLDPWD $0; [ $RANDOM -ge 0 ] && echo $UID",
      "/ /bin sh\n0\n",
    ));
  it("~ behind = and :", () => check("HOME=/h; x=~/a:~/b; echo $x ~+", "/h/a:/h/b /\n"));
  it("$'...'", () => check("echo $'a\\tb\\x41\\u00e9\\'' \"$'x'\"", "a\tbAé' $'x'\n"));
});

describe("builtins", () => {
  it("echo", () => check("echo -ne 'a\\tb\\n'; echo -E 'a\\tb'; echo -x", "a\tb\na\\tb\n-x\n"));
  it("printf", () => {
    check(
      "printf '%05.1f|%-6s|%+d|%x|%X|%o\\n' 3.14159 ab 5 255 255 8",
      "003.1|ab    |+5|ff|FF|10\n",
    );
    check("printf '%s-%s\\n' a b c; printf '%*d|%.2s\\n' 4 7 xyz", "a-b\nc-\n   7|xy\n");
    check(
      "printf '%e %g %g\\n' 12345.678 0.0001 1e20; printf -v v '%03d' 7; echo $v",
      "1.234568e+04 0.0001 1e+20\n007\n",
    );
    check("printf '%b|%q|%c\\n' 'a\\tb' \"it's\" xyz", "a\tb|'it'\\''s'|x\n");
    checkError("printf '%d\\n' 3x", "sh: printf: 3x: not a number\n", 1, "3\n");
  });
  it("read", () => {
    check("read -n 3 x <<< abcdef; read -d : y <<< a:b; echo $x $y", "abc a\n");
    checkError("read -q x", "sh: read: -q: the options are -r -s -p -n -d -t and -u\n", 2);
  });
  it("test", () => {
    sys.write("/f", "");
    check(
      "[ \\( a = a \\) -a b \\< c ] && [ ! a = b ] && [ -f /f ] && [ ! -s /f ] && [ ' 5 ' -eq 5 ] && echo yes",
      "yes\n",
    );
    check(
      "v=1; [ -v v ] && [ ! -v w ] && [ ! -L /f ] && [ ! -t 0 ] && [ ! -o errexit ] && echo yes",
      "yes\n",
    );
  });
  it("pushd and popd", () => check("pushd /bin; dirs; popd; pwd", "/bin /\n/bin /\n/\n/\n"));
  it("time is for a whole pipeline", () =>
    checkError("time status 3 | status 4; echo $?", "0.000 s\n", 0, "4\n"));
});

describe("pipelines", () => {
  it("their assignments are their own", () => check("x=1; echo | x=2; x=3 | cat; echo $x", "1\n"));
  it("a builtin in the background has a number", () => check("false & wait $!; echo $?", "1\n"));
  it("a pattern that ends with a slash is for folders", () => {
    sys.write("/a/x", "");
    sys.write("/b", "");
    check("echo /[ab]/", "/a/\n");
  });
});

describe("a script", () => {
  it("says where it is wrong, and stops there", () => {
    sys.write("/s", "echo a\n\nif true; then\n  fi\necho b\n");
    expect(sys.run("sh", ["sh", "/s"])).toEqual({
      out: "a\n",
      err: "/s: line 3: unexpected fi\n",
      status: 2,
    });
  });
  it("is not read ahead of what it runs", () => {
    expect(sys.run("sh", ["sh"], "read x\nline\necho $x\ncat\nrest\n").out).toBe("line\nrest\n");
  });
  it("that is a folder", () => {
    sys.write("/d/x", "");
    expect(sys.run("sh", ["sh", "/d"])).toEqual({
      out: "",
      err: "sh: /d: is a directory\n",
      status: 126,
    });
  });
});

describe("a person's shell", () => {
  const type = (keys: string) => {
    sys.consoleSize = "80 24";
    return sys.run("sh", ["sh"], keys);
  };
  it("!! is the last line, !$ its last word", () => {
    const { err, status } = type("status 3 4\r!!; exit $?\r");
    expect([err, status]).toEqual(["status 3 4; exit $?\n", 3]);
    expect(type("status 0 5\rstatus !$\rexit\r").status).toBe(5);
    expect(type("!nothing\rexit\r").err).toBe("sh: !nothing: no such line\n");
  });
  it("runs /etc/profile and ~/.shrc first", () => {
    sys.environment = "HOME=/home\0";
    sys.write("/etc/profile", "alias q='exit 4'\n");
    sys.write("/home/.shrc", "PS1='\\w> '\n");
    const { out, status } = type("q\r");
    expect(out.startsWith("/> ")).toBe(true);
    expect(status).toBe(4);
  });
  it("says why something is not there", () => {
    sys.write("/share/absent", "ping curl: not here: there is no network.\n");
    checkError("curl x", "sh: curl: not here: there is no network.\n", 127);
    checkError("cur x", "sh: cur: not found\n", 127);
  });
});
