// whoami: the name of the user that runs it.

import { argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";
import { getuid } from "../../lib/sys";

export function _start(): void {
  help("whoami: the name of the user: root, or user and a number");
  if (argc() > 1) usage("whoami");
  const uid = getuid();
  if (uid == 0) out.text("root").newline();
  else out.text("user").dec(uid).newline();
  finish(0);
}
