// Run: the machine that runs the code (code.ts). One operation after another; no operation calls the machine again, so how deep functions go
// is a matter of the stack (stack.ts) alone.

import { regexFind } from "../../lib/match";
import {
  listCount,
  listMake,
  listText,
  tableCell,
  tableClear,
  tableDelete,
  tableFind,
} from "./arrays";
import { call } from "./builtins";
import {
  cellCopy,
  cellDrop,
  cellNumber,
  cellOrder,
  cellSetNumber,
  cellSetText,
  cellText,
  cellTrue,
  Kind,
} from "./cells";
import { codeAt, constantAt, Op } from "./code";
import { fieldCell, fieldIndex } from "./fields";
import { functionAt } from "./functions";
import { getline } from "./getline";
import { RANGES_MAX } from "./parser";
import { computed, placeModify, placeSet, placeStep, placeStore, twoToNumber } from "./places";
import { print, printFormatted } from "./print";
import { regexOf } from "./regexes";
import { splitTop } from "./splits";
import {
  arrayOf,
  cellAt,
  drop,
  frameBegin,
  frameEnd,
  localRead,
  popText,
  push,
  pushArray,
  pushNumber,
  pushReferred,
  pushValue,
  stackClear,
  top,
} from "./stack";
import { substituteTop } from "./substitute";
import { textAppend, textDrop, textHold } from "./texts";
import { Var, variableRead, varText } from "./variables";

export const enum Ended {
  DONE = 0,
  NEXT,
  EXIT,
}

/** The word of the code that comes next. */
export let pc = 0;
/** What exit said, if it said something. */
export let exitStatus = 0;
const open: usize = memory.data(1024); // of each range, 1: it is open

if (RANGES_MAX != 1024) ERROR("open has a byte for each range");

function word(): i32 {
  return codeAt(pc++);
}

