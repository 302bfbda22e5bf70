// benchkernels: every kernel in one module. In the machine it is a program that is told on standard input what to measure; outside,
// untranslated, the host calls measure() itself. Both run the same bytes.
//
//   k KERNEL N    -> "@ ns checksum"        q    ends

import { Clock } from "../../../abi/syscall";
import { out } from "../../../lib/fmt";
import { finish } from "../../../lib/program";
import { clock, read } from "../../../lib/sys";
import { parsedBytes, parseNumber } from "../../../lib/text";
import { run as bytes } from "../../kernels/bytes";
import { run as chase } from "../../kernels/chase";
import { run as hash } from "../../kernels/hash";
import { run as interp } from "../../kernels/interp";
import { run as life } from "../../kernels/life";
import { Kernel } from "../../kernels/list";
import { run as matmul } from "../../kernels/matmul";
import { run as nbody } from "../../kernels/nbody";
import { run as recursion } from "../../kernels/recursion";
import { run as sha256 } from "../../kernels/sha256";
import { run as sieve } from "../../kernels/sieve";
import { run as sort } from "../../kernels/sort";
import { run as stream } from "../../kernels/stream";
import { run as string } from "../../kernels/string";

const LINE_BYTES: i32 = 256;
const request: usize = memory.data(256);

/** What the last measured kernel returned. */
export let checksum: i32 = 0;

/** Runs a kernel with n units of work; the time in ns. */
export function measure(kernel: i32, n: i32): f64 {
  const start = clock(Clock.MONOTONIC);
  checksum = runKernel(kernel, n);
  return <f64>(clock(Clock.MONOTONIC) - start);
}

function runKernel(kernel: i32, n: i32): i32 {
  switch (kernel) {
    case Kernel.STREAM:
      return stream(n);
    case Kernel.SORT:
      return sort(n);
    case Kernel.HASH:
      return hash(n);
    case Kernel.STRING:
      return string(n);
    case Kernel.MATMUL:
      return matmul(n);
    case Kernel.CHASE:
      return chase(n);
    case Kernel.BYTES:
      return bytes(n);
    case Kernel.RECURSION:
      return recursion(n);
    case Kernel.SIEVE:
      return sieve(n);
    case Kernel.NBODY:
      return nbody(n);
    case Kernel.SHA256:
      return sha256(n);
    case Kernel.LIFE:
      return life(n);
    default:
      return interp(n);
  }
}

export function _start(): void {
  for (;;) {
    const n = readLine();
    if (n <= 0 || load<u8>(request) != 0x6b) break;
    const kernel = <i32>parseNumber(request + 2, n - 2);
    const used = 3 + parsedBytes;
    const ns = measure(kernel, <i32>parseNumber(request + used, n - used));
    out
      .text("@ ")
      .dec(<i64>ns)
      .text(" ")
      .dec(checksum)
      .newline()
      .flush();
  }
  finish(0);
}

/** One line of standard input without its newline; its bytes, -1 at the end. */
function readLine(): i32 {
  for (let n = 0; n < LINE_BYTES; n++) {
    if (read(0, request + n, 1) != 1) return -1;
    if (load<u8>(request + n) == 10) return n;
  }
  return -1;
}
