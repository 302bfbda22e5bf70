// Without a network: the service worker coi.js keeps the files of the site, so that a page that was open once opens again; and the page says
// that it is offline.

import type { StatusLine } from "./status.ts";

/** Has the service worker keep what this page has loaded, and what its Workers may load. Only of the built site: a file that is being edited must not come from a cache. */
export async function keepForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  try {
    const url = new URL("coi.js", document.baseURI);
    await navigator.serviceWorker.register(url);
    const registration = await navigator.serviceWorker.ready;
    const response = await fetch(new URL("assets.json", document.baseURI));
    const assets = ((await response.json()) as string[]).map(
      (path) => new URL(path, document.baseURI).href,
    );
    // Some files come later: each time, all are named.
    const keep = (): void => {
      const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
      const files = [...new Set([location.href, ...assets, ...loaded])]
        .map((name) => name.replace(/#.*$/s, ""))
        .filter((name) => new URL(name).origin === location.origin);
      registration.active?.postMessage({ keep: files });
    };
    new PerformanceObserver(keep).observe({ type: "resource" });
    keep();
  } catch (error) {
    console.warn("the site is not kept for use without a network:", error);
  }
}

/** Says when the network goes and comes. */
export function followNetwork(status: StatusLine): void {
  const offline =
    "Offline: the machine runs on; programs of the list that were not fetched yet cannot be.";
  const say = (): void => {
    if (!navigator.onLine) status.notice(offline, "bad");
    else if (status.noticed === offline) status.notice("");
  };
  window.addEventListener("offline", say);
  window.addEventListener("online", say);
  say();
}
