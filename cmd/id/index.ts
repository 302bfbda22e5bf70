// id: who runs this.

import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";
import { getpid, getuid } from "../../lib/sys";

export function _start(): void {
  help("id: prints the user id and the process id");
  out.text("uid=").dec(getuid()).text(" pid=").dec(getpid()).newline();
  finish(0);
}
