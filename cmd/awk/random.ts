// Chance: numbers that follow from a seed alone, so that a program can be run again.

/** What the numbers follow from. */
export let seed: f64 = 0;
let state: u64 = 0;

export function randomSeed(from: f64): void {
  seed = from;
  state = reinterpret<u64>(from);
}

/** At least 0, below 1. */
export function randomNext(): f64 {
  // Sebastiano Vigna's splitmix64.
  state += 0x9e3779b97f4a7c15;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return <f64>(z >> 11) / 9007199254740992;
}
