// Shows known pictures through the real display Worker in Chromium and compares screenshots of the canvas, for the backend named on the
// command line ("webgpu" or "2d"; both when none is). Exit status 1 when a pixel is wrong.
//
//   node machine/devices/gpu/testpage/check.mjs [webgpu|2d]

import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { PNG } from "pngjs";
import { createServer } from "vite";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PAGE = "machine/devices/gpu/testpage/index.html";
const WIDTH = 640;
const HEIGHT = 480;
const XRES = 1;
const ENABLE = 4;
const VIRT_WIDTH = 6;
const X_OFFSET = 8;
const Y_OFFSET = 9;
const BYTE_ORDER = 0x604;
const DOORBELL = 0x80c;
const IRQ_MASK = 0x814;
const VBLANK = 0x808;
const FORMAT = 0x818;
const BURST_HEAD = 0x48;
const BURST_TAIL = 0x4c;
const PRESENTED = 0x3c;
const TIMEOUT_MS = 20000;

const COLOURS = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255], black: [0, 0, 0] };
const LAYOUTS = [
  { name: "BGRX little-endian", format: 0, order: 0x1e1e1e1e, offsets: [2, 1, 0] },
  { name: "RGBX little-endian", format: 1, order: 0x1e1e1e1e, offsets: [0, 1, 2] },
  { name: "BGRX big-endian", format: 0, order: 0xbebebebe, offsets: [1, 2, 3] },
  { name: "RGBX big-endian", format: 1, order: 0xbebebebe, offsets: [3, 2, 1] },
];

/** The word whose bytes in memory hold this colour: `offsets` are those of red, green and blue. */
function wordOf(colour, offsets) {
  return COLOURS[colour].reduce((word, part, i) => word + part * 2 ** (8 * offsets[i]), 0);
}

class Check {
  failures = 0;

  constructor(page, backend) {
    this.page = page;
    this.backend = backend;
  }

  call(name, ...args) {
    return this.page.evaluate(([name, args]) => window.adapter[name](...args), [name, args]);
  }

  async mode(width, height) {
    await this.call("dispi", XRES, width);
    await this.call("dispi", XRES + 1, height);
    await this.call("dispi", ENABLE, 0x41);
  }

  async drain(start, bytes) {
    await this.call("drain", start, bytes);
    await this.page.waitForFunction(
      ([head, tail]) => window.adapter.state(head) === window.adapter.state(tail),
      [BURST_HEAD, BURST_TAIL],
      { timeout: TIMEOUT_MS },
    );
  }

  /** Waits for a frame that is begun from now on. */
  async present() {
    const before = await this.call("state", PRESENTED);
    await this.call("register", DOORBELL, 1);
    await this.page.waitForFunction(
      ([word, n]) => window.adapter.state(word) > n,
      [PRESENTED, before],
      {
        timeout: TIMEOUT_MS,
      },
    );
  }

  /** Compares the colours at [x, y] of the canvas. Screens follow frames late: looks again until they agree or time is up. */
  async expect(what, points) {
    let seen = "";
    const wanted = points.map(([, , colour]) => COLOURS[colour].join(",")).join(" ");
    await this.present();
    for (let tries = 0; tries < 20 && seen !== wanted; tries++) {
      if (tries > 0) await this.page.waitForTimeout(100);
      seen = await this.call("look", points);
    }
    this.report(what, seen === wanted, `wanted ${wanted}, saw ${seen}`);
    if (this.backend === "2d") await this.expectOnScreen(what, points, wanted);
  }

  /** The same on a screenshot. Not for WebGPU: without a GPU Chromium's compositor leaves its canvas out. */
  async expectOnScreen(what, points, wanted) {
    const image = PNG.sync.read(await this.page.locator("canvas").screenshot());
    const colour = (x, y) => [...image.data.subarray((y * image.width + x) * 4).subarray(0, 3)];
    const seen = points.map(([x, y]) => colour(x, y).join(",")).join(" ");
    this.report(`${what}, on screen`, seen === wanted, `wanted ${wanted}, saw ${seen}`);
  }

  report(what, isRight, detail = "") {
    if (!isRight) this.failures += 1;
    console.log(
      `${isRight ? "ok  " : "FAIL"} ${this.backend}: ${what}${isRight ? "" : ` (${detail})`}`,
    );
  }
}

async function checkLayouts(check) {
  for (const { name, format, order, offsets } of LAYOUTS) {
    await check.call("register", FORMAT, format);
    await check.call("register", BYTE_ORDER, order);
    for (const [row, colour] of ["red", "green", "blue"].entries()) {
      await check.call("fill", row * 100 * WIDTH, 100 * WIDTH, wordOf(colour, offsets));
    }
    await check.drain(0, 300 * WIDTH * 4);
    await check.expect(`${name}: red is red`, [
      [5, 50, "red"],
      [320, 150, "green"],
      [639, 299, "blue"],
      [5, 300, "black"],
      [5, 99, "red"],
      [5, 100, "green"],
    ]);
    const [width, height, ...pixel] = await check.call("pixels");
    check.report(
      `${name}: read back`,
      `${width}x${height} ${pixel}` === `${WIDTH}x${HEIGHT} 255,0,0,255`,
      `${pixel}`,
    );
  }
}

