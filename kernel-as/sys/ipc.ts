// System calls of channels. Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts.
import { Errno } from "../../abi/errno";
import { Irq } from "../../abi/machine";
import { OpenFlag } from "../../abi/syscall";
import { Channel, channelCreate, channelServerClose, channelUnhold } from "../ipc/channel";
import { channelReceive, channelReply } from "../ipc/server";
import { FileKind, fdFile, fileCreate } from "../proc/file";
import { currentProcess } from "../proc/process";
import { descriptorPair } from "./file";

/** Stores {client end, server end} of a new channel. */
export function sysIpcPair(va: u32): i32 {
  const channel = channelCreate();
  if (channel === null) return -Errno.ENFILE;
  const client = fileCreate(FileKind.CHANNEL_CLIENT, OpenFlag.READWRITE);
  const server = fileCreate(FileKind.CHANNEL_SERVER, OpenFlag.READWRITE);
  if (client !== null) client.a = changetype<usize>(channel);
  else channelUnhold(channel);
  if (server !== null) server.a = changetype<usize>(channel);
  else channelServerClose(channel);
  return descriptorPair(currentProcess(), client, server, va);
}

/** The tag of the message received at va; only the server end receives. */
export function sysIpcRecv(fd: i32, va: u32): i32 {
  const file = fdFile(currentProcess(), fd);
  if (file === null) return -Errno.EBADF;
  if (file.kind != FileKind.CHANNEL_SERVER) return -Errno.EINVAL;
  return channelReceive(changetype<Channel>(file.a), va);
}

export function sysIpcReply(fd: i32, va: u32): i32 {
  const file = fdFile(currentProcess(), fd);
  if (file === null) return -Errno.EBADF;
  if (file.kind != FileKind.CHANNEL_SERVER) return -Errno.EINVAL;
  return channelReply(changetype<Channel>(file.a), va);
}

/**
 * From now on the server end fd receives T_INTERRUPT when the line is raised; until the channel goes down. Root only: EPERM. EINVAL: no such
 * line, or not a server end.
 */
export function sysIrqBind(fd: i32, irq: u32): i32 {
  if (currentProcess().uid != 0) return -Errno.EPERM;
  if (irq > <u32>Irq.TIMER) return -Errno.EINVAL;
  const file = fdFile(currentProcess(), fd);
  if (file === null) return -Errno.EBADF;
  if (file.kind != FileKind.CHANNEL_SERVER) return -Errno.EINVAL;
  const channel = changetype<Channel>(file.a);
  channel.irqs |= 1 << irq;
  return 0;
}
