import { expect, test } from "vitest";
import type { Translation } from "../cpu/translations.ts";
import { ProgramStore } from "./programs.ts";

const SHAPE = {
  segments: [],
  hasStart: false,
  entry: { main: "_start", initialize: false, handler: false },
  memoryMinPages: 0,
  memoryMaxPages: undefined,
} as const;
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const INITRD = 0x1000;
const module = new WebAssembly.Module(EMPTY_MODULE);

function translation(file: number, bytes: Uint8Array<ArrayBuffer>): Translation {
  return { path: `bin/${file}`, file, ...SHAPE, bytes };
}

test("a program of the system is compiled when it is first wanted, once", async () => {
  const store = new ProgramStore([translation(8, EMPTY_MODULE)], INITRD);
  const [one, other] = await Promise.all([store.find(INITRD + 8), store.find(INITRD + 8)]);
  expect(one?.module).toBeInstanceOf(WebAssembly.Module);
  expect(other).toBe(one);
  expect(await store.find(INITRD + 16)).toBeUndefined();
});

test("one that the engine refuses is left to its CPU, which says why", async () => {
  const store = new ProgramStore([translation(8, Uint8Array.of(1, 2, 3))], INITRD);
  expect(await store.find(INITRD + 8)).toBeUndefined();
});

test("of what CPUs have made the sixteen used last are kept", async () => {
  const store = new ProgramStore([], INITRD);
  for (let key = 0; key < 16; key++) store.keep(key, { ...SHAPE, module });
  await store.find(0); // used again: 1 is the oldest now
  store.keep(16, { ...SHAPE, module });
  expect(await store.find(0)).toBeDefined();
  expect(await store.find(1)).toBeUndefined();
  expect(await store.find(16)).toBeDefined();
});
