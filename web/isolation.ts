// What a page needs before a machine can run in it, each missing thing said in one sentence.
//
// SharedArrayBuffer exists only in a cross-origin isolated page, which takes two headers from the host. Where the host does not send
// them, the service worker public/coi.js adds them to a page that is loaded again: at most one reload, remembered for this tab.

const RELOADED = "quire.isolation.reloaded";
const WORKER_MS = 10_000;

/** The features that are asked for, gathered so that each absence can be tested. */
export interface Features {
  wasm: boolean;
  workers: boolean;
  secure: boolean;
  isolated: boolean;
  sharedMemory: boolean;
  wasmThreads: boolean;
}

/** (module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0))))) */
const THREADS_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65,
  0, 254, 16, 2, 0, 26, 11,
]);

export function readFeatures(): Features {
  const wasm = typeof WebAssembly === "object";
  return {
    wasm,
    workers: typeof Worker === "function",
    secure: globalThis.isSecureContext === true,
    isolated: globalThis.crossOriginIsolated === true,
    sharedMemory: typeof SharedArrayBuffer === "function",
    wasmThreads: wasm && WebAssembly.validate(THREADS_MODULE),
  };
}

/** The sentence for the first missing feature that nothing can add, or null. */
export function missingFeature(features: Features): string | null {
  if (!features.wasm) return "This browser has no WebAssembly, which Quire is made of.";
  if (!features.workers) return "This browser has no Web Workers, which are Quire's processors.";
  if (!features.secure) {
    return "This page is not secure: open Quire over https, or from localhost.";
  }
  if (!features.wasmThreads) {
    return "This browser's WebAssembly has no threads, so that several processors cannot share one memory.";
  }
  if (features.isolated && !features.sharedMemory) {
    return "This browser has no SharedArrayBuffer, which is Quire's memory.";
  }
  return null;
}

/**
 * Makes the page cross-origin isolated. True: it is. A sentence: it is not and cannot be. Null: the page is being loaded again.
 */
export async function isolate(features: Features): Promise<true | string | null> {
  const store = tabStore();
  if (features.isolated) {
    store?.removeItem(RELOADED);
    return true;
  }
  const headers =
    "The server does not send the COOP and COEP headers that shared memory needs, and";
  if (!("serviceWorker" in navigator)) {
    return `${headers} this browser window has no service workers that could add them.`;
  }
  if (store === null) return `${headers} without storage for this site they cannot be added.`;
  if (store.getItem(RELOADED) !== null) {
    store.removeItem(RELOADED);
    return `${headers} the service worker that adds them had no effect; reload the page to try again.`;
  }
  if (!(await startServiceWorker())) {
    return `${headers} the browser did not start the service worker that would add them.`;
  }
  store.setItem(RELOADED, "1");
  location.reload();
  return null;
}

/** Registers coi.js and waits until it answers for the page. */
async function startServiceWorker(): Promise<boolean> {
  try {
    const url = new URL("coi.js", document.baseURI);
    // A browser tool that blocks service workers may answer with nothing instead of refusing.
    const registration: ServiceWorkerRegistration | undefined =
      await navigator.serviceWorker.register(url);
    const worker = registration?.installing ?? registration?.waiting ?? registration?.active;
    if (worker === undefined || worker === null) return false;
    return await activated(worker);
  } catch (error) {
    console.warn("service worker:", error);
    return false;
  }
}

function activated(worker: ServiceWorker): Promise<boolean> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (worker.state === "activated") resolve(true);
      else if (worker.state === "redundant") resolve(false);
    };
    worker.addEventListener("statechange", check);
    setTimeout(resolve, WORKER_MS, false);
    check();
  });
}

/** Session storage, or null where the browser keeps nothing for this site. */
function tabStore(): Storage | null {
  try {
    const store = globalThis.sessionStorage;
    store.getItem(RELOADED);
    return store;
  } catch {
    return null;
  }
}
