// svc: lists and controls the services that init keeps running.

import { OpenFlag } from "../../abi/syscall";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { line, lineBytes, lineNext, lineStart, openLiteral, readFile } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { write } from "../../lib/sys";
import { showTable } from "../../lib/table";
import { bytesFind } from "../../lib/text";

const text: usize = memory.data(300);
const LIST_BYTES = 8192;
const list: usize = memory.data(8193);
const NAME_BYTES = 255;

export function _start(): void {
  help(
    "svc: lists the services: state, pid, restarts, how each last ended, when it is started again, mount point\n" +
      "svc status NAME: one of them; status 1 if it does not run\n" +
      "svc start|stop|restart NAME: starts it, ends it for good, or ends and starts it",
  );
  if (argc() == 1 || (argc() == 2 && argIs(1, "status"))) finish(showTable("/dev/svc/status", 6));
  if (argc() == 3 && argIs(1, "status")) finish(status(arg(2), argBytes(2)));
  const verb = argIs(1, "start") || argIs(1, "stop") || argIs(1, "restart");
  if (argc() != 3 || !verb || argBytes(2) > NAME_BYTES)
    usage("svc [status [NAME] | start|stop|restart NAME]");
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

/** The line of one service; 0 when it runs. */
function status(name: usize, bytes: i32): i32 {
  const n = readFile("/dev/svc/status", list, LIST_BYTES);
  if (n < 0) {
    complainErrno(name, n);
    return 1;
  }
  lineStart(list, n);
  while (lineNext()) {
    const found = lineBytes > bytes && load<u8>(line + bytes) == 0x20;
    if (!found || memory.compare(line, name, bytes) != 0) continue;
    out.bytes(line, lineBytes).newline();
    return bytesFind(line + bytes, lineBytes - bytes, " running ") == 0 ? 0 : 1;
  }
  complain();
  err.cstr(name).text(": no such service").newline();
  return 1;
}
