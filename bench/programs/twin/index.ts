// benchtwin: one of two that fault at the same time. A request on standard input is the time to begin and the pages to touch; the answer
// on standard output is when it began and when it had touched them. It keeps them until it reads another byte, so that giving memory
// back is not part of what is measured. It ends with its input.

import "../../../lib/program";
import { MapFlag, Prot } from "../../../abi/syscall";
import { exit, isError, mmap, munmap, read, write } from "../../../lib/sys";
import { now } from "../../../lib/time";

const PAGE: usize = 4096;
const request: usize = memory.data(16, 8);
const answer: usize = memory.data(16, 8);

export function _start(): void {
  while (read(0, request, 16) == 16) {
    const bytes = <usize>load<i64>(request, 8) * PAGE;
    const area = mmap(0, bytes, Prot.READ | Prot.WRITE, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
    if (isError(area)) exit(1);
    let start: i64;
    do {
      start = now();
    } while (start < load<i64>(request));
    for (let p = area; p < area + bytes; p += PAGE) store<u32>(p, 1);
    store<i64>(answer, start);
    store<i64>(answer, now(), 8);
    write(1, answer, 16);
    if (read(0, request, 1) != 1) break;
    munmap(area, bytes);
  }
  exit(0);
}
