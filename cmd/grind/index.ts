// grind: seeded random system calls by several processes at once, with every invariant of memory management checked between rounds.
//
//   grind [SEED [ROUNDS]]     without SEED one is taken by chance, and printed
//
// In each round four children run (child.ts), two as root and two not, and whatever they start. A child makes the same calls again for
// the same seed, round and place; how the children's calls interleave is the machine's. A child may end itself by a bad access; it must
// not find another value in its memory than it has put there. After a round mmcheck must hold, and counts must come back to where they
// were after the first round.

import { argc, argIs, argNumber, argValue } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";
import { mmcheck, nanosleep, random, sysinfo, wait } from "../../lib/sys";
import { childRun, childSpawn, WRONG } from "./child";

export { __fault } from "./child";

const CHILDREN = 4;
/** Words of sysinfo's first block. */
const GATE_WORDS = 10;
const PAUSES = 200;
const before: usize = memory.data(256, 8);
const after: usize = memory.data(256, 8);
const word: usize = memory.data(8);

export function _start(): void {
  help(
    "grind [SEED [ROUNDS]]: random system calls by several processes, checked between rounds. Root only",
  );
  if (argc() == 5 && argIs(1, "--child")) finish(childRun(number(2), number(3), number(4)));
  if (argc() > 3) usage("grind [SEED [ROUNDS]]");
  random(word, 4);
  const seed = argc() > 1 ? number(1) : load<u32>(word) & 0x7fffffff;
  const rounds = argc() > 2 ? number(2) : 20;
  out.text("seed ").dec(seed).text(", ").dec(rounds).text(" rounds\n").flush();
  for (let round: u32 = 0; round < rounds; round++) {
    if (!run(seed, round)) {
      out
        .text("replay: grind ")
        .dec(seed)
        .text(" ")
        .dec(round + 1)
        .newline();
      finish(1);
    }
    if (round == 0) settle();
  }
  out.text("every invariant held\n");
  finish(0);
}

function number(i: i32): u32 {
  if (!argNumber(i)) usage("grind [SEED [ROUNDS]]");
  return <u32>argValue;
}

/** One round. False: something was wrong, and has been said. */
function run(seed: u32, round: u32): bool {
  for (let i = 0; i < CHILDREN; i++) {
    const pid = childSpawn(seed, round, i);
    if (pid < 0) return failed("spawn", pid);
  }
  let wrong = false;
  for (;;) {
    if (wait(-1, word) < 0) break;
    if (load<i32>(word) == WRONG) wrong = true;
  }
  if (wrong) {
    out.text("round ").dec(round).text(": a child found memory that it had not put there\n");
    return false;
  }
  const broken = mmcheck();
  if (broken < 0) return failed("mmcheck", broken);
  if (broken > 0) {
    out.text("round ").dec(round).text(": invariant ").dec(broken).text(" is broken: see dmesg\n");
    return false;
  }
  const leak = round == 0 ? -1 : leaked();
  if (leak >= 0) {
    out.text("round ").dec(round).text(": word ").dec(leak).text(" of sysinfo was ");
    out
      .dec(load<u32>(before + leak * 4))
      .text(", is ")
      .dec(load<u32>(after + leak * 4))
      .newline();
    return false;
  }
  return true;
}

function failed(what: string, errno: i32): bool {
  complain();
  err.text(what).text(": ").text(errnoText(errno)).newline();
  return false;
}

/** Waits until the counts have stayed the same for 20 ms: closes reach their servers after the call has returned. */
function settle(): void {
  sysinfo(before);
  for (let pause = 0, calm = 0; pause < PAUSES && calm < 4; pause++) {
    nanosleep(5000000);
    sysinfo(after);
    calm = memory.compare(before, after, GATE_WORDS * 4) == 0 ? calm + 1 : 0;
    memory.copy(before, after, GATE_WORDS * 4);
  }
}

/** The first word that does not come back to its value, or -1. */
function leaked(): i32 {
  let i = 0;
  for (let pause = 0; pause < PAUSES; pause++) {
    sysinfo(after);
    for (i = 0; i < GATE_WORDS; i++)
      if (load<u32>(before + i * 4) != load<u32>(after + i * 4)) break;
    if (i == GATE_WORDS) return -1;
    nanosleep(5000000);
  }
  return i;
}
