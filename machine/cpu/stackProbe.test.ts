import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import wabt from "wabt";
import { makeStackProbe } from "./stackProbe.ts";

const compiler = await wabt();
/** `down` calls m.probe on its way; `rest` goes further down without it, and counts. */
const recursion = compiler
  .parseWat(
    "recursion.wat",
    `(module (import "m" "probe" (func $probe))
      (global $count (export "count") (mut i32) (i32.const 0)) (global $below (mut i32) (i32.const 0))
      (func $down (export "down") (call $probe) (call $down) (global.set $below (i32.const 1)))
      (func $rest (export "rest") (global.set $count (i32.add (global.get $count) (i32.const 1))) (call $rest)
        (global.set $below (i32.const 1))))`,
    {},
  )
  .toBinary({}).buffer as Uint8Array<ArrayBuffer>;

/** Frames of `rest` that fit where the probe first fails. */
function framesLeft(probe: CallableFunction): number {
  let failed = false;
  const guarded = (): void => {
    try {
      probe();
    } catch (error) {
      failed = true;
      try {
        (exports.rest as CallableFunction)();
      } catch {
        throw error;
      }
    }
  };
  const module = new WebAssembly.Module(recursion);
  const { exports } = new WebAssembly.Instance(module, { m: { probe: guarded } });
  expect(exports.down as () => void).toThrow(RangeError);
  expect(failed).toBe(true);
  return (exports.count as WebAssembly.Global).value as number;
}

// The optimising compiler's probe had a small frame once, because nobody used its values: a program that called the kernel from deep
// inside a recursion stopped the machine. (The baseline compiler forgets nothing.)
test("the probe of the optimising compiler fails well before the engine's stack is exhausted", () => {
  setFlagsFromString("--no-liftoff"); // before the first makeStackProbe of this process: the engine keeps what it has compiled
  const probe = makeStackProbe();
  probe(); // compiles it
  setFlagsFromString("--liftoff");
  expect(framesLeft(probe)).toBeGreaterThan(500); // 64 KiB, of 40 to 48 bytes each
});
