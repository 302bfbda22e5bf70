// ConsoleTerminal: the serial terminal. Bytes in from the machine, bytes out from the keyboard; it knows nothing of the machine.
//
// Keys that stay with the page: F6 leaves the terminal, Ctrl+C copies when text is selected, Ctrl+V and Cmd+V paste. All others go out.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { followTheme } from "./theme.ts";

/** More than this waiting to be drawn, and the writer is asked to wait. */
const BACKLOG_BYTES = 1 << 18;
const SCROLLBACK_LINES = 10_000;
const FONT =
  'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export interface TerminalListener {
  input(bytes: Uint8Array): void;
  resized(columns: number, rows: number): void;
  /** F6: the person wants to leave the terminal. */
  leave(): void;
}

/** What the page shows to readers of the console's text; the only way in from outside. */
export interface TerminalReader {
  /** All lines, the scrollback's too, with wrapped lines joined and spaces at the right end removed. */
  text(): string;
}

declare global {
  interface Window {
    /** Reads the terminal's text; nothing else can be done with it. */
    quireTerminal?: TerminalReader;
  }
}

export class ConsoleTerminal implements TerminalReader {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #encoder = new TextEncoder();
  #backlog = 0;

  constructor(element: HTMLElement, listener: TerminalListener) {
    this.#terminal = new Terminal({
      convertEol: true,
      cursorBlink: true,
      fontFamily: FONT,
      fontSize: 14,
      lineHeight: 1.15,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK_LINES,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(element);
    this.#terminal.textarea?.setAttribute("aria-label", "Terminal input");
    followTheme((theme) => {
      this.#terminal.options.theme = theme;
    });
    this.#fit.fit();
    this.#terminal.onData((text) => listener.input(this.#encoder.encode(text)));
    this.#terminal.onResize(({ cols, rows }) => listener.resized(cols, rows));
    this.#terminal.attachCustomKeyEventHandler((event) => this.#keepKey(event, listener));
    new ResizeObserver(() => this.#fit.fit()).observe(element);
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  set screenReader(on: boolean) {
    this.#terminal.options.screenReaderMode = on;
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Shows output. The promise, when there is one, settles when the terminal has caught up. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#backlog += bytes.length;
    const drawn = new Promise<void>((resolve) => {
      this.#terminal.write(bytes, () => {
        this.#backlog -= bytes.length;
        resolve();
      });
    });
    return this.#backlog > BACKLOG_BYTES ? drawn : undefined;
  }

  /** Forgets everything that was shown. */
  reset(): void {
    this.#terminal.reset();
  }

  text(): string {
    const buffer = this.#terminal.buffer.active;
    const lines: string[] = [];
    for (let index = 0; index < buffer.length; index++) {
      const line = buffer.getLine(index);
      if (line === undefined) break;
      const next = buffer.getLine(index + 1);
      const text = line.translateToString(next?.isWrapped !== true);
      if (line.isWrapped) lines.push((lines.pop() ?? "") + text);
      else lines.push(text);
    }
    return lines.join("\n").trimEnd();
  }

  /** True: xterm handles the key. */
  #keepKey(event: KeyboardEvent, listener: TerminalListener): boolean {
    if (event.key === "F6") {
      if (event.type === "keydown") {
        event.preventDefault();
        listener.leave();
      }
      return false;
    }
    const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!command) return true;
    // The browser's own copy and paste events do the rest; xterm listens to both.
    if (event.key === "v") return false;
    if (event.key === "c" && this.#terminal.hasSelection()) {
      if (event.type === "keydown") {
        void navigator.clipboard.writeText(this.#terminal.getSelection());
        this.#terminal.clearSelection();
        event.preventDefault();
      }
      return false;
    }
    return true;
  }
}
