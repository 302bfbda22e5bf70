// A person's own programs: chosen with the file button or dropped anywhere on the page.

import type { AddProgram } from "./programs.ts";

const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** The machine's path field has 64 bytes: "bin/", the name and a NUL. */
const NAME_MOST = 59;

/** The command name for a file: without folders and .wasm, and with characters that need no quoting. Empty when nothing is left. */
export function commandName(fileName: string): string {
  const base = fileName.split(/[\\/]/).pop() ?? "";
  return base
    .replace(/\.wasm$/i, "")
    .replace(/[^A-Za-z0-9._+-]+/g, "-")
    .replace(/^[-.]+|-+$/g, "")
    .slice(0, NAME_MOST);
}

export function isWasm(bytes: Uint8Array): boolean {
  return WASM_MAGIC.every((byte, index) => bytes[index] === byte);
}

/** Adds each file and tells `say` what became of it. */
export async function addFiles(
  files: Iterable<File>,
  add: AddProgram,
  say: (text: string, tone: "good" | "bad") => void,
): Promise<void> {
  for (const file of files) {
    const name = commandName(file.name);
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (name === "" || !isWasm(bytes)) {
        say(`${file.name} is not a WebAssembly program.`, "bad");
        continue;
      }
      await add(name, bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      say(`${file.name} could not be added: ${reason}`, "bad");
    }
  }
}

/** Takes files dropped anywhere in the window; `veil` is shown while one hangs over it. */
export function acceptDrops(veil: HTMLElement, dropped: (files: File[]) => void): void {
  let depth = 0;
  const hasFiles = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes("Files") === true;
  const leave = (): void => {
    depth = 0;
    veil.hidden = true;
  };
  window.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth++;
    veil.hidden = false;
  });
  window.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  window.addEventListener("dragleave", (event) => {
    if (hasFiles(event) && --depth <= 0) leave();
  });
  window.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    leave();
    dropped([...(event.dataTransfer?.files ?? [])]);
  });
}
