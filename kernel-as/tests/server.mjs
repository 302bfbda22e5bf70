// A CPU in its own thread whose program is a small server: it answers on descriptor 3 until it reads a path "/die" or loses its channel.
// shared[0] counts the handles closed, shared[1] the requests answered.
import { workerData } from "node:worker_threads";

const { memory, module, slot, shared } = workerData;
const counts = new Int32Array(shared);
const machine = {
  memory,
  busRead: () => -1,
  busWrite: () => {},
  now: () => 0,
  random: () => 4,
  stackProbe: () => {},
  userFault: () => 0,
  request: () => {},
  abort: () => {},
};
const k = new WebAssembly.Instance(module, { machine, env: machine }).exports;
const MESSAGE = 0x10000;
const DATA = MESSAGE + 8;
const R_OK = 128;
const R_ERROR = 129;
const R_AGAIN = 130;
const ENOENT = 2;

function bytes(at, n) {
  return String.fromCharCode(...Array.from({ length: n }, (_, i) => k.mmu_load8(at + i, 0)));
}

function reply(tag, length) {
  k.mmu_store32(MESSAGE, 0, tag);
  k.mmu_store32(MESSAGE, 4, length);
  const result = k.sys_ipc_reply(3, MESSAGE);
  if (result !== 0) throw new Error(`ipc_reply: ${result}`);
  Atomics.add(counts, 1, 1);
}

function word(at) {
  return k.mmu_load32(at, 0);
}

let again = true;

function serve(tag) {
  const length = word(MESSAGE + 4);
  if (tag === 4) {
    Atomics.add(counts, 0, 1);
    Atomics.notify(counts, 0);
    return reply(R_OK, 0);
  }
  if (tag === 1 || tag === 7) {
    const path = bytes(DATA + 4, length - 4);
    if (path === "die") k.sys_exit(9);
    if (path === "hang") while (true) k.sys_nanosleep(1000000000n);
    k.mmu_store32(DATA, 0, path === "none" ? ENOENT : 7);
    return reply(path === "none" ? R_ERROR : R_OK, 4);
  }
  if (tag === 2) {
    if (again) {
      again = false;
      return reply(R_AGAIN, 0);
    }
    const count = word(DATA + 4);
    const offset = word(DATA + 8);
    const n = Math.max(0, Math.min(count, 10000 - offset));
    for (let i = 0; i < n; i++) k.mmu_store8(DATA + i, 0, (offset + i) % 251);
    return reply(R_OK, n);
  }
  if (tag === 3) {
    k.mmu_store32(DATA, 0, length - 16);
    return reply(R_OK, 4);
  }
  k.mmu_store32(DATA, 0, 38);
  return reply(R_ERROR, 4);
}

k.cpuAttach(slot);
k.cpuIdle();
k.execOpen(0);
k.execTable(0);
k.execCommit(0, 4, -1, 0);
k.userEnter();
let kind = 0;
try {
  while (true) {
    const tag = k.sys_ipc_recv(3, MESSAGE);
    if (tag < 0) break;
    serve(tag);
  }
} catch (error) {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  kind = 1;
}
k.userLeave(kind, 0, 0);
