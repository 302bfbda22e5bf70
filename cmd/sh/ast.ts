// The syntax tree of one command line: nodes in a static arena that is emptied before each line.
//
//   SEQUENCE    first: its commands in order (linked by next)
//   BACKGROUND  first: a command, started without waiting
//   AND, OR     first, second
//   PIPELINE    first: its stages (linked by next); flags 1: `!`
//   SIMPLE      first: its words, assignments and redirections in order (linked by next)
//   WORD        text: as written, quotes included
//   ASSIGN      text: NAME=value as written; flags: bytes of NAME
//   REDIRECT    flags: the descriptor; operator: a Redirect; first: the WORD after it
//
// Every node's text/bytes is the source it came from: a subshell is started with it.

export const enum NodeKind {
  SEQUENCE = 1,
  BACKGROUND = 2,
  AND = 3,
  OR = 4,
  PIPELINE = 5,
  SIMPLE = 6,
  WORD = 7,
  ASSIGN = 8,
  REDIRECT = 9,
}

export const enum Redirect {
  READ = 1, // <
  WRITE = 2, // >
  APPEND = 3, // >>
  COPY = 4, // >& and <&
}

@unmanaged
export class Node {
  kind: i32;
  flags: i32;
  operator: i32;
  bytes: i32;
  text: usize;
  first: Node | null;
  second: Node | null;
  next: Node | null;
}

const NODES = 2048;
const NODE_BYTES = 32;
const arena: usize = memory.data(65536, 8);
let used = 0;

export function arenaReset(): void {
  used = 0;
}

/** A zeroed node, or null when the line is too long for the arena. */
export function nodeNew(kind: i32, text: usize, bytes: i32): Node | null {
  if (used == NODES) return null;
  const at = arena + used++ * NODE_BYTES;
  memory.fill(at, 0, NODE_BYTES);
  const node = changetype<Node>(at);
  node.kind = kind;
  node.text = text;
  node.bytes = bytes;
  return node;
}

/** Makes the node's source end where a later token ends. */
export function nodeExtend(node: Node, end: usize): void {
  node.bytes = <i32>(end - node.text);
}
