// types: the TypeScript compiler over every project of the tree. AssemblyScript is checked by its own compiler in the build.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const projects = ["machine", "machine/node", "web", "tests", "e2e", "bench"].filter((folder) =>
  existsSync(path.join(root, folder, "tsconfig.json")),
);
let ok = true;
for (const folder of projects) {
  const { status } = spawnSync("npx", ["tsc", "-p", path.join(folder, "tsconfig.json")], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  console.log(`types: ${folder} ${status === 0 ? "ok" : "failed"}`);
  ok &&= status === 0;
}
process.exit(ok ? 0 : 1);
