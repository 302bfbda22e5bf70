// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's language has ${X} too.

// The shell's language, run in the compiled shell over a stand-in for the kernel.

import { beforeEach, describe, expect, it } from "vitest";
import { check, checkError, eachTestHasAShell, sys } from "./testing/shell.ts";

eachTestHasAShell();

/** The words that reach a program. */
function checkWords(line: string, words: string[], args: string[] = []): void {
  sys.spawned.length = 0;
  sys.run("sh", ["sh", "-c", line, ...args]);
  expect(sys.spawned.at(-1)?.slice(1)).toEqual(words);
}

describe("words and quotes", () => {
  it("splits at blanks", () => checkWords("args  a\tb   c", ["a", "b", "c"]));
  it("keeps single quotes literally", () => checkWords("args 'a  $X \\ \"'", ['a  $X \\ "']));
  it("expands in double quotes without splitting", () =>
    checkWords('X="a  b"; args "<$X>"', ["<a  b>"]));
  it("joins adjacent parts", () => checkWords("args a'b'\"c\"d", ["abcd"]));
  it("keeps empty quoted words", () => checkWords("args '' \"\" x", ["", "", "x"]));
  it("escapes with a backslash", () => checkWords("args a\\ b \\$X \\'", ["a b", "$X", "'"]));
  it("knows which escapes count in double quotes", () =>
    checkWords('args "\\$X \\" \\\\ \\n"', ['$X " \\ \\n']));
  it("drops an escaped newline", () => checkWords("args a\\\nb", ["ab"]));
  it("ends at a comment, only at a word's start", () => checkWords("args a#b # c d", ["a#b"]));
});

describe("variables", () => {
  it("splits an unquoted value", () => checkWords("X='a  b'; args $X-$X", ["a", "b-a", "b"]));
  it("drops an unquoted empty value", () => checkWords("args $NONE x ${NONE}", ["x"]));
  it("takes braces", () => checkWords("X=1; args ${X}2$X", ["121"]));
  it("does not split an assignment", () => checkWords("X='a b'; Y=$X; args \"$Y\"", ["a b"]));
  it("knows the status", () => checkWords("status 3; args $?", ["3"]));
  it("gives the last status of a failed test", () => checkWords("false; args $?", ["1"]));
  it("has positional parameters", () =>
    checkWords(
      "args $0 $1 ${2} $#",
      ["me", "a", "b c", "2"].flatMap((w) => w.split(" ")),
      ["me", "a", "b c"],
    ));
  it('keeps "$@" as fields', () =>
    checkWords('args "$@" "x$*"', ["a", "b c", "xa b c"], ["me", "a", "b c"]));
  it('drops "$@" without parameters', () => checkWords('args "$@" x', ["x"]));
  it("leaves a lone dollar", () => checkWords("args $ a$", ["$", "a$"]));
  it("unsets", () => checkWords("X=1; unset X; args <$X>".replace("<$X>", "'<'$X'>'"), ["<>"]));
  it("lists exports so that they can be read back", () =>
    check('export X="it\'s"; Y=2; export', "export X='it'\\''s'\n"));
});

describe("lists", () => {
  it("runs in order", () => check("echo a; echo b", "a\nb\n"));
  it("&& and || have one precedence", () => check("false && echo a || echo b && echo c", "b\nc\n"));
  it("negates a pipeline", () => check("! false && echo yes; ! true || echo no", "yes\nno\n"));
  it("ends with the last status", () => check("true; status 5", "", 5));
  it("exits", () => check("exit 7; echo never", "", 7));
  it("exits with the last status", () => check("status 9; exit", "", 9));
  it("takes several lines", () => check("echo a\necho b &&\necho c", "a\nb\nc\n"));
  it("runs in the background and waits", () => check("status 4 & wait $!; echo $?", "4\n"));
});

