// What the shell does with symbolic links: conditions, patterns, cd and completion.

import { beforeEach, describe, expect, it } from "vitest";
import { check, checkError, eachTestHasAShell, sys } from "./testing/shell.ts";

eachTestHasAShell();

beforeEach(() => {
  sys.tree.now = 1n;
  sys.write("/d/f", "text\n");
  sys.tree.symlink("d", "/l");
  sys.tree.symlink("/d/f", "/lf");
  sys.tree.symlink("nowhere", "/dead");
  sys.tree.symlink("loop", "/loop");
});

describe("conditions", () => {
  it("-L and -h ask for a link, the others for what it leads to", () => {
    check(
      "for f in /l /lf /dead /d /d/f /none; do for t in -L -h -e -f -d -s; do [ $t $f ] && printf ' %s' $t; done; echo; done",
      " -L -h -e -d\n -L -h -e -f -s\n -L -h\n -e -d\n -e -f -s\n\n",
    );
    check("[[ -L /dead && ! -e /dead && ! -L /d/f ]] && echo yes", "yes\n");
    check("test -h /loop && ! test -e /loop && echo yes", "yes\n");
  });
  it("-ef follows both", () =>
    check("[ /lf -ef /d/f ] && ! [ /lf -ef /l ] && [[ /l -ef /d ]] && echo yes", "yes\n"));
});

describe("names", () => {
  it("a pattern finds links, and goes through them", () => {
    check("cd /; echo l* */f dea* */", "l lf loop d/f l/f dead bin/ d/ l/\n");
    check("cd /; echo [l]/* [d]ead/x [d]/../dead", "l/f [d]ead/x d/../dead\n");
  });
  it("cd goes through a link, and PWD is where that leads", () => {
    check(
      "cd /l; pwd; echo $PWD; cat < f; cd ..; pwd; cd -; cd -P /l; pwd",
      "/d\n/d\ntext\n/\n/d\n/d\n",
    );
    checkError("cd /loop", "sh: cd: /loop: too many symbolic links\n", 1);
    checkError("cd /dead", "sh: cd: /dead: no such file or directory\n", 1);
  });
  it("redirections follow, and make what a link leads to", () => {
    check("echo new > /lf; echo made > /dead; cat /d/f /nowhere", "new\nmade\n");
  });
});

describe("completion", () => {
  it("a link to a folder ends with a slash, another with a blank", () => {
    sys.consoleSize = "40 10";
    sys.tree.symlink("/d", "/folder");
    sys.tree.symlink("/d/f", "/page");
    sys.run("sh", ["sh"], "args /fol\tf /pa\tx\r");
    expect(sys.spawned.at(-1)).toEqual(["args", "/folder/f", "/page", "x"]);
  });
});
