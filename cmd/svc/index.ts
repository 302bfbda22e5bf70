// svc: lists and controls the services that init keeps running.

import { OpenFlag } from "../../abi/syscall";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { openLiteral } from "../../lib/files";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { write } from "../../lib/sys";
import { showTable } from "../../lib/table";

const text: usize = memory.data(300);
const NAME_BYTES = 255;

export function _start(): void {
  help(
    "svc: lists the services: state, pid, restarts, how each last ended, when it is started again, mount point\n" +
      "svc start|stop|restart NAME: starts it, ends it for good, or ends and starts it",
  );
  if (argc() == 1 || (argc() == 2 && argIs(1, "status"))) finish(showTable("/dev/svc/status", 6));
  const verb = argIs(1, "start") || argIs(1, "stop") || argIs(1, "restart");
  if (argc() != 3 || !verb || argBytes(2) > NAME_BYTES) usage("svc [start|stop|restart NAME]");
  let fd = openLiteral("/dev/svc/ctl", OpenFlag.WRITE);
  if (fd >= 0) {
    let n = argBytes(1);
    memory.copy(text, arg(1), n);
    store<u8>(text + n++, 0x20);
    memory.copy(text + n, arg(2), argBytes(2));
    fd = write(fd, text, n + argBytes(2));
  }
  if (fd < 0) complainErrno(arg(2), fd);
  finish(fd < 0 ? 1 : 0);
}