/** Runs from a word of the code on; how it ended. The stack is empty then. */
export function run(start: i32): Ended {
  pc = start;
  for (;;) {
    const op = word();
    switch (op) {
      case Op.DONE:
        return Ended.DONE;
      case Op.CONSTANT:
        cellCopy(push(), constantAt(word()));
        break;
      case Op.VARIABLE:
        pushValue(variableRead(word()));
        break;
      case Op.LOCAL:
        pushValue(localRead(word()));
        break;
      case Op.FIELD:
        fieldFetch();
        break;
      case Op.ELEMENT:
        elementFetch(word());
        break;
      case Op.STORE:
        placeStore(word());
        break;
      case Op.MODIFY: {
        const place = word();
        placeModify(place, word());
        break;
      }
      case Op.STEP: {
        const place = word();
        placeStep(place, word());
        break;
      }
      case Op.ADD:
      case Op.SUBTRACT:
      case Op.MULTIPLY:
      case Op.DIVIDE:
      case Op.MODULO:
      case Op.POWER:
        twoToNumber(computed(op, cellNumber(top(1)), cellNumber(top(0))));
        break;
      case Op.NEGATE:
        cellSetNumber(top(0), -cellNumber(top(0)));
        break;
      case Op.NUMBER:
        cellSetNumber(top(0), cellNumber(top(0)));
        break;
      case Op.NOT:
        cellSetNumber(top(0), cellTrue(top(0)) ? 0 : 1);
        break;
      case Op.TRUTH:
        cellSetNumber(top(0), cellTrue(top(0)) ? 1 : 0);
        break;
      case Op.CONCAT:
        concat();
        break;
      case Op.COMPARE:
        twoToNumber(cellOrder(top(1), top(0), word()) ? 1 : 0);
        break;
      case Op.MATCH:
        twoToNumber(matches() ? 1 : 0);
        break;
      case Op.NO_MATCH:
        twoToNumber(matches() ? 0 : 1);
        break;
      case Op.JUMP:
        pc = codeAt(pc);
        break;
      case Op.JUMP_FALSE: {
        const where = word();
        if (!cellTrue(top(0))) pc = where;
        drop();
        break;
      }
      case Op.AND:
        decide(word(), false);
        break;
      case Op.OR:
        decide(word(), true);
        break;
      case Op.POP:
        drop();
        break;
      case Op.NEXT:
        stackClear();
        return Ended.NEXT;
      case Op.EXIT:
        if (top(0).kind != Kind.UNSET) exitStatus = <i32>(<i64>cellNumber(top(0)) & 255);
        stackClear();
        return Ended.EXIT;
      case Op.CALL: {
        const called = functionAt(word());
        const given = word();
        frameBegin(pc, given, called.parameters);
        pc = called.entry;
        break;
      }
      case Op.RETURN:
        pc = frameEnd();
        break;
      case Op.PRINT: {
        const count = word();
        print(count, word());
        break;
      }
      case Op.PRINTF: {
        const count = word();
        printFormatted(count, word());
        break;
      }
      default:
        rarer(op);
    }
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return Ended.DONE;
}

/** The operations with arrays, ranges, input and awk's functions. */
function rarer(op: i32): void {
  switch (op) {
    case Op.IN:
      isIn(word());
      break;
    case Op.JOIN:
      subscriptsJoin(word());
      break;
    case Op.REFER:
      pushReferred(word());
      break;
    case Op.ARRAY:
      pushArray(word());
      break;
    case Op.KEYS:
      keys(word());
      break;
    case Op.NEXT_KEY: {
      const place = word();
      nextKey(place, word());
      break;
    }
    case Op.DELETE:
      elementDelete(word());
      break;
    case Op.CLEAR:
      tableClear(arrayOf(cellAt(word())));
      break;
    case Op.GETLINE: {
      const source = word();
      getline(source, word());
      break;
    }
    case Op.BUILTIN: {
      const which = word();
      call(which, word());
      break;
    }
    case Op.SPLIT:
      splitTop(word() == 3);
      break;
    case Op.SUBSTITUTE: {
      const all = word() == 1;
      substituteTop(all, word());
      break;
    }
    case Op.RANGE: {
      const range = word();
      const inside = word();
      if (load<u8>(open + range) != 0) pc = inside;
      break;
    }
    case Op.RANGE_SET: {
      const range = word();
      store<u8>(open + range, word());
      break;
    }
  }
}

function fieldFetch(): void {
  const index = fieldIndex(cellNumber(top(0)));
  drop();
  cellCopy(push(), fieldCell(index));
}

function elementFetch(place: i32): void {
  const key = popText();
  const element = tableCell(arrayOf(cellAt(place)), key);
  textDrop(key);
  pushValue(element);
}

function concat(): void {
  // The left text is made longer where it is, if nobody else has it.
  const right = cellText(top(0));
  let left = cellText(top(1));
  cellDrop(top(1));
  left = textAppend(left, right.at, right.bytes);
  textDrop(right);
  drop();
  cellSetText(top(0), left, Kind.TEXT);
}

function matches(): bool {
  const text = cellText(top(1));
  const found = regexFind(regexOf(top(0)), text.at, text.bytes, 0);
  textDrop(text);
  return found;
}

/** && and ||: the top decides, or goes. */
function decide(where: i32, when: bool): void {
  if (cellTrue(top(0)) != when) {
    drop();
    return;
  }
  cellSetNumber(top(0), when ? 1 : 0);
  pc = where;
}

function isIn(place: i32): void {
  const key = popText();
  const found = tableFind(arrayOf(cellAt(place)), key) != null;
  textDrop(key);
  pushNumber(found ? 1 : 0);
}

function subscriptsJoin(count: i32): void {
  const separator = varText(Var.SUBSEP);
  let text = cellText(top(count - 1));
  for (let i = count - 2; i >= 0; i--) {
    text = textAppend(text, separator.at, separator.bytes);
    const part = cellText(top(i));
    text = textAppend(text, part.at, part.bytes);
    textDrop(part);
  }
  textDrop(separator);
  for (let i = 1; i < count; i++) drop();
  cellSetText(top(0), text, Kind.TEXT);
}

function keys(place: i32): void {
  const list = listMake(arrayOf(cellAt(place)));
  const cell = push();
  cell.kind = Kind.LIST;
  cell.what = list;
  cell.number = 0;
}

/** Gives a variable the next key of the list on top; without one it goes on at `over`. */
function nextKey(place: i32, over: i32): void {
  const list = top(0);
  const i = <i32>list.number;
  if (i >= listCount(list.what)) {
    pc = over;
    return;
  }
  list.number = i + 1;
  const key = push();
  key.kind = Kind.TEXT;
  key.what = changetype<usize>(textHold(listText(list.what, i)));
  placeSet(place, key, key);
  drop();
}

function elementDelete(place: i32): void {
  const key = popText();
  tableDelete(arrayOf(cellAt(place)), key);
  textDrop(key);
}
