// Control: what init serves at /dev/svc.
//
//   status   a line for each service: name, state, pid, restarts, how it last ended, ms until it is started, mount point
//   ctl      written by root: start NAME, stop NAME, restart NAME; answered when that is done, or after a second

import { Errno } from "../../abi/errno";
import { DirEntry, FileType, OpenFlag, Stat } from "../../abi/syscall";
import { clientUid, readText, Server } from "../../lib/server";
import { bytesAre, bytesIndex, bytesStart, putDecimal, putLiteral } from "../../lib/text";
import { MILLISECOND, now } from "../../lib/time";
import { Service, State, serviceAt, serviceCount, serviceNamed } from "./list";
import { serviceSettle, serviceWantRestart, serviceWantStart, serviceWantStop } from "./services";

const DIRECTORY = 1;
const STATUS = 2;
const CTL = 3;
const TEXT_BYTES = 4096;
const text: usize = memory.data(4096);
let n = 0;

export class Control extends Server {
  open(path: usize, bytes: i32, flags: i32): i32 {
    const reads = (flags & OpenFlag.ACCESS) == OpenFlag.READ;
    if (bytes == 0) return reads ? DIRECTORY : -Errno.EISDIR;
    if (bytesAre(path, bytes, "status")) return reads ? STATUS : -Errno.EACCES;
    if (bytesAre(path, bytes, "ctl")) return CTL;
    return -Errno.ENOENT;
  }

  read(handle: i32, buffer: usize, count: i32, offset: u64): i32 {
    if (handle == STATUS) return readText(text, statusFill(), buffer, count, offset);
    return handle == DIRECTORY ? directoryRead(buffer, count, offset) : 0;
  }

  write(handle: i32, bytes: usize, count: i32, _offset: u64): i32 {
    const r = this.control(handle, bytes, count, 0);
    return r < 0 ? r : count;
  }

  control(handle: i32, p: usize, bytes: i32, _answer: usize): i32 {
    if (handle != CTL) return -Errno.ENOTTY;
    if (clientUid() != 0) return -Errno.EPERM;
    let length = bytes;
    while (length > 0 && load<u8>(p + length - 1) <= 0x20) length--;
    const space = bytesIndex(p, length, 0x20);
    if (space < 0) return -Errno.EINVAL;
    const service = serviceNamed(p + space + 1, length - space - 1);
    if (service === null) return -Errno.ENOENT;
    let r = -Errno.EINVAL;
    if (bytesStart(p, length, "start ")) r = serviceWantStart(service);
    else if (bytesStart(p, length, "stop ")) r = serviceWantStop(service);
    else if (bytesStart(p, length, "restart ")) r = serviceWantRestart(service);
    if (r == 0) serviceSettle(service);
    return r;
  }

  stat(handle: i32, st: usize): i32 {
    store<u32>(st, handle == DIRECTORY ? FileType.DIRECTORY : FileType.DEVICE, Stat.TYPE);
    store<u32>(st, handle == DIRECTORY ? 0o755 : handle == CTL ? 0o200 : 0o444, Stat.MODE);
    store<u32>(st, handle, Stat.INO);
    return 0;
  }
}

/** Writes the table; its bytes. */
function statusFill(): i32 {
  n = 0;
  put("NAME STATE PID RESTARTS LAST NEXT MOUNT\n");
  for (let i = 0; i < serviceCount(); i++) {
    const s = serviceAt(i);
    bytes(s.name, s.nameBytes);
    put(" ");
    put(stateName(s.state));
    put(" ");
    number(s.pid);
    put(" ");
    number(s.restarts);
    put(" ");
    lastPut(s);
    put(" ");
    if (s.due == 0) put("-");
    else {
      number(max<i64>(s.due - now(), 0) / MILLISECOND);
      put("ms");
    }
    put(" ");
    if (s.mountBytes == 0) put("-");
    else bytes(s.mount, s.mountBytes);
    put("\n");
  }
  return n;
}

function stateName(state: State): string {
  switch (state) {
    case State.RUNNING:
      return "running";
    case State.WAITING:
      return "waiting";
    case State.STOPPING:
      return "stopping";
    case State.RESTARTING:
      return "restarting";
    case State.ENDED:
      return "ended";
    case State.ABSENT:
      return "absent";
  }
  return "stopped";
}

/** How it ended last: exit:N, fault, trap or signal:N. */
function lastPut(s: Service): void {
  const status = s.lastStatus;
  if (status < 0) return put("-");
  if (status == 139) return put("fault");
  if (status == 132 || status == 136) return put("trap");
  put(status > 128 ? "signal:" : "exit:");
  number(status > 128 ? status - 128 : status);
}

function put(literal: string): void {
  if (n + literal.length <= TEXT_BYTES) n += putLiteral(text + n, literal);
}

function bytes(p: usize, count: i32): void {
  if (n + count > TEXT_BYTES) return;
  memory.copy(text + n, p, count);
  n += count;
}

function number(value: i64): void {
  if (n + 20 <= TEXT_BYTES) n += putDecimal(text + n, value);
}

function directoryRead(buffer: usize, count: i32, index: u64): i32 {
  let used = 0;
  for (let handle = STATUS + <i32>index; handle <= CTL; handle++) {
    const name = handle == STATUS ? "status" : "ctl";
    if (used + DirEntry.NAME + name.length > count) break;
    const record = buffer + used;
    store<u32>(record, 0, DirEntry.SIZE);
    store<u32>(record, handle, DirEntry.INO);
    store<u8>(record, FileType.DEVICE, DirEntry.TYPE);
    store<u8>(record, name.length, DirEntry.NAME_BYTES);
    used += DirEntry.NAME + putLiteral(record + DirEntry.NAME, name);
  }
  return used;
}
