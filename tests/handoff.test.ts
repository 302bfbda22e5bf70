// The screen goes from the kernel to the console server and back, whoever dies: no line and no key is lost, the reason is said, the screen
// comes back with the text, and nothing leaks. The sweeps wait most of the time, for init to start a server again, so they run side by side.
// What the kernel does at each step of a handoff is in kernel-as/tests/screen.test.ts; the page is in e2e/machine/handoff.spec.ts.
import { describe, expect, it, vi } from "vitest";
import { TestMachine } from "./machine.ts";
import { textOf } from "./screenText.ts";

/** Shell functions: `is STATE` waits for a state of the screen, `end NAME` kills a server and waits until it has gone. */
const FUNCTIONS = [
  'is() { until grep -q "state $1" /proc/console; do sleep 0.02; done; }',
  "counts() { cat /proc/counters; free; }",
  "end() { pid=$(pidof $1); kill -9 $pid; while [ -d /proc/$pid ]; do sleep 0.02; done; }",
].join("; ");

const ROUNDS = 5;
/** More than the ring of a terminal holds, and that is slow to take it: the ring is full when a server dies. */
const LINES = 20_000;

/** Prints numbered lines while `victims` are killed, ROUNDS times; each round waits until the screen is the server's again. */
function sweep(victims: readonly string[], before: string, after: string): string {
  const kills = victims.map((name) => `end ${name}`).join("; ");
  return [
    "is server; counts > /tmp/first; counts > /tmp/last; echo begin; i=0",
    `while [ $i -lt ${ROUNDS} ]; do from=$((i * ${LINES})); ${before} seq $from $((from + ${LINES - 1})) & s=$!; ${kills}; wait $s; ${after} is server; i=$((i + 1)); [ $i -eq 1 ] && counts > /tmp/first; done`,
    "counts > /tmp/last; echo end; cat /tmp/first; echo last; cat /tmp/last; echo vt; cat /proc/console; echo over",
  ].join("; ");
}

/** Changes the mode without a pause, for as long as a round takes: the driver dies in the middle of it. */
const MODES =
  "while true; do echo mode 800x600 > /dev/gpu/ctl; echo mode 1024x768 > /dev/gpu/ctl; done 2>/dev/null & m=$!; sleep 0.05;";
const MODES_END = "kill $m; wait $m;";

function between(text: string, from: string, to: string): string {
  const start = text.indexOf(`${from}\n`) + from.length + 1;
  return text.slice(start, text.indexOf(`${to}\n`, start));
}

function count(text: string, name: string): number {
  const found = new RegExp(`^${name} +(\\d+)`, "m").exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${name} in ${text}`);
  return Number(found);
}

/** Waits until a text is on the machine's screen, whose glyphs are larger where there is room. */
async function shows(machine: TestMachine, wanted: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const picture = await machine.picture();
      const texts =
        picture === undefined ? [] : [1, 2, 3, 4].map((scale) => textOf(picture, scale));
      expect(texts.join("\n---\n")).toContain(wanted);
    },
    { timeout: 30_000, interval: 50 },
  );
}

/** Where two long texts differ, in short; "" when they do not. */
function differenceOf(text: string, expected: string): string {
  if (text === expected) return "";
  let at = 0;
  while (text[at] === expected[at]) at++;
  return `at ${at}: ${text.slice(at - 20, at + 40)}`;
}

const EXPECTED = Array.from({ length: ROUNDS * LINES }, (_, i) => `${i}\n`).join("");

describe.concurrent("handoff", () => {
  it.each([
    ["srv/gpu", ["gpu"], "gpu", "", ""],
    ["srv/console", ["console"], "console", "", ""],
    ["both, the driver first", ["gpu", "console"], "gpu", "", ""],
    ["both, the console first", ["console", "gpu"], "console", "", ""],
    ["srv/gpu, in the middle of changes of mode,", ["gpu"], "gpu", MODES, MODES_END],
  ])(`%s is killed ${ROUNDS} times during output`, async (_, victims, first, before, after) => {
    const machine = await TestMachine.boot("screen");
    await machine.run(FUNCTIONS);
    machine.slowness = 100;
    const said = await machine.run(sweep(victims, before, after));
    expect(differenceOf(between(said, "begin", "end"), EXPECTED)).toBe("");
    const reason = new RegExp(`kernel console: ${first} \\(pid \\d+\\) was killed`, "g");
    await machine.logs(new RegExp(`(${reason.source}[^]*){${ROUNDS}}`));
    expect(machine.log.match(reason)?.length).toBe(ROUNDS);
    expect(between(said, "vt", "size 80 25")).toMatch(
      /^state server\nowner \d+ console\ndriver \d+ gpu\n/,
    );
    const [early, late] = [between(said, "end", "last"), between(said, "last", "vt")];
    for (const name of ["open_files", "pipes", "channels", "objects", "memtype_ranges"])
      expect(count(late, name), name).toBe(count(early, name));
    // A server may touch a page in one life that it did not in another; a leak is one a round.
    expect(count(late, "used") - count(early, "used")).toBeLessThan(ROUNDS - 1);
    await machine.run("echo mode 640x480 > /dev/gpu/ctl");
    await shows(machine, "\nover\n@ 0");
    expect((await machine.picture())?.width).toBe(640);
    machine.dispose();
  });

  it("what is typed while servers die is read, every key of it; a person may take the screen back", async () => {
    const machine = await TestMachine.boot("screen");
    await machine.run(FUNCTIONS);
    await machine.type(
      `{ for i in 1 2 3 4 5; do is server; end console; end gpu; done; is server; echo dead; } & n=0; while read -r key; [ "$key" != over ]; do [ "$key" = "key $n" ] || echo "got $key, not $n"; n=$((n + 1)); done; echo "read $n"\n`,
    );
    let isOver = false;
    const over = machine.until("dead\n").then((text) => {
      isOver = true;
      return text;
    });
    let typed = 0;
    while (!isOver) {
      await machine.type(`key ${typed++}\n`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await over).toBe("dead\n");
    await machine.type("over\n");
    expect(await machine.until("@ 0\n")).toBe(`read ${typed}\n@ 0\n`);
    expect(machine.log.match(/kernel console: console \(pid \d+\) was killed/g)?.length).toBe(5);

    // A person gives the screen back and takes it, as often as wanted.
    const line =
      "for i in 1 2 3; do is server; echo during $i; console release; is kernel; echo without $i; console take; done; is server; echo end";
    expect(await machine.run(line)).toBe(
      "during 1\nwithout 1\nduring 2\nwithout 2\nduring 3\nwithout 3\nend\n",
    );
    expect(machine.log.match(/console \(pid \d+\) asked for the kernel console/g)?.length).toBe(3);
    await shows(machine, "without 3\nend\n@ 0");
    machine.dispose();
  });

  it("the text stays on the screen whatever is said to the base view", async () => {
    const machine = await TestMachine.boot("screen");
    const commands = [
      "frames 2",
      "mode 1920x1080",
      "format rgbx",
      "mode 320x200",
      "frames 3",
      "format bgrx",
      "blank",
      "blank off",
      "mode 1024x768",
      "mode 1152x864", // with the same cells
    ];
    for (const [i, command] of commands.entries()) {
      expect(await machine.run(`echo ${command} >/dev/gpu/ctl; echo said ${i}`)).toBe(
        `said ${i}\n`,
      );
      if (command === "blank") continue;
      await shows(machine, i === 0 ? "said 0\n@ 0" : `said ${i - 1}\n@ 0\nsaid ${i}\n@ 0`);
    }
    machine.dispose();
  });
});
