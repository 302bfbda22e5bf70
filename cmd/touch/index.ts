// touch: makes empty files; one that is there stays as it is.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { openPath } from "../../lib/files";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close } from "../../lib/sys";

export function _start(): void {
  help("touch FILE ...: makes files that are not there yet");
  if (argc() < 2) usage("touch FILE ...");
  let status = 0;
  for (let i = 1; i < argc(); i++) {
    const fd = openPath(arg(i), OpenFlag.WRITE | OpenFlag.CREATE);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
    } else close(fd);
  }
  finish(status);
}
