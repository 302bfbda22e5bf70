// ProgramList: the optional programs of programs.json, each with a button that downloads it into the machine.

import { download } from "./download.ts";
import { sizeText } from "./options.ts";
import list from "./programs.json" with { type: "json" };

export interface Program {
  name: string;
  title: string;
  url: string;
  bytes: number;
  sha256: string;
  licence: string;
  /** A line to type once it is there. */
  usage: string;
}

/** Puts a program into the machine; rejects with a sentence when it does not fit. */
export type AddProgram = (name: string, bytes: Uint8Array) => Promise<void>;

export class ProgramList {
  constructor(element: HTMLElement, add: AddProgram) {
    for (const program of list) element.append(row(program, add));
  }
}

function row(program: Program, add: AddProgram): HTMLElement {
  const item = document.createElement("li");
  const name = document.createElement("div");
  const code = document.createElement("code");
  code.textContent = program.name;
  const facts = document.createElement("small");
  facts.textContent = `${sizeText(program.bytes)}, ${program.licence}`;
  name.append(code, ` ${program.title}`, document.createElement("br"), facts);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Get";
  button.setAttribute("aria-label", `Get ${program.name}`);
  const bar = document.createElement("progress");
  bar.className = "wide";
  bar.max = program.bytes;
  bar.value = 0;
  bar.hidden = true;
  bar.setAttribute("aria-label", `Download of ${program.name}`);
  const note = document.createElement("p");
  note.className = "wide note";
  note.setAttribute("role", "status");
  item.append(name, button, bar, note);

  const say = (text: string, tone: "good" | "bad"): void => {
    note.textContent = text;
    note.dataset.tone = tone;
  };

  // Not `disabled`: a disabled button loses the keyboard's focus.
  const enable = (on: boolean): void => button.setAttribute("aria-disabled", String(!on));

  const get = async (): Promise<void> => {
    enable(false);
    bar.hidden = false;
    say("Connecting.", "good");
    const result = await download(program, (done) => {
      bar.value = done;
      say(`${sizeText(done)} of ${sizeText(program.bytes)}`, "good");
    });
    bar.hidden = true;
    bar.value = 0;
    if (!result.ok) {
      enable(true);
      button.textContent = "Try again";
      say(`Not downloaded: ${result.reason}`, "bad");
      return;
    }
    try {
      await add(program.name, result.bytes);
    } catch (error) {
      enable(true);
      say(error instanceof Error ? error.message : String(error), "bad");
      return;
    }
    button.textContent = "Added";
    say(`Type: ${program.usage}`, "good");
  };
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") void get();
  });
  return item;
}
