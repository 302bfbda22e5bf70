// npm run headless: builds what has changed, then boots the machine in Node. The options are the runner's own (--help).

import { build } from "./build.mjs";
import { setUp } from "./setup.mjs";

await setUp({ browser: false });
try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import("../build/node/headless.mjs");
