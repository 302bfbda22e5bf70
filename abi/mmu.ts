// What a rewritten module imports from "mmu". `a` is the address operand, `k` the static offset of the instruction; va = a + k is a
// 33-bit sum and an overflow ends the program. None of these returns when the access is not allowed.
//
//   memory                              the machine's shared memory
//   global cpu: i32                     host offset of this CPU's block (abi/cpu.ts)
//   load8 load16 load32(a, k): i32      zero-extended        load64(a, k): i64
//   load128(a, k)                       leaves 16 bytes at cpu + CpuBlock.SCRATCH
//   store8 store16 store32(a, k, v: i32)  store64(a, k, v: i64)  store128(a, k, lo: i64, hi: i64)
//   translate(a, k, size, access): i32  host offset of size bytes that lie in one page; access is an Access
//   size(): i32   grow(pages): i32      in 64 KiB units, as memory.size and memory.grow
//   copy(d, s, n)  fill(d, value, n)    whole-range check first, then the work
//   check(a, n, access)                 every page of [a, a+n) allows access; translate then never refuses
//   wait32(a, k, expected, timeout: i64): i32   wait64(a, k, expected: i64, timeout: i64): i32   notify(a, k, count): i32
//   trap(kind)                          ends the program with a Trap

export const enum Access {
  READ = 1,
  WRITE = 2,
}

export const enum Trap {
  UNREACHABLE = 1,
  OFFSET_OVERFLOW = 2, // address + offset does not fit in 32 bits
  UNALIGNED_ATOMIC = 3,
  SEGMENT_BOUNDS = 4, // memory.init past the end of its segment, or of a dropped one
  DIVIDE_BY_ZERO = 5,
  INTEGER_OVERFLOW = 6,
  INVALID_CONVERSION = 7,
  INDIRECT_CALL = 8, // null, out of bounds or of another type
  TABLE_BOUNDS = 9,
  STACK_EXHAUSTED = 10, // the engine's call stack
  UNCAUGHT_EXCEPTION = 11,
  MEMORY_BOUNDS = 12, // memory.init/copy/fill of zero bytes past the end of memory
  OTHER = 13,
}
