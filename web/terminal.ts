// ConsoleTerminal: the virtual terminals, one of them shown. Bytes in from the machine, bytes out from the keyboard; it knows nothing of the
// machine. While a server shows text on the screen, no terminal is larger than that can show: both have the same cells.
//
// Keys that stay with the page: Alt+F1 to Alt+F4 show a terminal, F6 leaves it, Ctrl+C copies when text is selected, Ctrl+V and Cmd+V paste. All
// others go out.

import { type Size, VtView } from "./vt.ts";

/** More than this waiting to be drawn, and the writer is asked to wait. */
const BACKLOG_BYTES = 1 << 18;
/** Terminal 4 is the kernel's log; the others have shells. */
const LABELS = ["Terminal input", "Terminal 2 input", "Terminal 3 input", "Kernel log"];
const NAMES = ["", "Terminal 2", "Terminal 3", "Kernel log"];

export interface TerminalListener {
  input(bytes: Uint8Array, vt: number): void;
  /** There is room for so many cells now. */
  resized(columns: number, rows: number): void;
  /** The person has chosen another terminal to look at. */
  shown(vt: number): void;
  /** F6: the person wants to leave the terminal. */
  leave(): void;
}

/** What the page shows to readers of the console's text; the only way in from outside. */
export interface TerminalReader {
  /** All lines of the terminal that is shown, its scrollback's too, with wrapped lines joined and spaces at the right end removed. */
  text(): string;
}

declare global {
  interface Window {
    /** Reads the terminal's text; nothing else can be done with it. */
    quireTerminal?: TerminalReader;
  }
}

export class ConsoleTerminal implements TerminalReader {
  readonly #element: HTMLElement;
  readonly #listener: TerminalListener;
  /** Says which terminal is shown, unless it is the first; pressed, it shows the first. */
  readonly #name = document.createElement("button");
  readonly #encoder = new TextEncoder();
  /** A terminal is made when it is first looked at; until then its output waits here. */
  readonly #views: (VtView | undefined)[] = [];
  readonly #waiting: Uint8Array[][] = LABELS.map(() => []);
  #vt = 1;
  #room: Size = { columns: 80, rows: 24 };
  #limit: Size | undefined;
  #screenReader = false;
  #filter = (text: string): string => text;
  #backlog = 0;

