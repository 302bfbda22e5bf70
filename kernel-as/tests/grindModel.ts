// What a space should show, page by page: the plain model that the grind compares the kernel with.

import { Prot } from "../../abi/syscall.ts";

/** The two words of a page that are looked at: its first and its last. */
export interface Cell {
  first: number;
  last: number;
}

export interface Shared {
  readonly pages: number;
  /** Cells by page, made when first looked at. */
  readonly cells: Cell[];
  /** Process that made it. */
  readonly maker: number;
  gone: boolean;
  /** True for device memory, which is taken back when its maker ends. */
  readonly device: boolean;
}

/** One page of a map. */
export interface PageState {
  prot: number;
  /** The cell, or null: private and not touched yet; `initial` is what it would show. */
  cell: Cell | null;
  readonly initial: Cell;
  readonly object: Shared | null;
  readonly page: number;
  readonly granted: boolean;
}

export const STACK_LOW = 0xc0000 - 2048;
const STACK_TOP = 0xc0000;

export class SpaceModel {
  readonly pages = new Map<number, PageState>();
  brk = 0;

  /** What a clone or a restored space shows: private pages of its own. */
  copy(): SpaceModel {
    const copy = new SpaceModel();
    copy.brk = this.brk;
    for (const [vpn, page] of this.pages) {
      const cell = page.object === null && page.cell !== null ? { ...page.cell } : page.cell;
      copy.pages.set(vpn, { ...page, cell });
    }
    return copy;
  }

  mapPrivate(start: number, count: number, prot: number, initial?: (vpn: number) => Cell): void {
    for (let vpn = start; vpn < start + count; vpn++) {
      const zero = { first: 0, last: 0 };
      this.pages.set(vpn, {
        prot,
        cell: null,
        initial: initial?.(vpn) ?? zero,
        object: null,
        page: 0,
        granted: false,
      });
    }
  }

  mapShared(
    start: number,
    count: number,
    prot: number,
    object: Shared,
    from: number,
    granted: boolean,
  ): void {
    for (let i = 0; i < count; i++) {
      const cell = cellOf(object, from + i);
      this.pages.set(start + i, { prot, cell, initial: cell, object, page: from + i, granted });
    }
  }

  unmap(start: number, count: number): void {
    for (let vpn = start; vpn < start + count; vpn++) this.pages.delete(vpn);
  }

  covers(start: number, count: number): boolean {
    for (let vpn = start; vpn < start + count; vpn++) if (!this.pages.has(vpn)) return false;
    return true;
  }

  isFree(start: number, count: number): boolean {
    for (let vpn = start; vpn < start + count; vpn++) if (this.pages.has(vpn)) return false;
    return true;
  }

  /** The page as an access finds it, the stack grown down to it if that is what the access does. */
  touch(vpn: number): PageState | undefined {
    const page = this.pages.get(vpn);
    if (page !== undefined || vpn < STACK_LOW || vpn >= STACK_TOP) return page;
    let above = vpn + 1;
    while (above < STACK_TOP && !this.pages.has(above)) above++;
    const prot = this.pages.get(above)?.prot;
    if (prot === undefined) return undefined;
    this.mapPrivate(vpn, above - vpn, prot);
    return this.pages.get(vpn);
  }

  /** The cell that an access to a page reaches; undefined: the access is not allowed. */
  reach(vpn: number, write: boolean): Cell | undefined {
    const page = this.touch(vpn);
    if (page === undefined || page.object?.gone === true) return undefined;
    if (write ? (page.prot & Prot.WRITE) === 0 : page.prot === Prot.NONE) return undefined;
    page.cell ??= { ...page.initial };
    return page.cell;
  }
}

export function cellOf(object: Shared, page: number): Cell {
  object.cells[page] ??= { first: 0, last: 0 };
  return object.cells[page] as Cell;
}
