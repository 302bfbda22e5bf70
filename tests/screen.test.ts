// The screen without one: pictures in every mode and byte order, what is on it and when, and programs that draw while srv/gpu dies.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import wabt from "wabt";
import { cardDifference, FORMATS, MODES } from "./card.ts";
import { shell } from "./headless.ts";
import { TestMachine } from "./machine.ts";

const TIMEOUT = 60_000;
const folder = mkdtempSync(path.join(tmpdir(), "quire-screen-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** These wait in the shell: until a program has a view, until it has mapped its pixels, until srv/gpu answers. */
const DRAWS = "until grep -q 'view 1' /dev/gpu/status 2>/dev/null; do true; done";
const MAPPED = "until grep -q WC /proc/$d/maps 2>/dev/null; do true; done";
const SERVES = "until cat /dev/gpu/status >/dev/null 2>/dev/null; do true; done";

describe("one machine", { timeout: TIMEOUT }, () => {
  let machine: TestMachine;
  beforeAll(async () => {
    machine = await TestMachine.boot();
  }, TIMEOUT);
  afterAll(() => machine.dispose());

  async function picture(): Promise<{ width: number; height: number; data: Uint8Array }> {
    const now = await machine.picture();
    if (now === undefined) throw new Error("the display is off");
    return now;
  }

  const ctl = (command: string): string => `echo ${command} >/dev/gpu/ctl`;

  test.each(FORMATS)("draws the test card pixel for pixel in every mode, %s", async (format) => {
    await machine.type(`fbtest -w all ${format} card\n`);
    for (const [width, height] of MODES) {
      await machine.until(`${width}x${height} ${format} card ok\n`);
      expect(cardDifference(await picture(), width, height)).toBe("");
      await machine.type("\n");
    }
    expect(await machine.until("@ 0\n")).toBe(`${MODES.length} pictures, 0 wrong\n@ 0\n`);
  });

  test("says which mode it has", async () => {
    const modes = MODES.map(([width, height]) => `${width}x${height}`);
    const said = await machine.run(
      `for format in ${FORMATS.join(" ")}; do for mode in ${modes.join(" ")}; do echo format $format >/dev/gpu/ctl; echo mode $mode >/dev/gpu/ctl; head -n 3 /dev/gpu/status | tail -n 1; head -c 20 /dev/gpu/info | hexdump; done; done`,
    );
    const seen = said.split(/^(?=mode )/m).map((part) => {
      const [words, ...dump] = part.split("\n");
      const bytes = dump.flatMap((line) => line.slice(8).match(/(?<= )[0-9a-f]{2}(?= )/g) ?? []);
      const info = Buffer.from(bytes.join(""), "hex");
      return [words, ...[0, 4, 8, 12, 16].map((at) => info.readUInt32LE(at))];
    });
    const expected = FORMATS.flatMap((format, i) =>
      MODES.map(([width, height]) => [
        `mode ${width}x${height}x32 ${format}, ${width * 4} bytes a row`,
        ...[width, height, width * 4, 32, i],
      ]),
    );
    expect(seen).toEqual(expected);
    await machine.run("echo mode 1024x768 >/dev/gpu/ctl; echo format bgrx >/dev/gpu/ctl");
  });

  test("another picture, and one with red and blue exchanged, are told apart", async () => {
    await machine.type("fbtest -w 320x200 bgrx bars\n");
    await machine.until("bars ok\n");
    const bars = await picture();
    expect(cardDifference(bars, 320, 200)).toBe("pixel 0,0 is 255 255 255, not 255 0 0");
    await machine.type("\n");
    await machine.until("@ 0\n");
    await machine.type("fbtest -w 320x200 bgrx card\n");
    await machine.until("card ok\n");
    const card = await picture();
    expect(cardDifference(card, 320, 200)).toBe("");
    for (let at = 0; at < card.data.length; at += 4) card.data.subarray(at, at + 3).reverse();
    expect(cardDifference(card, 320, 200)).toBe("pixel 0,0 is 0 0 255, not 255 0 0");
    await machine.type("\n");
    await machine.until("@ 0\n");
  });

  const TEXT = Buffer.from("these bytes are pixels, four of them for each; the fourth is not seen");
  const PIXELS = [...TEXT.subarray(0, 16)].map((_, i) =>
    i % 4 === 3 ? 255 : TEXT[i - (i % 4) + 2 - (i % 4)],
  );

  test("shows what is written to fb, from the row on that it is panned to", async () => {
    await machine.run("seq 400000 >/dev/gpu/fb");
    await machine.run(
      `${ctl("mode 320x200")}; ${ctl("pan 0 100")}; echo -n "${TEXT}" >/dev/gpu/fb; ${ctl("pan 0 60")}`,
    );
    const { width, data } = await picture();
    expect(width).toBe(320);
    const row = 320 * 4;
    expect([...data.subarray(40 * row, 40 * row + 16)]).toEqual(PIXELS);
    data.fill(0, 40 * row, 40 * row + TEXT.length + 3);
    expect(data.findIndex((part, i) => part !== 0 && i % 4 !== 3)).toBe(-1);
    expect(await machine.run(`${ctl("pan 0 60000")}; ${ctl("pan 1 0")}`)).toMatch(
      /invalid argument\n.*invalid argument\n/,
    );
    expect([...(await picture()).data.subarray(40 * row, 40 * row + 16)]).toEqual(PIXELS);
    expect(
      await machine.run(
        `${ctl("frames 2")}; ${ctl("mode 1920x1080")}; grep 'view 0' /dev/gpu/status`,
      ),
    ).toContain("view 0 1920x1080x32 bgrx, 7680 bytes a row, 1 frame at");
    await machine.run(ctl("mode 1024x768"));
  });

  test("has no picture while it is blank, and the same one afterwards", async () => {
    await machine.run(`${ctl("mode 320x200")}; echo -n "${TEXT}" >/dev/gpu/fb; ${ctl("blank")}`);
    expect(await machine.picture()).toBeUndefined();
    await machine.run(ctl("blank off"));
    const { width, data } = await picture();
    expect(width).toBe(320);
    expect([...data.subarray(0, 16)]).toEqual(PIXELS);
    await machine.run(ctl("mode 1024x768"));
  });

  test("shows what was drained, and takes that and nothing else", async () => {
    await machine.add("steps", await stepsProgram());
    await machine.type("steps\n");
    const step = async (name: string, bytes: number, first: number, last: number) => {
      const before = machine.uploadBytes();
      await machine.type("\n");
      await machine.until(name);
      const data = Buffer.from((await picture()).data);
      const pixel = (at: number) => data.readUInt32BE(at * 4) >>> 8;
      expect([machine.uploadBytes() - before, pixel(0), pixel(1023)], name).toEqual([
        bytes,
        first,
        last,
      ]);
    };
    await step("stored", 0, 0, 0);
    await step("fenced", 4096, RED, RED);
    await step("fenced again", 0, RED, RED);
    await step("stored more", 0, RED, RED);
    await step("stored uncached", 4096 + 4, GREEN, GREEN);
    await step("stored again", 0, GREEN, GREEN);
    await step("flushed ten", 40, BLUE, GREEN);
    await step("flushed all", 1024 * 768 * 4, BLUE, BLUE);
    await step("@ 0", 4096, BLUE, BLUE);
  });

  test("counts the bytes of a write and of a rectangle", async () => {
    const before = machine.uploadBytes();
    await machine.run(ctl("flush 100 50 20 30"));
    expect(machine.uploadBytes() - before).toBe(20 * 30 * 4);
    await machine.run("echo -n abcd >/dev/gpu/fb");
    expect(machine.uploadBytes() - before).toBe(20 * 30 * 4 + 4096);
  });

  test("has no console server when there is a line to run, so that its picture is what that drew", async () => {
    expect(await machine.run("grep state /proc/console; pidof console")).toBe("state kernel\n");
  });

  test("has one owner, and no other names", async () => {
    expect(await machine.run("/srv/gpu; echo status $?; cat /dev/gpu/nothing")).toMatch(
      /^gpu: .+: in use\nstatus 1\ncat: \/dev\/gpu\/nothing: no such file or directory\n$/,
    );
  });

  test("gives reasons in words", async () => {
    expect(await machine.run(`${ctl("mode 4000x3000")}; tail -n 1 /dev/gpu/status`)).toContain(
      "refused mode: sizes are 320x200 to 1920x1080, as far as VRAM holds them",
    );
  });
});

const RED = 0xff0000;
const GREEN = 0x00ff00;
const BLUE = 0x0000ff;
const VRAM = 0xe0000000;

/** A program that draws the first row of the screen, one step for each line of input, and says what it did. */
async function stepsProgram(): Promise<Uint8Array> {
  const steps: [string, string][] = [
    ["stored", `(call $row (i32.const ${RED}))`],
    ["fenced", "(drop (call $sfence))"],
    ["fenced again", "(drop (call $sfence))"],
    ["stored more", `(call $row (i32.const ${GREEN}))`],
    ["stored uncached", "(i32.store (global.get $spare) (i32.const 1))"],
    ["stored again", `(call $row (i32.const ${BLUE}))`],
    ["flushed ten", `(call $ctl (i32.const 64) (i32.const 15))`],
    ["flushed all", `(call $ctl (i32.const 64) (i32.const 5))`],
  ];
  const texts = steps.map(([name], i) => `(data (i32.const ${1024 + i * 32}) "${name}\\n")`);
  const code = steps.map(
    ([name, body], i) =>
      `(call $next) ${body} (drop (call $write (i32.const 1) (i32.const ${1024 + i * 32}) (i32.const ${name.length + 1})))`,
  );
  const { parseWat } = await wabt();
  const module = parseWat(
    "steps.wat",
    `(module
      (import "sys" "open" (func $open (param i32 i32 i32) (result i32)))
      (import "sys" "read" (func $read (param i32 i32 i32) (result i32)))
      (import "sys" "write" (func $write (param i32 i32 i32) (result i32)))
      (import "sys" "ctl" (func $sys_ctl (param i32 i32 i32) (result i32)))
      (import "sys" "mmap" (func $mmap (param i32 i32 i32 i32 i32 i64) (result i32)))
      (import "sys" "mmap_device" (func $mmap_device (param i64 i64 i32) (result i32)))
      (import "sys" "sfence" (func $sfence (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 32) "/dev/gpu/fb")
      (data (i32.const 64) "flush 0 0 10 1 ")
      ${texts.join("\n")}
      (global $fd (mut i32) (i32.const 0))
      (global $fb (mut i32) (i32.const 0))
      (global $spare (mut i32) (i32.const 0))
      (func $next (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1))))
      (func $ctl (param $text i32) (param $n i32)
        (if (i32.lt_s (call $sys_ctl (global.get $fd) (local.get $text) (local.get $n)) (i32.const 0))
          (then unreachable)))
      (func $row (param $colour i32) (local $at i32)
        (loop $pixels
          (i32.store (i32.add (global.get $fb) (local.get $at)) (local.get $colour))
          (br_if $pixels (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 4096)))))
      (func (export "_start")
        (global.set $fd (call $open (i32.const 32) (i32.const 11) (i32.const 2)))
        (global.set $fb (call $mmap (i32.const 0) (i32.const 4096) (i32.const 3) (i32.const 1) (global.get $fd) (i64.const 0)))
        (global.set $spare (call $mmap_device (i64.const ${VRAM + 0x1ff0000}) (i64.const 4096) (i32.const 1)))
        ${code.join("\n")}
        (call $next)))`,
  );
  return module.toBinary({}).buffer;
}

test(
  "--screenshot keeps what was drawn last, also when its program has ended, and says when there is none",
  async () => {
    const file = path.join(folder, "card.png");
    const { stderr } = await shell("fbtest 400x300 rgbx card >/dev/null", "--screenshot", file);
    expect(stderr).toBe("");
    expect(cardDifference(PNG.sync.read(readFileSync(file)), 400, 300)).toBe("");
    const blank = await shell("echo blank >/dev/gpu/ctl", "--screenshot", file);
    expect(blank.stderr).toContain("the display is off");
  },
  TIMEOUT,
);

test(
  "a program's picture stays until somebody draws on the base view",
  async () => {
    const machine = await TestMachine.boot();
    const seen = async (): Promise<string> => {
      const picture = await machine.picture();
      return picture === undefined ? "off" : cardDifference(picture, 320, 200);
    };
    await machine.run("fbtest 320x200 bgrx card");
    expect(await seen()).toBe("");
    await machine.run("fbtest 640x480 bgrx bars; fbtest 320x200 rgbx card");
    // The server hears of the program's end before it is asked for its status.
    const left = "under the picture that a program has left";
    expect(await machine.run("cat /dev/gpu/status")).toContain(left);
    expect(await seen()).toBe("");
    const base = () =>
      expect.poll(seen, { timeout: TIMEOUT / 2, interval: 20 }).toBe("the picture is 1024x768");
    await machine.run("echo -n x >/dev/gpu/fb");
    await base();
    await machine.run("fbtest 320x200 rgbx card");
    expect(await machine.run("cat /dev/gpu/status")).not.toContain(left);
    await base();
    machine.dispose();
  },
  TIMEOUT,
);

describe("when srv/gpu dies", { timeout: TIMEOUT }, () => {
  let machine: TestMachine;
  beforeAll(async () => {
    machine = await TestMachine.boot();
  }, TIMEOUT);
  afterAll(() => machine.dispose());

  test.each([
    ["ends with a report", 0, 139],
    ["is asked, when it has a handler", 1, 33],
  ])("a program that draws %s", async (_, kind, status) => {
    const before = machine.log.length;
    const said = await machine.run(
      `${SERVES}; usertests --draw ${kind} >/dev/null & d=$!; ${MAPPED}; kill $(pidof gpu); wait $d; echo status $?`,
    );
    expect(said).toBe(`status ${status}\n`);
    if (kind === 0) await machine.logs(/^fault: .* usertests: write at .* device gone: /m, before);
    else expect(machine.log.slice(before)).not.toContain("fault");
  });

  test("the adapter has another owner soon", async () => {
    const said = await machine.run(`${SERVES}; fbtest 320x200 bgrx card`);
    expect(said).toBe("320x200 bgrx card ok\n1 pictures, 0 wrong\n");
  });
});

test(
  "gpudemo goes on when the server is back, three times, and nothing is left behind",
  async () => {
    const kill = `kill $(pidof gpu); until [ "$(pidof gpu)" ]; do true; done; ${DRAWS};`;
    const { stdout } = await shell(
      `gpudemo -n 100000 & d=$!; ${DRAWS}; ${kill} ${kill} ${kill} echo drawing; kill $d; wait $d; usertests gpu-views gpu-drawers`,
    );
    expect(stdout).toMatch(/^drawing\n/);
    expect(stdout).toMatch(/3 passed, 0 failed\n$/);
  },
  TIMEOUT,
);

test(
  "snake ends with its input, whatever that is, and says what it was",
  async () => {
    const { stdout, status } = await shell("snake 5 </dev/null; echo q | snake 6; snake 7");
    const said = (seed: number) => `snake: best score 0, seed ${seed}\n`;
    expect(stdout).toBe([5, 6, 7].map(said).join(""));
    expect(status).toBe(0);
  },
  TIMEOUT,
);
