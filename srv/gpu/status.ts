// Status: the text of /dev/gpu/status, and the FbInfo of the base view for /dev/gpu/info.

import { FbInfo, PixelFormat } from "../../abi/display";
import { putDecimal, putLiteral } from "../../lib/text";
import {
  blanked,
  extVersion,
  modeExists,
  picturesShown,
  uploadBytes,
  uploads,
  vramAddress,
  vramBytes,
} from "./adapter";
import { reason, reasonBytes } from "./reason";
import { lingers, shown, VIEWS, View, viewAt, viewPage } from "./views";

/** A text shorter than this, also with all views and the longest reason. */
const STATUS_BYTES = 2048;
export const status: usize = memory.data(STATUS_BYTES);
const MODES = 15;
const modes: usize = memory.data<i32>([
  320, 200, 320, 240, 400, 300, 512, 384, 640, 400, 640, 480, 800, 600, 1024, 768, 1152, 864, 1280,
  720, 1280, 800, 1280, 1024, 1440, 900, 1600, 900, 1920, 1080,
]);
let n = 0;

/** The base view's words, at their page. */
export function infoPage(): usize {
  return viewPage(0);
}

/** Writes the text at `status`; its bytes. */
export function statusFill(): i32 {
  n = 0;
  text("model Bochs display adapter 1234:1111, extension version ");
  number(extVersion);
  text("\nvram ");
  number(vramBytes);
  text(" bytes at ");
  hexadecimal(vramAddress);
  text("\nmode ");
  mode(viewAt(shown));
  if (blanked) text(", blank");
  if (lingers) text(", under the picture that a program has left");
  text("\ngeneration ");
  number(viewAt(shown).generation);
  text("\nshown ");
  number(picturesShown());
  text(" pictures, ");
  number(uploads());
  text(" uploads, ");
  number(uploadBytes());
  text(" bytes\n");
  for (let i = 0; i < VIEWS; i++) if (viewAt(i).used != 0) viewLine(i);
  text("modes");
  for (let i = 0; i < MODES; i++) {
    const width = load<i32>(modes + i * 8);
    const height = load<i32>(modes + i * 8 + 4);
    if (!modeExists(width, height)) continue;
    text(" ");
    number(width);
    text("x");
    number(height);
  }
  text(", or any size between the first and the last\n");
  if (reasonBytes > 0) {
    text("refused ");
    memory.copy(status + n, reason, reasonBytes);
    n += reasonBytes;
    text("\n");
  }
  return n;
}

function mode(view: View): void {
  number(view.width);
  text("x");
  number(view.height);
  text("x32 ");
  text(view.format == PixelFormat.BGRX ? "bgrx" : "rgbx");
  text(", ");
  number(view.strideBytes);
  text(" bytes a row");
  if (view.pan != 0) {
    text(", panned to 0 ");
    number(view.pan);
  }
}

function viewLine(i: i32): void {
  const view = viewAt(i);
  text("view ");
  number(i);
  text(" ");
  mode(view);
  text(", ");
  number(view.frames);
  text(view.frames == 1 ? " frame at " : " frames at ");
  hexadecimal(vramAddress + view.start);
  text(", vblank ");
  number(load<u32>(viewPage(i), FbInfo.VBLANK));
  if (view.vblanks != 0) text(" and counting");
  if (i != 0) {
    text(", terminal ");
    number(view.terminal);
  }
  if (i == shown) text(", on the screen");
  text("\n");
}

function text(s: string): void {
  n += putLiteral(status + n, s);
}

function number(value: i64): void {
  n += putDecimal(status + n, value);
}

function hexadecimal(value: u64): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    const d = <i32>((value >> shift) & 15);
    store<u8>(status + n++, d < 10 ? 0x30 + d : 0x57 + d);
  }
}
