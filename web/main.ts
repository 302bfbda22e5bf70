// The page's entry: checks what the browser offers, wires the controls, starts the machine.

import "@xterm/xterm/css/xterm.css";
import { acceptDrops, addFiles } from "./files.ts";
import { isolate, missingFeature, readFeatures } from "./isolation.ts";
import { KeyBar } from "./keybar.ts";
import { followLinks } from "./link.ts";
import { followNetwork, keepForOffline } from "./offline.ts";
import { readOptions } from "./options.ts";
import { ProgramList } from "./programs.ts";
import { packFiles, saveBlob } from "./save.ts";
import { SCREEN_WORDS, ScreenPane } from "./screen.ts";
import { Session } from "./session.ts";
import { StatusLine } from "./status.ts";
import { ConsoleTerminal } from "./terminal.ts";
import { applyColours, type Colours, colours, setColours } from "./theme.ts";

void main();

async function main(): Promise<void> {
  applyColours();
  for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=colours]")) {
    radio.checked = radio.value === colours();
    radio.addEventListener("change", () => setColours(radio.value as Colours));
  }
  const status = new StatusLine(
    byId("status", HTMLElement),
    byId("progress", HTMLProgressElement),
    byId("notice", HTMLElement),
  );
  const screen = new ScreenPane({
    pane: byId("screen-pane", HTMLElement),
    frame: byId("screen", HTMLElement),
    words: byId("screen-words", HTMLElement),
    title: byId("screen-title", HTMLElement),
    text: byId("screen-text", HTMLElement),
  });

  const refuse = (sentence: string): void => {
    screen.showWords({ title: SCREEN_WORDS.impossible.title, text: sentence });
    status.show(sentence, "bad");
    for (const button of document.querySelectorAll("button")) button.disabled = true;
  };
  const features = readFeatures();
  const missing = missingFeature(features);
  if (missing !== null) return refuse(missing);
  const isolated = await isolate(features);
  if (isolated === null) return status.show("Loading the page again, isolated.", "busy");
  if (isolated !== true) return refuse(isolated);
  const options = readOptions(location.search);
  if (typeof options === "string") return refuse(options);

  const terminal = new ConsoleTerminal(byId("terminal", HTMLElement), {
    input: (bytes, vt) => session.type(bytes, vt),
    shown: (vt) => session.show(vt),
    resized: (columns, rows) => session.resize(columns, rows),
    leave: () => document.querySelector<HTMLElement>(".menus button")?.focus(),
  });
  window.quireTerminal = Object.freeze({ text: () => terminal.text() });
  const session: Session = new Session(options, terminal, screen, status, () => {
    byId("halt", HTMLButtonElement).disabled = !session.running;
    byId("screenshot", HTMLButtonElement).disabled = !screen.showsPicture;
  });

  const addProgram = async (name: string, bytes: Uint8Array): Promise<void> => {
    await session.addProgram(name, bytes);
    status.notice(`Added: type ${name} to run it.`);
  };
  const addOwn = (files: Iterable<File>): void => {
    void addFiles(files, addProgram, (text, tone) => status.notice(text, tone)).then(() =>
      terminal.focus(),
    );
  };
  new ProgramList(byId("program-list", HTMLElement), addProgram);
  acceptDrops(byId("drop", HTMLElement), addOwn);
  const picker = byId("add-file", HTMLInputElement);
  onClick("add", () => picker.click());
  picker.addEventListener("change", () => {
    byId("programs", HTMLElement).hidePopover();
    addOwn([...(picker.files ?? [])]);
    picker.value = "";
  });

  const power = byId("power", HTMLElement);
  const choose = (id: string, action: () => void | Promise<void>): void => {
    onClick(id, () => {
      power.hidePopover();
      terminal.focus();
      void action();
    });
  };
  choose("reset", () => session.start());
  choose("halt", () => session.powerOff());
  choose("screenshot", async () => {
    const picture = await screen.picture();
    if (picture !== null) saveBlob("quire-screen.png", picture);
  });
  choose("dump", () => saveDump(session, status));
  const reader = byId("reader", HTMLInputElement);
  reader.addEventListener("change", () => {
    terminal.screenReader = reader.checked;
  });

  new KeyBar(byId("keybar", HTMLElement), byId("keybar-wanted", HTMLInputElement), terminal);
  followNetwork(status);

  const panes = byId("panes", HTMLElement);
  for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=view]")) {
    radio.addEventListener("change", () => {
      panes.dataset.view = radio.value;
    });
    // A mouse click means: back to typing. Arrow keys go on choosing.
    radio.addEventListener("click", (event) => {
      if (event.detail > 0) terminal.focus();
    });
  }
  // A click on nothing in particular leaves the keys with the machine; a finger does not ask for the on-screen keyboard so.
  document.addEventListener("click", (event) => {
    const touched = event instanceof PointerEvent && event.pointerType === "touch";
    if (!touched && document.activeElement === document.body) terminal.focus();
  });
  document.addEventListener("keydown", (event) => {
    const inside = event.target instanceof Element && event.target.closest("#terminal") !== null;
    const leaves =
      event.key === "F6" ||
      (event.key === "Escape" && document.querySelector(":popover-open") === null);
    if (inside || !leaves) return;
    event.preventDefault();
    for (const menu of document.querySelectorAll<HTMLElement>(":popover-open")) menu.hidePopover();
    terminal.focus();
  });

  terminal.focus();
  const starting = session.start();
  followLinks(
    {
      box: byId("link", HTMLElement),
      text: byId("link-command", HTMLElement),
      run: byId("link-run", HTMLButtonElement),
      insert: byId("link-insert", HTMLButtonElement),
      dismiss: byId("link-dismiss", HTMLButtonElement),
    },
    (text) => terminal.press(text),
    (sentence) => status.notice(sentence, "bad"),
    () => terminal.focus(),
  );
  await starting;
  await keepForOffline();
}

async function saveDump(session: Session, status: StatusLine): Promise<void> {
  status.notice("Packing the memory dump.");
  try {
    const files = await session.dump();
    if (files === null) return status.notice("There is no machine to dump.", "bad");
    saveBlob("quire-dump.tar.gz", await packFiles(files));
    status.notice("Saved quire-dump.tar.gz.");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    status.notice(`The dump failed: ${reason}`, "bad");
  }
}

function onClick(id: string, action: () => void): void {
  byId(id, HTMLElement).addEventListener("click", action);
}

/** The element of index.html with this id; a page without it is not this page. */
function byId<T extends HTMLElement>(id: string, kind: { new (): T }): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${id}`);
  return element;
}
