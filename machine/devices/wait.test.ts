import { expect, it } from "vitest";
import { type WaitRequest, waitAsync, waitThrough } from "./wait.ts";

function words(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

it.each([
  ["waitAsync", waitAsync],
  ["waitThrough", waitThrough({ postMessage: () => {}, addEventListener: () => {} })],
])("%s does not wait for a word that has changed already", (_, wait) => {
  expect(wait(words(), 1, 5)).toBeUndefined();
});

it("waitAsync resolves when it is notified", async () => {
  const shared = words();
  const waited = waitAsync(shared, 1, 0);
  Atomics.store(shared, 1, 1);
  Atomics.notify(shared, 1);
  await waited;
});

it("waitThrough resolves each request by its own answer", async () => {
  const requests: WaitRequest[] = [];
  let answer: (event: { readonly data: unknown }) => void = () => {};
  const wait = waitThrough({
    postMessage: (request) => requests.push(request),
    addEventListener: (_, listener) => {
      answer = listener;
    },
  });
  const order: string[] = [];
  const first = wait(words(), 0, 0)?.then(() => order.push("first"));
  const second = wait(words(), 1, 0)?.then(() => order.push("second"));
  expect(requests.map(({ index }) => index)).toEqual([0, 1]);
  answer({ data: requests[1]?.id });
  await second;
  answer({ data: requests[0]?.id });
  await first;
  expect(order).toEqual(["second", "first"]);
});