async function checkDrains(check) {
  const at = 310 * WIDTH;
  await check.call("fill", at, 20, 0xff0000);
  await check.expect("stored but not drained is not seen", [[10, 310, "black"]]);
  await check.drain(at * 4, 40);
  await check.expect("drained is seen, its neighbours are not", [
    [9, 310, "red"],
    [10, 310, "black"],
  ]);
}

async function checkPanning(check) {
  await check.mode(400, 300);
  await check.call("dispi", VIRT_WIDTH, 500);
  await check.call("fill", 0, 500 * 310, 0x0000ff);
  await check.call("fill", 7 * 500 + 30, 1, 0x00ff00);
  await check.drain(0, 500 * 310 * 4);
  await check.call("dispi", X_OFFSET, 30);
  await check.call("dispi", Y_OFFSET, 7);
  await check.expect("another mode, panned, with a stride of its own", [
    [0, 0, "green"],
    [1, 0, "blue"],
    [0, 1, "blue"],
    [399, 299, "blue"],
  ]);
  await check.call("dispi", ENABLE, 0);
  await check.expect("disabled is black", [[5, 5, "black"]]);
  await check.mode(WIDTH, HEIGHT);
  await check.expect("a mode set clears", [[5, 5, "black"]]);
}

async function checkVblank(check) {
  const idle = await check.call("read", VBLANK);
  await check.call("register", IRQ_MASK, 1);
  await check.page.waitForFunction((n) => window.adapter.read(0x808) >= n, idle + 3, {
    timeout: TIMEOUT_MS,
  });
  await check.call("register", IRQ_MASK, 0);
  check.report("vblank counts only when unmasked", idle === 0, `${idle} before`);
}

/** The picture survives a crash of the browser's GPU process, and so does what is drawn later. */
async function checkLoss(check, browser) {
  await check.call("fill", 0, WIDTH * 10, 0xff0000);
  await check.drain(0, WIDTH * 10 * 4);
  await check.present();
  for (const [row, word, colour] of [
    [20, 0x00ff00, "green"],
    [40, 0x0000ff, "blue"],
  ]) {
    const crashed = check.page.evaluate(() => window.adapter.replaced());
    const session = await browser.newBrowserCDPSession();
    await session.send("Browser.crashGpuProcess").catch(() => {});
    await crashed;
    await check.call("fill", WIDTH * row, WIDTH * 10, word);
    await check.drain(WIDTH * row * 4, WIDTH * 10 * 4);
    await check.expect("the picture is back after a crash, and goes on changing", [
      [5, 5, "red"],
      [5, row + 5, colour],
      [5, 60, "black"],
    ]);
    await check.call("fill", WIDTH * (row + 10), 10, word);
    await check.drain(WIDTH * (row + 10) * 4, 40);
    await check.expect("and again", [
      [5, row + 10, colour],
      [15, row + 10, "black"],
    ]);
  }
}

async function checkBackend(browser, url, backend) {
  const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
  page.on("pageerror", (error) => console.log("page error:", error.message));
  page.on("console", (message) => console.log("page:", message.text()));
  await page.goto(`${url}${PAGE}?${backend}`);
  await page.waitForFunction(() => window.adapter?.state(0x50) === 1, undefined, {
    timeout: TIMEOUT_MS,
  });
  const check = new Check(page, backend);
  await check.mode(WIDTH, HEIGHT);
  await check.present();
  const events = () => page.evaluate(() => window.adapter.events.join("; "));
  check.report("backend", (await events()) === `${WIDTH}x${HEIGHT} ${backend}`, await events());
  await checkLayouts(check);
  await check.call("register", FORMAT, 0);
  await check.call("register", BYTE_ORDER, 0x1e1e1e1e);
  await checkDrains(check);
  await checkPanning(check);
  await checkVblank(check);
  await checkLoss(check, browser);
  console.log(`     events: ${await events()}`);
  await page.close();
  return check.failures;
}

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const server = await createServer({
  root: ROOT,
  configFile: false,
  logLevel: "warn",
  server: { port: 0, host: "127.0.0.1", headers, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
await server.listen();
const url = server.resolvedUrls.local[0];
let failures = 0;
for (const backend of process.argv[2] ? [process.argv[2]] : ["webgpu", "2d"]) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--enable-unsafe-webgpu",
      "--use-webgpu-adapter=swiftshader",
      // Without a Vulkan compositor Chromium's GPU process dies when a WebGPU canvas is drawn.
      "--enable-features=Vulkan",
      "--use-vulkan=swiftshader",
      "--use-angle=swiftshader",
      "--disable-vulkan-surface",
    ],
  });
  failures += await checkBackend(browser, url, backend).finally(() => browser.close());
}
await server.close();
console.log(failures === 0 ? "all right" : `${failures} wrong`);
process.exitCode = failures === 0 ? 0 : 1;
