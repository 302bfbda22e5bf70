// npm run headless: builds what has changed, then boots the machine in Node. The options are the runner's own (--help).

import { startHeadless } from "./runHeadless.mjs";
import { setUp } from "./setup.mjs";

await setUp({ browser: false });
const { build } = await import("./build.mjs"); // needs the packages that setUp installs
try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { child, status } = startHeadless(process.argv.slice(2), ["inherit", "inherit", "inherit"]);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
process.exitCode = await status;