  constructor(element: HTMLElement, listener: TerminalListener) {
    this.#element = element;
    this.#listener = listener;
    this.#name.className = "vt-name";
    this.#name.hidden = true;
    this.#name.title = "Back to the first terminal (Alt+F1)";
    this.#name.addEventListener("click", () => this.#choose(1));
    element.append(this.#name);
    this.#view(1);
    this.#fit(); // who makes the terminal asks for its size
    new ResizeObserver(() => this.#resize()).observe(element);
  }

  /** Cells that there is room for. A limit may leave the terminals smaller. */
  get columns(): number {
    return this.#room.columns;
  }

  get rows(): number {
    return this.#room.rows;
  }

  /** The terminal that is shown, 1 to 4. */
  get vt(): number {
    return this.#vt;
  }

  set screenReader(on: boolean) {
    this.#screenReader = on;
    for (const view of this.#views)
      if (view !== undefined) view.xterm.options.screenReaderMode = on;
  }

  /** Changes what the keyboard types. */
  set filter(filter: (text: string) => string) {
    this.#filter = filter;
  }

  /** True when the program wants cursor keys as ESC O, not ESC [. */
  get cursorKeys(): boolean {
    return this.#view(this.#vt).xterm.modes.applicationCursorKeysMode;
  }

  /** Types a text at the terminal that is shown, as its keyboard would. */
  press(text: string): void {
    this.#view(this.#vt).xterm.scrollToBottom();
    this.#listener.input(this.#encoder.encode(text), this.#vt);
  }

  /** Most cells that a terminal may have; undefined: as many as there is room for. */
  set limit(size: Size | undefined) {
    this.#limit = size;
    this.#resize();
  }

  focus(): void {
    this.#view(this.#vt).xterm.focus();
  }

  /** Shows another terminal, which gets the keys if the one before had them. */
  show(vt: number): void {
    if (vt === this.#vt || LABELS[vt - 1] === undefined) return;
    const before = this.#view(this.#vt);
    const hadKeys = before.element.contains(document.activeElement);
    before.element.hidden = true;
    this.#vt = vt;
    const view = this.#view(vt);
    view.element.hidden = false;
    this.#name.hidden = vt === 1;
    this.#name.textContent = NAMES[vt - 1] ?? "";
    this.#resize();
    if (hadKeys) view.xterm.focus();
  }

  /** Shows output of a terminal. The promise, when there is one, settles when the terminal has caught up. */
  write(bytes: Uint8Array, vt = 1): Promise<void> | undefined {
    const view = this.#views[vt];
    if (view === undefined) {
      this.#waiting[vt - 1]?.push(bytes);
      return undefined;
    }
    this.#backlog += bytes.length;
    const drawn = new Promise<void>((resolve) => {
      view.xterm.write(bytes, () => {
        this.#backlog -= bytes.length;
        resolve();
      });
    });
    return this.#backlog > BACKLOG_BYTES ? drawn : undefined;
  }

  /** Forgets everything that was shown. */
  reset(): void {
    this.show(1);
    for (let vt = 2; vt <= LABELS.length; vt++) {
      this.#views[vt]?.dispose();
      this.#views[vt] = undefined;
    }
    for (const waiting of this.#waiting) waiting.length = 0;
    this.#view(1).xterm.reset();
    this.limit = undefined;
  }

  text(): string {
    return this.#view(this.#vt).text();
  }

  #view(vt: number): VtView {
    const made = this.#views[vt];
    if (made !== undefined) return made;
    const view = new VtView(this.#element, LABELS[vt - 1] ?? "");
    this.#views[vt] = view;
    view.xterm.options.screenReaderMode = this.#screenReader;
    const first = this.#views[1];
    if (first !== undefined && first !== view)
      view.xterm.resize(first.xterm.cols, first.xterm.rows);
    view.xterm.onData((text) => this.#listener.input(this.#encoder.encode(this.#filter(text)), vt));
    view.xterm.attachCustomKeyEventHandler((event) => this.#keepKey(event, view));
    for (const bytes of this.#waiting[vt - 1]?.splice(0) ?? []) void this.write(bytes, vt);
    return view;
  }

  /** Follows the element's size, and tells of it. */
  #resize(): void {
    if (this.#fit()) this.#listener.resized(this.#room.columns, this.#room.rows);
  }

  /** Gives every terminal the size of the one that is shown, within the limit. True when there is room for more or fewer cells than before. */
  #fit(): boolean {
    const room = this.#view(this.#vt).room();
    if (room === undefined) return false;
    const isNew = room.columns !== this.#room.columns || room.rows !== this.#room.rows;
    this.#room = room;
    const columns = Math.max(2, Math.min(room.columns, this.#limit?.columns ?? room.columns));
    const rows = Math.max(1, Math.min(room.rows, this.#limit?.rows ?? room.rows));
    for (const view of this.#views) {
      if (view !== undefined && (view.xterm.cols !== columns || view.xterm.rows !== rows))
        view.xterm.resize(columns, rows);
    }
    return isNew;
  }

  /** True: xterm handles the key. */
  #keepKey(event: KeyboardEvent, view: VtView): boolean {
    if (event.key === "F6") return this.#take(event, () => this.#listener.leave());
    const vt = /^F([1-4])$/.exec(event.key)?.[1];
    if (vt !== undefined && event.altKey && !event.ctrlKey && !event.metaKey)
      return this.#take(event, () => this.#choose(Number(vt)));
    const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!command) return true;
    // The browser's own copy and paste events do the rest; xterm listens to both.
    if (event.key === "v") return false;
    if (event.key === "c" && view.xterm.hasSelection()) {
      return this.#take(event, () => {
        void navigator.clipboard.writeText(view.xterm.getSelection());
        view.xterm.clearSelection();
      });
    }
    return true;
  }

  /** The page's own key: acts when it goes down, and is not typed. */
  #take(event: KeyboardEvent, act: () => void): false {
    if (event.type === "keydown") {
      event.preventDefault();
      act();
    }
    return false;
  }

  #choose(vt: number): void {
    if (vt === this.#vt) return;
    this.show(vt);
    this.focus();
    this.#listener.shown(vt);
  }
}
