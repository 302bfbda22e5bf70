// expr: computes what its arguments say.

import { argc } from "../../lib/args";
import { err, out } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";
import { Parser } from "./parser";
import { isNull } from "./value";

const SYNTAX = 2;

export function _start(): void {
  help(
    "expr EXPRESSION: computes; each operand and operator is an argument, and those of the shell are quoted. Weakest first: | & (the first operand, or else the other), = == != < <= > >=, + -, * / %, TEXT : REGEX (what \\\\( \\\\) matches, or how many characters), match TEXT REGEX, substr TEXT FROM LENGTH, index TEXT CHARACTERS, length TEXT, ( ); status 1: it is empty or 0\n  expr 6 '*' 7",
  );
  if (argc() < 2) usage("expr EXPRESSION");
  const parser = new Parser();
  const value = parser.whole();
  if (parser.wrong.length > 0) {
    complain();
    err.text(parser.wrong).newline();
    finish(SYNTAX);
  }
  out.bytes(value.text, value.bytes).newline();
  finish(isNull(value) ? 1 : 0);
}
