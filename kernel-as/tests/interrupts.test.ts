// irq_bind: interrupts as messages.

import { expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Tag } from "../../abi/ipc.ts";
import { Irq } from "../../abi/machine.ts";
import { DATA, type Program, System } from "./system.ts";

const MESSAGE = DATA + 0x1000;

function channel(): { system: System; init: Program; client: number; server: number } {
  const system = new System("quiet");
  const init = system.start();
  expect(init.sys("ipc_pair", DATA)).toBe(0);
  return { system, init, client: init.load(DATA), server: init.load(DATA + 4) };
}

it("refuses what is no line, no server end, and who is not root", () => {
  const { init, client, server } = channel();
  expect(init.sys("irq_bind", server, Irq.TIMER + 1)).toBe(-Errno.EINVAL);
  expect(init.sys("irq_bind", server, 32)).toBe(-Errno.EINVAL);
  expect(init.sys("irq_bind", client, Irq.DISPLAY)).toBe(-Errno.EINVAL);
  expect(init.sys("irq_bind", 60, Irq.DISPLAY)).toBe(-Errno.EBADF);
  init.sys("setuid", 1000);
  expect(init.sys("irq_bind", server, Irq.DISPLAY)).toBe(-Errno.EPERM);
});

it("tells a server of a line once, however often it was raised, and of no other line", () => {
  const { system, init, server } = channel();
  system.interrupt(Irq.DISPLAY); // before it asks: not told
  expect(init.sys("irq_bind", server, Irq.DISPLAY)).toBe(0);
  system.interrupt(Irq.ROM);
  system.interrupt(Irq.DISPLAY);
  system.interrupt(Irq.DISPLAY);
  expect(init.sys("ipc_recv", server, MESSAGE)).toBe(Tag.T_INTERRUPT);
  expect([init.load(MESSAGE), init.load(MESSAGE + 4), init.load(MESSAGE + 8)]).toEqual([
    Tag.T_INTERRUPT,
    4,
    Irq.DISPLAY,
  ]);
  // Nothing is to be answered, and nothing else has come: the channel's other end is closed, so the next wait ends.
  expect(init.sys("ipc_reply", server, MESSAGE)).toBe(-Errno.EINVAL);
  init.sys("close", init.load(DATA));
  expect(init.sys("ipc_recv", server, MESSAGE)).toBe(-Errno.EPIPE);
});

it("tells the lowest line first, and keeps what a bad buffer did not take", () => {
  const { system, init, server } = channel();
  init.sys("irq_bind", server, Irq.ROM);
  init.sys("irq_bind", server, Irq.DISPLAY);
  system.interrupt(Irq.ROM);
  system.interrupt(Irq.DISPLAY);
  expect(init.sys("ipc_recv", server, 0xc0000000)).toBe(-Errno.EFAULT);
  for (const irq of [Irq.DISPLAY, Irq.ROM]) {
    expect(init.sys("ipc_recv", server, MESSAGE)).toBe(Tag.T_INTERRUPT);
    expect(init.load(MESSAGE + 8)).toBe(irq);
  }
});

it("stops when the server end is closed", () => {
  const { system, init, client, server } = channel();
  init.sys("irq_bind", server, Irq.DISPLAY);
  init.sys("close", server);
  init.sys("close", client);
  // The same record, for another channel.
  expect(init.sys("ipc_pair", DATA)).toBe(0);
  const end = init.load(DATA + 4);
  system.interrupt(Irq.DISPLAY);
  init.sys("close", init.load(DATA));
  expect(init.sys("ipc_recv", end, MESSAGE)).toBe(-Errno.EPIPE);
});
