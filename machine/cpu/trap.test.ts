import { expect, test } from "vitest";
import { Trap } from "../../abi/mmu.ts";
import { callStackOf, trapOf } from "./trap.ts";

/** Runs a module whose only function has this body and returns what it threw. */
function thrownBy(body: readonly number[]): unknown {
  const code = [0, ...body, 0x0b];
  const bytes = new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4, 1, 0x60, 0, 0],
    ...[3, 2, 1, 0],
    ...[4, 4, 1, 0x70, 0, 1],
    ...[5, 3, 1, 0, 1],
    ...[7, 5, 1, 1, 0x66, 0, 0],
    ...[10, code.length + 2, 1, code.length, ...code],
  ]);
  try {
    (new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f as () => void)();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const cases: [string, number[], Trap][] = [
  ["unreachable", [0x00], Trap.UNREACHABLE],
  ["division by zero", [0x41, 1, 0x41, 0, 0x6d, 0x1a], Trap.DIVIDE_BY_ZERO],
  [
    "smallest / -1",
    [0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x41, 0x7f, 0x6d, 0x1a],
    Trap.INTEGER_OVERFLOW,
  ],
  [
    "truncation of 1e30",
    [0x44, 0x05, 0xb5, 0x56, 0xbc, 0x93, 0x3d, 0x29, 0x46, 0xaa, 0x1a],
    Trap.INVALID_CONVERSION,
  ],
  ["call of a null function", [0x41, 0, 0x11, 0, 0], Trap.INDIRECT_CALL],
  ["call past the table", [0x41, 9, 0x11, 0, 0], Trap.INDIRECT_CALL],
  ["endless recursion", [0x10, 0], Trap.STACK_EXHAUSTED],
];

for (const [name, body, trap] of cases) {
  test(`${name} is recognised`, () => {
    const error = thrownBy(body);
    if (name === "call past the table")
      expect([Trap.INDIRECT_CALL, Trap.TABLE_BOUNDS]).toContain(trapOf(error));
    else expect(trapOf(error)).toBe(trap);
  });
}

test("an exception that is not an engine's trap is an uncaught exception", () => {
  expect(trapOf(new Error("x"))).toBe(Trap.UNCAUGHT_EXCEPTION);
  expect(trapOf(undefined)).toBe(Trap.UNCAUGHT_EXCEPTION);
});

test("a call stack keeps the program's frames only", () => {
  const stack = callStackOf(thrownBy([0x00]));
  expect(stack).toMatch(/wasm|func/);
  expect(stack).not.toMatch(/trap\.test/);
});

test("what a program's names hold is not obeyed, and makes no line of its own", () => {
  const error = new Error("unreachable");
  error.stack = [
    "RuntimeError: unreachable",
    "    at \x1b[2J",
    "fault: pid 1 init: wasm (wasm://wasm/8ee6131e:wasm-function[20]:0x195)",
    "    at evil\x9b (wasm://wasm/8ee6131e:wasm-function[21]:0x195)",
  ].join("\n");
  expect(callStackOf(error)).toBe("at evil? (8ee6131e:wasm-function[21]:0x195)");
});
