// Services come back when they die, as init and svc do it on a whole machine. One machine is booted for all of these tests: each has a part of
// its script, and looks at what that part has printed.
import { beforeAll, describe, expect, it } from "vitest";
import { shell } from "./headless.ts";

/** `end NAME` kills a service and waits until it has gone; `is NAME STATE` waits for its state; `works` waits until gpu answers. */
const FUNCTIONS = [
  "end() { pid=$(pidof $1); kill -9 $pid; while [ -d /proc/$pid ]; do sleep 0.01; done; }",
  'is() { until svc | grep -q "$1 *$2"; do sleep 0.01; done; }',
  "works() { until cat /dev/gpu/status > /tmp/works 2>&1; do sleep 0.01; done; }",
];

const STATUS = "cat /dev/gpu/status 2>&1 | head -n 1";
const MODEL = /^model Bochs/;
const PATDEV = "patdev: mmap 0 WC memory, 4096 APIC";

/** In this order: what a part does to a service is there in the next. */
const PARTS = {
  refused: ["svc start gpu 2>&1; svc stop patdev 2>&1; svc stop nothing 2>&1; svc dance gpu 2>&1"],
  svc: [
    "old=$(pidof gpu); svc restart gpu; while [ -d /proc/$old ]; do sleep 0.01; done; works",
    STATUS,
    "svc stop gpu; is gpu stopped; svc | grep gpu; ls /dev | grep -c gpu",
    `svc start gpu; works; ${STATUS}`,
  ],
  down: [
    STATUS,
    `ns -p sh -c 'until [ -e /tmp/go ]; do sleep 0.01; done; ${STATUS} > /tmp/seen' & other=$!`,
    `end gpu; ${STATUS}; works; ${STATUS}`,
    "echo > /tmp/go; wait $other; cat /tmp/seen",
  ],
  stopped: [
    "end gpu; svc stop gpu; is gpu stopped; cat /dev/gpu/status 2>&1",
    `svc start gpu; works; ${STATUS}; svc | grep gpu`,
  ],
  listed: [
    "svc start patdev; is patdev running; kill -15 $(pidof patdev)",
    'until svc | grep "patdev *running  *[0-9]*  *1 "; do sleep 0.01; done',
  ],
  hangs: [
    "until cat /dev/patdev 2> /dev/null; do sleep 0.01; done; kill -STOP $(pidof patdev); me=$$",
    "cat /dev/patdev & sleep 0.1; kill -INT $!; wait $!; echo cat $?",
    "trap 'echo caught' INT; (sleep 0.2; kill -INT $me) & read x < /dev/patdev 2>&1; echo read $?; trap - INT",
    "svc restart patdev; until cat /dev/patdev 2> /dev/null; do sleep 0.01; done",
  ],
  backoff: [
    "for i in 1 2 3 4; do end home; is home running; done",
    'dmesg | grep "home.*restarting in" | grep -v "command line"; svc | grep home',
  ],
  names: [
    'mkdir /tmp/d; bind /etc /x; bind -a /tmp/d /x; bind -b /dev/gpu/status "/a b/it\'s"; ns > /tmp/one',
    'ns -e sh -c \'bind "#2" /tmp2; . /tmp2/tmp/one; unmount /tmp2; ns > /tmp/two; [ "$(cat /tmp/one)" = "$(cat /tmp/two)" ] && echo same\'',
    "wc -l < /tmp/one",
  ],
};

type Part = keyof typeof PARTS;
const said = new Map<string, string[]>();

beforeAll(async () => {
  const parts = Object.entries(PARTS).flatMap(([name, lines]) => [`echo "== ${name}"`, ...lines]);
  const { stdout, stderr, status } = await shell([...FUNCTIONS, ...parts].join("; "));
  expect(stderr).toBe("");
  expect(status).toBe(0);
  for (const part of stdout.split("== ").slice(1)) {
    const [name = "", ...lines] = part.trimEnd().split("\n");
    said.set(name, lines);
  }
});

function lines(part: Part): string[] {
  return said.get(part) ?? [];
}

describe("a service that dies", () => {
  it("is down for one clean error, then works again, in every name space that had it", () => {
    const [first, down, again, elsewhere] = lines("down");
    expect(first).toMatch(MODEL);
    expect(down).toBe("cat: /dev/gpu/status: the other end is closed");
    expect(again).toMatch(MODEL);
    expect(elsewhere).toMatch(MODEL);
  });

  it("waits twice as long each time", () => {
    const log = lines("backoff");
    expect(log.slice(0, 4)).toEqual(
      [100, 200, 400, 800].map(
        (ms) => `init: /srv/home ended with status 137; restarting in ${ms} ms`,
      ),
    );
    expect(log[4]?.trim()).toMatch(/^home +running +\d+ +4 +signal:9 +- +\/home$/);
  });

  it("is listed with its restarts and how it ended", () => {
    expect(lines("listed")[0]).toMatch(/patdev +running +\d+ +1 +signal:15 +- +\/dev\/patdev$/);
  });

  it("while it waits, can be stopped, and started at once", () => {
    const [down, again, row] = lines("stopped");
    expect(down).toBe("cat: /dev/gpu/status: no such file or directory");
    expect(again).toMatch(MODEL);
    expect(row).toMatch(/gpu +running +\d+ +\d+ +signal:\d+ /);
  });
});

describe("a service that hangs", () => {
  it("keeps nobody: ^C ends a program, and gives a shell its prompt back; svc restarts it", () => {
    const interrupted = "sh: /dev/patdev: interrupted";
    const expected = [PATDEV, "cat 130", interrupted, "caught", "read 1", PATDEV];
    expect(lines("hangs")).toEqual(expected);
  });
});

describe("svc", () => {
  it("stops, starts and restarts", () => {
    const table = lines("svc");
    expect(table[0]).toMatch(MODEL);
    expect(table[1]).toMatch(/gpu +stopped +0 +1 +signal:15 +- /);
    expect(table[2]).toBe("0");
    expect(table[3]).toMatch(MODEL);
  });

  it("refuses what cannot be", () => {
    expect(lines("refused")).toEqual([
      "svc: gpu: in use",
      "svc: patdev: in use",
      "svc: nothing: no such file or directory",
      "usage: svc [status [NAME] | start|stop|restart NAME]",
    ]);
  });
});

it("ns prints commands that rebuild the name space", () => {
  const [same, count] = lines("names");
  expect(same).toBe("same");
  expect(Number(count)).toBeGreaterThanOrEqual(7);
});
