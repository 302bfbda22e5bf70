// memhog: uses memory: maps so much, writes every word of it, and reads it back in another order.
//
//   memhog SIZE [ROUNDS]     SIZE as 64M, 512K or 1G; each round writes other words
//
// The last line has the checksum of what was read. Status 1 if a word was not what had been written.

import { MapFlag, Prot } from "../../abi/syscall";
import { arg, argBytes, argc, argNumber, argValue } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { complain, finish, help } from "../../lib/program";
import { mmap } from "../../lib/sys";
import { parsedBytes, parseNumber } from "../../lib/text";

const PAGE: u32 = 4096;
/** Odd, so that multiples of it meet every page of a number that is a power of two, and scatter over others. */
const STRIDE: u32 = 2654435761;

export function _start(): void {
  help(
    "memhog SIZE [ROUNDS]: writes SIZE of memory (64M, 512K) and reads it back; the checksum of what it read",
  );
  const bytes = size(1);
  const rounds: u32 = argc() == 3 && argNumber(2) ? <u32>argValue : 1;
  if (argc() < 2 || argc() > 3 || bytes < PAGE || rounds == 0) {
    complain();
    err.text("memhog SIZE [ROUNDS]").newline();
    finish(2);
  }
  const prot = Prot.READ | Prot.WRITE;
  const at = mmap(0, bytes, prot, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
  if (at >= 0xfffff000) {
    complain();
    err.text(errnoText(<i32>at)).newline();
    finish(1);
  }
  const pages = bytes / PAGE;
  let sum: u32 = 0;
  for (let round: u32 = 0; round < rounds; round++) {
    for (let page: u32 = 0; page < pages; page++) write(at + page * PAGE, page, round);
    let expected: u32 = 0;
    sum = 0;
    for (let i: u32 = 0; i < pages; i++) {
      const page = <u32>((<u64>i * STRIDE) % pages);
      sum += read(at + page * PAGE, page);
      expected += value(page, round) * (PAGE / 4) + ((PAGE / 4) * (PAGE / 4 - 1)) / 2 + page;
    }
    if (sum == expected) continue;
    complain();
    err.text("a word is not what was written: ").hex(sum, 8).text(" instead of ").hex(expected, 8);
    err.newline();
    finish(1);
  }
  out.text("checksum ").hex(sum, 8).text(" of ").dec(pages).text(" pages").newline();
  finish(0);
}

/** Argument i as bytes, 0 if it is no size. */
function size(i: i32): u32 {
  const text = arg(i);
  const length = argBytes(i);
  const n = parseNumber(text, length);
  let shift: u64 = 0;
  if (parsedBytes == length - 1) {
    const unit = load<u8>(text + length - 1) | 0x20;
    if (unit == 0x6b) shift = 10;
    else if (unit == 0x6d) shift = 20;
    else if (unit == 0x67) shift = 30;
    else return 0;
  } else if (parsedBytes != length) {
    return 0;
  }
  const bytes = (<u64>n) << shift;
  return n <= 0 || bytes > 0x70000000 ? 0 : <u32>bytes & ~(PAGE - 1);
}

/** The first word of a page in a round; the others count up from it. */
function value(page: u32, round: u32): u32 {
  return (page + 1) * 0x9e3779b1 + round * 0x85ebca6b;
}

function write(at: usize, page: u32, round: u32): void {
  const first = value(page, round);
  for (let i: u32 = 0; i < PAGE / 4; i++) store<u32>(at + (i << 2), first + i);
}

function read(at: usize, page: u32): u32 {
  let sum = page;
  for (let i: u32 = 0; i < PAGE / 4; i++) sum += load<u32>(at + (i << 2));
  return sum;
}
