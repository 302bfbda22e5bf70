// The product as a person meets it, in Chromium. Projects:
//   page      the page with a stand-in machine: layout, states in words, downloads, isolation
//   canvas2d  the built site where the browser has no WebGPU
//   webgpu    those of its tests that have to do with the screen, shown by WebGPU (SwiftShader, so that no graphics card is needed)
//   host      the built site on a plain static host, in a sub folder and without isolation headers
// QUIRE_CHROMIUM names another Chromium; else the system's where there is one, else Playwright's own.

import { defineConfig } from "@playwright/test";
import { PAGE_PORT, PLAIN_PORT, SITE_PORT } from "./e2e/ports.ts";
import { systemChromium } from "./tools/setup.mjs";

const executablePath = systemChromium();
const COMMON = ["--no-sandbox", "--disable-background-networking"];
/** WebGPU without a graphics card. Chromium shows a WebGPU canvas only when its compositor draws with Vulkan too. */
const SWIFTSHADER = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
];
const site = { baseURL: `http://localhost:${SITE_PORT}/` };

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  timeout: 60_000,
  expect: { timeout: 15_000, toPass: { intervals: [50, 100, 250] } },
  // A machine that waits for its screen, its disk or its timers leaves a CPU to another.
  workers: 2,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  reporter: [["list"]],
  use: {
    viewport: { width: 1440, height: 900 },
    // A trace of each test costs a fifth of its time: --trace on makes one.
    screenshot: "only-on-failure",
  },
  projects: [
    {
      name: "page",
      testDir: "e2e/page",
      use: {
        baseURL: `http://localhost:${PAGE_PORT}/`,
        // The stand-in machine draws nothing: what composes the page in software costs the tests a sixth of their time.
        launchOptions: { executablePath, args: [...COMMON, "--disable-gpu"] },
      },
    },
    {
      name: "webgpu",
      testDir: "e2e/machine",
      testMatch: /(poweron|screen|handoff)\.spec\.ts/,
      grepInvert: /@any-screen/,
      use: {
        ...site,
        launchOptions: {
          executablePath,
          args: [...COMMON, ...SWIFTSHADER],
        },
      },
    },
    {
      name: "canvas2d",
      testDir: "e2e/machine",
      use: {
        ...site,
        launchOptions: { executablePath, args: [...COMMON, "--disable-features=WebGPU"] },
      },
    },
    {
      name: "host",
      testDir: "e2e/host",
      use: {
        baseURL: `http://localhost:${PLAIN_PORT}/sub/folder/`,
        launchOptions: {
          executablePath,
          args: [...COMMON, "--host-resolver-rules=MAP insecure.test 127.0.0.1"],
        },
      },
    },
  ],
  webServer: [
    {
      command: `npx vite build --config e2e/fake/vite.config.ts --logLevel warn && npx vite preview --config e2e/fake/vite.config.ts --port ${PAGE_PORT} --strictPort`,
      url: `http://localhost:${PAGE_PORT}/`,
      timeout: 120_000,
    },
    {
      command: `npx vite build --logLevel warn && npx vite preview --port ${SITE_PORT} --strictPort`,
      url: `http://localhost:${SITE_PORT}/`,
      timeout: 120_000,
    },
    {
      command: `node e2e/plainServer.mjs ${PLAIN_PORT}`,
      url: `http://localhost:${PLAIN_PORT}/sub/folder/`,
    },
  ],
});
