// StatusLine: how the machine is, in words, with a progress bar while something is fetched; and a notice for what was just done.

export type Tone = "busy" | "good" | "bad" | "off";

export class StatusLine {
  readonly #status: HTMLElement;
  readonly #progress: HTMLProgressElement;
  readonly #notice: HTMLElement;

  constructor(status: HTMLElement, progress: HTMLProgressElement, notice: HTMLElement) {
    this.#status = status;
    this.#progress = progress;
    this.#notice = notice;
  }

  show(text: string, tone: Tone): void {
    this.#progress.hidden = true;
    // Written only when it differs, so that a screen reader says it once.
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#status.dataset.tone = tone;
  }

  showProgress(text: string, done: number, total: number): void {
    this.show(text, "busy");
    this.#progress.hidden = total <= 0;
    if (total > 0) {
      this.#progress.max = total;
      this.#progress.value = done;
    }
  }

  /** What the notice says now. */
  get noticed(): string {
    return this.#notice.textContent ?? "";
  }

  notice(text: string, tone: "good" | "bad" = "good"): void {
    this.#notice.textContent = text;
    this.#notice.dataset.tone = tone;
  }
}
