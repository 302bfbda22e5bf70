// The terminal's colours in light and dark. The 16 colours keep a contrast of 4.5 on their background, which xterm also enforces.

import type { ITheme } from "@xterm/xterm";

const LIGHT: ITheme = {
  background: "#fbf9f3",
  foreground: "#22201c",
  cursor: "#1f4b66",
  cursorAccent: "#fbf9f3",
  selectionBackground: "#c5dbe6",
  selectionForeground: "#22201c",
  black: "#22201c",
  red: "#a3201c",
  green: "#2a6632",
  yellow: "#7a5a00",
  blue: "#1c4f8a",
  magenta: "#7d2e7a",
  cyan: "#0f6470",
  white: "#5b5549",
  brightBlack: "#6b6457",
  brightRed: "#b72a24",
  brightGreen: "#2f7238",
  brightYellow: "#865f00",
  brightBlue: "#2560a5",
  brightMagenta: "#913a8d",
  brightCyan: "#13727f",
  brightWhite: "#3a362f",
};

const DARK: ITheme = {
  background: "#101315",
  foreground: "#e8e4da",
  cursor: "#8cc1d9",
  cursorAccent: "#101315",
  selectionBackground: "#2f4a59",
  selectionForeground: "#ffffff",
  black: "#767c82",
  red: "#ff8a80",
  green: "#8fd09a",
  yellow: "#e6c35c",
  blue: "#8ab8f0",
  magenta: "#d9a0dc",
  cyan: "#7fcfd8",
  white: "#cfcabf",
  brightBlack: "#93999e",
  brightRed: "#ffb0a8",
  brightGreen: "#b4e5bc",
  brightYellow: "#f5da8e",
  brightBlue: "#b3d2f8",
  brightMagenta: "#ecc4ee",
  brightCyan: "#aee6ec",
  brightWhite: "#ffffff",
};

const DARK_QUERY = "(prefers-color-scheme: dark)";
const STORE = "quire.colours";

/** What the person chose: the system's preference, or one of the two. */
export type Colours = "auto" | "light" | "dark";

const followers: ((theme: ITheme) => void)[] = [];
let chosen: Colours = readChoice();

function readChoice(): Colours {
  try {
    const kept = localStorage.getItem(STORE);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto"; // the browser keeps nothing for this site
  }
}

export function colours(): Colours {
  return chosen;
}

/** Sets the page's colours, and remembers the choice. */
export function setColours(choice: Colours): void {
  chosen = choice;
  try {
    if (choice === "auto") localStorage.removeItem(STORE);
    else localStorage.setItem(STORE, choice);
  } catch (error) {
    console.warn("the choice is not kept:", error);
  }
  applyColours();
}

/** Puts the choice on the page: style.css has the colours. */
export function applyColours(): void {
  if (chosen === "auto") delete document.documentElement.dataset.colours;
  else document.documentElement.dataset.colours = chosen;
  const theme = isDark() ? DARK : LIGHT;
  for (const follower of followers) follower(theme);
}

function isDark(): boolean {
  return chosen === "dark" || (chosen === "auto" && matchMedia(DARK_QUERY).matches);
}

matchMedia(DARK_QUERY).addEventListener("change", applyColours);

/** Calls `apply` with the theme in force, now and at each change. */
export function followTheme(apply: (theme: ITheme) => void): void {
  followers.push(apply);
  apply(isDark() ? DARK : LIGHT);
}
