// Kernel: the kernels in the order in which reports name them. The program of kernels and the host agree on these numbers.

export const enum Kernel {
  STREAM = 0,
  SORT = 1,
  HASH = 2,
  STRING = 3,
  MATMUL = 4,
  CHASE = 5,
  BYTES = 6,
  RECURSION = 7,
  SIEVE = 8,
  NBODY = 9,
  SHA256 = 10,
  LIFE = 11,
  INTERP = 12,
  COUNT = 13,
}
