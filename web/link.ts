// A link that types: #c=COMMAND in the address. The command is shown, and typed only when the person says so; nothing runs by itself.

const CHARACTERS_MOST = 1000;

/** The command of an address's fragment, or null when it has none. A command that cannot be shown as it is comes back as a sentence. */
export function linkCommand(hash: string): { command: string } | { refused: string } | null {
  const match = /^#c=(.*)$/s.exec(hash);
  if (match === null) return null;
  let command: string;
  try {
    command = decodeURIComponent((match[1] ?? "").replaceAll("+", "%20"));
  } catch {
    return { refused: "The link's command is not well-formed." };
  }
  command = command.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  if (command.trim() === "") return null;
  if (command.length > CHARACTERS_MOST) return { refused: "The link's command is too long." };
  // Control characters would do more than they show; so would marks that change the direction of the text.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(command.replaceAll("\n", ""))) {
    return { refused: "The link's command has invisible characters in it." };
  }
  return { command };
}

/** A link with a command, for a page's address. */
export function commandLink(address: string, command: string): string {
  return `${address.replace(/#.*$/s, "")}#c=${encodeURIComponent(command)}`;
}

export interface LinkElements {
  box: HTMLElement;
  text: HTMLElement;
  run: HTMLButtonElement;
  insert: HTMLButtonElement;
  dismiss: HTMLButtonElement;
}

/** Asks about the address's command, now and when the address changes. `type` gets what the person lets through. */
export function followLinks(
  elements: LinkElements,
  type: (text: string) => void,
  refuse: (sentence: string) => void,
  done: () => void,
): void {
  const { box, text, run, insert, dismiss } = elements;
  const close = (): void => {
    box.hidden = true;
    history.replaceState(null, "", location.href.replace(/#.*$/s, ""));
    done();
  };
  const ask = (): void => {
    const found = linkCommand(location.hash);
    box.hidden = found === null || "refused" in found;
    if (found === null) return;
    if ("refused" in found) return refuse(found.refused);
    text.textContent = found.command;
    // Several lines cannot be put at a prompt without running all but the last.
    insert.hidden = found.command.includes("\n");
    dismiss.focus();
  };
  run.addEventListener("click", () => {
    type(`${text.textContent}\n`.replaceAll("\n", "\r"));
    close();
  });
  insert.addEventListener("click", () => {
    type(text.textContent ?? "");
    close();
  });
  dismiss.addEventListener("click", close);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  window.addEventListener("hashchange", ask);
  ask();
}
