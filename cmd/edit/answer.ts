// A line typed into the row above the hints: the answer to what is asked.

import { Key } from "../../lib/fullscreen";
import { utf8At, utf8Before, utf8Bytes } from "../../lib/utf8";

export const ANSWER_BYTES: i32 = 1023;
/** NUL-terminated. */
export const answer: usize = memory.data(1024);
export let answerBytes: i32 = 0;
/** Where what is typed goes. */
export let answerAt: i32 = 0;

/** Begins with n bytes, the cursor behind them. */
export function answerBegin(p: usize, n: i32): void {
  answerBytes = min(n, ANSWER_BYTES);
  memory.copy(answer, p, answerBytes);
  answerAt = answerBytes;
  end();
}

/** What a key does to the line. */
export function answerKey(key: i32): void {
  switch (key) {
    case Key.LEFT:
    case 2:
      answerAt = before();
      break;
    case Key.RIGHT:
    case 6:
      answerAt = after();
      break;
    case Key.HOME:
    case 1:
      answerAt = 0;
      break;
    case Key.END:
    case 5:
      answerAt = answerBytes;
      break;
    case 8:
    case 127: {
      const from = before();
      remove(from, answerAt);
      answerAt = from;
      break;
    }
    case Key.DELETE:
    case 4:
      remove(answerAt, after());
      break;
    case 21:
    case 11:
      answerBegin(answer, 0);
      break;
    default:
      if (key >= 0x20 && key < 256 && key != 127) put(key);
  }
}

function put(c: i32): void {
  if (answerBytes == ANSWER_BYTES) return;
  memory.copy(answer + answerAt + 1, answer + answerAt, answerBytes - answerAt);
  store<u8>(answer + answerAt++, c);
  answerBytes++;
  end();
}

function remove(from: i32, to: i32): void {
  memory.copy(answer + from, answer + to, answerBytes - to);
  answerBytes -= to - from;
  end();
}

function before(): i32 {
  return <i32>(utf8Before(answer + answerAt, answer) - answer);
}

function after(): i32 {
  if (answerAt == answerBytes) return answerAt;
  utf8At(answer + answerAt, answer + answerBytes);
  return answerAt + utf8Bytes;
}

function end(): void {
  store<u8>(answer + answerBytes, 0);
}
