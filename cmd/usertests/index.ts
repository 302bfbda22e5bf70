// usertests: tests of the system from inside. Each test runs in a child process of its own; after each the leak gate compares the
// first block of sysinfo with its value before, and mmcheck must find nothing. The last line is `N passed, N failed`, and the status says
// the same.
//
//   usertests [-l] [PREFIX ...]    all but the long ones, or those whose names start with a prefix; -l only lists them
//
// Children of tests are this program too: --run, --die, --exit, --leave, --count, --serve, --blocked, --user, --fault, --patdev,
// --gone, --draw, --stale, --shoot-serve, --tight, --hold, --records, --paged-serve, --paged-call, --paged-out,
// each with a number.

import { FileType, Stat, SysInfo } from "../../abi/syscall";
import { arg, argBytes, argc, argIs, argNumber, argValue } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";
import { staticDataTouch } from "../../lib/resident";
import { exit, fstat, mmcheck, nanosleep, swapoff, swapon, sysinfo } from "../../lib/sys";
import { bytesStart, putLiteral } from "../../lib/text";
import { now } from "../../lib/time";
import { blockedRead, echoServe } from "./channels";
import { childFdsSame, childStart, childStatus } from "./check";
import { die } from "./deaths";
import { asUser, holdDevices } from "./devices";
import { faultWith } from "./handler";
import { mortalClient, mortalServe } from "./ipcdeaths";
import { TESTS, test } from "./list";
import { leaveOpen } from "./long";
import { countInput } from "./process";
import { mortalProgramServe } from "./programdeaths";
import { drawForever, staleTouch } from "./screen";
import { recordsWrite } from "./sharing";
import { shootServe, tightLoop } from "./shootdown";
import { pagedCall, pagedOut, pagedServe } from "./swapdeaths";
import { patdevOther, touchGone } from "./types";

export { __fault } from "./handler";

const before: usize = memory.data(256, 8);
const after: usize = memory.data(256, 8);
const name: usize = memory.data(64);

/** Words of sysinfo's first block that the gate compares. */
const GATE_WORDS = 10;
/** A process that has been waited for may take this many pauses of 5 ms until everything of it is gone. */
const PAUSES = 100;

export function _start(): void {
  help("usertests [-l] [PREFIX ...]: tests the system from inside; ends with `N passed, N failed`");
  if (argc() == 3 && argNumber(2) && load<u8>(arg(1)) == 0x2d) child(<i32>argValue);
  const listing = argIs(1, "-l");
  let passed = 0;
  let failed = 0;
  if (!listing) ownMemory();
  for (let i = 0; i < TESTS; i++) {
    if (!chosen(i, listing ? 2 : 1)) continue;
    if (listing) {
      out.text(test(i, false)).newline();
    } else if (run(i)) {
      passed++;
    } else {
      failed++;
    }
  }
  if (!listing) out.dec(passed).text(" passed, ").dec(failed).text(" failed").newline();
  finish(failed == 0 && (listing || passed > 0) ? 0 : 1);
}

function child(number: i32): void {
  if (argIs(1, "--run")) {
    test(number, true);
    finish(0);
  }
  if (argIs(1, "--die")) {
    die(number);
    finish(1);
  }
  if (argIs(1, "--exit")) exit(number);
  if (argIs(1, "--leave")) exit(leaveOpen(number));
  if (argIs(1, "--count")) finish(countInput(number));
  if (argIs(1, "--serve")) finish(echoServe());
  if (argIs(1, "--blocked")) finish(blockedRead());
  if (argIs(1, "--user")) finish(asUser());
  if (argIs(1, "--hold")) finish(holdDevices(number));
  if (argIs(1, "--fault")) finish(faultWith(number));
  if (argIs(1, "--patdev")) finish(patdevOther());
  if (argIs(1, "--gone")) finish(touchGone(number));
  if (argIs(1, "--draw")) finish(drawForever(number));
  if (argIs(1, "--stale")) finish(staleTouch());
  if (argIs(1, "--mortal")) finish(mortalServe(number));
  if (argIs(1, "--mortal-client")) finish(mortalClient(number));
  if (argIs(1, "--mortal-program")) finish(mortalProgramServe(number));
  if (argIs(1, "--shoot-serve")) finish(shootServe());
  if (argIs(1, "--tight")) finish(tightLoop(number));
  if (argIs(1, "--records")) finish(recordsWrite(number));
  if (argIs(1, "--paged-serve")) finish(pagedServe());
  if (argIs(1, "--paged-call")) finish(pagedCall());
  if (argIs(1, "--paged-out")) pagedOut(number);
}

