// Nstext: a name space as commands that rebuild it in an empty one (/proc/PID/ns).
//
//   bind '#2' '/dev/gpu'            channel 2, from its root
//   bind -b '#2/dir' '/etc'         a place of it, in front of what is at /etc
//   bind -a '#/bin' '/x'            the kernel's own /bin, behind
//
// For each path: what replaces, then what stands before it, last first (each goes in front), then what stands after it.
//
// Locks     kernel lock.
import { MountFlag } from "../../abi/syscall";
import { Channel, channelNumber } from "../ipc/channel";
import { Mount, mountPath, mountSource, namesAt, namesCount } from "../ipc/names";
import { bytesEqual } from "../lib/bytes";
import { text, textByte, textDec } from "../lib/text";

const QUOTE: u8 = 39;

/** Prints the name space. */
export function namesText(names: usize): void {
  const count = namesCount(names);
  for (let first: u32 = 0; first < count; ) {
    let end = first + 1;
    while (end < count && samePath(namesAt(names, first), namesAt(names, end))) end++;
    let front = first;
    while (front < end && namesAt(names, front).flags == MountFlag.BEFORE) front++;
    let behind = front;
    if (front < end && namesAt(names, front).flags == MountFlag.REPLACE) {
      printBind(namesAt(names, front), "");
      behind++;
    }
    for (let i = front; i > first; i--) printBind(namesAt(names, i - 1), "-b ");
    for (let i = behind; i < end; i++) printBind(namesAt(names, i), "-a ");
    first = end;
  }
}

function samePath(a: Mount, b: Mount): bool {
  return a.pathBytes == b.pathBytes && bytesEqual(mountPath(a), mountPath(b), a.pathBytes);
}

function printBind(mount: Mount, how: string): void {
  text("bind ");
  text(how);
  text("'#");
  if (mount.channel != 0) {
    textDec(channelNumber(changetype<Channel>(mount.channel)));
    if (mount.sourceBytes != 0) text("/");
  }
  printQuoted(mountSource(mount), mount.sourceBytes);
  text("' '");
  printQuoted(mountPath(mount), mount.pathBytes);
  text("'\n");
}

/** Inside single quotes of the shell; a quote itself leaves them. */
function printQuoted(p: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    if (load<u8>(p + i) == QUOTE) text("'\\''");
    else textByte(load<u8>(p + i));
  }
}
