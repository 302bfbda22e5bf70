// What typed bytes mean, and who gets those that came before anybody read.
const file = "kernel-as/dev/consoleline.ts";

export const tests = ["console", "signals"];

export const mutants = [
  {
    file: "kernel-as/dev/console.ts",
    from: "  if (state.closed != 0) lineFlush(state);\n",
    to: "",
    bug: "half a line typed while raw is lost when the input ends",
  },
  {
    file,
    from: "state.raw != 0 || lineIsUncooked(state)",
    to: "state.raw != 0",
    bug: "a line that was begun while the input was raw goes on before what it began with",
  },
  {
    file,
    from: "if (!lineIsUncooked(state)) return;",
    to: "return;",
    bug: "a cooked reader gets the bytes as they were typed",
  },
  {
    file,
    from: "const interrupts = item == (<u16>Key.CTRL_C | AS_TYPED);",
    to: "const interrupts = item == <u16>Key.CTRL_C;",
    bug: "a ^C typed ahead of a command is lost",
  },
  {
    file,
    from: "if (!interrupts && !(mayStop && item",
    to: "if (!interrupts && !(item",
    bug: "a ^Z typed ahead of a command stops the shell",
  },
  {
    file,
    from: "(<u16>Key.CTRL_Z | AS_TYPED)",
    to: "(<u16>Key.CTRL_Z)",
    bug: "a ^Z typed ahead of a command is lost",
  },
  {
    file,
    from: "if ((item & AS_TYPED) == 0 || endsLine(byte)) return at - state.readyTail;",
    to: "return at - state.readyTail;",
    bug: "half a line can be read without waiting",
  },
];
