// How the page is served while developing, built into dist/ and previewed. Every path in the site is relative, so dist/ works from any
// folder of any host.

import { defineConfig } from "vitest/config";
import { machineFiles } from "./web/vite/files.ts";

/** What makes a page cross-origin isolated, and so gives it SharedArrayBuffer (HTML standard, 7.1.4). */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

export default defineConfig({
  base: "./",
  plugins: [machineFiles()],
  worker: { format: "es" },
  server: {
    headers: ISOLATION,
    watch: { ignored: ["**/build/**", "**/dist/**", "**/test-results/**", "**/.cache/**"] },
  },
  preview: { headers: ISOLATION },
  build: { outDir: "dist", target: "es2022", assetsInlineLimit: 0, modulePreload: false },
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**", "build/**", "e2e/**"],
    // Tests that boot machines wait much of their time, so that all CPUs are used: Vitest leaves one free.
    maxWorkers: "100%",
    // A shared machine may be slow: this ends what hangs, and says nothing about speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
