// npm start: sets up what is missing, builds the machine and the page, serves it with the headers that SharedArrayBuffer needs, and
// opens the browser.
//
//   npm start -- --port 5000 --no-open

import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setUp } from "./setup.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4173" },
    "no-open": { type: "boolean", default: false },
  },
});

await setUp({ browser: false });
const { build } = await import("./build.mjs"); // needs the packages that setUp installs
try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const vite = await import("vite");
await vite.build({ root, logLevel: "warn" });
const server = await vite.preview({
  root,
  preview: { port: Number(values.port), host: "localhost" },
});
const url = server.resolvedUrls?.local[0] ?? `http://localhost:${values.port}/`;
console.log(`Quire is at ${url}  (stop with ^C)`);
if (!values["no-open"] && !process.env.CI) openBrowser(url);

/** Opens the person's browser where there is a way to; the address has been printed in any case. */
function openBrowser(address) {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", ""]
        : ["xdg-open"];
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  child.on("error", () =>
    console.log("No browser could be opened from here: open the address yourself."),
  );
  child.unref();
}
