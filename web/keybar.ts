// KeyBar: the keys that a touch screen's keyboard lacks. A press keeps the focus where it is, so that keyboard stays as it is, too.
//
// Ctrl is sticky: it goes with the next key of the bar or of the keyboard, or is let go by a second press.

import type { ConsoleTerminal } from "./terminal.ts";

const STORE = "quire.keybar";
/** What each key of the bar sends: a plain text, or the last letter of a cursor key's sequence. */
const TEXTS: Record<string, string> = { Escape: "\x1b", Tab: "\t", "|": "|", "/": "/", "-": "-" };
const CURSOR: Record<string, string> = { Up: "A", Down: "B", Right: "C", Left: "D" };

export class KeyBar {
  readonly #bar: HTMLElement;
  readonly #control: HTMLButtonElement;
  readonly #terminal: ConsoleTerminal;

  /** `bar` has buttons with data-key; `chooser` shows or hides it. */
  constructor(bar: HTMLElement, chooser: HTMLInputElement, terminal: ConsoleTerminal) {
    this.#bar = bar;
    this.#terminal = terminal;
    const control = bar.querySelector<HTMLButtonElement>("[data-key=Control]");
    if (control === null) throw new Error("the key bar has no Ctrl");
    this.#control = control;
    // Without this a press would take the focus, and with it the on-screen keyboard.
    bar.addEventListener("pointerdown", (event) => event.preventDefault());
    bar.addEventListener("mousedown", (event) => event.preventDefault());
    bar.addEventListener("click", (event) => {
      const key = event.target instanceof Element ? event.target.closest("button") : null;
      if (key?.dataset.key !== undefined) this.#press(key.dataset.key);
    });
    terminal.filter = (text) => this.#typed(text);
    chooser.checked = wanted();
    bar.hidden = !chooser.checked;
    chooser.addEventListener("change", () => {
      bar.hidden = !chooser.checked;
      keep(chooser.checked);
    });
  }

  get #held(): boolean {
    return this.#control.getAttribute("aria-pressed") === "true";
  }

  #hold(on: boolean): void {
    this.#control.setAttribute("aria-pressed", String(on));
  }

  #press(key: string): void {
    if (key === "Control") return this.#hold(!this.#held);
    const letter = CURSOR[key];
    const text = letter === undefined ? (TEXTS[key] ?? "") : this.#cursorKey(letter);
    this.#hold(false);
    this.#terminal.press(text);
    if (this.#bar.contains(document.activeElement)) return;
    this.#terminal.focus();
  }

  #cursorKey(letter: string): string {
    if (this.#held) return `\x1b[1;5${letter}`;
    return `${this.#terminal.cursorKeys ? "\x1bO" : "\x1b["}${letter}`;
  }

  /** What the keyboard typed, with Ctrl if it is held. */
  #typed(text: string): string {
    if (!this.#held || text.length !== 1) return text;
    this.#hold(false);
    return controlled(text);
  }
}

/** The character that Ctrl and a key make: ^A to ^_ for @ A to _, ^? for ?, and other keys as they are. */
export function controlled(key: string): string {
  const code = key.toUpperCase().charCodeAt(0);
  if (code >= 0x40 && code <= 0x5f) return String.fromCharCode(code & 0x1f);
  if (key === "?") return "\x7f";
  return key === " " ? "\0" : key;
}

/** What the person chose; else a bar for fingers. */
function wanted(): boolean {
  const kept = read();
  return kept === null ? matchMedia("(pointer: coarse)").matches : kept === "1";
}

function read(): string | null {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null; // the browser keeps nothing for this site
  }
}

function keep(on: boolean): void {
  try {
    localStorage.setItem(STORE, on ? "1" : "0");
  } catch (error) {
    console.warn("the choice is not kept:", error);
  }
}
