// benchagent: measures the kernel from inside, one request at a time. The host writes a line to its console and reads the answer,
// a line that starts with "@ "; so the host can measure its floors between two requests.
//
//   null N             ns of N calls of close(-1), which enter the kernel       getpid N    the same of getpid, which does not
//   tlb ROUNDS         ns of first touches, ns of second touches, touches, TLB fills, faults
//   zero PAGES ROUNDS  ns, pages touched, faults
//   parallel open | close   starts and ends the twins    parallel PAGES   ns for one alone to touch them, ns for two to touch as many each
//   mmap N             ns of N pairs of mmap and munmap
//   ipc open | close   starts and ends the server       ipc awake N | parked N     ns of N round trips
//   ipc payload N      ns of N reads of 64 KiB in one message each, ns of them in sixteen
//   home N             ns of N writes of 64 KiB to a new file in /home and of making them durable
//   spawn N            N lines' worth of ns: spawn to the child's first byte
//   run IN PROGRAM...  runs a program with standard input from the file IN (-: the console); ns, status
//   counters           system calls, bursts and their bytes so far
//   screen read ROUNDS  ns of reads of 1 MiB of the framebuffer by messages, ns of as many by mapping
//   screen redraw N     ns of N frames of 1024 x 768, all drawn and presented
//   screen mode W H     sets the base view's mode         screen uploaded     bytes that the adapter has taken so far
//   quit
//
// Invariant: an answer's numbers are totals. The host divides, so nothing is rounded here.

import { MapFlag, Prot, SysInfo } from "../../../abi/syscall";
import { consoleRaw } from "../../../lib/console";
import { out } from "../../../lib/fmt";
import { finish } from "../../../lib/program";
import { close, getpid, isError, mmap, mprotect, munmap, read, sysinfo } from "../../../lib/sys";
import { bytesIndex, bytesStart, parsedBytes, parseNumber } from "../../../lib/text";
import { now } from "../../../lib/time";
import { homeWrite } from "./home";
import { ipcAwake, ipcClose, ipcOpen, ipcParked, ipcPayload } from "./ipc";
import { parallelClose, parallelOne, parallelOpen, parallelTwo } from "./parallel";
import {
  mappedNs,
  messagesNs,
  screenMode,
  screenRead,
  screenRedraw,
  screenUploaded,
} from "./screen";
import { runProgram, spawnMain } from "./spawn";

const LINE_BYTES: i32 = 1024;
const PAGE: usize = 4096;
/** Pages touched in one round of tlb: every second one, so that no window can take two of them. */
const TLB_TOUCHES: i32 = 512;
const request: usize = memory.data(1024);
const before: usize = memory.data(256, 8);
const after: usize = memory.data(256, 8);

/** Makes reads count: a loop without a use is no loop. */
export let sink: u32 = 0;

export function _start(): void {
  consoleRaw(0);
  out.text("@ ready").newline().flush();
  for (;;) {
    const n = readLine();
    if (n < 0 || bytesStart(request, n, "quit")) break;
    if (!bytesStart(request, n, "run ")) out.text("@");
    answer(n);
    out.newline().flush();
  }
  finish(0);
}

function answer(n: i32): void {
  if (bytesStart(request, n, "null ")) nullCalls(numberAt(n, 5));
  else if (bytesStart(request, n, "getpid ")) getpidCalls(numberAt(n, 7));
  else if (bytesStart(request, n, "tlb ")) tlbMisses(numberAt(n, 4));
  else if (bytesStart(request, n, "zero ")) {
    const pages = numberAt(n, 5);
    zeroFaults(pages, numberAt(n, 6 + parsedBytes));
  } else if (bytesStart(request, n, "parallel open")) result(parallelOpen());
  else if (bytesStart(request, n, "parallel close")) result(parallelClose());
  else if (bytesStart(request, n, "parallel ")) {
    const pages = numberAt(n, 9);
    result(parallelOne(pages));
    result(parallelTwo(pages));
  } else if (bytesStart(request, n, "mmap ")) mmapPairs(numberAt(n, 5));
  else if (bytesStart(request, n, "ipc open")) result(ipcOpen());
  else if (bytesStart(request, n, "ipc close")) result(ipcClose());
  else if (bytesStart(request, n, "ipc awake ")) result(ipcAwake(numberAt(n, 10)));
  else if (bytesStart(request, n, "ipc parked ")) result(ipcParked(numberAt(n, 11)));
  else if (bytesStart(request, n, "home ")) result(homeWrite(numberAt(n, 5)));
  else if (bytesStart(request, n, "ipc payload ")) {
    const reads = numberAt(n, 12);
    result(ipcPayload(reads, "/dev/bench/large"));
    result(ipcPayload(reads, "/dev/bench/small"));
  } else if (bytesStart(request, n, "spawn ")) spawnMain(numberAt(n, 6));
  else if (bytesStart(request, n, "run ")) {
    const end = 4 + bytesIndex(request + 4, n - 4, 0x20);
    runProgram(request + 4, end - 4, request + end + 1, n - end - 1);
  } else if (bytesStart(request, n, "screen read ")) {
    const r = screenRead(numberAt(n, 12));
    result(r < 0 ? r : messagesNs);
    result(mappedNs);
  } else if (bytesStart(request, n, "screen redraw ")) result(screenRedraw(numberAt(n, 14)));
  else if (bytesStart(request, n, "screen mode ")) {
    const width = numberAt(n, 12);
    result(screenMode(width, numberAt(n, 13 + parsedBytes)));
  } else if (bytesStart(request, n, "screen uploaded")) result(screenUploaded());
  else if (bytesStart(request, n, "counters")) {
    sysinfo(after);
    result(load<i64>(after, SysInfo.SYSCALLS));
    result(load<i64>(after, SysInfo.BURSTS));
    result(load<i64>(after, SysInfo.BURST_BYTES));
  } else result(-1);
}

