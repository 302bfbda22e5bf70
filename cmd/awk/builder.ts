// Builder: a text that is being put together.
//
// Invariants
//   U1  A builder's text is held by nobody else until built() gives it away.

import { Text, textAppend, textDrop, textMake } from "./texts";

const START_BYTES = 100;
const one: usize = memory.data(4);

@unmanaged
export class Builder {
  text: Text | null;

  /** Begins an empty text. */
  begin(): void {
    const text = this.text;
    if (text != null) textDrop(text);
    const empty = textMake(START_BYTES);
    empty.bytes = 0;
    this.text = empty;
  }

  add(p: usize, bytes: i32): void {
    this.text = textAppend(this.text!, p, bytes);
  }

  byte(c: i32): void {
    store<u8>(one, c);
    this.add(one, 1);
  }

  spaces(n: i32): void {
    for (; n > 0; n--) this.byte(0x20);
  }

  /** The text, held. */
  built(): Text {
    const text = this.text!;
    this.text = null;
    return text;
  }
}
