// The mistakes that end a program. Each runs in a child of a test (`usertests --die KIND`); returning means that it went unpunished.

import { MapFlag, Prot } from "../../abi/syscall";
import { mmap, mprotect, munmap, nanosleep } from "../../lib/sys";
import { mapPages, PAGE, STACK_LIMIT } from "./check";

export const enum Death {
  NULL_WRITE = 0,
  NULL_READ = 1,
  READ_ONLY = 2,
  PROTECTED = 3,
  UNMAPPED = 4,
  GUARD = 5,
  KERNEL = 6,
  OVERFLOW = 7,
  DIVIDE = 8,
  UNREACHABLE = 9,
  NO_ACCESS = 10,
  LAST_BYTE = 11, // an access that begins in the last mapped byte
  SPIN = 12, // for ever, without touching memory
  SLEEP = 13,
  SPIN_MEMORY = 14,
  STACK_OVERFLOW = 15, // page by page, as calls do
  ENGINE_STACK = 16, // calls that use no memory
  NULL_FIELD = 17, // a field of a structure at address 0
}

const info: usize = memory.data(96, 8);
const zero = 0;
let sink: i32 = 0;

export function die(kind: i32): void {
  switch (kind) {
    case Death.NULL_WRITE:
      store<u32>(zero, 1);
      break;
    case Death.NULL_READ:
      sink = load<i32>(zero);
      break;
    case Death.READ_ONLY: {
      const p = mmap(0, PAGE, Prot.READ, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
      sink = load<i32>(p); // reading is fine
      store<u32>(p, 1);
      break;
    }
    case Death.PROTECTED: {
      const p = mapPages(1);
      store<u32>(p, 1); // the translation is in the TLB now
      mprotect(p, PAGE, Prot.READ);
      store<u32>(p, 2);
      break;
    }
    case Death.UNMAPPED: {
      const p = mapPages(1);
      store<u32>(p, 1);
      munmap(p, PAGE);
      sink = load<i32>(p);
      break;
    }
    case Death.GUARD:
      store<u32>(0xc0000000 - STACK_LIMIT, 1); // the lowest page of the stack, at once
      store<u32>(0xc0000000 - STACK_LIMIT - 4, 1);
      break;
    case Death.KERNEL:
      store<u32>(0xc0000000 + zero, 1);
      break;
    case Death.OVERFLOW:
      sink = load<i32>(<usize>(-4 - zero), 4096);
      break;
    case Death.DIVIDE:
      sink = 1 / zero;
      break;
    case Death.UNREACHABLE:
      unreachable();
      break;
    case Death.NO_ACCESS: {
      const p = mapPages(1);
      store<u32>(p, 1);
      mprotect(p, PAGE, Prot.NONE);
      sink = load<i32>(p);
      break;
    }
    case Death.LAST_BYTE: {
      const p = mapPages(2);
      store<u32>(p + PAGE, 1);
      munmap(p + PAGE, PAGE);
      sink = load<i32>(p + PAGE - 1);
      break;
    }
    case Death.SPIN:
      for (;;) {}
    case Death.SLEEP:
      nanosleep(60000000000);
      break;
    case Death.STACK_OVERFLOW:
      for (let at: usize = 0xc0000000 - PAGE; ; at -= PAGE) store<u32>(at, 1);
    case Death.ENGINE_STACK:
      sink = deeper(1);
      break;
    case Death.NULL_FIELD:
      store<u32>(zero, 1, 2048);
      break;
    case Death.SPIN_MEMORY:
      for (;;) store<i32>(info, load<i32>(info) + 1);
  }
}

function deeper(n: i32): i32 {
  return n == 0 ? 0 : deeper(n + 1) + n;
}
