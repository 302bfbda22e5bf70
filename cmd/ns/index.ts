// ns: prints a name space as commands that rebuild it, or runs a command in one of its own.

import { FdMap, NewNames, OpenFlag } from "../../abi/syscall";
import { arg, argBytes, argc, argIs, argNumber, argValue } from "../../lib/args";
import { openPath, writeAll } from "../../lib/files";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, getpid, newns, read, spawn, wait } from "../../lib/sys";
import { putDecimal, putLiteral } from "../../lib/text";

const path: usize = memory.data(64);
const buffer: usize = memory.data(4096);
const status: usize = memory.data(4);
const fdmap: usize = memory.data(24);

export function _start(): void {
  help(
    "ns [PID]: prints a name space as commands that rebuild it\n" +
      "ns -p COMMAND [ARGUMENT ...]: runs the command in a copy of this name space\n" +
      "ns -e COMMAND [ARGUMENT ...]: runs it in an empty one, where nothing is mounted",
  );
  if (argIs(1, "-p") && argc() > 2) finish(runIn(NewNames.COPY));
  if (argIs(1, "-e") && argc() > 2) finish(runIn(NewNames.EMPTY));
  if (argc() > 2 || (argc() == 2 && !argNumber(1))) usage("ns [PID] | ns -p|-e COMMAND ...");
  finish(print(argc() == 2 ? <i32>argValue : getpid()));
}

function print(pid: i32): i32 {
  let n = putLiteral(path, "/proc/");
  n += putDecimal(path + n, pid);
  n += putLiteral(path + n, "/ns");
  store<u8>(path + n, 0);
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) {
    complainErrno(arg(1), fd);
    return 1;
  }
  for (;;) {
    const got = read(fd, buffer, 4096);
    if (got <= 0 || writeAll(1, buffer, got) < 0) break;
  }
  close(fd);
  return 0;
}

/** Runs the arguments from 2 on in a name space of their own; its status. */
function runIn(flags: i32): i32 {
  let r = newns(flags);
  if (r >= 0) {
    for (let fd = 0; fd < 3; fd++) {
      store<i32>(fdmap + fd * FdMap.BYTES, fd, FdMap.CHILD);
      store<i32>(fdmap + fd * FdMap.BYTES, fd, FdMap.PARENT);
    }
    const last = argc() - 1;
    const bytes = <i32>(arg(last) + argBytes(last) + 1 - arg(2));
    r = spawn(arg(2), argBytes(2), arg(2), bytes, fdmap, 3);
  }
  if (r >= 0) r = wait(r, status);
  if (r < 0) {
    complainErrno(arg(2), r);
    return 127;
  }
  return load<i32>(status);
}
