// Tables: the arrays of a program, from texts to cells, and lists of their keys.
//
// Invariants
//   A1  Each element is in the chain of its hash, and in the list first .. last in the order in which they came.
//   A2  An element is a block of its own: its cell stays where it is until the element is deleted.

import { blockAlloc, blockFree } from "./blocks";
import { CELL_BYTES, Cell, cellDrop, cellMove, unset } from "./cells";
import { Text, textDrop, textHold } from "./texts";

@unmanaged
export class Element {
  next: Element | null; // in its chain
  earlier: Element | null;
  later: Element | null;
  key: Text;
  hash: u32;
  unused: i32;
  // the cell follows

  @inline
  get cell(): Cell {
    return changetype<Cell>(changetype<usize>(this) + offsetof<Element>());
  }
}

@unmanaged
export class Table {
  chains: usize;
  chainCount: i32; // a power of two
  count: i32;
  first: Element | null;
  last: Element | null;
}

const ELEMENT_BYTES = 24 + CELL_BYTES;
if (<i32>offsetof<Element>() != 24) ERROR("Element is not 24 bytes");
const TABLE_BYTES = 20;
if (<i32>offsetof<Table>() != TABLE_BYTES) ERROR("Table is not TABLE_BYTES");
const CHAINS_FIRST = 16;

export function tableOf(what: usize): Table {
  return changetype<Table>(what);
}

export function tableMake(): Table {
  const table = tableOf(blockAlloc(TABLE_BYTES));
  chainsMake(table, CHAINS_FIRST);
  table.count = 0;
  table.first = null;
  table.last = null;
  return table;
}

export function tableFree(table: Table): void {
  tableClear(table);
  blockFree(table.chains, table.chainCount * 4);
  blockFree(changetype<usize>(table), TABLE_BYTES);
}

/** Deletes all elements. */
export function tableClear(table: Table): void {
  let element = table.first;
  while (element != null) {
    const later = element.later;
    elementFree(element);
    element = later;
  }
  memory.fill(table.chains, 0, table.chainCount * 4);
  table.count = 0;
  table.first = null;
  table.last = null;
}

function elementFree(element: Element): void {
  textDrop(element.key);
  cellDrop(element.cell);
  blockFree(changetype<usize>(element), ELEMENT_BYTES);
}

function chainsMake(table: Table, count: i32): void {
  table.chains = blockAlloc(count * 4);
  table.chainCount = count;
  memory.fill(table.chains, 0, count * 4);
}

function hashOf(key: Text): u32 {
  let hash: u32 = 2166136261;
  const end = key.at + key.bytes;
  for (let p = key.at; p < end; p++) hash = (hash ^ load<u8>(p)) * 16777619;
  return hash ^ (hash >> 15);
}

/** The element of a key, or null. */
export function tableFind(table: Table, key: Text): Element | null {
  return find(table, key, hashOf(key));
}

function find(table: Table, key: Text, hash: u32): Element | null {
  let element: Element | null = load<Element | null>(chainOf(table, hash));
  for (; element != null; element = element!.next) {
    if (element.hash != hash || element.key.bytes != key.bytes) continue;
    if (memory.compare(element.key.at, key.at, key.bytes) == 0) return element;
  }
  return null;
}

function chainOf(table: Table, hash: u32): usize {
  return table.chains + (hash & (table.chainCount - 1)) * 4;
}

/** The cell of a key, which is made when it is not there. */
export function tableCell(table: Table, key: Text): Cell {
  const hash = hashOf(key);
  const found = find(table, key, hash);
  if (found != null) return found.cell;
  if (table.count >= table.chainCount * 2) chainsGrow(table);
  const element = changetype<Element>(blockAlloc(ELEMENT_BYTES));
  element.key = textHold(key);
  element.hash = hash;
  cellMove(element.cell, unset);
  chainPut(table, element);
  element.later = null;
  const last = table.last;
  element.earlier = last;
  if (last != null) last.later = element;
  else table.first = element;
  table.last = element;
  table.count++;
  return element.cell;
}

function chainPut(table: Table, element: Element): void {
  const chain = chainOf(table, element.hash);
  element.next = load<Element | null>(chain);
  store<Element | null>(chain, element);
}

function chainsGrow(table: Table): void {
  blockFree(table.chains, table.chainCount * 4);
  chainsMake(table, table.chainCount * 2);
  for (let element: Element | null = table.first; element != null; element = element!.later) {
    chainPut(table, element);
  }
}

export function tableDelete(table: Table, key: Text): void {
  const element = tableFind(table, key);
  if (element == null) return;
  let link = chainOf(table, element.hash);
  while (load<usize>(link) != changetype<usize>(element)) link = load<usize>(link);
  store<Element | null>(link, element.next);
  const earlier = element.earlier;
  const later = element.later;
  if (earlier != null) earlier.later = later;
  else table.first = later;
  if (later != null) later.earlier = earlier;
  else table.last = earlier;
  table.count--;
  elementFree(element);
}

if (offsetof<Element>("next") != 0) ERROR("a chain's link is an element's first word");

// A list: count, then the texts.

/** The keys of a table as they are now, held. */
export function listMake(table: Table): usize {
  const list = blockAlloc(table.count * 4 + 4);
  store<i32>(list, table.count);
  let to = list + 4;
  for (let element: Element | null = table.first; element != null; element = element!.later) {
    store<Text>(to, textHold(element.key));
    to += 4;
  }
  return list;
}

export function listCount(list: usize): i32 {
  return load<i32>(list);
}

export function listText(list: usize, i: i32): Text {
  return load<Text>(list + 4 + i * 4);
}

export function listFree(list: usize): void {
  const count = listCount(list);
  for (let i = 0; i < count; i++) textDrop(listText(list, i));
  blockFree(list, count * 4 + 4);
}
