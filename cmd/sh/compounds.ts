// The parser's rules for compound commands. A reserved word is one only where a command may start.
//
//   if list; then list; [elif list; then list;]* [else list;] fi
//   while list; do list; done        until list; do list; done
//   for NAME [in WORD*]; do list; done       select NAME [in WORD*]; do list; done
//   for ((A; B; C)); do list; done
//   case WORD in [[(]WORD[|WORD]*) list ;;]* esac          ;& instead of ;; goes on with the next list
//   { list; }        (list)        ((EXPRESSION))        [[ CONDITION ]]

import { bytesAre, bytesIndex, isName, isNameStart } from "../../lib/text";
import { ForKind, Node, NodeKind, nodeExtend, nodeNew } from "./ast";
import { lexArithmetic, Token, token, tokenBytes, tokenEnd, tokenText } from "./lexer";
import {
  fail,
  lastEnd,
  make,
  more,
  newlinesSkip,
  parseList,
  refuse,
  take,
  takeExpression,
  tooLong,
  unexpected,
} from "./parser";

function word(literal: string): bool {
  return token == Token.WORD && bytesAre(tokenText, tokenBytes, literal);
}

export function opensCompound(): bool {
  return (
    token == Token.LEFT ||
    word("if") ||
    word("while") ||
    word("until") ||
    word("for") ||
    word("select") ||
    word("case") ||
    word("[[") ||
    word("{")
  );
}

/** At a token that ends the list of commands inside a compound command. */
export function closesList(): bool {
  if (token == Token.RIGHT || token == Token.DSEMI || token == Token.SEMI_AND) return true;
  return (
    word("then") ||
    word("elif") ||
    word("else") ||
    word("fi") ||
    word("do") ||
    word("done") ||
    word("esac") ||
    word("}")
  );
}

export function parseCompound(): Node | null {
  if (token == Token.LEFT)
    return lexArithmetic() ? parseArithmetic() : parseGroup(NodeKind.SUBSHELL);
  if (word("{")) return parseGroup(NodeKind.GROUP);
  if (word("[[")) return parseCondition();
  if (word("for") || word("select")) return parseFor();
  if (word("case")) return parseCase();
  if (word("if")) return parseIf();
  return parseWhile();
}

/** A list with at least one command. */
function commands(): Node | null {
  const list = parseList();
  if (list == null) return null;
  if (list.first == null) return token == Token.END ? more() : unexpected();
  return list;
}

/** Takes a reserved word; false after saying what is there instead. */
function expect(literal: string): bool {
  if (word(literal)) {
    take();
    return true;
  }
  refuse();
  return false;
}

function closed(node: Node): Node | null {
  nodeExtend(node, lastEnd);
  return node;
}

function parseGroup(kind: i32): Node | null {
  const node = make(kind);
  if (node == null) return null;
  take();
  node.first = commands();
  if (node.first == null) return null;
  if (kind == NodeKind.GROUP) {
    if (!expect("}")) return null;
  } else {
    if (token != Token.RIGHT) return refuse();
    take();
  }
  return closed(node);
}

/** From `if` or `elif` on; `fi` belongs to the innermost. */
function parseIf(): Node | null {
  const node = make(NodeKind.IF);
  if (node == null) return null;
  take();
  node.first = commands();
  if (node.first == null || !expect("then")) return null;
  node.second = commands();
  if (node.second == null) return null;
  if (word("elif")) {
    node.third = parseIf();
    return node.third != null ? closed(node) : null;
  }
  if (word("else")) {
    take();
    node.third = commands();
    if (node.third == null) return null;
  }
  return expect("fi") ? closed(node) : null;
}

function parseWhile(): Node | null {
  const node = make(NodeKind.WHILE);
  if (node == null) return null;
  if (word("until")) node.flags = 1;
  take();
  node.first = commands();
  if (node.first == null) return null;
  node.second = parseBody();
  return node.second != null ? closed(node) : null;
}

function parseBody(): Node | null {
  if (!expect("do")) return null;
  const list = commands();
  return list != null && expect("done") ? list : null;
}

/** (( )), which is the token. */
function parseArithmetic(): Node | null {
  if (token == Token.ERROR) return refuse();
  const node = make(NodeKind.ARITHMETIC);
  if (node == null) return null;
  take();
  return closed(node);
}