describe("pipes and redirections", () => {
  it("connects programs", () => check("echo hi | cat | cat", "hi\n"));
  it("has the status of the last command", () => check("status 3 | nop", ""));
  it("lets a builtin print into a pipe", () => check("pwd | cat", "/\n"));
  it("runs other builtins of a pipeline in a child", () => check("exit 3 | cat; echo $?", "0\n"));
  it("writes, appends and reads", () => check("echo a > /f; echo b >> /f; cat < /f", "a\nb\n"));
  it("applies redirections from left to right", () => {
    check("cat /missing > /f 2>&1", "", 1);
    expect(sys.text("/f")).toContain("/missing");
  });
  it("2>&1 before > keeps errors on the old output", () => {
    const result = sys.run("sh", ["sh", "-c", "cat /missing 2>&1 > /f"]);
    expect(result.out).toContain("/missing");
    expect(sys.text("/f")).toBe("");
  });
  it("redirects a builtin", () => {
    check("pwd > /f", "");
    expect(sys.text("/f")).toBe("/\n");
  });
  it("makes an empty file without a command", () => {
    check("> /f", "");
    expect(sys.text("/f")).toBe("");
  });
  it("needs no blanks", () => check("echo a>/f;cat</f", "a\n"));
  it("expands a file name", () => check("F=/f; echo a > $F; cat $F", "a\n"));
});

describe("errors", () => {
  it("says what is not found", () => checkError("nothing a b", "sh: nothing: not found\n", 127));
  it("says that a path is not there", () => checkError("/g", "sh: /g: not found\n", 127));
  it("goes on after it", () =>
    checkError("nothing || echo ok", "sh: nothing: not found\n", 0, "ok\n"));
  it("names an unreadable file", () =>
    checkError("cat < /none", "sh: /none: no such file or directory\n", 1));
  it("unexpected operator", () => checkError("echo a && && b", "sh: unexpected &&\n", 2));
  it("runs nothing of a line with a syntax error", () =>
    checkError("echo a ;; echo b", "sh: unexpected ;;\n", 2));
  it("open quote", () => checkError("echo 'a", "sh: a ' is not closed\n", 2));
  it("open pipe", () => checkError("echo a |", "sh: the line ends too early\n", 2));
  it("missing file name", () => checkError("echo >", "sh: a word is missing after >\n", 2));
  it("bad parameter", () => checkError("echo ${a&b}", "sh: bad parameter in echo ${a&b}\n", 2));
  it("not a number", () => checkError("exit x", "sh: exit: x: not a number\n", 2));
  it("not a directory", () =>
    checkError("cd /none", "sh: cd: /none: no such file or directory\n", 1));
});

describe("sources", () => {
  it("reads a script with arguments", () => {
    sys.write("/s", "# a script\necho $1\nexit 4\necho never\n");
    expect(sys.run("sh", ["sh", "/s", "x"])).toEqual({ status: 4, out: "x\n", err: "" });
  });
  it("leaves the rest of standard input to programs", () => {
    expect(sys.run("sh", ["sh"], "echo a\ncat\nrest\n").out).toBe("a\nrest\n");
  });
});

