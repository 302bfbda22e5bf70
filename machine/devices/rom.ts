// RomCard: the host's side of the ROM card (abi/rom.ts): files are appended while the machine runs.
//
// Invariants
//   R1  A record and its bytes are complete before COUNT includes it; neither changes afterwards. So readers need no lock.
//   R2  Only one host thread adds files.

import { InitrdRecord } from "../../abi/boot.ts";
import { Irq } from "../../abi/machine.ts";
import { Rom } from "../../abi/rom.ts";
import { HostViews, type SharedMemory } from "../bus/host.ts";
import { irqRaise } from "./irq.ts";

const ALIGN = 8;
const MEBIBYTE = 0x100000;
/** A NUL follows every path. */
const PATH_MAXIMUM = InitrdRecord.PATH_BYTES - 1;

export interface RomFile {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly mode: number;
}

export class RomError extends Error {}

export class RomCard {
  readonly #views: HostViews;
  readonly #rom: number;
  readonly #machine: number;

  constructor(memory: SharedMemory, romHost: number, machineHost: number) {
    this.#views = new HostViews(memory);
    this.#rom = romHost;
    this.#machine = machineHost;
  }

  /** Says that a file of this path can be had: it is fetched when somebody runs it. Throws as add(). */
  offer(path: string): void {
    const name = encodePath(path);
    this.#checkRecordLeft(path);
    this.#publish(name, Rom.FILES, 0, 0o755, Rom.OFFERED);
  }

  /**
   * Adds a file ("bin/NAME", no leading "/"); an older one of that path is shadowed. Tells the kernel with Irq.ROM.
   * Throws a RomError that says why it cannot: a bad or long path, no record left, no room.
   */
  add(path: string, file: Uint8Array, mode = 0o755): void {
    const name = encodePath(path);
    this.#checkRecordLeft(path);
    const offset = this.#views.load(this.#rom + Rom.NEXT) || Rom.FILES;
    const room = Rom.BYTES - offset;
    if (file.length > room) {
      const needed = Math.ceil(file.length / MEBIBYTE);
      throw new RomError(
        `${path}: ${needed} MiB do not fit into the ${Math.floor(room / MEBIBYTE)} MiB left on the ROM card`,
      );
    }
    this.#views.bytes.set(file, this.#rom + offset);
    this.#views.store(this.#rom + Rom.NEXT, Math.ceil((offset + file.length) / ALIGN) * ALIGN);
    this.#publish(name, offset, file.length, mode, 0);
  }

  #checkRecordLeft(path: string): void {
    if (this.#views.load(this.#rom + Rom.COUNT) < Rom.CAPACITY_FILES) return;
    throw new RomError(
      `${path}: the ROM card already holds ${Rom.CAPACITY_FILES} files; reboot to empty it`,
    );
  }

  /** Writes a record, then counts it: from then on it is never changed. */
  #publish(name: Uint8Array, offset: number, length: number, mode: number, flags: number): void {
    const count = this.#views.load(this.#rom + Rom.COUNT);
    const record = this.#record(count);
    this.#views.bytes.fill(0, record, record + Rom.RECORD_BYTES);
    this.#views.bytes.set(name, record + InitrdRecord.PATH);
    this.#views.store(record + InitrdRecord.OFFSET, offset);
    this.#views.store(record + InitrdRecord.LENGTH, length);
    this.#views.store(record + InitrdRecord.MODE, mode);
    this.#views.store(record + Rom.RECORD_FLAGS, flags);
    this.#views.store(this.#rom + Rom.COUNT, count + 1);
    irqRaise(this.#views, this.#machine, Irq.ROM);
  }

  /** All records, oldest first; of several with one path the last counts. */
  files(): RomFile[] {
    const count = this.#views.load(this.#rom + Rom.COUNT);
    return Array.from({ length: count }, (_, index) => {
      const record = this.#record(index);
      const path = this.#views.bytes.slice(record, record + InitrdRecord.PATH_BYTES);
      return {
        path: new TextDecoder().decode(path.subarray(0, path.indexOf(0))),
        offset: this.#views.load(record + InitrdRecord.OFFSET),
        bytes: this.#views.load(record + InitrdRecord.LENGTH),
        mode: this.#views.load(record + InitrdRecord.MODE),
      };
    });
  }

  #record(index: number): number {
    return this.#rom + Rom.RECORDS + index * Rom.RECORD_BYTES;
  }
}

function encodePath(path: string): Uint8Array {
  const name = new TextEncoder().encode(path);
  if (name.length === 0 || path.startsWith("/") || path.includes("\0")) {
    throw new RomError(
      `"${path}": a path on the ROM card is not empty and does not start with "/"`,
    );
  }
  if (name.length > PATH_MAXIMUM)
    throw new RomError(`${path}: the path has ${name.length} bytes; the limit is ${PATH_MAXIMUM}`);
  return name;
}
