// stackProbe: a function with a frame so large that calling it proves that a kernel entry has stack enough to finish.
//
// A program may recurse until the engine's stack is almost gone and then make a system call: the engine would unwind the kernel in the
// middle of a change, with its lock held. Engines compare a large frame with the stack limit before they enter a function, so a call of
// this one traps first, in the program's name, when less than PROBE_VALUES * 8 bytes are left. On the path taken it does nothing else:
//
//   (func (export "probe")  (block (br_if 0 (i32.eqz (global.get $never)))
//     (call $value) x N  (i64.xor) x N-1  (global.set $used)))
//
// The N values are alive together across calls, so the engine must reserve a slot in the frame for each. Their sum must be used: an
// optimising compiler forgets values that are not, and the frame is small.

const PROBE_VALUES = 8192;

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function probeModule(): Uint8Array<ArrayBuffer> {
  const body = [0, 0x02, 0x40, 0x23, 0, 0x45, 0x0d, 0]; // no locals; block; global.get 0; i32.eqz; br_if 0
  for (let i = 0; i < PROBE_VALUES; i++) body.push(0x10, 0); // call 0
  for (let i = 1; i < PROBE_VALUES; i++) body.push(0x85); // i64.xor
  body.push(0x24, 1, 0x0b, 0x0b); // global.set 1; end; end
  const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 0, 1, 0x7e, 0x60, 0, 0]),
    ...section(2, [1, ...text("m"), ...text("value"), 0, 0]),
    ...section(3, [1, 1]),
    ...section(6, [2, 0x7f, 1, 0x41, 0, 0x0b, 0x7e, 1, 0x42, 0, 0x0b]),
    ...section(7, [3, ...text("probe"), 0, 1, ...text("never"), 3, 0, ...text("used"), 3, 1]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** A wasm function that traps when the stack left is smaller than its frame (64 KiB), and otherwise does nothing. */
export function makeStackProbe(): CallableFunction {
  const module = new WebAssembly.Module(probeModule());
  const instance = new WebAssembly.Instance(module, { m: { value: () => 0n } });
  return instance.exports.probe as CallableFunction;
}
