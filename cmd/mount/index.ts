// mount: shows the mount table, or starts a server and mounts it.

import { ServerFd } from "../../abi/ipc";
import { FdMap } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { placeArguments, placeOption } from "../../lib/names";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, ipcPair, kill, mount, setgroup, spawn } from "../../lib/sys";
import { showTable } from "../../lib/table";

const fds: usize = memory.data(8);
const fdmap: usize = memory.data(32);

export function _start(): void {
  help(
    "mount: what is mounted where\n" +
      "mount [-b|-a] PROGRAM PATH: starts a server, whose descriptor 3 is its channel, and mounts it; -b in front of what is there, -a behind it",
  );
  if (argc() == 1) finish(showTable("/proc/mounts", 2));
  const flags = placeOption();
  const program = placeArguments;
  const path = program + 1;
  if (argc() != program + 2) usage("mount [[-b|-a] PROGRAM PATH]");
  const r = ipcPair(fds);
  if (r < 0) {
    complainErrno(arg(program), r);
    finish(1);
  }
  const client = load<i32>(fds);
  const server = load<i32>(fds, 4);
  for (let fd = 0; fd < 4; fd++) {
    store<i32>(fdmap + fd * FdMap.BYTES, fd, FdMap.CHILD);
    store<i32>(fdmap + fd * FdMap.BYTES, fd == ServerFd.CHANNEL ? server : fd, FdMap.PARENT);
  }
  const pid = spawn(arg(program), argBytes(program), arg(program), argBytes(program) + 1, fdmap, 4);
  close(server);
  if (pid < 0) {
    complainErrno(arg(program), pid);
    finish(1);
  }
  setgroup(pid, 0);
  const mounted = mount(client, arg(path), argBytes(path), flags);
  close(client);
  if (mounted < 0) {
    complainErrno(arg(path), mounted);
    kill(pid, 9);
    finish(1);
  }
  finish(0);
}
