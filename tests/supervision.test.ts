// Services come back when they die, as init and svc do it on a whole machine.
import { describe, expect, it, vi } from "vitest";
import { shell } from "./headless.ts";

vi.setConfig({ testTimeout: 60_000 });

/** `end NAME` kills a service and waits until it has gone; `is NAME STATE` waits for its state; `works` waits until gpu answers. */
const FUNCTIONS = [
  "end() { pid=$(pidof $1); kill -9 $pid; while [ -d /proc/$pid ]; do sleep 0.01; done; }",
  'is() { until svc | grep -q "$1 *$2"; do sleep 0.01; done; }',
  "works() { until cat /dev/gpu/status > /tmp/works 2>&1; do sleep 0.01; done; }",
].join("; ");

async function lines(script: string): Promise<string[]> {
  const { stdout, stderr, status } = await shell(`${FUNCTIONS}; ${script}`);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trimEnd().split("\n");
}

const STATUS = "cat /dev/gpu/status 2>&1 | head -n 1";
const MODEL = /^model Bochs/;

describe("a service that dies", () => {
  it("is down for one clean error, then works again, in every name space that had it", async () => {
    const [first, down, again, elsewhere] = await lines(
      `${STATUS}; ns -p sh -c 'until [ -e /tmp/go ]; do sleep 0.01; done; ${STATUS} > /tmp/seen' & end gpu; ${STATUS}; works; ${STATUS}; echo > /tmp/go; wait $!; cat /tmp/seen`,
    );
    expect(first).toMatch(MODEL);
    expect(down).toBe("cat: /dev/gpu/status: the other end is closed");
    expect(again).toMatch(MODEL);
    expect(elsewhere).toMatch(MODEL);
  });

  it("waits twice as long each time", async () => {
    const log = await lines(
      'for i in 1 2 3 4; do end gpu; is gpu running; done; dmesg | grep "restarting in" | grep -v "command line"; svc | grep gpu',
    );
    expect(log.slice(0, 4)).toEqual(
      [100, 200, 400, 800].map(
        (ms) => `init: /srv/gpu ended with status 137; restarting in ${ms} ms`,
      ),
    );
    expect(log[4]?.trim()).toMatch(/^gpu +running +\d+ +4 +signal:9 +- +\/dev\/gpu$/);
  });

  it("does not hang who asks it: ^C ends a program, and gives a shell its prompt back", async () => {
    const said = await lines(
      [
        "svc start patdev; is patdev running; cat /dev/patdev; kill -STOP $(pidof patdev); me=$$",
        "cat /dev/patdev & sleep 0.1; kill -INT $!; wait $!; echo cat $?",
        "trap 'echo caught' INT; (sleep 0.2; kill -INT $me) & read x < /dev/patdev 2>&1; echo read $?; trap - INT",
        "svc restart patdev; until cat /dev/patdev 2>/dev/null; do sleep 0.01; done",
      ].join("; "),
    );
    const text = "patdev: mmap 0 WC memory, 4096 APIC";
    const interrupted = "sh: /dev/patdev: interrupted";
    expect(said).toEqual([text, "cat 130", interrupted, "caught", "read 1", text]);
  });

  it("is listed with its restarts and how it ended", async () => {
    const table = await lines(
      'svc start patdev; is patdev running; kill -15 $(pidof patdev); until svc | grep "patdev *running *[0-9]* *1 "; do sleep 0.01; done',
    );
    expect(table[0]).toMatch(/patdev +running +\d+ +1 +signal:15 +- +\/dev\/patdev$/);
  });

  it("while it waits, can be stopped, and started at once", async () => {
    const table = await lines(
      "end gpu; svc stop gpu; is gpu stopped; cat /dev/gpu/status 2>&1; svc start gpu; works; cat /dev/gpu/status | head -n 1; svc | grep gpu",
    );
    expect(table[0]).toBe("cat: /dev/gpu/status: no such file or directory");
    expect(table[1]).toMatch(MODEL);
    expect(table[2]).toMatch(/gpu +running +\d+ +\d+ +signal:\d+ /);
  });
});

describe("svc", () => {
  it("stops, starts and restarts", async () => {
    const table = await lines(
      "old=$(pidof gpu); svc restart gpu; while [ -d /proc/$old ]; do sleep 0.01; done; works; cat /dev/gpu/status | head -n 1; svc stop gpu; is gpu stopped; svc | grep gpu; ls /dev | grep -c gpu; svc start gpu; works; cat /dev/gpu/status | head -n 1",
    );
    expect(table[0]).toMatch(MODEL);
    expect(table[1]).toMatch(/gpu +stopped +0 +1 +signal:15 +- /);
    expect(table[2]).toBe("0");
    expect(table[3]).toMatch(MODEL);
  });

  it("refuses what cannot be", async () => {
    const said = await lines(
      "svc start gpu 2>&1; svc stop patdev 2>&1; svc stop nothing 2>&1; svc dance gpu 2>&1; true",
    );
    expect(said).toEqual([
      "svc: gpu: in use",
      "svc: patdev: in use",
      "svc: nothing: no such file or directory",
      "usage: svc [status [NAME] | start|stop|restart NAME]",
    ]);
  });
});

it("ns prints commands that rebuild the name space", async () => {
  const [same, count] = await lines(
    'mkdir /tmp/d; bind /etc /x; bind -a /tmp/d /x; bind -b /dev/gpu/status "/a b/it\'s"; ns > /tmp/one; ns -e sh -c \'bind "#2" /tmp2; . /tmp2/tmp/one; unmount /tmp2; ns > /tmp/two; [ "$(cat /tmp/one)" = "$(cat /tmp/two)" ] && echo same\'; wc -l < /tmp/one',
  );
  expect(same).toBe("same");
  expect(Number(count)).toBeGreaterThanOrEqual(7);
});
