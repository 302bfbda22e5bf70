// Service worker. It does two things for the page (web/isolation.ts and web/offline.ts register it):
//
//   headers   where the host cannot send them, every answer of this site gets the two that make the page cross-origin isolated
//   offline   the files that the page names are kept; they are used only when the network does not answer, so nobody sees an old page
//
// It takes over pages that are loaded from now on, not those that are open.

const KEPT = "quire";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("message", (event) => {
  const files = event.data?.keep;
  if (Array.isArray(files)) event.waitUntil(keep(files));
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  // Chromium's developer tools send such requests; fetch() of one throws.
  if (request.cache === "only-if-cached" && request.mode !== "same-origin") return;
  event.respondWith(answer(event));
});

async function answer(event) {
  const request = event.request;
  const ours = request.method === "GET" && new URL(request.url).origin === self.location.origin;
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const kept = ours ? await find(request) : undefined;
    if (kept === undefined) throw error;
    return isolated(kept);
  }
  if (ours && response.ok && response.status === 200) {
    const copy = response.clone();
    event.waitUntil(caches.open(KEPT).then((cache) => cache.put(request, copy)));
  }
  return isolated(response);
}

/** The kept answer. The page itself is the same for every query. */
async function find(request) {
  const cache = await caches.open(KEPT);
  // A file is the same whoever asks, whatever the host's Vary says.
  return cache.match(request, { ignoreSearch: request.mode === "navigate", ignoreVary: true });
}

/** Keeps these files, and forgets those that the site no longer has. */
async function keep(files) {
  const cache = await caches.open(KEPT);
  for (const file of files) {
    if ((await cache.match(file)) !== undefined) continue;
    const response = await fetch(file);
    if (response.ok && response.status === 200) await cache.put(file, response);
  }
  const wanted = new Set(files);
  const folder = new URL("./assets/", self.location.href).href;
  for (const request of await cache.keys()) {
    // Files with a hash in their names: those of an older build are never asked for again.
    if (request.url.startsWith(folder) && !wanted.has(request.url)) await forget(cache, request);
  }
}

async function forget(cache, request) {
  const response = await fetch(request, { method: "HEAD" }).catch(() => undefined);
  if (response !== undefined && response.status === 404) await cache.delete(request);
}

function isolated(response) {
  // An opaque response has no readable headers or body and must go through as it is.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}
