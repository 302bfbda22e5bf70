// Who holds a disk's file: tabs ask each other. A tab that was reloaded or closed may keep the file for a while, but answers no more; one
// that uses it answers at once.

const ASK = "who has it?";
const ANSWER = "I have";

function channelOf(name: string): BroadcastChannel {
  return new BroadcastChannel(`quire-disk ${name}`);
}

/** For the thread that wants the file. */
export class HolderQuestion {
  readonly #channel: BroadcastChannel;
  isAnswered = false;

  constructor(name: string) {
    this.#channel = channelOf(name);
    this.#channel.onmessage = ({ data }) => {
      if (data === ANSWER) this.isAnswered = true;
    };
  }

  ask(): void {
    this.#channel.postMessage(ASK);
  }

  close(): void {
    this.#channel.close();
  }
}

/** For the main thread of a machine: answers while `has()` says that the disk is ours. Returns how to stop. */
export function answerForDisk(name: string, has: () => boolean): () => void {
  const channel = channelOf(name);
  channel.onmessage = ({ data }) => {
    if (data === ASK && has()) channel.postMessage(ANSWER);
  };
  return () => channel.close();
}
