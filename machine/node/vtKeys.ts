// VtKeys: Alt+F1 to Alt+F4 among the bytes that a terminal sends: they choose the virtual terminal that is shown, and go no further.

/** What to do, in order: bytes for the machine, or a virtual terminal to show. */
export type KeyInput = { readonly bytes: Uint8Array } | { readonly vt: number };

/** xterm: ESC [ 1 ; 3 P to S. Others: ESC O 3 P, ESC ESC O P; the Linux console keeps these keys to itself. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control sequences.
const ALT_F = /\x1b(?:\[1;3|O3|\x1bO)([PQRS])/g;

export function splitVtKeys(bytes: Uint8Array): KeyInput[] {
  const text = Buffer.from(bytes).toString("latin1");
  const parts: KeyInput[] = [];
  let at = 0;
  for (const match of text.matchAll(ALT_F)) {
    if (match.index > at) parts.push({ bytes: bytes.slice(at, match.index) });
    parts.push({ vt: "PQRS".indexOf(match[1] ?? "P") + 1 });
    at = match.index + match[0].length;
  }
  if (at < bytes.length) parts.push({ bytes: bytes.slice(at) });
  return parts;
}
