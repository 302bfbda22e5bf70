// mount: shows the mount table, or starts a server and mounts it.

import { ServerFd } from "../../abi/ipc";
import { FdMap, MountFlag } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, ipcPair, kill, mount, setgroup, spawn } from "../../lib/sys";
import { showTable } from "../../lib/table";

const fds: usize = memory.data(8);
const fdmap: usize = memory.data(32);

export function _start(): void {
  help(
    "mount: what is mounted where\nmount PROGRAM PATH: starts a server, whose descriptor 3 is its channel, and mounts it",
  );
  if (argc() == 1) finish(showTable("/proc/mounts", 2));
  if (argc() != 3) usage("mount [PROGRAM PATH]");
  const r = ipcPair(fds);
  if (r < 0) {
    complainErrno(arg(1), r);
    finish(1);
  }
  const client = load<i32>(fds);
  const server = load<i32>(fds, 4);
  for (let fd = 0; fd < 4; fd++) {
    store<i32>(fdmap + fd * FdMap.BYTES, fd, FdMap.CHILD);
    store<i32>(fdmap + fd * FdMap.BYTES, fd == ServerFd.CHANNEL ? server : fd, FdMap.PARENT);
  }
  const pid = spawn(arg(1), argBytes(1), arg(1), argBytes(1) + 1, fdmap, 4);
  close(server);
  if (pid < 0) {
    complainErrno(arg(1), pid);
    finish(1);
  }
  setgroup(pid, 0);
  const mounted = mount(client, arg(2), argBytes(2), MountFlag.REPLACE);
  close(client);
  if (mounted < 0) {
    complainErrno(arg(2), mounted);
    kill(pid, 9);
    finish(1);
  }
  finish(0);
}
