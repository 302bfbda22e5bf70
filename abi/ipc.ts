// Messages between a client (through the kernel's file calls) and a server. A message is {tag: u32, length: u32, data}.
// Request data, little-endian. Handles are chosen by the server and never 0. Every reply is R_OK, R_ERROR {errno: u32} or R_AGAIN.
//
//   T_OPEN      {flags: u32, path bytes, relative to the mount point, no leading "/"}   R_OK {handle: u32 [, payload: u32 [, type: u32]]}
//   T_READ      {handle: u32, count: u32, offset: u64}                                  R_OK {bytes}
//   T_WRITE     {handle: u32, count: u32, offset: u64, bytes}                           R_OK {written: u32}
//   T_CLOSE     {handle: u32}                                                           R_OK {}  (nobody waits for it)
//   T_STAT      {handle: u32}                                                           R_OK {Stat, to LONG_BYTES or only to BYTES}
//   T_CTL       {handle: u32, bytes}                                                    R_OK {bytes}
//   T_CREATE    {flags: u32, path}                                                      R_OK: as T_OPEN
//   T_REMOVE    {path}                                                                  R_OK {}
//   T_RENAME    {from length: u32, from, to}                                            R_OK {}
//   T_TRUNCATE  {handle: u32, reserved: u32, size: u64}                                 R_OK {}
//   T_WSTAT     {handle: u32, reserved: u32, Stat of BYTES or LONG_BYTES}                R_OK {}
//   T_MMAP      {handle: u32, prot: u32, offset: u64, length: u64}   R_OK {address: u32, rights: u32, offset: u64}: the object that the
//               server itself has mapped at `address` (plus `offset` bytes) is mapped in the client, which may ask for no more than
//               `rights` (abi Prot; 0: READ and WRITE), now or by mprotect; R_ERROR ENODEV: not mappable
//   T_SYMLINK   {target length: u32, target, path}: makes a symbolic link            R_OK {}
//   T_LINK      {from length: u32, from, to}: another name for a file                   R_OK {}
//   T_INTERRUPT {irq: u32}   from the kernel, after irq_bind: the line was raised since the last one. Not answered.
//   R_LINK      {rest: u32, target bytes} answers T_OPEN, T_CREATE, T_REMOVE, T_RENAME, T_SYMLINK and T_LINK whose path goes through a
//               symbolic link that the server does not follow itself. `rest` is how many bytes of the path are behind the link's name, its
//               slash counted: 0 for the last name; LinkAnswer.SECOND is set if it is the second path of T_RENAME or T_LINK. The kernel
//               puts the target in place, as the client's name space has it, and asks anew, 40 times at most (ELOOP). T_OPEN and T_CREATE
//               follow the last name too, but with OpenFlag.NOFOLLOW; the others do not.
//   T_READ of a directory handle answers with whole DirEntry records; offset counts records, not bytes.
//
// `type` is the FileType of what was opened, 0 or nothing: not told. The kernel then refuses to read a directory as a file, or a file as a
// directory, and two processes that share a FILE or DIRECTORY use its offset one after the other. What is written to a file that was opened
// with APPEND belongs at its end, whatever the offset: another client may have written since the kernel asked where that is.
//
// A message has at most 4096 bytes of data. A server that answers an open with `payload` P (up to Limit.PAYLOAD_BYTES; a multiple of 4096)
// has room for more: T_READ of that handle then asks for up to P bytes, T_WRITE carries up to P bytes behind its 16 of header. Receive
// with room for Message.LARGE_BYTES.
//
// T_CTL can carry a grant (the descriptor that `grant` makes) each way: ipc_take fetches the client's, ipc_give answers with one.

export const enum Tag {
  T_OPEN = 1,
  T_READ = 2,
  T_WRITE = 3,
  T_CLOSE = 4,
  T_STAT = 5,
  T_CTL = 6,
  T_CREATE = 7,
  T_REMOVE = 8,
  T_RENAME = 9,
  T_TRUNCATE = 10,
  T_WSTAT = 11,
  T_MMAP = 12,
  T_SYMLINK = 13,
  T_LINK = 14,
  T_INTERRUPT = 40,
  R_OK = 128,
  R_ERROR = 129,
  R_AGAIN = 130,
  R_LINK = 131,
}

export const enum Message {
  TAG = 0,
  LENGTH = 4,
  DATA = 8,
  BYTES = 4104, // header and 4096 bytes of data
  LARGE_BYTES = 65560, // header, a T_WRITE's 16 bytes and Limit.PAYLOAD_BYTES
}

/** R_LINK. */
export const enum LinkAnswer {
  REST = 0,
  TARGET = 4,
  SECOND = 0x80000000, // in REST: the link is in the second path
}

/** ipc_wait: what to wait for, and what has come. */
export const enum WaitFor {
  MESSAGE = 1, // ipc_recv would not sleep
  CHILD = 2, // a child has ended and was not waited for
  SERVER = 4, // some process has received on the channel
}

/** ipc_client: who sent the request that is being served. */
export const enum Client {
  PID = 0, // u32
  UID = 4,
  VT = 8, // u32: its virtual terminal, abi Vt
  BYTES = 12,
}

/** A server finds its channel here. */
export const enum ServerFd {
  CHANNEL = 3,
}
