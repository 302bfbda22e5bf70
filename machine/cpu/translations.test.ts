import { expect, test } from "vitest";
import { packSystem, type Translation, unpackSystem } from "./translations.ts";

const initrd = Uint8Array.of(1, 2, 3, 4, 5);
const programs: Translation[] = [
  {
    path: "bin/a",
    file: 8,
    segments: [
      { va: 0, fileOffset: 0, length: 0 },
      { va: 1024, fileOffset: 77, length: 12 },
    ],
    hasStart: false,
    entry: { main: "_start", initialize: false, handler: true },
    memoryMinPages: 1,
    memoryMaxPages: 3,
    bytes: Uint8Array.of(9, 9, 9),
  },
  {
    path: "srv/b",
    file: 64,
    segments: [],
    hasStart: true,
    entry: { main: undefined, initialize: true, handler: false },
    memoryMinPages: 0,
    memoryMaxPages: undefined,
    bytes: Uint8Array.of(7),
  },
];

test("what was packed comes back", () => {
  const system = unpackSystem(packSystem(initrd, programs));
  expect(system.initrd).toEqual(initrd);
  expect(system.translations).toEqual(programs);
});

test("a file that is cut off anywhere is refused in words", () => {
  const whole = packSystem(initrd, programs);
  for (let length = 0; length < whole.length; length++) {
    expect(() => unpackSystem(whole.slice(0, length)), `${length} bytes`).toThrow(
      "the system file is damaged",
    );
  }
});
