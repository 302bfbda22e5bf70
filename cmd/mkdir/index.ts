// mkdir: makes directories, where the file system has them.

import { OpenFlag } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, create } from "../../lib/sys";

export function _start(): void {
  help("mkdir DIRECTORY ...: makes directories");
  if (argc() < 2) usage("mkdir DIRECTORY ...");
  let status = 0;
  for (let i = 1; i < argc(); i++) {
    const fd = create(arg(i), argBytes(i), OpenFlag.DIRECTORY | OpenFlag.EXCLUSIVE);
    if (fd >= 0) {
      close(fd);
      continue;
    }
    complainErrno(arg(i), fd);
    status = 1;
  }
  finish(status);
}
