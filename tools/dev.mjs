// npm run dev: Vite's development server, and the kernel and programs rebuilt at each change (reload the page to boot them).

import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./setup.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
await setUp({ browser: false });
const { build } = await import("./build.mjs"); // needs the packages that setUp installs
await build();
spawn(process.execPath, [path.join(root, "tools", "build.mjs"), "--watch"], { stdio: "inherit" });
const { createServer } = await import("vite");
const server = await createServer({ root });
await server.listen();
server.printUrls();
