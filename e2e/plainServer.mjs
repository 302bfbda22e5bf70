// Serves dist/ the way a simple static host does: in a sub folder, /sub/folder/, and without any isolation header.
// Usage: node e2e/plainServer.mjs PORT

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../dist", import.meta.url));
const BASE = "/sub/folder/";
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  const name = path.startsWith(BASE) ? path.slice(BASE.length) || "index.html" : null;
  const file = name === null ? null : join(ROOT, name);
  const stat = file === null ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === null || stat === undefined || !stat.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
    "Content-Length": stat.size,
  });
  createReadStream(file).pipe(response);
}).listen(Number(process.argv[2]));
