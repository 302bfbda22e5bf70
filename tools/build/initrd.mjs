// initrd: packs the compiled programs and the files under initrd/ into one archive (the format is in abi/boot.ts).

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeOutput } from "./output.mjs";
import { buildFolder, root } from "./targets.mjs";

const MAGIC = 0x44524951; // Initrd.MAGIC_VALUE
const HEADER_BYTES = 8;
const RECORD_BYTES = 80;
const PATH_BYTES = 64;
const OFFSET = 64;
const LENGTH = 68;
const MODE = 72;

/** Writes build/initrd.bin. */
export function writeInitrd(targets) {
  const files = targets.flatMap((target) => {
    const bytes = readFileSync(path.join(buildFolder, target.output));
    return target.paths.map((path) => ({ path, mode: 0o755, bytes }));
  });
  files.push({ path: "share/help", mode: 0o644, bytes: Buffer.from(helpText(targets)) });
  const extra = path.join(root, "initrd");
  if (existsSync(extra)) {
    for (const entry of readdirSync(extra, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const at = path.join(entry.parentPath, entry.name);
      const name = path.relative(extra, at).split(path.sep).join("/");
      if (name !== "README.md") files.push({ path: name, mode: 0o644, bytes: readFileSync(at) });
    }
  }
  const archive = pack(files.sort((a, b) => (a.path < b.path ? -1 : 1)));
  writeOutput(path.join(buildFolder, "initrd.bin"), archive);

}

/** What every program prints for --help, for `man`: the literal of its call of help(). */
export function helpText(targets) {
  const texts = [];
  for (const { name, entry } of targets) {
    if (!name.startsWith("bin/")) continue;
    const call = /\bhelp\(\s*("(?:[^"\\]|\\.)*")\s*,?\s*\)/.exec(readFileSync(path.join(root, entry), "utf8"));
    if (call !== null) texts.push(JSON.parse(call[1]));
  }
  return `${texts.sort().join("\n")}\n`;
}

/** Files that are the same buffer are there once. */
export function pack(files) {
  let at = align(HEADER_BYTES + files.length * RECORD_BYTES);
  const offsets = new Map();
  for (const { bytes } of files) {
    if (offsets.has(bytes)) continue;
    offsets.set(bytes, at);
    at = align(at + bytes.length);
  }
  const archive = Buffer.alloc(at);
  archive.writeUInt32LE(MAGIC, 0);
  archive.writeUInt32LE(files.length, 4);
  for (const [index, file] of files.entries()) {
    const record = HEADER_BYTES + index * RECORD_BYTES;
    if (Buffer.byteLength(file.path) > PATH_BYTES) throw new Error(`initrd: the path ${file.path} is longer than ${PATH_BYTES} bytes`);
    archive.write(file.path, record);
    archive.writeUInt32LE(offsets.get(file.bytes), record + OFFSET);
    archive.writeUInt32LE(file.bytes.length, record + LENGTH);
    archive.writeUInt32LE(file.mode, record + MODE);
    archive.set(file.bytes, offsets.get(file.bytes));
  }
  return archive;
}

function align(offset) {
  return (offset + 7) & ~7;
}
