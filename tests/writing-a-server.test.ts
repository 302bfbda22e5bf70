// The server of docs/writing-a-server.md is built from the page and runs as the page says.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import asc from "assemblyscript/asc";
import { expect, it } from "vitest";
import { shell } from "./headless.ts";

const root = path.resolve(import.meta.dirname, "..");

it("a newcomer's server of 60 lines works as docs/writing-a-server.md says", async () => {
  const page = readFileSync(path.join(root, "docs/writing-a-server.md"), "utf8");
  const listing = /```ts\n(.*?)```/s.exec(page)?.[1] ?? "";
  expect(listing.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
  const folder = path.join(root, "build/note");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "index.ts"), listing);
  const { error, stderr } = await asc.main(
    [
      "build/note/index.ts",
      "--baseDir",
      root,
      "--config",
      "lib/asconfig.json",
      "-o",
      "build/note/note.wasm",
    ],
    {},
  );
  expect(`${error ?? ""}${error ? stderr.toString() : ""}`).toBe("");
  const { stdout, stderr: said } = await shell(
    "mount note /note; echo hello > /note/text; cat /note/text /note/length; echo; ls /note; cat /note/none 2>&1; echo more >> /note/text; cat /note/text; /bin/echo x > /note/length; echo status $?; pid=$(pidof note); unmount /note; while [ -d /proc/$pid ]; do sleep 0.01; done; echo ended",
    "--add",
    `note=${path.join(folder, "note.wasm")}`,
  );
  const lines = `${stdout}${said}`
    .split("\n")
    .filter((line) => !line.includes("echo: write: permission denied"));
  expect(lines).toEqual([
    "hello",
    "6",
    expect.stringMatching(/^length +text$/),
    "cat: /note/none: no such file or directory",
    "hello",
    "more",
    "status 1",
    "ended",
    "",
  ]);
});
