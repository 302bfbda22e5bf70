// The parser's rules for compound commands. A reserved word is one only where a command may start.
//
//   if list; then list; [elif list; then list;]* [else list;] fi
//   while list; do list; done        until list; do list; done
//   for NAME [in WORD*]; do list; done
//   case WORD in [[(]WORD[|WORD]*) list ;;]* esac
//   { list; }        (list)

import { bytesAre, isName, isNameStart } from "../../lib/text";
import { Node, NodeKind, nodeExtend } from "./ast";
import { Token, token, tokenBytes, tokenText } from "./lexer";
import {
  fail,
  lastEnd,
  lexFailed,
  make,
  more,
  newlinesSkip,
  parseList,
  take,
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
    word("case") ||
    word("{")
  );
}

/** At a token that ends the list of commands inside a compound command. */
export function closesList(): bool {
  if (token == Token.RIGHT || token == Token.DSEMI) return true;
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
  if (token == Token.LEFT) return parseGroup(NodeKind.SUBSHELL);
  if (word("{")) return parseGroup(NodeKind.GROUP);
  if (word("for")) return parseFor();
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

function refuse(): Node | null {
  if (token == Token.ERROR) return lexFailed();
  return token == Token.END ? more() : unexpected();
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

function parseFor(): Node | null {
  const node = make(NodeKind.FOR);
  if (node == null) return null;
  take();
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
  } else {
    node.operator = 1;
  }
  if (token == Token.SEMI) take();
  newlinesSkip();
  node.third = parseBody();
  return node.third != null ? closed(node) : null;
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
  if (token == Token.DSEMI) take();
  else if (!word("esac")) return refuse();
  return item;
}
