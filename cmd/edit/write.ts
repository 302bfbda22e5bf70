// Saving and leaving, with what is asked about them.

import { Errno } from "../../abi/errno";
import { FileType } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { cstrLength } from "../../lib/text";
import { answer } from "./answer";
import { fileHasChanged, fileIsNow, fileName, fileType } from "./file";
import { ask, say } from "./message";
import { Choice, promptChoice, promptLine } from "./prompt";
import { saveIsHalf, saveIsOver, saveTo } from "./save";
import { lineCount, textByte, textBytes } from "./text";
import { editSaved, isModified } from "./undo";

/** ^S: under its name, if it has one. True: saved. */
export function save(): bool {
  return load<u8>(fileName) == 0 ? saveAs() : write(fileName);
}

/** ^O: under a name that is asked for. */
export function saveAs(): bool {
  ask("Save as: ");
  if (!promptLine(fileName, cstrLength(fileName))) return false;
  if (load<u8>(answer) == 0) {
    say("Not saved: a name is needed");
    return false;
  }
  if (!isOwn(answer) && fileType(answer) == FileType.FILE) {
    ask("There is a file ").cstr(answer).text("; replace it?");
    if (promptChoice() != Choice.YES) {
      say("Not saved");
      return false;
    }
  }
  return write(answer);
}

/** ^X: true when the editor may end. */
export function leave(): bool {
  if (!isModified()) return true;
  ask("Save the changes?");
  const choice = promptChoice();
  return choice == Choice.NO || (choice == Choice.YES && saveAs());
}

function isOwn(path: usize): bool {
  const n = cstrLength(path);
  return n == cstrLength(fileName) && memory.compare(path, fileName, n) == 0;
}

function write(path: usize): bool {
  if (isOwn(path) && fileHasChanged()) {
    ask("The file has changed; write over it?");
    if (promptChoice() != Choice.YES) {
      say("Not saved");
      return false;
    }
  }
  const type = fileType(path);
  const r = saveTo(path);
  if (r < 0) {
    failed(path, r, type);
    return false;
  }
  const ends = textBytes > 0 && textByte(textBytes - 1) == 10;
  const lines = textBytes == 0 ? 0 : lineCount - (ends ? 1 : 0);
  say(saveIsOver ? "Written over in its place: " : "Wrote ")
    .dec(lines)
    .text(lines == 1 ? " line" : " lines");
  // A device takes the text and does not keep it.
  if (type != 0 && type != FileType.FILE) return false;
  fileIsNow(path);
  editSaved();
  return true;
}

function failed(path: usize, errno: i32, type: i32): void {
  const isMissing = errno == -Errno.ENOENT && type == 0;
  say(saveIsHalf ? "Written in part only: " : "Not saved: ")
    .text(isMissing ? "its directory does not exist" : errnoText(errno))
    .text(" (")
    .cstr(path)
    .text(")");
}
