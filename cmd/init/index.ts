// init: the first program. Starts and supervises the services of /etc/services, then runs the shell; takes in orphans. Never ends by itself.
//
// The command line (/proc/cmdline) decides what runs: after "-- TEXT", `sh -c TEXT` once and then the machine goes off with its
// status; otherwise an interactive shell, restarted when it ends (with the word "once" the machine goes off instead). With an interactive
// shell, or the word "screen", the console server shows the text on the screen.
//
// It sleeps until a child ends, a service is due, or somebody asks at /dev/svc (control.ts).

import { ServerFd, WaitFor } from "../../abi/ipc";
import { MountFlag } from "../../abi/syscall";
import { consoleCooked, consoleForeground } from "../../lib/console";
import { errnoText } from "../../lib/errno";
import { readFile } from "../../lib/files";
import { out } from "../../lib/fmt";
import "../../lib/program";
import { powerOff } from "../../lib/power";
import { staticDataTouch } from "../../lib/resident";
import { serveOne, serverRequest } from "../../lib/server";
import {
  close,
  dup,
  dup2,
  ipcPair,
  ipcRecv,
  ipcWait,
  mount,
  setenviron,
  setgroup,
  spawn,
  waitpoll,
} from "../../lib/sys";
import { bytesAre, bytesFind, putLiteral } from "../../lib/text";
import { sleepMs } from "../../lib/time";
import { Control } from "./control";
import { listRead } from "./list";
import { moreErrno, said, say } from "./log";
import { serviceEnded, servicesBoot, servicesDue, servicesServe } from "./services";

const LINE_BYTES = 4096;
const commandLine: usize = memory.data(4097);
const motd: usize = memory.data(2049);
const argv: usize = memory.data(4200);
const status: usize = memory.data(4);
const path: usize = memory.data(16);
const fds: usize = memory.data(8);

/** What runs on the console: -1 length means the interactive shell. */
let commandStart: usize = 0;
let commandBytes: i32 = -1;
let once = false;
let wantsScreen = false;
let shellPid: i32 = 0;

export function _start(): void {
  staticDataTouch();
  commandLineRead();
  if (!listRead()) {
    say("/etc/services is not as it should be; only the services before the mistake are known");
    said();
  }
  controlMount();
  servicesBoot(commandBytes < 0 || wantsScreen, childrenReap);
  if (commandBytes < 0) {
    const n = readFile("/etc/motd", motd, 2048);
    if (n > 0) out.bytes(motd, n).flush();
  }
  shellStart();
  const control = new Control();
  for (;;) {
    const come = ipcWait(ServerFd.CHANNEL, WaitFor.MESSAGE | WaitFor.CHILD, servicesDue());
    if (come < 0) sleepMs(100);
    if (come > 0 && (come & WaitFor.CHILD) != 0) childrenReap();
    if (come > 0 && (come & WaitFor.MESSAGE) != 0) {
      if (ipcRecv(ServerFd.CHANNEL, serverRequest()) > 0) serveOne(control);
    }
  }
}

/** Takes in every child that has ended. */
function childrenReap(): void {
  for (let pid = waitpoll(-1, status); pid > 0; pid = waitpoll(-1, status)) {
    if (pid == shellPid) shellEnded(load<i32>(status));
    else serviceEnded(pid, load<i32>(status));
  }
}

/** init's own channel: its server end is descriptor 3. The client end stays open, so that unmounting it does not end the channel. */
function controlMount(): void {
  let r = ipcPair(fds);
  if (r >= 0) {
    let client = load<i32>(fds);
    const end = load<i32>(fds, 4);
    if (client == ServerFd.CHANNEL) client = dup(client);
    r = mount(client, path, putLiteral(path, "/dev/svc"), MountFlag.REPLACE);
    if (end != ServerFd.CHANNEL) {
      dup2(end, ServerFd.CHANNEL);
      close(end);
    }
  }
  if (r >= 0) return;
  say("/dev/svc: ");
  moreErrno(r);
  said();
}

function commandLineRead(): void {
  let n = readFile("/proc/cmdline", commandLine, LINE_BYTES);
  if (n < 0) n = 0;
  while (n > 0 && load<u8>(commandLine + n - 1) <= 0x20) n--;
  let words = n;
  const at = bytesFind(commandLine, n, "-- ");
  if (at == 0 || (at > 0 && load<u8>(commandLine + at - 1) == 0x20)) {
    commandStart = commandLine + at + 3;
    commandBytes = n - at - 3;
    words = at;
  }
  lineWords(words);
}

/** Looks for init's own words among the first n bytes of the line. */
function lineWords(n: i32): void {
  for (let start = 0; start < n; ) {
    let end = start;
    while (end < n && load<u8>(commandLine + end) > 0x20) end++;
    if (bytesAre(commandLine + start, end - start, "once")) once = true;
    if (bytesAre(commandLine + start, end - start, "screen")) wantsScreen = true;
    start = end + 1;
  }
}

/** The environment of the shell and of what it starts. */
function environmentSet(): void {
  const home = servicesServe("/home");
  let n = putLiteral(argv, "PATH=/bin");
  store<u8>(argv + n++, 0);
  n += putLiteral(argv + n, home ? "HOME=/home" : "HOME=/");
  store<u8>(argv + n++, 0);
  n += putLiteral(argv + n, "USER=root");
  store<u8>(argv + n++, 0);
  n += putLiteral(argv + n, "TERM=xterm-256color");
  store<u8>(argv + n++, 0);
  setenviron(argv, n);
}

function shellStart(): void {
  environmentSet();
  let n = putLiteral(argv, "sh");
  store<u8>(argv + n++, 0);
  if (commandBytes >= 0) {
    n += putLiteral(argv + n, "--halt");
    store<u8>(argv + n++, 0);
    n += putLiteral(argv + n, "-c");
    store<u8>(argv + n++, 0);
    memory.copy(argv + n, commandStart, commandBytes);
    n += commandBytes;
    store<u8>(argv + n++, 0);
  }
  shellPid = spawn(path, putLiteral(path, "/bin/sh"), argv, n, 0, 0);
  if (shellPid < 0) {
    out.text("init: /bin/sh: ").text(errnoText(shellPid)).newline().flush();
    powerOff(127);
  }
  // The shell is the console's foreground group: ^C ends a `sh -c`; an interactive one changes it for each command.
  setgroup(shellPid, 0);
  if (commandBytes >= 0) consoleForeground(0, shellPid);
}

function shellEnded(code: i32): void {
  if (commandBytes >= 0 || once) {
    powerOff(code);
    return;
  }
  consoleForeground(0, 0);
  consoleCooked(0);
  say("the shell ended; starting another");
  said();
  sleepMs(50);
  shellStart();
}
