// What typed bytes mean, and who gets those that came before anybody read.
const file = "kernel-as/dev/consoleline.ts";

export const tests = ["console", "signals"];

export const mutants = [
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
    from: "if (load<u16>(vtReady(state, at - 1)) != (<u16>Key.CTRL_C | AS_TYPED)) continue;",
    to: "if (load<u16>(vtReady(state, at - 1)) != <u16>Key.CTRL_C) continue;",
    bug: "a ^C typed ahead of a command is lost",
  },
  {
    file,
    from: "if ((item & AS_TYPED) == 0 || endsLine(byte)) return at - state.readyTail;",
    to: "return at - state.readyTail;",
    bug: "half a line can be read without waiting",
  },
];
