// The IPC measurements of the agent: a server in another process, and reads of a file that it serves.

import { ServerFd } from "../../../abi/ipc";
import { FdMap, MountFlag, OpenFlag, Signal } from "../../../abi/syscall";
import {
  close,
  ipcPair,
  kill,
  mount,
  nanosleep,
  open,
  pread,
  spawn,
  unmount,
  wait,
} from "../../../lib/sys";
import { putLiteral } from "../../../lib/text";
import { now } from "../../../lib/time";

/** Long enough for the server to have gone to sleep. */
const PARK_NS: i64 = 300000;
const path: usize = memory.data(32);
const pair: usize = memory.data(8);
const fdmap: usize = memory.data(32);
const answer: usize = memory.data(8, 8);

let server: i32 = 0;
let file: i32 = -1;

/** Starts the server and opens a file of it: 0 or -errno. */
export function ipcOpen(): i32 {
  let r = ipcPair(pair);
  if (r < 0) return r;
  const client = load<i32>(pair);
  const end = load<i32>(pair, 4);
  for (let fd = 0; fd < 4; fd++) {
    store<i32>(fdmap + fd * FdMap.BYTES, fd, FdMap.CHILD);
    store<i32>(fdmap + fd * FdMap.BYTES, fd == ServerFd.CHANNEL ? end : fd, FdMap.PARENT);
  }
  const n = putLiteral(path, "benchserver");
  server = spawn(path, n, path, n, fdmap, 4);
  close(end);
  if (server >= 0) r = mount(client, path, putLiteral(path, "/dev/bench"), MountFlag.REPLACE);
  close(client);
  if (server < 0) return server;
  if (r < 0) return r;
  file = open(path, putLiteral(path, "/dev/bench/echo"), OpenFlag.READ);
  return file < 0 ? file : 0;
}

export function ipcClose(): i32 {
  close(file);
  unmount(path, putLiteral(path, "/dev/bench"));
  if (server > 0) {
    kill(server, Signal.KILL);
    wait(server, 0);
  }
  server = 0;
  return 0;
}

/** n round trips one after the other; ns, or -errno. */
export function ipcAwake(n: i32): i64 {
  const start = now();
  for (let i = 0; i < n; i++) {
    if (pread(file, answer, 8, i) != 8 || load<i64>(answer) != i + 1) return -1;
  }
  return now() - start;
}

/** n round trips to a server that had time to fall asleep; ns of the trips alone. */
export function ipcParked(n: i32): i64 {
  let ns: i64 = 0;
  for (let i = 0; i < n; i++) {
    nanosleep(PARK_NS);
    const start = now();
    if (pread(file, answer, 8, i) != 8 || load<i64>(answer) != i + 1) return -1;
    ns += now() - start;
  }
  return ns;
}

const PAYLOAD_BYTES = 65536;
const payload: usize = memory.data(65536, 8);

/** n reads of 64 KiB of a file whose server sends `name`: one message each, or sixteen; ns, or -errno. */
export function ipcPayload(n: i32, name: string): i64 {
  const fd = open(path, putLiteral(path, name), OpenFlag.READ);
  if (fd < 0) return fd;
  let ns: i64 = -1;
  for (let i = -1; i < n; i++) {
    if (i == 0) ns = now();
    if (pread(fd, payload, PAYLOAD_BYTES, 0) != PAYLOAD_BYTES) return -1;
  }
  ns = now() - ns;
  close(fd);
  return ns;
}
