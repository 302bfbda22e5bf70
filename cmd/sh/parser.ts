// The parser: tokens to a tree (ast.ts), by recursive descent, one function for each rule.
//
//   program   := list END
//   list      := and_or ((";" | "&" | NEWLINE) and_or)* [";" | "&"]
//   and_or    := pipeline (("&&" | "||") NEWLINE* pipeline)*
//   pipeline  := "!"* command ("|" NEWLINE* command)*
//   command   := simple | compound redirect* | NAME "(" ")" NEWLINE* compound      compound: compounds.ts
//   simple    := (ASSIGN | redirect)* (WORD | redirect)*
//   redirect  := [IO_NUMBER] ("<" | ">" | ">>" | "<&" | ">&" | "<<" | "<<-") WORD
//
// The outcome is in parseState: a line that could go on (an open quote, a trailing operator) is MORE, not an error.

import { bytesAre, isName, isNameStart, parseNumber } from "../../lib/text";
import { arenaReset, HereFlag, Node, NodeKind, nodeExtend, nodeNew, Redirect } from "./ast";
import { closesList, opensCompound, parseCompound } from "./compounds";
import {
  hereExpect,
  LexError,
  lexError,
  lexNext,
  lexStart,
  Token,
  token,
  tokenBytes,
  tokenEnd,
  tokenText,
} from "./lexer";

export const enum Parse {
  OK = 0,
  MORE = 1, // incomplete: parse again with the next line added
  ERROR = 2, // parseError is a sentence, parseWhere/parseWhereBytes the token it is about
}

export let parseState: i32 = Parse.OK;
export let parseError: string = "";
export let parseWhere: usize = 0;
export let parseWhereBytes: i32 = 0;

/** End of the last token taken. */
export let lastEnd: usize = 0;
let depth = 0;
const DEPTH_MAX = 100;

/** Parses a text; null when it holds no command, or when parseState is not OK. */
export function parse(text: usize, bytes: i32): Node | null {
  arenaReset();
  return parseNested(text, bytes);
}

/** As parse, but the nodes made so far stay. */
export function parseNested(text: usize, bytes: i32): Node | null {
  depth = 0;
  parseState = Parse.OK;
  lexStart(text, bytes);
  lexNext();
  const list = parseList();
  if (parseState != Parse.OK) return null;
  if (token != Token.END) unexpected();
  return parseState == Parse.OK && list != null && list.first != null ? list : null;
}

export function take(): void {
  lastEnd = tokenEnd();
  lexNext();
}

/** Commands up to something that cannot start one; the caller looks at what that is. */
export function parseList(): Node | null {
  const list = make(NodeKind.SEQUENCE);
  let last: Node | null = null;
  newlinesSkip();
  while (list != null && startsCommand()) {
    let node = parseAndOr();
    if (node == null) return null;
    if (token == Token.AMP) {
      const background = nodeNew(NodeKind.BACKGROUND, node.text, node.bytes);
      if (background == null) return tooLong();
      background.first = node;
      node = background;
      take();
    } else if (token == Token.SEMI) {
      take();
    } else if (token != Token.NEWLINE && token != Token.END && !closesList()) {
      return unexpected();
    }
    if (last == null) list.first = node;
    else last.next = node;
    last = node;
    newlinesSkip();
  }
  if (token == Token.ERROR) return lexFailed();
  return list;
}

function parseAndOr(): Node | null {
  let left = parsePipeline();
  while (left != null && (token == Token.AND_IF || token == Token.OR_IF)) {
    const node = nodeNew(token == Token.AND_IF ? NodeKind.AND : NodeKind.OR, left.text, 0);
    if (node == null) return tooLong();
    take();
    newlinesSkip();
    if (token == Token.END) return more();
    node.first = left;
    node.second = parsePipeline();
    if (node.second == null) return null;
    nodeExtend(node, lastEnd);
    left = node;
  }
  return left;
}

function parsePipeline(): Node | null {
  const node = make(NodeKind.PIPELINE);
  if (node == null) return null;
  while (token == Token.WORD && bytesAre(tokenText, tokenBytes, "!")) {
    node.flags ^= 1;
    take();
  }
  let last: Node | null = null;
  for (;;) {
    const command = parseCommand();
    if (command == null) return null;
    if (last == null) node.first = command;
    else last.next = command;
    last = command;
    if (token != Token.PIPE) break;
    take();
    newlinesSkip();
    if (token == Token.END) return more();
  }
  nodeExtend(node, lastEnd);
  return node;
}

export function parseCommand(): Node | null {
  if (!startsCommand()) return token == Token.END ? more() : unexpected();
  if (opensCompound()) {
    if (++depth > DEPTH_MAX) return fail("commands are nested too deeply", 0, 0);
    const compound = parseCompound();
    depth--;
    return compound != null ? parseRedirects(compound) : null;
  }
  const node = make(NodeKind.SIMPLE);
  if (node == null) return null;
  let last: Node | null = null;
  let words = false;
  for (;;) {
    let part: Node | null = null;
    if (token == Token.WORD) {
      const name = words ? 0 : assignmentName();
      part = make(name > 0 ? NodeKind.ASSIGN : NodeKind.WORD);
      if (part == null) return null;
      part.flags = name;
      if (name == 0) words = true;
      take();
      if (last == null && token == Token.LEFT && name == 0) return parseFunction(node, part);
    } else if (isRedirect()) {
      part = parseRedirect();
      if (part == null) return null;
    } else {
      break;
    }
    if (last == null) node.first = part;
    else last.next = part;
    last = part;
  }
  if (token == Token.ERROR) return lexFailed();
  nodeExtend(node, lastEnd);
  return node;
}

