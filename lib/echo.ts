// echo: what the program and the shell's builtin do.

import { out } from "./fmt";
import { cstrIs, cstrLength, hexDigit } from "./text";

let stopped = false; // a \c was printed: nothing more comes

/** Prints `count` NUL-terminated words, which lie one after another, the options -n and -e first. */
export function echoRun(word: usize, count: i32): void {
  let newline = true;
  let escapes = false;
  stopped = false;
  for (; count > 0; count--) {
    if (cstrIs(word, "-n")) newline = false;
    else if (cstrIs(word, "-e")) escapes = true;
    else if (cstrIs(word, "-ne") || cstrIs(word, "-en")) {
      newline = false;
      escapes = true;
    } else break;
    word += cstrLength(word) + 1;
  }
  for (let i = 0; i < count && !stopped; i++) {
    if (i > 0) out.byte(0x20);
    if (escapes) echoEscaped(word);
    else out.cstr(word);
    word += cstrLength(word) + 1;
  }
  if (newline && !stopped) out.newline();
}

function echoEscaped(p: usize): void {
  for (let c: i32 = load<u8>(p); c != 0; c = load<u8>(++p)) {
    if (c != 0x5c || load<u8>(p + 1) == 0) {
      out.byte(c);
      continue;
    }
    c = load<u8>(++p);
    switch (c) {
      case 0x6e:
        out.byte(10);
        break; // n
      case 0x74:
        out.byte(9);
        break; // t
      case 0x72:
        out.byte(13);
        break; // r
      case 0x61:
        out.byte(7);
        break; // a
      case 0x62:
        out.byte(8);
        break; // b
      case 0x65:
        out.byte(27);
        break; // e
      case 0x5c:
        out.byte(0x5c);
        break;
      case 0x63:
        stopped = true;
        return; // c
      case 0x30: {
        // 0, octal
        let value = 0;
        for (let i = 0; i < 3 && (load<u8>(p + 1) & 0xf8) == 0x30; i++)
          value = value * 8 + (load<u8>(++p) & 7);
        out.byte(value & 255);
        break;
      }
      case 0x78: {
        // x
        const high = hexDigit(load<u8>(p + 1));
        const low = high < 0 ? -1 : hexDigit(load<u8>(p + 2));
        if (high < 0) {
          out.byte(0x5c).byte(c);
          break;
        }
        out.byte(low < 0 ? high : high * 16 + low);
        p += low < 0 ? 1 : 2;
        break;
      }
      default:
        out.byte(0x5c).byte(c);
    }
  }
}
