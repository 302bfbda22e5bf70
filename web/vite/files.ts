// The files of the site that are not in public/: what the build makes (kernel and programs), at quire/, and the optional programs of
// web/programs.json, at programs/. The development server reads them where they lie; a build copies them into the site.

import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Plugin } from "vite";
import list from "../programs.json" with { type: "json" };

interface SiteFile {
  /** Path in the site, without a leading slash. */
  url: string;
  /** Where it lies, from the project's root. */
  source: string;
  /** What to do when it is not there. */
  remedy: string;
}

const FILES: SiteFile[] = [
  { url: "quire/kernel.wasm", source: "build/kernel.wasm", remedy: "run npm run build" },
  { url: "quire/system.bin", source: "build/system.bin", remedy: "run npm run build" },
  ...list.map((program) => ({
    url: program.url,
    source: join("node_modules", program.source),
    remedy: "run npm install",
  })),
];

/** Made by a build: the scripts and styles of the site, a JSON array of paths. web/offline.ts reads it. */
const ASSET_LIST = "assets.json";

export function machineFiles(): Plugin {
  let root = "";
  let outDir = "";
  return {
    name: "quire-files",
    configResolved(config) {
      root = config.root;
      outDir = resolve(config.root, config.build.outDir);
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
        const file = FILES.find((entry) => entry.url === path);
        if (file === undefined) return next();
        const source = join(root, file.source);
        if (!existsSync(source)) {
          response.statusCode = 404;
          response.end(`${file.source} is missing: ${file.remedy}`);
          return;
        }
        response.setHeader("Content-Type", contentType(file.url));
        response.setHeader("Content-Length", statSync(source).size);
        response.setHeader("Cache-Control", "no-cache");
        if (request.method === "HEAD") response.end();
        else createReadStream(source).pipe(response);
      });
    },
    writeBundle() {
      for (const file of FILES) {
        const source = join(root, file.source);
        if (!existsSync(source)) this.error(`${file.source} is missing: ${file.remedy}`);
        const target = join(outDir, file.url);
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(source, target);
      }
      // Scripts that only Workers load, and late, are named by nobody else.
      const assets = readdirSync(join(outDir, "assets")).map((name) => `assets/${name}`);
      writeFileSync(join(outDir, ASSET_LIST), JSON.stringify(assets));
    },
  };
}

function contentType(url: string): string {
  return url.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
}
