// What an interactive shell runs first: /etc/profile, and ~/.shrc if somebody has made one.

import { OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath, readFull } from "../../lib/files";
import { err } from "../../lib/fmt";
import { close } from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import { execText } from "./exec";
import { stackMark, stackRelease, stackRoom } from "./stack";
import { parameter, value, valueBytes } from "./vars";

const FILE_BYTES = 65536;
const path: usize = memory.data(1040);
const HOME: usize = memory.data<u8>([0x48, 0x4f, 0x4d, 0x45]);

export function profilesRun(): void {
  store<u8>(path + putLiteral(path, "/etc/profile"), 0);
  profileRun();
  parameter(HOME, 4);
  if (valueBytes > 1000) return;
  memory.copy(path, value, valueBytes);
  store<u8>(path + valueBytes + putLiteral(path + valueBytes, "/.shrc"), 0);
  profileRun();
}

/** A file that is not there is nothing to say. */
function profileRun(): void {
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) return;
  const mark = stackMark();
  const text = stackRoom(FILE_BYTES);
  const n = text != 0 ? readFull(fd, text, FILE_BYTES) : 0;
  close(fd);
  if (n < 0) err.text("sh: ").cstr(path).text(": ").text(errnoText(n)).newline();
  else execText(text, n);
  stackRelease(mark);
}
