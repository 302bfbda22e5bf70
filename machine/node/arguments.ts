// The headless runner's command line (design 9).

import { parseRamBytes, RAM_DEFAULT_BYTES } from "../layout.ts";

export interface HeadlessArguments {
  readonly line: string | undefined;
  readonly ramBytes: number;
  readonly files: readonly { readonly name: string; readonly file: string }[];
  readonly dumpFolder: string | undefined;
  readonly screenshot: string | undefined;
  readonly verbose: boolean;
  readonly help: boolean;
}

export const USAGE = `usage: npm run -s headless -- [-c LINE] [--ram 64M] [--add NAME=FILE.wasm]... [--dump DIR] [--screenshot FILE.png] [-v]

  -c LINE            run LINE in the shell, print only what it printed, exit with its status
  --ram SIZE         a multiple of 4 KiB: 64M (the default), 20484K, 1G
  --add NAME=FILE    puts FILE of this computer at /bin/NAME (at /NAME when NAME has a slash); may be given again
  --dump DIR         writes ram.bin, vram.bin and machine.json as they stand when the line has ended
  --screenshot FILE  writes the screen as a PNG when the line has ended
  -v                 the kernel log goes to standard error
Without -c: an interactive shell in this terminal; leave it with exit or ^D.`;

/** Throws an Error with one sentence when the arguments are wrong. */
export function parseArguments(words: readonly string[]): HeadlessArguments {
  let line: string | undefined;
  let ramBytes = RAM_DEFAULT_BYTES;
  let dumpFolder: string | undefined;
  let screenshot: string | undefined;
  let verbose = false;
  let help = false;
  const files: { name: string; file: string }[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [option, attached] = splitOption(word);
    const value = (): string => {
      const text = attached ?? rest.shift();
      if (text === undefined) throw new Error(`${option} needs a value; --help shows how`);
      return text;
    };
    if (option === "-c") line = value();
    else if (option === "--ram") ramBytes = parseRamBytes(value());
    else if (option === "--add") files.push(parseAdd(value()));
    else if (option === "--dump") dumpFolder = value();
    else if (option === "--screenshot") screenshot = value();
    else if (option === "-v" || option === "--verbose") verbose = true;
    else if (option === "-h" || option === "--help") help = true;
    else throw new Error(`unknown option ${word}; --help lists them`);
  }
  return { line, ramBytes, files, dumpFolder, screenshot, verbose, help };
}

function splitOption(word: string): [string, string | undefined] {
  const equals = word.indexOf("=");
  if (!word.startsWith("--") || equals < 0) return [word, undefined];
  return [word.slice(0, equals), word.slice(equals + 1)];
}

function parseAdd(text: string): { name: string; file: string } {
  const equals = text.indexOf("=");
  if (equals <= 0 || equals === text.length - 1) throw new Error(`--add ${text}: write NAME=FILE`);
  return { name: text.slice(0, equals), file: text.slice(equals + 1) };
}
