// Signals that the shell takes itself. The kernel keeps them until the shell asks, which it does before each command and when a wait is
// interrupted: so ^C ends a loop of builtins too, and `trap` runs its text between two commands.
//
// Invariants
//   S1  `arrived` holds what has been taken from the kernel and not been acted on yet.

import { Signal } from "../../abi/syscall";
import { sigcatch, sigtake } from "../../lib/sys";

let arrived: i32 = 0;
let interactiveMask: i32 = 0;
let trapMask: i32 = 0;

/** An interactive shell is not ended by ^C or stopped by ^Z, and learns of another size. */
export function signalsInteractive(): void {
  interactiveMask = (1 << Signal.INT) | (1 << Signal.TSTP) | (1 << Signal.WINCH);
  sigcatch(interactiveMask | trapMask);
}

/** `trap` wants a signal, or no longer. */
export function signalsTrap(signal: i32, on: bool): void {
  if (on) trapMask |= 1 << signal;
  else trapMask &= ~(1 << signal);
  sigcatch(interactiveMask | trapMask);
}

/** Asks the kernel for what has come. Costs a system call, and nothing when no signal is caught. */
export function signalsPoll(): void {
  if ((interactiveMask | trapMask) != 0) arrived |= sigtake();
}

/** True when a signal has come that ends what the shell is doing. Another size of the terminal does not, and neither does ^Z. */
export function signalsEnd(): bool {
  return (arrived & ((1 << Signal.INT) | (1 << Signal.TERM))) != 0;
}

/** True, once, when the signal has come. */
export function signalTaken(signal: i32): bool {
  if ((arrived & (1 << signal)) == 0) return false;
  arrived &= ~(1 << signal);
  return true;
}
