// The page with the stand-in machine, for the tests of the page alone: the product's own configuration with one module replaced.

import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig, type Plugin } from "vite";
import product from "../../vite.config.ts";

const standIn = fileURLToPath(new URL("./machine.ts", import.meta.url));

const replaceMachine: Plugin = {
  name: "quire-stand-in-machine",
  enforce: "pre",
  resolveId(source) {
    return source.endsWith("machine/client/index.ts") ? standIn : undefined;
  },
};

export default mergeConfig(
  product,
  defineConfig({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    plugins: [replaceMachine],
    build: { outDir: "build/stand-in", emptyOutDir: true },
  }),
);
