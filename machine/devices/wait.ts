// Waiting for a word of shared memory to change, on threads that must not block.
//
// Where the engine has Atomics.waitAsync that is all. Where it has not, a helper Worker (waitWorker.ts) blocks in Atomics.wait and posts
// a message: the thread that asked sees no difference except for a longer way.

/**
 * Resolves when words[index] is no longer `seen` or somebody notified it. undefined: it had changed already.
 * May resolve early: look at the word again.
 */
export type WaitChanged = (
  words: Int32Array,
  index: number,
  seen: number,
) => Promise<void> | undefined;

export interface WaitRequest {
  readonly id: number;
  readonly words: Int32Array;
  readonly index: number;
  readonly seen: number;
}

/** What waitThrough needs of a Worker. */
export interface WaitEndpoint {
  postMessage(request: WaitRequest): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

declare function setTimeout(callback: () => void, ms: number): unknown;

export function hasWaitAsync(): boolean {
  return typeof Atomics.waitAsync === "function";
}

export const waitAsync: WaitChanged = (words, index, seen) => {
  const result = Atomics.waitAsync(words, index, seen);
  return result.async ? result.value.then(() => undefined) : undefined;
};

/** For engines without Atomics.waitAsync: `endpoint` is a Worker that runs waitWorker.ts and serves one wait at a time. */
export function waitThrough(endpoint: WaitEndpoint): WaitChanged {
  const waiting = new Map<number, () => void>();
  let last = 0;
  endpoint.addEventListener("message", ({ data }) => {
    if (typeof data !== "number") return;
    waiting.get(data)?.();
    waiting.delete(data);
  });
  return (words, index, seen) => {
    if (Atomics.load(words, index) !== seen) return undefined;
    return new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      endpoint.postMessage({ id: last, words, index, seen });
    });
  };
}

/** Lets other work of this thread run: input, timers, animation frames. */
export function yieldTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
