// Programs for tests: modules made from text, and one function for every memory instruction.

import wabt from "wabt";
import { type Access, AccessClass, allAccesses, laneCount } from "../access.ts";
import { Asm } from "../asm.ts";
import { Op, Type } from "../opcodes.ts";

const FEATURES = {
  exceptions: true,
  simd: true,
  threads: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  sat_float_to_int: true,
  sign_extension: true,
  extended_const: true,
  mutable_globals: true,
  relaxed_simd: true,
  multi_memory: true,
  memory64: true,
};

const toolkit = await wabt();

/** The binary of a module in text form. */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  const parsed = toolkit.parseWat("test.wat", text, FEATURES);
  try {
    parsed.resolveNames();
    return new Uint8Array(parsed.toBinary({ write_debug_names: true }).buffer);
  } finally {
    parsed.destroy();
  }
}

/** The text of a binary, as golden files hold it. */
export function toText(bytes: Uint8Array): string {
  const parsed = toolkit.readWasm(bytes, { ...FEATURES, readDebugNames: true });
  try {
    parsed.applyNames();
    return parsed.toText({ foldExprs: true, inlineExport: true });
  } finally {
    parsed.destroy();
  }
}

export interface AccessFunction {
  readonly name: string;
  readonly access: Access;
  readonly lane: number;
}

/**
 * A module with a shared memory of `pages` and one exported function for every memory instruction but wait: it takes the address and
 * i64 operands, and returns two i64. `inLoop` puts the instruction into a loop that runs once. `natural` declares the alignment of its
 * size, and takes the address of every second one from a local.tee.
 */
export function accessModule(
  k: number,
  pages: number,
  inLoop: boolean,
  natural = false,
): { bytes: Uint8Array<ArrayBuffer>; functions: AccessFunction[] } {
  const functions: AccessFunction[] = [];
  const bodies: Asm[] = [];
  for (const access of allAccesses()) {
    if (access.class === AccessClass.WAIT) continue;
    const isLane =
      access.class === AccessClass.LOAD_LANE || access.class === AccessClass.STORE_LANE;
    const lane = isLane ? (access.code * 7 + k) % laneCount(access) : -1;
    functions.push({ name: `f${functions.length}`, access, lane });
    bodies.push(accessBody(access, lane, k, inLoop, natural, functions.length % 2 === 0));
  }
  const out = new Asm(1 << 14);
  out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const section = (id: number, emit: (asm: Asm) => void): void => {
    const asm = new Asm();
    emit(asm);
    out.u8(id);
    out.u32(asm.length);
    out.append(asm);
  };
  section(1, (asm) => asm.bytes([1, 0x60, 3, Type.I32, Type.I64, Type.I64, 2, Type.I64, Type.I64]));
  section(3, (asm) => {
    asm.u32(functions.length);
    for (const _ of functions) asm.u8(0);
  });
  section(5, (asm) => asm.bytes([1, 3, pages, pages]));
  section(7, (asm) => {
    asm.u32(functions.length + 1);
    functions.forEach(({ name }, i) => {
      asm.name(name);
      asm.u8(0);
      asm.u32(i);
    });
    asm.name("memory");
    asm.bytes([2, 0]);
  });
  section(10, (asm) => {
    asm.u32(functions.length);
    for (const body of bodies) {
      asm.u32(body.length);
      asm.append(body);
    }
  });
  return { bytes: new Uint8Array(out.take()), functions };
}

function accessBody(
  access: Access,
  lane: number,
  k: number,
  inLoop: boolean,
  natural: boolean,
  teed: boolean,
): Asm {
  const asm = new Asm();
  const [address, first, second, v, low] = [0, 1, 2, 3, 4];
  asm.bytes([2, 1, Type.V128, 1, Type.I64]);
  if (inLoop) asm.op2(Op.LOOP, Type.VOID);
  asm.get(address);
  if (natural && teed) asm.tee(address);
  const operand = (local: number): void => {
    asm.get(local);
    fromI64(asm, access.type);
  };
  const operands =
    access.class === AccessClass.LOAD || access.class === AccessClass.ATOMIC_LOAD
      ? 0
      : access.class === AccessClass.ATOMIC_CMPXCHG
        ? 2
        : 1;
  if (operands > 0) operand(first);
  if (operands > 1) operand(second);
  const atomic = access.class >= AccessClass.ATOMIC_LOAD;
  asm.memory(access.code, atomic || natural ? Math.log2(access.size) : 0, k, lane);
  const isStore =
    access.class === AccessClass.STORE ||
    access.class === AccessClass.STORE_LANE ||
    access.class === AccessClass.ATOMIC_STORE;
  if (!isStore) {
    if (access.type === Type.V128) asm.set(v);
    else {
      toI64(asm, access.class === AccessClass.NOTIFY ? Type.I32 : access.type);
      asm.set(low);
    }
  }
  if (inLoop) asm.end();
  if (access.type === Type.V128 && !isStore) asm.get(v).simd(29, 0).get(v).simd(29, 1);
  else asm.get(low).get(low);
  asm.end();
  return asm;
}

function fromI64(asm: Asm, type: number): void {
  if (type === Type.I32) asm.op(Op.I32_WRAP_I64);
  else if (type === Type.F32) asm.op(Op.I32_WRAP_I64).op(Op.F32_REINTERPRET_I32);
  else if (type === Type.F64) asm.op(Op.F64_REINTERPRET_I64);
  else if (type === Type.V128) asm.simd(0x12);
}

function toI64(asm: Asm, type: number): void {
  if (type === Type.I32) asm.op(Op.I64_EXTEND_I32_U);
  else if (type === Type.F32) asm.op(Op.I32_REINTERPRET_F32).op(Op.I64_EXTEND_I32_U);
  else if (type === Type.F64) asm.op(Op.I64_REINTERPRET_F64);
}

/** Deterministic random numbers. */
export function randomFrom(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}
