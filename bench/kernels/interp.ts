// interp: a bytecode interpreter, as real C programs have one: a switch over opcodes, an operand stack and variables in memory.
//
// The program it runs counts the primes below LIMIT by trial division: nested loops, calls of a subroutine, an array of results.

const LIMIT: i32 = 400;

const enum Code {
  HALT = 0,
  PUSH = 1, // operand: value
  LOAD = 2, // operand: variable
  STORE = 3, // operand: variable
  ADD = 4,
  MUL = 5,
  MOD = 6,
  LESS = 7,
  JUMP = 8, // operand: target
  JUMP_ZERO = 9, // operand: target
  CALL = 10, // operand: target
  RETURN = 11,
  APPEND = 12, // pops a value into the array, at variable 3 which counts
}

const code: usize = memory.data(512, 8);
const stack: usize = memory.data(1024, 8);
const variables: usize = memory.data(64, 8); // 0 n, 1 divisor, 2 is prime, 3 primes so far
const array: usize = memory.data(4096, 8);

let at: i32 = 0;

/** Appends an instruction; where its operand is. */
function emit(op: Code, operand: i32 = 0): i32 {
  store<i32>(code + ((<usize>at) << 2), op);
  store<i32>(code + ((<usize>at) << 2), operand, 4);
  at += 2;
  return at - 1;
}

function patch(place: i32): void {
  store<i32>(code + ((<usize>place) << 2), at);
}

function assemble(): void {
  at = 0;
  emit(Code.PUSH, 2);
  emit(Code.STORE, 0);
  const loop = at;
  emit(Code.LOAD, 0);
  emit(Code.PUSH, LIMIT);
  emit(Code.LESS);
  const done = emit(Code.JUMP_ZERO);
  const call = emit(Code.CALL);
  emit(Code.LOAD, 2);
  const skip = emit(Code.JUMP_ZERO);
  emit(Code.LOAD, 0);
  emit(Code.APPEND);
  patch(skip);
  emit(Code.LOAD, 0);
  emit(Code.PUSH, 1);
  emit(Code.ADD);
  emit(Code.STORE, 0);
  emit(Code.JUMP, loop);
  patch(done);
  emit(Code.HALT);
  patch(call); // the subroutine: variable 2 = no divisor d with d * d < n + 1
  emit(Code.PUSH, 2);
  emit(Code.STORE, 1);
  const divide = at;
  emit(Code.LOAD, 1);
  emit(Code.LOAD, 1);
  emit(Code.MUL);
  emit(Code.LOAD, 0);
  emit(Code.PUSH, 1);
  emit(Code.ADD);
  emit(Code.LESS);
  const prime = emit(Code.JUMP_ZERO);
  emit(Code.LOAD, 0);
  emit(Code.LOAD, 1);
  emit(Code.MOD);
  const divisible = emit(Code.JUMP_ZERO);
  emit(Code.LOAD, 1);
  emit(Code.PUSH, 1);
  emit(Code.ADD);
  emit(Code.STORE, 1);
  emit(Code.JUMP, divide);
  patch(prime);
  emit(Code.PUSH, 1);
  emit(Code.STORE, 2);
  emit(Code.RETURN);
  patch(divisible);
  emit(Code.PUSH, 0);
  emit(Code.STORE, 2);
  emit(Code.RETURN);
}

function execute(): void {
  let pc = code;
  let sp = stack;
  for (;;) {
    const op = load<i32>(pc);
    const operand = load<i32>(pc, 4);
    pc += 8;
    switch (op) {
      case Code.PUSH:
        store<i32>(sp, operand);
        sp += 4;
        break;
      case Code.LOAD:
        store<i32>(sp, load<i32>(variables + ((<usize>operand) << 2)));
        sp += 4;
        break;
      case Code.STORE:
        sp -= 4;
        store<i32>(variables + ((<usize>operand) << 2), load<i32>(sp));
        break;
      case Code.ADD:
        sp -= 4;
        store<i32>(sp - 4, load<i32>(sp - 4) + load<i32>(sp));
        break;
      case Code.MUL:
        sp -= 4;
        store<i32>(sp - 4, load<i32>(sp - 4) * load<i32>(sp));
        break;
      case Code.MOD:
        sp -= 4;
        store<i32>(sp - 4, load<i32>(sp - 4) % load<i32>(sp));
        break;
      case Code.LESS:
        sp -= 4;
        store<i32>(sp - 4, load<i32>(sp - 4) < load<i32>(sp) ? 1 : 0);
        break;
      case Code.JUMP:
        pc = code + ((<usize>operand) << 2);
        break;
      case Code.JUMP_ZERO:
        sp -= 4;
        if (load<i32>(sp) == 0) pc = code + ((<usize>operand) << 2);
        break;
      case Code.CALL:
        store<usize>(sp, pc);
        sp += 4;
        pc = code + ((<usize>operand) << 2);
        break;
      case Code.RETURN:
        sp -= 4;
        pc = load<usize>(sp);
        break;
      case Code.APPEND: {
        sp -= 4;
        const count = load<i32>(variables, 12);
        store<i32>(array + ((<usize>count) << 2), load<i32>(sp));
        store<i32>(variables, count + 1, 12);
        break;
      }
      default:
        return;
    }
  }
}

export function run(n: i32): i32 {
  assemble();
  let sum = 0;
  for (let round = 0; round < n; round++) {
    memory.fill(variables, 0, 64);
    execute();
    const count = load<i32>(variables, 12);
    sum = sum * 31 + count + load<i32>(array + ((<usize>(count - 1)) << 2));
  }
  return sum;
}
