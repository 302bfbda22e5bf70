// ScreenPane: the monitor. A canvas while the machine's display has a picture, words about what is awaited before and after.

/** Why there is no picture. */
export interface ScreenWords {
  title: string;
  text: string;
}

export const SCREEN_WORDS = {
  starting: {
    title: "Starting",
    text: "The kernel and its programs are being fetched.",
  },
  kernel: {
    title: "Kernel console",
    text: "The boot log is in the terminal. The picture appears here when the display server, srv/gpu, takes the screen.",
  },
  taking: {
    title: "Taking the screen",
    text: "srv/gpu has claimed the display and is drawing the text so far.",
  },
  released: {
    title: "Kernel console",
    text: "The display server has given the screen back; the terminal says why. The machine runs on, and everything can be typed there.",
  },
  stopped: {
    title: "No picture",
    text: "The machine is not running. Choose Machine, then Reset, to start it again.",
  },
  impossible: {
    title: "Not started",
    text: "The line at the bottom of the page says what is missing.",
  },
} satisfies Record<string, ScreenWords>;

export class ScreenPane {
  readonly #pane: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #words: HTMLElement;
  readonly #title: HTMLElement;
  readonly #text: HTMLElement;
  #canvas: HTMLCanvasElement | null = null;

  constructor(elements: {
    pane: HTMLElement;
    frame: HTMLElement;
    words: HTMLElement;
    title: HTMLElement;
    text: HTMLElement;
  }) {
    this.#pane = elements.pane;
    this.#frame = elements.frame;
    this.#words = elements.words;
    this.#title = elements.title;
    this.#text = elements.text;
  }

  get showsPicture(): boolean {
    return !this.#frame.hidden;
  }

  /** A fresh canvas for a machine: one canvas can be handed over only once. */
  newCanvas(): OffscreenCanvas {
    this.#canvas?.remove();
    const canvas = document.createElement("canvas");
    canvas.width = 1024;
    canvas.height = 768;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The machine's screen; its text is in the terminal too");
    this.#frame.append(canvas);
    this.#canvas = canvas;
    return canvas.transferControlToOffscreen();
  }

  /** The picture's shape: where it is stacked above the terminal its pane takes no more height than the width can fill. */
  setShape(width: number, height: number): void {
    this.#frame.style.setProperty("--shape", `${width} / ${height}`);
  }

  showPicture(): void {
    this.#words.hidden = true;
    this.#frame.hidden = false;
    this.#pane.dataset.state = "picture";
  }

  showWords(words: ScreenWords): void {
    this.#title.textContent = words.title;
    this.#text.textContent = words.text;
    this.#frame.hidden = true;
    this.#words.hidden = false;
    this.#pane.dataset.state = "words";
  }

  /** What the canvas shows now, as a PNG; null when it shows nothing. */
  async picture(): Promise<Blob | null> {
    if (this.#canvas === null || !this.showsPicture) return null;
    const copy = new OffscreenCanvas(this.#canvas.width, this.#canvas.height);
    copy.getContext("2d")?.drawImage(this.#canvas, 0, 0);
    return copy.convertToBlob({ type: "image/png" });
  }
}