function result(value: i64): void {
  out.text(" ").dec(value);
}

function nullCalls(n: i32): void {
  let sum = 0;
  const start = now();
  for (let i = 0; i < n; i++) sum += close(-1);
  result(now() - start);
  sink += sum;
}

function getpidCalls(n: i32): void {
  let sum = 0;
  const start = now();
  for (let i = 0; i < n; i++) sum += getpid();
  result(now() - start);
  sink += sum;
}

/** mprotect to the same rights drops the TLB entries of a range and changes nothing else. */
function tlbMisses(rounds: i32): void {
  const bytes = <usize>TLB_TOUCHES * 2 * PAGE;
  const area = mmap(0, bytes, Prot.READ | Prot.WRITE, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
  if (isError(area)) return result(<i32>area);
  for (let p = area; p < area + bytes; p += PAGE) store<u8>(p, 1);
  sysinfo(before);
  let first: i64 = 0;
  let second: i64 = 0;
  for (let round = 0; round < rounds; round++) {
    mprotect(area, bytes, Prot.READ | Prot.WRITE);
    const t0 = now();
    touch(area);
    const t1 = now();
    touch(area);
    second += now() - t1;
    first += t1 - t0;
  }
  sysinfo(after);
  munmap(area, bytes);
  result(first);
  result(second);
  result(<i64>rounds * TLB_TOUCHES);
  result(difference(SysInfo.TLB_FILLS));
  result(difference(SysInfo.FAULTS));
}

function touch(area: usize): void {
  let sum: u32 = 0;
  const end = area + <usize>TLB_TOUCHES * 2 * PAGE;
  for (let p = area; p < end; p += PAGE * 2) sum += load<u32>(p);
  sink += sum;
}

/** The first store to each page of a fresh anonymous mapping. Making and removing the mapping is not counted. */
function zeroFaults(pages: i32, rounds: i32): void {
  const bytes = <usize>pages * PAGE;
  sysinfo(before);
  let ns: i64 = 0;
  for (let round = 0; round < rounds; round++) {
    const area = mmap(0, bytes, Prot.READ | Prot.WRITE, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
    if (isError(area)) return result(<i32>area);
    const start = now();
    for (let p = area; p < area + bytes; p += PAGE) store<u32>(p, 1);
    ns += now() - start;
    munmap(area, bytes);
  }
  sysinfo(after);
  result(ns);
  result(<i64>pages * rounds);
  result(difference(SysInfo.FAULTS));
}

function mmapPairs(n: i32): void {
  const start = now();
  for (let i = 0; i < n; i++) {
    const area = mmap(0, PAGE, Prot.READ | Prot.WRITE, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
    if (isError(area)) return result(<i32>area);
    munmap(area, PAGE);
  }
  result(now() - start);
}

function difference(counter: i32): i64 {
  return load<i64>(after + counter) - load<i64>(before + counter);
}

function numberAt(n: i32, start: i32): i32 {
  return <i32>parseNumber(request + start, n - start);
}

/** One line of the console without its newline; its bytes, -1 at the end. */
function readLine(): i32 {
  for (let n = 0; n < LINE_BYTES; n++) {
    if (read(0, request + n, 1) != 1) return -1;
    if (load<u8>(request + n) == 10) return n;
  }
  return -1;
}
