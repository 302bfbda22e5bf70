// Servers: which ones there are, where they are mounted, and what happens when one dies.
//
// Invariants
//   S1  A server that runs has pid > 0; one that waits for its restart has pid 0 and due > 0; one that is given up has both 0.
//   S2  A mount point stays bound to the newest channel; between death and restart its callers get EPIPE.
//
// A server that ends with status 0 or ABSENT (its device is not there) is not started again and not mounted any more. The others are, after 100 ms, doubled
// at each death up to 30 s, and again 100 ms once one lived for 60 s.

import { Errno } from "../../abi/errno";
import { ServerFd } from "../../abi/ipc";
import { FdMap, MountFlag, OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import {
  close,
  ipcPair,
  klog,
  mount,
  open,
  setgroup,
  spawn,
  unmount,
  wait,
  write,
} from "../../lib/sys";
import { putDecimal, putLiteral } from "../../lib/text";
import { MILLISECOND, now, SECOND } from "../../lib/time";

const SERVERS = 4;
/** The server that shows text: it has no mount, and nothing waits for it. */
const CONSOLE = 3;
const ABSENT = 3;
const BACKOFF_FIRST: i64 = 100 * MILLISECOND;
const BACKOFF_LAST: i64 = 30 * SECOND;
const HEALTHY: i64 = 60 * SECOND;

@unmanaged
class Server {
  pid: i32;
  deaths: i32;
  started: i64;
  due: i64;
  backoff: i64;
}
const SERVER_BYTES = 32;
const servers: usize = memory.data(128, 8); // SERVERS of them

const path: usize = memory.data(64);
const argv: usize = memory.data(64);
const fds: usize = memory.data(8);
const fdmap: usize = memory.data(32);
const statusOf: usize = memory.data(4);
const logBuffer: usize = memory.data(256);

function serverAt(i: i32): Server {
  return changetype<Server>(servers + i * SERVER_BYTES);
}

function programOf(i: i32): string {
  switch (i) {
    case 0:
      return "/srv/fs";
    case 1:
      return "/srv/home";
    case CONSOLE:
      return "/srv/console";
    default:
      return "/srv/gpu";
  }
}

function mountOf(i: i32): string {
  switch (i) {
    case 0:
      return "/";
    case 1:
      return "/home";
    default:
      return "/dev/gpu";
  }
}

/** srv/fs stands behind the kernel's own names: what the initrd has is found first. */
function flagsOf(i: i32): i32 {
  return i == 0 ? MountFlag.AFTER : MountFlag.REPLACE;
}

/** Starts every server, the one for text if it is wanted, and waits until each answers; one log line says which are mounted. */
export function serversStart(text: bool): void {
  let n = putLiteral(logBuffer, "servers mounted:");
  let mounted = 0;
  if (text) {
    serverAt(CONSOLE).backoff = BACKOFF_FIRST;
    textServerStart();
  }
  for (let i = 0; i < CONSOLE; i++) {
    serverAt(i).backoff = BACKOFF_FIRST;
    if (!serverStart(i)) continue;
    mounted++;
    store<u8>(logBuffer + n++, 0x20);
    n += putLiteral(logBuffer + n, mountOf(i));
  }
  if (mounted == 0) n += putLiteral(logBuffer + n, " none");
  logBytes(n);
}

/** True while some server waits for its restart. */
export function serversWaiting(): bool {
  for (let i = 0; i < SERVERS; i++) if (serverAt(i).due != 0) return true;
  return false;
}

/** Starts the servers whose time has come. */
export function serversDue(time: i64): void {
  for (let i = 0; i < SERVERS; i++) {
    const server = serverAt(i);
    if (server.due == 0 || server.due > time) continue;
    server.due = 0;
    if (i == CONSOLE ? !textServerStart() : !serverStart(i)) continue;
    logLine2("init: restarted ", programOf(i));
  }
}

/** A child of init ended: when it is a server, plans its restart. */
export function serverDied(pid: i32, code: i32): void {
  for (let i = 0; i < SERVERS; i++) {
    const server = serverAt(i);
    if (server.pid != pid) continue;
    server.pid = 0;
    let n = putLiteral(logBuffer, "init: ");
    n += putLiteral(logBuffer + n, programOf(i));
    n += putLiteral(logBuffer + n, " ended with status ");
    n += putDecimal(logBuffer + n, code);
    if (code != 0 && code != ABSENT) {
      if (now() - server.started >= HEALTHY) server.backoff = BACKOFF_FIRST;
      n += putLiteral(logBuffer + n, "; restarting in ");
      n += putDecimal(logBuffer + n, server.backoff / MILLISECOND);
      n += putLiteral(logBuffer + n, " ms");
      serverPlan(server);
    } else if (i != CONSOLE) unmount(path, putLiteral(path, mountOf(i)));
    logBytes(n);
    return;
  }
}

function serverPlan(server: Server): void {
  server.due = now() + server.backoff;
  server.backoff = server.backoff * 2 < BACKOFF_LAST ? server.backoff * 2 : BACKOFF_LAST;
}

/** Spawns the server that shows text. */
function textServerStart(): bool {
  const server = serverAt(CONSOLE);
  const bytes = putLiteral(path, programOf(CONSOLE));
  memory.copy(argv, path, bytes);
  store<u8>(argv + bytes, 0);
  const pid = spawn(path, bytes, argv, bytes + 1, 0, 0);
  if (pid < 0) {
    logError("init: /srv/console: ", pid);
    return false;
  }
  server.pid = pid;
  server.started = now();
  setgroup(pid, 0);
  return true;
}

/** Spawns server i with a fresh channel as its fd 3, mounts the client end, and waits for its first answer. */
function serverStart(i: i32): bool {
  const server = serverAt(i);
  let r = ipcPair(fds);
  if (r < 0) {
    logError("init: no channel: ", r);
    return false;
  }
  const client = load<i32>(fds);
  const end = load<i32>(fds, 4);
  for (let fd = 0; fd < 4; fd++) {
    store<i32>(fdmap + fd * FdMap.BYTES, fd, FdMap.CHILD);
    store<i32>(fdmap + fd * FdMap.BYTES, fd == ServerFd.CHANNEL ? end : fd, FdMap.PARENT);
  }
  const bytes = putLiteral(path, programOf(i));
  memory.copy(argv, path, bytes);
  store<u8>(argv + bytes, 0);
  const pid = spawn(path, bytes, argv, bytes + 1, fdmap, 4);
  close(end);
  if (pid < 0) {
    close(client);
    logError("init: a server: ", pid);
    return false;
  }
  server.pid = pid;
  server.started = now();
  setgroup(pid, 0);
  r = mount(client, path, putLiteral(path, mountOf(i)), flagsOf(i));
  close(client);
  if (r < 0) {
    logError("init: mount: ", r);
    return false;
  }
  // Every server answers an open of "status" once it is ready; EPIPE when it died before.
  let n = putLiteral(path, mountOf(i));
  n += putLiteral(path + n, "/status");
  const fd = open(path, n, OpenFlag.READ);
  if (fd >= 0) close(fd);
  else if (fd == -Errno.EPIPE && wait(pid, statusOf) == pid) serverDied(pid, load<i32>(statusOf));
  return fd >= 0;
}

export function logLine(text: string): void {
  logBytes(putLiteral(logBuffer, text));
}

function logLine2(text: string, more: string): void {
  const n = putLiteral(logBuffer, text);
  logBytes(n + putLiteral(logBuffer + n, more));
}

function logError(text: string, errno: i32): void {
  const n = putLiteral(logBuffer, text);
  logBytes(n + putLiteral(logBuffer + n, errnoText(errno)));
}

/** The kernel log is the place for init's words: it is on the console unless the command line says "quiet". */
function logBytes(n: i32): void {
  store<u8>(logBuffer + n, 10);
  if (klog(logBuffer, n + 1) < 0) write(2, logBuffer, n + 1);
}
