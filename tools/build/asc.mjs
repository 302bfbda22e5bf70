// asc: compiles targets in worker threads, and skips those whose sources (the files asc itself read) and flags are as they were.

import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { writeOutput } from "./output.mjs";
import { isFresh, outputFile, writeStamp } from "./stamp.mjs";
import { root } from "./targets.mjs";

/** Compiles what has changed; returns how many modules that were. Throws the compiler's text when one fails. */
export async function compileAll(targets) {
  const stale = targets.filter((target) => !isFresh(target));
  if (stale.length === 0) return 0;
  const queue = [...stale];
  const failures = [];
  const count = Math.min(availableParallelism(), Math.ceil(stale.length / 2));
  await Promise.all(Array.from({ length: count }, () => runWorker(queue, failures)));
  if (failures.length > 0) throw new Error(failures.join("\n"));
  return stale.length;
}

function runWorker(queue, failures) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url));
    const next = () => {
      const target = queue.shift();
      if (target === undefined) {
        worker.terminate();
        resolve();
      } else worker.postMessage(target);
    };
    worker.on("message", (failure) => {
      if (failure !== "") failures.push(failure);
      next();
    });
    worker.on("error", reject);
    next();
  });
}

/** Compiles one target; returns "" or the compiler's errors. Runs in a worker thread. */
async function compile(target) {
  const { default: asc } = await import("assemblyscript/asc");
  const files = new Set();
  const errors = [];
  const args = [target.entry, "--baseDir", root, ...target.flags, "--outFile", "out.wasm"];
  let binary;
  const { error } = await asc.main(args, {
    stdout: { write: () => true },
    stderr: { write: (text) => errors.push(text) },
    readFile: (name, baseDir) => {
      const at = path.resolve(baseDir, name);
      if (!existsSync(at)) return null;
      const relative = path.relative(root, at);
      if (!relative.startsWith("..") && !relative.startsWith("node_modules")) files.add(relative);
      return readFileSync(at, "utf8");
    },
    writeFile: (name, contents) => {
      if (name.endsWith("out.wasm")) binary = contents;
    },
    listFiles: () => [],
  });
  if (error || binary === undefined) return `${target.name}: ${errors.join("")}${error ?? ""}`;
  writeOutput(outputFile(target), binary);
  writeStamp(target, files);
  return "";
}

if (!isMainThread && parentPort !== null) {
  parentPort.on("message", async (target) => {
    let failure;
    try {
      failure = await compile(target);
    } catch (error) {
      failure = `${target.name}: ${error.stack ?? error}`;
    }
    parentPort.postMessage(failure);
  });
}