describe("the console", () => {
  beforeEach(() => {
    sys.consoleSize = "40 10";
  });
  const typed = (keys: string) => sys.run("sh", ["sh"], keys);

  it("prompts, runs, and ends at ^D", () => {
    const { out, status } = typed("echo hi\r\x04");
    expect(out).toBe("quire$ echo hi\r\nhi\nquire$ \r\n");
    expect(status).toBe(0);
  });
  it("is raw while a line is typed and gives each command the foreground", () => {
    typed("nop\r\x04");
    const words = sys.controls.map((text) => text.split(" ")[0]);
    expect(words.filter((word) => word !== "fg")).toEqual([
      "size",
      "raw",
      "size",
      "cooked",
      "raw",
      "size",
      "cooked",
    ]);
    // The shell, the shell again while it runs the line, the program, the shell, and nobody at the prompt.
    expect(sys.controls.filter((text) => text.startsWith("fg"))).toEqual([
      "fg 2",
      "fg 2",
      "fg 3",
      "fg 3",
      "fg 2",
      "fg 0",
    ]);
  });
  it("edits within the line", () => {
    typed("args bc\x1b[D\x1b[Da\x01\x05d\r\x04");
    expect(sys.spawned).toEqual([["args", "abcd"]]);
  });
  it("deletes both ways, by word, to both ends", () => {
    typed("args abc\x7f\x1b[D\x1b[3~x\r");
    expect(sys.spawned.pop()).toEqual(["args", "ax"]);
    typed("args one two\x17three\r");
    expect(sys.spawned.pop()).toEqual(["args", "one", "three"]);
    typed("zzz\x15args a\r");
    expect(sys.spawned.pop()).toEqual(["args", "a"]);
    typed("args abcd\x02\x02\x0b\r");
    expect(sys.spawned.pop()).toEqual(["args", "ab"]);
  });
  it("moves over UTF-8 characters whole", () => {
    typed("args aéb\x1b[D\x7f\r");
    expect(sys.spawned.pop()).toEqual(["args", "ab"]);
  });
  it("has a history", () => {
    typed("args 1\rargs 2\r\x1b[A\x1b[A\r\x1b[A\x1b[B\x1b[Aargs\r");
    expect(sys.spawned.map((argv) => argv.slice(1).join(" "))).toEqual(["1", "2", "1", "1args"]);
  });
  it("finds a line with ^R", () => {
    typed("args first\rargs second\r\x12fir\r");
    expect(sys.spawned.map((argv) => argv[1])).toEqual(["first", "second", "first"]);
  });
  it("finds older lines with ^R again, and ^G gives up", () => {
    typed("args one\rargs two\r\x12args\x12\rargs x\x12one\x07y\r");
    expect(sys.spawned.map((argv) => argv[1])).toEqual(["one", "two", "one", "xy"]);
  });
  it("Up goes through the lines that begin as what is typed", () => {
    typed("args 1\rnop 2\rargs 3\rnop\x1b[A\rarg\x1b[A\x1b[A\x1b[A\r");
    expect(sys.spawned.map((argv) => argv.join(" ")).slice(3)).toEqual(["nop 2", "args 1"]);
  });
  it("Tab completes a command", () => {
    typed("arg\ta\recho; no\tb\r");
    expect(sys.spawned).toEqual([
      ["args", "a"],
      ["nop", "b"],
    ]);
  });
  it("Tab completes a path, with a slash, a blank or a backslash", () => {
    sys.write("/dir/name one", "");
    typed("args /di\tna\tx\r");
    expect(sys.spawned.at(-1)).toEqual(["args", "/dir/name one", "x"]);
    typed('args "/dir/na\ty\r');
    expect(sys.spawned.at(-1)).toEqual(["args", "/dir/name one", "y"]);
  });
  it("Tab completes a variable", () => {
    typed("COLOUR=red\rargs $COL\t${COL\t\r");
    expect(sys.spawned.at(-1)).toEqual(["args", "red", "red"]);
  });
  it("Tab twice shows what there is", () => {
    sys.write("/d/ab1", "");
    sys.write("/d/ab2", "");
    const { out } = typed("args /d/a\t\t\t1\r");
    expect(out).toContain("\r\nab1  ab2\r\n");
    expect(sys.spawned.at(-1)).toEqual(["args", "/d/ab1"]);
  });
  it("a command is not completed where an argument is", () => {
    typed("args no\t\r");
    expect(sys.spawned).toEqual([["args", "no"]]);
  });
  it("keeps its history in $HOME", () => {
    sys.environment = "HOME=/h\0";
    sys.write("/h/.sh_history", "args old\n");
    typed("\x1b[A\rargs new\r");
    expect(sys.spawned.map((argv) => argv[1])).toEqual(["old", "new"]);
    expect(sys.text("/h/.sh_history")).toBe("args old\nargs new\n");
  });
  it("moves by words", () => {
    typed("args one two\x1bb\x1b[1;5Dx\x1bf\x1b[1;5C3\r");
    expect(sys.spawned.at(-1)).toEqual(["args", "xone", "two3"]);
  });
  it("drops a line at ^C with status 130", () => {
    typed("args x\x03args $?\r\x04");
    expect(sys.spawned).toEqual([["args", "130"]]);
  });
  it("continues an open quote on the next line", () => {
    const { out } = typed("args 'a\rb'\r\x04");
    expect(out).toContain("\r\n> ");
    expect(sys.spawned).toEqual([["args", "a\nb"]]);
  });
  it("draws a line longer than the terminal over rows", () => {
    const { out } = typed(`args ${"x".repeat(60)}\x01\r\x04`);
    expect(out).toContain("\x1b[1A");
    expect(sys.spawned[0]?.[1]).toBe("x".repeat(60));
  });
});