/** NAME ( ) with the name in `word`. */
function parseFunction(node: Node, word: Node): Node | null {
  for (let i = 0; i < word.bytes; i++) {
    const c = load<u8>(word.text + i);
    if (i == 0 ? !isNameStart(c) : !isName(c)) return unexpected();
  }
  take();
  if (token == Token.END) return more();
  if (token != Token.RIGHT) return unexpected();
  take();
  newlinesSkip();
  if (token == Token.END) return more();
  if (!opensCompound())
    return fail("a function's body is a { } group, near", tokenText, tokenBytes);
  node.kind = NodeKind.FUNCTION;
  node.flags = word.bytes;
  node.first = parseCommand();
  if (node.first == null) return null;
  nodeExtend(node, lastEnd);
  return node;
}

/** The redirections after a compound command. */
function parseRedirects(node: Node): Node | null {
  let last: Node | null = null;
  while (isRedirect()) {
    const part = parseRedirect();
    if (part == null) return null;
    if (last == null) node.redirects = part;
    else last.next = part;
    last = part;
  }
  return token == Token.ERROR ? lexFailed() : node;
}

function isRedirect(): bool {
  return token == Token.IO_NUMBER || (token >= Token.LESS && token <= Token.DLESS);
}

function parseRedirect(): Node | null {
  const node = make(NodeKind.REDIRECT);
  if (node == null) return null;
  let fd = -1;
  if (token == Token.IO_NUMBER) {
    fd = tokenBytes == 1 ? <i32>parseNumber(tokenText, 1) : 10;
    if (fd > 9)
      return fail("only descriptors 0 to 9 can be redirected, near", tokenText, tokenBytes);
    take();
  }
  const reads = token == Token.LESS || token == Token.LESS_AND || token == Token.DLESS;
  node.flags = fd >= 0 ? fd : reads ? 0 : 1;
  switch (token) {
    case Token.LESS:
      node.operator = Redirect.READ;
      break;
    case Token.GREAT:
      node.operator = Redirect.WRITE;
      break;
    case Token.DGREAT:
      node.operator = Redirect.APPEND;
      break;
    case Token.DLESS:
      node.operator = Redirect.HERE;
      break;
    default:
      node.operator = Redirect.COPY;
  }
  const operator = tokenText;
  const operatorBytes = tokenBytes;
  take();
  if (token == Token.ERROR) return lexFailed();
  if (token != Token.WORD) return fail("a word is missing after", operator, operatorBytes);
  const target = make(NodeKind.WORD);
  if (target == null) return null;
  node.first = target;
  if (node.operator == Redirect.HERE) {
    const here = nodeNew(NodeKind.HERE, tokenText, 0);
    if (here == null) return tooLong();
    if (operatorBytes == 3) here.flags = HereFlag.TABS;
    for (let i = 0; i < tokenBytes; i++) {
      const c = load<u8>(tokenText + i);
      if (c == 0x27 || c == 0x22 || c == 0x5c) here.flags |= HereFlag.QUOTED;
    }
    node.second = here;
    if (!hereExpect(here, target)) return fail("too many here-documents in one line", 0, 0);
  }
  take();
  nodeExtend(node, lastEnd);
  return node;
}

/** Bytes of NAME when the current word is NAME=...; else 0. */
function assignmentName(): i32 {
  if (!isNameStart(load<u8>(tokenText))) return 0;
  for (let i = 1; i < tokenBytes; i++) {
    const c = load<u8>(tokenText + i);
    if (c == 0x3d) return i;
    if (!isName(c)) return 0;
  }
  return 0;
}

function startsCommand(): bool {
  return (token == Token.WORD && !closesList()) || token == Token.LEFT || isRedirect();
}

export function newlinesSkip(): void {
  while (token == Token.NEWLINE) take();
}

/** A node for the current token. */
export function make(kind: i32): Node | null {
  const node = nodeNew(kind, tokenText, tokenBytes);
  return node != null ? node : tooLong();
}

export function more(): Node | null {
  parseState = Parse.MORE;
  return null;
}

export function fail(sentence: string, where: usize, bytes: i32): Node | null {
  if (parseState == Parse.OK) {
    parseState = Parse.ERROR;
    parseError = sentence;
    parseWhere = where;
    parseWhereBytes = bytes;
  }
  return null;
}

export function tooLong(): Node | null {
  return fail("the line has too many words", 0, 0);
}

export function unexpected(): Node | null {
  if (token == Token.ERROR) return lexFailed();
  if (token == Token.END) return fail("the line ends too early", 0, 0);
  if (token == Token.NEWLINE) return fail("unexpected end of line", 0, 0);
  return fail("unexpected", tokenText, tokenBytes);
}

export function lexFailed(): Node | null {
  if (lexError == LexError.BACKQUOTE)
    return fail("write $(...) instead of backquotes, near", tokenText, tokenBytes);
  parseState = Parse.MORE;
  switch (lexError) {
    case LexError.SINGLE_QUOTE:
      parseError = "a ' is not closed";
      break;
    case LexError.DOUBLE_QUOTE:
      parseError = 'a " is not closed';
      break;
    case LexError.BRACE:
      parseError = "a ${ is not closed";
      break;
    case LexError.PARENTHESIS:
      parseError = "a $( is not closed";
      break;
    case LexError.HERE:
      parseError = "a here-document has no last line";
      break;
    default:
      parseError = "nothing follows the last \\";
  }
  return null;
}

/** Why a MORE text is incomplete, for when no more text comes. */
export function parseMoreReason(): string {
  return lexError != LexError.NONE ? parseError : "the line ends too early";
}