/** [[ ]]: its words; && || ( ) < > are operators and newlines are blanks. */
function parseCondition(): Node | null {
  const node = make(NodeKind.CONDITION);
  if (node == null) return null;
  take();
  let last: Node | null = null;
  for (;;) {
    newlinesSkip();
    if (token == Token.ERROR || token == Token.END) return refuse();
    const ends = word("]]");
    if (ends) break;
    const part = make(NodeKind.WORD);
    if (part == null) return null;
    if (token != Token.WORD) {
      if (!isConditionOperator()) return unexpected();
      part.flags = 1;
    } else if (last != null && last.flags == 0 && bytesAre(last.text, last.bytes, "=~")) {
      part.flags = 2;
    }
    if (last == null) node.first = part;
    else last.next = part;
    last = part;
    if (word("=~")) takeExpression();
    else take();
  }
  if (last == null) return unexpected();
  take();
  return closed(node);
}

function isConditionOperator(): bool {
  switch (token) {
    case Token.AND_IF:
    case Token.OR_IF:
    case Token.LEFT:
    case Token.RIGHT:
    case Token.LESS:
    case Token.GREAT:
      return true;
  }
  return false;
}

function parseFor(): Node | null {
  const node = make(NodeKind.FOR);
  if (node == null) return null;
  const selects = word("select");
  if (selects) node.operator = ForKind.SELECT;
  take();
  if (token == Token.LEFT && !selects && lexArithmetic()) return parseLoop(node);
  if (token != Token.WORD) return refuse();
  for (let i = 0; i < tokenBytes; i++) {
    const c = load<u8>(tokenText + i);
    if (i == 0 ? !isNameStart(c) : !isName(c)) return fail("not a name:", tokenText, tokenBytes);
  }
  node.second = make(NodeKind.WORD);
  if (node.second == null) return null;
  take();
  newlinesSkip();
  if (word("in")) {
    take();
    let last: Node | null = null;
    while (token == Token.WORD) {
      const part = make(NodeKind.WORD);
      if (part == null) return null;
      if (last == null) node.first = part;
      else last.next = part;
      last = part;
      take();
    }
    if (token != Token.SEMI && token != Token.NEWLINE) return refuse();
  } else node.operator |= ForKind.PARAMETERS;
  return parseLoopBody(node);
}

function parseLoopBody(node: Node): Node | null {
  if (token == Token.SEMI) take();
  newlinesSkip();
  node.third = word("{") ? parseBraces() : parseBody();
  return node.third != null ? closed(node) : null;
}

/** The { list; } that may stand for do list; done. */
function parseBraces(): Node | null {
  take();
  const list = commands();
  return list != null && expect("}") ? list : null;
}

/** for ((A; B; C)), whose parentheses are the token. */
function parseLoop(node: Node): Node | null {
  if (token == Token.ERROR) return refuse();
  node.kind = NodeKind.LOOP;
  let p = tokenText + 2;
  const end = tokenEnd() - 2;
  let last: Node | null = null;
  for (let i = 0; i < 3; i++) {
    const semicolon = bytesIndex(p, <i32>(end - p), 0x3b);
    if (semicolon < 0 != (i == 2)) return fail("for (( )) has three parts:", tokenText, tokenBytes);
    const part = nodeNew(NodeKind.WORD, p, i == 2 ? <i32>(end - p) : semicolon);
    if (part == null) return tooLong();
    if (last == null) node.first = part;
    else last.next = part;
    last = part;
    p += semicolon + 1;
  }
  take();
  return parseLoopBody(node);
}

function parseCase(): Node | null {
  const node = make(NodeKind.CASE);
  if (node == null) return null;
  take();
  if (token != Token.WORD) return refuse();
  node.first = make(NodeKind.WORD);
  if (node.first == null) return null;
  take();
  newlinesSkip();
  if (!expect("in")) return null;
  newlinesSkip();
  let last: Node | null = null;
  while (!word("esac")) {
    const item = parseItem();
    if (item == null) return null;
    if (last == null) node.second = item;
    else last.next = item;
    last = item;
    newlinesSkip();
  }
  take();
  return closed(node);
}

function parseItem(): Node | null {
  const item = make(NodeKind.CASE_ITEM);
  if (item == null) return null;
  if (token == Token.LEFT) take();
  let last: Node | null = null;
  for (;;) {
    if (token != Token.WORD) return refuse();
    const pattern = make(NodeKind.WORD);
    if (pattern == null) return null;
    if (last == null) item.first = pattern;
    else last.next = pattern;
    last = pattern;
    take();
    if (token != Token.PIPE) break;
    take();
  }
  if (token != Token.RIGHT) return refuse();
  take();
  item.second = parseList();
  if (item.second == null) return null;
  if (token == Token.SEMI_AND) item.flags = 1;
  if (token == Token.DSEMI || token == Token.SEMI_AND) take();
  else if (!word("esac")) return refuse();
  return item;
}
