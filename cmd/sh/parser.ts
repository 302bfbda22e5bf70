// The parser: tokens to a tree (ast.ts), by recursive descent, one function for each rule.
//
//   program   := list END
//   list      := and_or ((";" | "&" | NEWLINE) and_or)* [";" | "&"]
//   and_or    := pipeline (("&&" | "||") NEWLINE* pipeline)*
//   pipeline  := ("!" | "time")* command (("|" | "|&") NEWLINE* command)*
//   command   := simple | compound redirect* | function                            compound: compounds.ts
//   function  := (NAME "(" ")" | "function" NAME ["(" ")"]) NEWLINE* compound
//   simple    := (ASSIGN | redirect)* (WORD | redirect)*
//   redirect  := [IO_NUMBER] ("<" | ">" | ">>" | "<&" | ">&" | "<<" | "<<-" | "<<<" | "&>" | "&>>" | ">|" | "<>") WORD
//
// The outcome is in parseState: a line that could go on (an open quote, a trailing operator) is MORE, not an error.

import { bytesAre, isDigit, isName, isNameStart, parseNumber } from "../../lib/text";
import {
  arenaReset,
  HereFlag,
  Node,
  NodeKind,
  nodeExtend,
  nodeNew,
  PipeFlag,
  Redirect,
} from "./ast";
import { closesList, opensCompound, parseCompound } from "./compounds";
import {
  hereExpect,
  LexError,
  lexError,
  lexExpression,
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

/** As take; the next token is an expression behind =~. */
export function takeExpression(): void {
  lastEnd = tokenEnd();
  lexExpression();
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
  while (token == Token.WORD) {
    if (bytesAre(tokenText, tokenBytes, "!")) node.flags ^= PipeFlag.NOT;
    else if (bytesAre(tokenText, tokenBytes, "time")) node.flags |= PipeFlag.TIMED;
    else break;
    take();
  }
  if ((node.flags & PipeFlag.TIMED) != 0 && !startsCommand()) {
    return fail("time needs a command", 0, 0);
  }
  let last: Node | null = null;
  for (;;) {
    const command = parseCommand();
    if (command == null) return null;
    if (last == null) node.first = command;
    else last.next = command;
    last = command;
    if (token == Token.PIPE_AND) {
      if (!errorsJoin(command)) return null;
    } else if (token != Token.PIPE) break;
    take();
    newlinesSkip();
    if (token == Token.END) return more();
  }
  nodeExtend(node, lastEnd);
  return node;
}

/** A |& B is A 2>&1 | B: adds that redirection. */
function errorsJoin(command: Node): bool {
  const node = nodeNew(NodeKind.REDIRECT, tokenText, tokenBytes);
  const target = nodeNew(NodeKind.WORD, ONE, 1);
  if (node == null || target == null) {
    tooLong();
    return false;
  }
  node.flags = 2;
  node.operator = Redirect.COPY;
  node.first = target;
  const isSimple = command.kind == NodeKind.SIMPLE;
  let last: Node | null = isSimple ? command.first : command.redirects;
  if (last == null) {
    command.redirects = node;
    return true;
  }
  while (last.next != null) last = last.next!;
  last.next = node;
  return true;
}

const ONE: usize = memory.data<u8>([0x31, 0]);

export function parseCommand(): Node | null {
  if (!startsCommand()) return token == Token.END ? more() : unexpected();
  if (token == Token.WORD && bytesAre(tokenText, tokenBytes, "function")) return parseKeyword();
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
      else part.operator = load<u8>(tokenText + name) == 0x2b ? 2 : 1;
      take();
      if (token == Token.LEFT && name > 0 && lastEnd == tokenText)
        return fail("there are no arrays here, near", part.text, part.bytes);
      if (last == null && token == Token.LEFT && name == 0) {
        take();
        if (token == Token.END) return more();
        if (token != Token.RIGHT) return unexpected();
        take();
        return parseFunction(node, part);
      }
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

/** function NAME [( )] */
function parseKeyword(): Node | null {
  const node = make(NodeKind.FUNCTION);
  if (node == null) return null;
  take();
  if (token == Token.END) return more();
  if (token != Token.WORD) return unexpected();
  const name = make(NodeKind.WORD);
  if (name == null) return null;
  // A function is called and shown by what it is defined with: NAME ( ) { ... } begins with its name.
  node.text = tokenText;
  take();
  if (token == Token.LEFT) {
    take();
    if (token != Token.RIGHT) return refuse();
    take();
  }
  return parseFunction(node, name);
}

/** The body of a function, whose name is in `word`. */
function parseFunction(node: Node, word: Node): Node | null {
  for (let i = 0; i < word.bytes; i++) {
    const c: i32 = load<u8>(word.text + i);
    // Also - . : + @ and what is not ASCII; not what the shell expands.
    const isPart =
      isName(c) || c == 0x2d || c == 0x2e || c == 0x3a || c == 0x2b || c == 0x40 || c > 0x7f;
    if (!isPart || (i == 0 && isDigit(c)))
      return fail("not a name for a function:", word.text, word.bytes);
  }
  newlinesSkip();
  if (token == Token.END) return more();
  if (!opensCompound())
    return fail("a function's body is a { } group, near", tokenText, tokenBytes);
  node.kind = NodeKind.FUNCTION;
  node.flags = word.bytes;
  node.operator = <i32>(tokenText - node.text);
  node.first = parseCommand();
  if (node.first == null) return null;
  nodeExtend(node, lastEnd);
  return node;
}

/** Something else was expected here. */
export function refuse(): Node | null {
  if (token == Token.ERROR) return lexFailed();
  return token == Token.END ? more() : unexpected();
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
  return token == Token.IO_NUMBER || (token >= Token.LESS && token <= Token.LESS_GREAT);
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
  node.operator = redirectOf(token);
  const writes =
    token == Token.GREAT ||
    token == Token.DGREAT ||
    token == Token.GREAT_AND ||
    token == Token.CLOBBER ||
    node.operator >= Redirect.BOTH;
  node.flags = fd >= 0 ? fd : writes && token != Token.LESS_GREAT ? 1 : 0;
  const operator = tokenText;
  const operatorBytes = tokenBytes;
  take();
  if (token == Token.ERROR) return lexFailed();
  if (token != Token.WORD) return fail("a word is missing after", operator, operatorBytes);
  const target = make(NodeKind.WORD);
  if (target == null) return null;
  node.first = target;
  // >& FILE is &> FILE; >&2, >&- and >&$fd are copies.
  if (operator > 0 && load<u8>(operator) == 0x3e && node.operator == Redirect.COPY && fd < 0) {
    const c: i32 = load<u8>(tokenText);
    if (!isDigit(c) && c != 0x2d && c != 0x24) node.operator = Redirect.BOTH;
  }
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

function redirectOf(operator: i32): i32 {
  switch (operator) {
    case Token.LESS:
      return Redirect.READ;
    case Token.GREAT:
      return Redirect.WRITE;
    case Token.DGREAT:
      return Redirect.APPEND;
    case Token.DLESS:
      return Redirect.HERE;
    case Token.TLESS:
      return Redirect.STRING;
    case Token.AND_GREAT:
      return Redirect.BOTH;
    case Token.AND_DGREAT:
      return Redirect.BOTH_APPEND;
    case Token.CLOBBER:
      return Redirect.CLOBBER;
    case Token.LESS_GREAT:
      return Redirect.READ_WRITE;
  }
  return Redirect.COPY;
}

/** Bytes of NAME when the current word is NAME=... or NAME+=...; else 0. */
function assignmentName(): i32 {
  if (!isNameStart(load<u8>(tokenText))) return 0;
  for (let i = 1; i < tokenBytes; i++) {
    const c = load<u8>(tokenText + i);
    if (c == 0x3d) return i;
    if (c == 0x2b && i + 1 < tokenBytes && load<u8>(tokenText + i + 1) == 0x3d) return i;
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
    case LexError.BACKQUOTE:
      parseError = "a ` is not closed";
      break;
    case LexError.ARITHMETIC:
      parseError = "a (( is not closed";
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
