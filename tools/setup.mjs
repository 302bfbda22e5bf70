// setUp: brings a fresh clone to where it can build: checks Node's version, installs packages, and a Chromium for tests when none is there.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const NODE_MAJOR = 20;
const NODE_MINOR = 19;

export async function setUp({ browser }) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < NODE_MAJOR || (major === NODE_MAJOR && minor < NODE_MINOR)) {
    console.error(
      `Quire needs Node ${NODE_MAJOR}.${NODE_MINOR} or later; this is ${process.versions.node}.`,
    );
    process.exit(1);
  }
  installPackages();
  if (browser) installBrowser();
}

/** npm writes node_modules/.package-lock.json after a complete installation. */
function installPackages() {
  if (existsSync(path.join(root, "node_modules", ".package-lock.json"))) return;
  console.error("Installing packages (once)...");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** The Chromium that tests use: QUIRE_CHROMIUM, the system's, or undefined for Playwright's own. */
export function systemChromium() {
  const candidates = [
    process.env.QUIRE_CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ];
  return candidates.find((file) => file !== undefined && existsSync(file));
}

function installBrowser() {
  if (systemChromium() !== undefined) return;
  const asRoot = process.getuid?.() === 0;
  if (process.platform === "linux" && asRoot && spawnSync("apt-get", ["--version"]).status === 0) {
    console.error("Installing Chromium from the system's packages (once)...");
    const apt = (args) =>
      spawnSync("apt-get", args, {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      });
    apt(["update", "-qq"]);
    apt(["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
    if (systemChromium() !== undefined) return;
  }
  console.error("Installing Playwright's Chromium (once)...");
  execFileSync("npx", ["playwright", "install", "chromium"], { cwd: root, stdio: "inherit" });
}