/**
 * What this program itself takes while it runs tests is the pages of its static data, and it takes them now: then the gate is exact from
 * the first test on. Nothing else is warmed up: what a server or the kernel keeps after its first use is a leak like any other.
 */
function ownMemory(): void {
  staticDataTouch();
  settle();
}

/** Waits until the first block of sysinfo has stayed the same for 20 ms: closes reach their servers after the call has returned. */
function settle(): void {
  sysinfo(before);
  for (let pause = 0, calm = 0; pause < PAUSES && calm < 4; pause++) {
    nanosleep(5000000);
    sysinfo(after);
    calm = memory.compare(before, after, GATE_WORDS * 4) == 0 ? calm + 1 : 0;
    memory.copy(before, after, GATE_WORDS * 4);
  }
}

function piped(): bool {
  return fstat(1, after) == 0 && load<u32>(after, Stat.TYPE) == FileType.PIPE;
}

function chosen(i: i32, first: i32): bool {
  const n = putLiteral(name, test(i, false));
  if (argc() <= first) return first == 2 || !bytesStart(name, n, "long-");
  for (let a = first; a < argc(); a++) {
    if (argBytes(a) <= n && memory.compare(name, arg(a), argBytes(a)) == 0) return true;
  }
  return false;
}

function run(i: i32): bool {
  out.text(test(i, false)).flush();
  swapping = startsWithSwap(test(i, false));
  // What others have in swap comes back in the course of such a test: it is brought in before anything is counted.
  if (swapping && swapoff() == 0) swapon();
  // A program at the other end of a pipe takes memory of its own while it reads the name.
  if (piped()) settle();
  else sysinfo(before);
  const began = now();
  let status = testStatus(i);
  let leak = status == 0 ? leaked() : -1;
  if (leak >= 0 && piped()) {
    // That program may have begun only meanwhile. What the test leaks it leaks again.
    settle();
    status = testStatus(i);
    leak = status == 0 ? leaked() : -1;
  }
  // Not root: EACCES, and only the tests themselves are judged.
  const broken = max(mmcheck(), 0);
  out.tab(36);
  if (status == 0 && leak < 0 && broken == 0) {
    out
      .text("ok")
      .dec((now() - began) / 1000000, 7)
      .text(" ms\n")
      .flush();
    return true;
  }
  out.text("FAILED");
  if (status != 0) out.text(", status ").dec(status);
  else if (broken != 0) out.text(", invariant ").dec(broken).text(" is broken: see dmesg");
  else
    out
      .text(", leaked ")
      .text(wordName(leak))
      .text(": ")
      .dec(word(before, leak))
      .text(" before, ")
      .dec(word(after, leak))
      .text(" after");
  out.newline().flush();
  return false;
}

function testStatus(i: i32): i32 {
  childFdsSame();
  return childStatus(childStart("--run", i));
}

/** The first word of the block that does not come back to its value, or -1. */
function leaked(): i32 {
  let i = 0;
  for (let pause = 0; pause < PAUSES; pause++) {
    sysinfo(after);
    for (i = 0; i < GATE_WORDS; i++) if (differs(i)) break;
    if (i == GATE_WORDS) return -1;
    nanosleep(5000000);
  }
  return i;
}

/** Whether a count is not what it was. After a test of swap there may be more room: pages of files were dropped and nobody has read them again. */
function differs(i: i32): bool {
  const less = word(before, i) - word(after, i);
  if (!swapping) return less != 0;
  return i * 4 == SysInfo.FREE_FRAMES ? less > 0 : less < 0;
}

let swapping = false;

function startsWithSwap(text: string): bool {
  return putLiteral(name, text) >= 4 && load<u32>(name) == 0x70617773;
}

function word(block: usize, i: i32): i64 {
  return load<u32>(block + i * 4);
}

function wordName(i: i32): string {
  switch (i * 4) {
    case SysInfo.FREE_FRAMES:
      return "free frames";
    case SysInfo.PTABLE_FRAMES:
      return "page-table frames";
    case SysInfo.OBJECT_FRAMES:
      return "object frames";
    case SysInfo.SWAP_SLOTS_USED:
      return "swap slots";
    case SysInfo.CHANNELS:
      return "channels";
    case SysInfo.OBJECTS:
      return "objects";
    case SysInfo.MEMTYPE_RANGES:
      return "memory-type ranges";
    case SysInfo.OPEN_FILES:
      return "open files";
    case SysInfo.PIPES:
      return "pipes";
  }
  return "processes";
}
