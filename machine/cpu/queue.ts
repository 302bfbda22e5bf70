// MessageQueue: messages in order, for a reader that awaits one at a time.

export class MessageQueue<T> {
  readonly #messages: T[] = [];
  #reader: ((message: T) => void) | undefined;

  push(message: T): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#messages.push(message);
    else reader(message);
  }

  /** At most one reader waits at a time. */
  next(): Promise<T> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }
}
