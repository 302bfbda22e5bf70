// The editor on the machine: what it saves is there, ^Z, fg, ^C and kill reach it, and what cannot be written stays in it. One boot for all.

import { afterAll, beforeAll, expect, it } from "vitest";
import { TestMachine } from "./machine.ts";

/** The end of each picture: the cursor is shown again. */
const SHOWN = "\x1b[?25h";
const PROMPT = /\$ $/;
const SAVE = "\x13";
const EXIT = "\x18";

let machine: TestMachine;

beforeAll(async () => {
  machine = await TestMachine.boot();
  // A shell with jobs: ^Z and ^C are signals to the editor.
  await machine.type("PS1='$ ' sh -i\n");
  await machine.until("$ ");
});

afterAll(() => machine.dispose());

/** What a line printed. */
async function run(line: string): Promise<string> {
  await machine.type(`${line}\r`);
  await machine.until("\n");
  return (await machine.until(/(^|\n)\$ $/)).slice(0, -2);
}

/** Types, and waits for a text and the end of the picture that it is in. ^C and ^Z drop what was typed before and has not been read. */
async function keys(text: string, said: string | RegExp): Promise<void> {
  await machine.type(text);
  await machine.until(said);
  if (said !== PROMPT) await machine.until(SHOWN);
}

it("makes a file in /home, is stopped, goes on and says where the cursor is", async () => {
  await keys("edit /home/note\r", "A new file");
  await keys("hello\rworld", "world");
  await keys(SAVE, "Wrote 2 lines");
  await keys("\x1a", PROMPT);
  expect(await run("cat /home/note; ls -1a /home; jobs")).toBe(
    "hello\nworld\nnote\n[1]+  Stopped             edit /home/note\n",
  );
  await keys("fg\r", "world");
  await keys("\x03", "line 2/2, col 6/6");
  await keys(EXIT, PROMPT);
  expect(await run("jobs; stty")).toMatch(/^80 25 cooked\n$/);
});

it("edits 100,000 lines, from one end to the other", async () => {
  await run("seq 100000 > /tmp/lines");
  await keys("nano +99999 /tmp/lines\r", "99999");
  await keys("x", "x99999");
  await keys("\x1b\\y", "y1");
  await keys("\x06x\r", "x99999");
  await keys("\x0b", "100000");
  await keys(SAVE, "Wrote 99999 lines");
  await keys(EXIT, PROMPT);
  expect(
    await run("wc -l /tmp/lines; head -n 1 /tmp/lines; tail -n 2 /tmp/lines; rm /tmp/lines"),
  ).toBe("99999 /tmp/lines\ny1\n99998\n100000\n");
});

it("keeps the text when it cannot be saved, and the file as it was", async () => {
  await keys("edit /etc/services\r", "Read-only here");
  await keys("x", "Modified");
  await keys(SAVE, "Not saved: read-only file system (/etc/services)");
  await keys(`${EXIT}n`, PROMPT);
  await run("seq 30000 > /tmp/f; head -c 100000000 /dev/random > /tmp/fill");
  await keys("edit /tmp/f\r", "21");
  await keys("x", "Modified");
  await keys(SAVE, "Not saved: no space left (/tmp/f)");
  await keys("\x1a", PROMPT);
  expect(await run("head -n 1 /tmp/f; ls -1a /tmp")).toBe("1\nf\nfill\n");
  await run("rm /tmp/fill");
  await keys("fg\r", "x1");
  await keys(SAVE, "Wrote 30000 lines");
  await keys(EXIT, PROMPT);
  expect(await run("head -n 1 /tmp/f; rm /tmp/f; ls /tmp")).toBe("x1\n");
});

it("puts what is not saved beside the file when it is ended, stopped or not", async () => {
  await keys("edit /tmp/f\r", "A new file");
  await keys("text", "text");
  await keys("\x1a", PROMPT);
  expect(await run("kill %1; wait; cat /tmp/f.save")).toContain("the text is in /tmp/f.save\n");
  expect(await run("cat /tmp/f.save; jobs; rm /tmp/f.save")).toBe("text\n");
  await run("(sleep 2; kill $(pidof edit)) &");
  await keys("edit /tmp/f\r", "A new file");
  await keys("more", "more");
  await machine.until("the text is in /tmp/f.save\n");
  await machine.until(PROMPT);
  expect(await run("cat /tmp/f.save; rm /tmp/f.save")).toContain("more\n");
});

it("says why it does not begin", async () => {
  expect(await run("edit /home")).toBe("edit: /home: is a directory\n");
  expect(await run("edit /dev/null")).toBe("edit: /dev/null: is a device\n");
  expect(await run("pico /nowhere/f")).toBe("pico: /nowhere/f: its directory does not exist\n");
  expect(await run("echo x | edit f")).toBe("edit: standard input and output must be a terminal\n");
  expect(await run("vi x")).toMatch(/^sh: vi: not here: edit FILE is the editor/);
});

it("leaves nothing behind, saved or not", async () => {
  const round = async () => {
    await run("echo a > /tmp/f");
    await keys("edit /tmp/f\r", "a");
    await keys("x", "xa");
    await keys(SAVE, "Wrote 1 line");
    await keys("y", "xya");
    await keys(`${EXIT}n`, PROMPT);
    return run("rm /tmp/f; sleep 0.2; free -c");
  };
  await round();
  const counts = await round();
  expect(await round()).toBe(counts);
});
