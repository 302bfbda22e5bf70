import { describe, expect, it } from "vitest";
import { ConsoleDevice } from "../../abi/console.ts";
import { Irq } from "../../abi/machine.ts";
import { ConsolePort } from "./console.ts";
import { testMachine } from "./testing/testMemory.ts";

/** The kernel's end of the rings. */
class Guest {
  readonly test = testMachine();
  readonly port = new ConsolePort(
    this.test.memory,
    this.test.offsets.console,
    this.test.offsets.machine,
  );
  readonly #at = this.test.offsets.console;

  word(word: ConsoleDevice): number {
    return this.test.views.load(this.#at + word);
  }

  set(word: ConsoleDevice, value: number): void {
    this.test.views.store(this.#at + word, value);
  }

  print(bytes: Uint8Array): void {
    const head = this.word(ConsoleDevice.OUTPUT_HEAD);
    for (const [i, byte] of bytes.entries()) {
      const slot = (head + i) & (ConsoleDevice.OUTPUT_BYTES - 1);
      this.test.views.bytes[this.#at + ConsoleDevice.OUTPUT + slot] = byte;
    }
    this.set(ConsoleDevice.OUTPUT_HEAD, head + bytes.length);
    Atomics.notify(this.test.views.words, (this.#at + ConsoleDevice.OUTPUT_HEAD) >> 2);
  }

  take(most: number): number[] {
    const tail = this.word(ConsoleDevice.INPUT_TAIL);
    const count = Math.min(most, (this.word(ConsoleDevice.INPUT_HEAD) - tail) >>> 0);
    const taken = Array.from({ length: count }, (_, i) => {
      const slot = (tail + i) & (ConsoleDevice.INPUT_BYTES - 1);
      return this.test.views.bytes[this.#at + ConsoleDevice.INPUT + slot] ?? -1;
    });
    this.set(ConsoleDevice.INPUT_TAIL, tail + count);
    Atomics.notify(this.test.views.words, (this.#at + ConsoleDevice.INPUT_TAIL) >> 2);
    return taken;
  }
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

describe("output", () => {
  it("is read in order across the end of the ring and of the counters", () => {
    const guest = new Guest();
    expect(guest.port.read()).toBeNull();
    const start = 0xffffffff - 99;
    guest.set(ConsoleDevice.OUTPUT_HEAD, start);
    guest.set(ConsoleDevice.OUTPUT_TAIL, start);
    guest.print(pattern(ConsoleDevice.OUTPUT_BYTES));
    expect(guest.port.read()).toEqual(pattern(ConsoleDevice.OUTPUT_BYTES));
    expect(guest.word(ConsoleDevice.OUTPUT_TAIL)).toBe(guest.word(ConsoleDevice.OUTPUT_HEAD));
    expect(guest.port.read()).toBeNull();
  });

  it("is delivered until dispose, and waits for a slow listener", async () => {
    const guest = new Guest();
    const seen: number[] = [];
    await new Promise<void>((resolve) => {
      guest.port.onOutput(1, async (bytes) => {
        await Promise.resolve();
        seen.push(...bytes);
        if (seen.length === 3) guest.print(new Uint8Array([4, 5]));
        if (seen.length === 5) resolve();
      });
      guest.print(new Uint8Array([1, 2, 3]));
    });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    guest.port.dispose();
  });
});

describe("input", () => {
  it("takes what fits, and says how much", () => {
    const guest = new Guest();
    expect(guest.port.write(pattern(5000))).toBe(ConsoleDevice.INPUT_BYTES);
    expect(guest.port.write(pattern(1))).toBe(0);
    expect(guest.test.pendingIrqs()).toBe(1 << Irq.CONSOLE);
    expect(guest.take(10)).toHaveLength(10);
    expect(guest.port.write(pattern(11))).toBe(10);
  });

  it("loses nothing of what is sent through a ring smaller than it, and closes after it", async () => {
    const guest = new Guest();
    const text = pattern(3 * ConsoleDevice.INPUT_BYTES + 5);
    const first = guest.port.send(text);
    const second = guest.port.send(new Uint8Array([1, 2]));
    const closed = guest.port.close();
    expect(() => guest.port.send(text)).toThrow("closed");
    const taken: number[] = [];
    while (taken.length < text.length + 2) {
      const isAllPlaced = guest.word(ConsoleDevice.INPUT_HEAD) === text.length + 2;
      expect(guest.word(ConsoleDevice.INPUT_CLOSED)).toBe(isAllPlaced ? 1 : 0);
      taken.push(...guest.take(999));
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await Promise.all([first, second, closed]);
    expect(taken).toEqual([...text, 1, 2]);
    expect(guest.word(ConsoleDevice.INPUT_CLOSED)).toBe(1);
  });

  it("is not written between the parts of what is being sent", async () => {
    const guest = new Guest();
    const sent = guest.port.send(pattern(ConsoleDevice.INPUT_BYTES + 1));
    await Promise.resolve();
    expect(guest.take(10)).toHaveLength(10);
    expect(guest.port.write(pattern(1))).toBe(0);
    guest.port.dispose();
    await sent;
  });

  it("gives up what is unsent at dispose", async () => {
    const guest = new Guest();
    const sent = guest.port.send(pattern(ConsoleDevice.INPUT_BYTES + 1));
    await Promise.resolve();
    guest.port.dispose();
    await sent;
    expect(guest.word(ConsoleDevice.INPUT_HEAD)).toBe(ConsoleDevice.INPUT_BYTES);
  });
});

it("tells the kernel the size of the terminal", () => {
  const guest = new Guest();
  guest.port.resize(132, 43);
  expect([guest.word(ConsoleDevice.COLUMNS), guest.word(ConsoleDevice.ROWS)]).toEqual([132, 43]);
  expect(guest.test.pendingIrqs()).toBe(1 << Irq.CONSOLE);
});
