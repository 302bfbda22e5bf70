// screenshots: the README's pictures, taken from the real machine in Chromium. Builds the site first; what `npm run build` makes is there.
//
//   node tools/screenshots.mjs [FOLDER]     writes desktop-light.png, desktop-dark.png, phone.png, gpudemo.png to docs/pictures

import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { systemChromium } from "./setup.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.resolve(root, process.argv[2] ?? "docs/pictures");
const BOOT_MS = 30_000;

/** Each picture: where it is looked at, and what is typed first. `last` is left running while the picture is taken. */
const PICTURES = [
  {
    name: "desktop-light",
    width: 1440,
    height: 900,
    scheme: "light",
    lines: ["ls /bin", "free", "cat /dev/gpu/status"],
  },
  {
    name: "desktop-dark",
    width: 1440,
    height: 900,
    scheme: "dark",
    lines: ["lspci", "ps", "crash null"],
  },
  {
    name: "gpudemo",
    width: 1440,
    height: 900,
    scheme: "dark",
    lines: ["memtypes"],
    last: "gpudemo",
  },
  {
    name: "phone",
    width: 390,
    height: 844,
    scheme: "light",
    lines: ["free"],
    scale: 2,
    touch: true,
  },
];

await build({ root, logLevel: "warn" });
const server = await preview({ root, preview: { port: 0, host: "localhost" }, logLevel: "warn" });
const url = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: systemChromium(),
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
    "--use-angle=swiftshader",
  ],
});
mkdirSync(folder, { recursive: true });
try {
  for (const picture of PICTURES) await take(picture);
} finally {
  await browser.close();
  await server.close();
}

async function take({ name, width, height, scheme, lines, last, scale = 1, touch = false }) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    deviceScaleFactor: scale,
    hasTouch: touch,
    isMobile: touch,
  });
  const page = await context.newPage();
  await page.goto(`${url}?webgpu=1`);
  await prompt(page);
  for (const line of lines) {
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
    await prompt(page);
  }
  if (last !== undefined) {
    await page.keyboard.type(last);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(1500);
  }
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(path.relative(root, file));
  await context.close();
}

/** Waits until the terminal ends with an empty prompt. */
async function prompt(page) {
  await page.waitForFunction(() => window.quireTerminal?.text().endsWith("\nquire$"), undefined, {
    timeout: BOOT_MS,
  });
}
