// VtView: one virtual terminal's text, an xterm in an element of its own. The element is hidden while another one is shown.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { followTheme } from "./theme.ts";

const SCROLLBACK_LINES = 10_000;
const FONT =
  'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class VtView {
  readonly xterm: Terminal;
  readonly element: HTMLElement;
  readonly #fit = new FitAddon();

  /** Appends itself to the parent, shown. */
  constructor(parent: HTMLElement, label: string) {
    this.element = document.createElement("div");
    this.element.style.height = "100%";
    parent.append(this.element);
    this.xterm = new Terminal({
      convertEol: true,
      // A cursor that blinks has the page drawn 60 times a second while nothing happens.
      cursorBlink: false,
      fontFamily: FONT,
      fontSize: 14,
      lineHeight: 1.15,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK_LINES,
    });
    this.xterm.loadAddon(this.#fit);
    this.xterm.open(this.element);
    this.xterm.textarea?.setAttribute("aria-label", label);
    followTheme((theme) => {
      this.xterm.options.theme = theme;
    });
  }

  /** The cells that the element has room for; undefined while it has none. */
  room(): Size | undefined {
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !(size.cols > 0) || !(size.rows > 0)) return undefined;
    return { columns: size.cols, rows: size.rows };
  }

  dispose(): void {
    this.xterm.dispose();
    this.element.remove();
  }

  /** All lines, the scrollback's too, with wrapped lines joined and spaces at the right end removed. */
  text(): string {
    const buffer = this.xterm.buffer.active;
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
}
