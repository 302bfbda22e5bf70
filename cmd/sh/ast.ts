// The syntax tree of one command line: nodes in a static arena that is emptied before each line.
//
//   SEQUENCE    first: its commands in order (linked by next)
//   BACKGROUND  first: a command, started without waiting
//   AND, OR     first, second
//   PIPELINE    first: its stages (linked by next); flags: PipeFlag
//   IF          first: the condition; second: then; third: else, an IF or a SEQUENCE
//   WHILE       first: the condition; second: the body; flags 1: until
//   FOR         second: the name (WORD); first: its words; third: the body; operator: ForKind
//   LOOP        for ((A; B; C)): first: three WORDs, the expressions, linked by next; third: the body
//   CASE        first: the word; second: its CASE_ITEMs (linked by next)
//   CASE_ITEM   first: its patterns (WORDs linked by next); second: the commands; flags 1: ;&, the next item's commands follow
//   ARITHMETIC  (( )): text: with the parentheses
//   CONDITION   [[ ]]: first: its words and operators (WORDs linked by next; flags 1: an operator; 2: an expression)
//   GROUP       first: the commands of { }
//   SUBSHELL    first: the commands of ( ), which a child shell runs
//   FUNCTION    flags: bytes of the name, at text; first: the body, a compound command
//   HERE        text, bytes: a here-document's lines; flags: HereFlag
//   SIMPLE      first: its words, assignments and redirections in order (linked by next)
//   WORD        text: as written, quotes included
//   ASSIGN      text: NAME=value as written; flags: bytes of NAME; operator: bytes of = or +=
//   REDIRECT    flags: the descriptor; operator: a Redirect; first: the WORD after it; second: the HERE of <<
//
// Compound commands keep their redirections in `redirects`, outside text/bytes.
// Every node's text/bytes is the source it came from: a subshell is started with it.
// parseNested() adds the nodes of another text behind those in use; arenaRelease() forgets them.

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
  IF = 10,
  WHILE = 11,
  FOR = 12,
  CASE = 13,
  CASE_ITEM = 14,
  GROUP = 15,
  SUBSHELL = 16,
  FUNCTION = 17,
  HERE = 18,
  ARITHMETIC = 19,
  CONDITION = 20,
  LOOP = 21,
}

export const enum PipeFlag {
  NOT = 1, // !
  TIMED = 2, // time
}

export const enum ForKind {
  WORDS = 0,
  PARAMETERS = 1, // no `in`: the parameters
  SELECT = 2, // select, not for: added
}

export const enum Redirect {
  READ = 1, // <
  WRITE = 2, // >
  APPEND = 3, // >>
  COPY = 4, // >& and <&
  HERE = 5, // <<
  STRING = 6, // <<<
  BOTH = 7, // &> and >& WORD: 1 and 2
  BOTH_APPEND = 8, // &>>
  CLOBBER = 9, // >|: also over a file that is there, in spite of set -C
  READ_WRITE = 10, // <>
}

export const enum HereFlag {
  QUOTED = 1, // the delimiter has quotes: nothing is expanded
  TABS = 2, // <<-: tabs at the start of a line are dropped
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
  third: Node | null;
  redirects: Node | null;
}

const NODES = 8192;
const NODE_BYTES = 40;
const arena: usize = memory.data(327680, 8);
let used = 0;

/** Where the arena stands: for arenaRelease. */
export function arenaMark(): i32 {
  return used;
}

export function arenaRelease(mark: i32): void {
  used = mark;
}

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
