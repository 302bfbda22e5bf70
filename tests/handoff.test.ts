// The screen goes from the kernel to the console server and back, whoever dies: no line is lost, the reason is said, and nothing leaks.
// What the kernel does at each step of a handoff is in kernel-as/tests/screen.test.ts; the page is in e2e/machine/handoff.spec.ts.
import { describe, expect, it } from "vitest";
import { shell } from "./headless.ts";

/** Shell functions: `is STATE` waits for a state of the screen, `end NAME` kills a server and waits until it has gone. */
const FUNCTIONS = [
  'is() { until grep -q "state $1" /proc/console; do sleep 0.01; done; }',
  "counts() { cat /proc/counters; free; }",
  "end() { pid=$(pidof $1); kill -9 $pid; while [ -d /proc/$pid ]; do sleep 0.01; done; }",
].join("; ");

const ROUNDS = 5;
const LINES = 2000;

/** Prints numbered lines while `victims` are killed, ROUNDS times; each round waits until the screen is the server's again. */
function sweep(victims: readonly string[], between: string): string {
  const kills = victims.map((name) => `end ${name}`).join("; ");
  return [
    FUNCTIONS,
    "is server",
    "counts > /tmp/first; counts > /tmp/last; echo begin; i=0",
    `while [ $i -lt ${ROUNDS} ]; do from=$((i * ${LINES})); seq $from $((from + ${LINES - 1})) & ${between} ${kills}; wait $!; is server; i=$((i + 1)); [ $i -eq 1 ] && counts > /tmp/first; done`,
    "counts > /tmp/last; echo end; cat /tmp/first; echo last; cat /tmp/last; echo vt; cat /proc/console",
  ].join("; ");
}

function between(text: string, from: string, to: string): string {
  const start = text.indexOf(`${from}\n`) + from.length + 1;
  return text.slice(start, text.indexOf(`${to}\n`, start));
}

function count(text: string, name: string): number {
  const found = new RegExp(`^${name} +(\\d+)`, "m").exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${name} in ${text}`);
  return Number(found);
}

const EXPECTED = Array.from({ length: ROUNDS * LINES }, (_, i) => `${i}\n`).join("");

describe("handoff", () => {
  it.each([
    ["srv/gpu", ["gpu"], "", /console: gpu \(pid \d+\) was killed/g],
    ["srv/console", ["console"], "", /console: console \(pid \d+\) was killed/g],
    ["both, the driver first", ["gpu", "console"], "", /console: gpu \(pid \d+\) was killed/g],
    ["both, the console first", ["console", "gpu"], "", /console: console \(pid \d+\) was killed/g],
    [
      "srv/gpu in the middle of a mode change",
      ["gpu"],
      "{ echo mode 800x600 > /dev/gpu/ctl; echo mode 1024x768 > /dev/gpu/ctl; } 2>/dev/null &",
      /console: gpu \(pid \d+\) was killed/g,
    ],
  ])(
    `%s is killed ${ROUNDS} times during output`,
    async (_, victims, meanwhile, reason) => {
      const { status, stdout, stderr } = await shell(sweep(victims, meanwhile), "--screen", "-v");
      expect(status, stderr).toBe(0);
      expect(between(stdout, "begin", "end")).toBe(EXPECTED);
      expect(stderr.match(reason)?.length).toBe(ROUNDS);
      expect(between(stdout, "vt", "size 80 25")).toMatch(
        /^state server\nowner \d+ console\ndriver \d+ gpu\n/,
      );
      const [first, last] = [between(stdout, "end", "last"), between(stdout, "last", "vt")];
      for (const name of ["open_files", "pipes", "channels", "objects", "memtype_ranges"])
        expect(count(last, name), name).toBe(count(first, name));
      // A server may touch a page in one life that it did not in another; a leak is one a round.
      expect(count(last, "used") - count(first, "used")).toBeLessThan(ROUNDS - 1);
    },
    60_000,
  );

  it("release and take, by a person, as often as wanted", async () => {
    const line = `${FUNCTIONS}; for i in 1 2 3; do is server; echo during $i; console release; is kernel; echo without $i; console take; done; is server; echo end`;
    const { stdout, stderr } = await shell(line, "--screen", "-v");
    expect(stdout).toBe("during 1\nwithout 1\nduring 2\nwithout 2\nduring 3\nwithout 3\nend\n");
    expect(stderr.match(/console \(pid \d+\) asked for the kernel console/g)?.length).toBe(3);
  }, 60_000);

  it("with a line to run the kernel console stays, and the line's output is all there is", async () => {
    const { stdout } = await shell("grep state /proc/console; pidof console; echo end");
    expect(stdout).toBe("state kernel\nend\n");
  }, 60_000);
});
