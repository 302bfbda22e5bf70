// The headless runner's command line (design 9).

import type { DiskOptions } from "../devices/disk/client.ts";
import { type FaultPlan, parseFaultPlan } from "../devices/disk/faults.ts";
import { parseBytes, parseRamBytes, RAM_DEFAULT_BYTES } from "../layout.ts";

export interface HeadlessArguments {
  readonly line: string | undefined;
  readonly ramBytes: number;
  readonly files: readonly { readonly name: string; readonly file: string }[];
  readonly dumpFolder: string | undefined;
  readonly screenshot: string | undefined;
  /** The console server shows the text on the screen, also with a line to run. */
  readonly screen: boolean;
  /** false: no disk. */
  readonly disk: DiskOptions | false;
  readonly verbose: boolean;
  readonly help: boolean;
}

export const USAGE = `usage: npm run -s headless -- [-c LINE] [--ram 64M] [--add NAME=FILE.wasm]... [--dump DIR] [--screenshot FILE.png] [--screen]
                               [--disk FILE] [--disk-size SIZE] [--no-disk] [-v]

  -c LINE            run LINE in the shell, print only what it printed, exit with its status
  --ram SIZE         a multiple of 4 KiB: 64M (the default), 20484K, 1G
  --add NAME=FILE    puts FILE of this computer at /bin/NAME (at /NAME when NAME has a slash); may be given again
  --dump DIR         writes ram.bin, vram.bin and machine.json as they stand when the line has ended
  --screenshot FILE  writes the screen as a PNG when the line has ended
  --disk FILE        keeps the disk (/home and swap) in FILE, which is made if it is not there; without, it is forgotten at the end
  --disk-size SIZE   of the whole disk, for a new one
  --no-disk          boots without a disk: no swap, and /home is forgotten
  --disk-fail PLAN   makes the disk fail, for tests: writes=N, reads=N, flushes=N (after so many), block=N; joined by commas
  --screen           shows text on the screen with -c too; without -c it is shown anyway
  -v                 the kernel log goes to standard error
Without -c: an interactive shell in this terminal; leave it with exit or ^D.`;

/** Throws an Error with one sentence when the arguments are wrong. */
export function parseArguments(words: readonly string[]): HeadlessArguments {
  let line: string | undefined;
  let ramBytes = RAM_DEFAULT_BYTES;
  let dumpFolder: string | undefined;
  let screenshot: string | undefined;
  let screen = false;
  let hasDisk = true;
  let diskFile: string | undefined;
  let diskBytes: number | undefined;
  let diskFaults: FaultPlan | undefined;
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
    else if (option === "--disk") diskFile = value();
    else if (option === "--disk-size") diskBytes = parseBytes("--disk-size", value());
    else if (option === "--disk-fail") diskFaults = parseFaultPlan(value());
    else if (option === "--no-disk") hasDisk = false;
    else if (option === "--screen") screen = true;
    else if (option === "-v" || option === "--verbose") verbose = true;
    else if (option === "-h" || option === "--help") help = true;
    else throw new Error(`unknown option ${word}; --help lists them`);
  }
  const disk = hasDisk && { file: diskFile, sizeBytes: diskBytes, faults: diskFaults };
  return { line, ramBytes, files, dumpFolder, screenshot, screen, disk, verbose, help };
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
