// Streams: files and commands that the program writes to and reads from, open from their first use until close() or the end.
//
// Invariants
//   M1  A stream holds its name; a command's other end of the pipe is closed here as soon as the command runs.

import { Errno } from "../../abi/errno";
import { OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { err, out, Writer } from "../../lib/fmt";
import { finish } from "../../lib/program";
import { close, open, pipe, spawn, wait } from "../../lib/sys";
import { bytesAre, bytesEqual, putLiteral } from "../../lib/text";
import { blockAlloc, blockFree } from "./blocks";
import { Output, Source } from "./code";
import { Input, inputFree, inputMake } from "./input";
import { Text, textDrop, textHold } from "./texts";
import { STATUS_WRONG, wrong, wrongBegin } from "./wrong";

@unmanaged
export class Stream {
  next: Stream | null;
  writes: i32;
  isCommand: i32;
  name: Text;
  writer: Writer;
  input: Input;
  pid: i32;
}

const STREAM_BYTES = 28;
if (<i32>offsetof<Stream>() != STREAM_BYTES) ERROR("Stream is not STREAM_BYTES");
const WRITER_BYTES = 4128;
let first: Stream | null = null;
const fds: usize = memory.data(8);
const map: usize = memory.data(24); // {child's descriptor, ours} for 0, 1 and 2
const status: usize = memory.data(4);

function streamFind(name: Text, writes: bool, isCommand: bool): Stream | null {
  for (let stream: Stream | null = first; stream != null; stream = stream!.next) {
    if ((stream.writes != 0) != writes || (stream.isCommand != 0) != isCommand) continue;
    if (bytesEqual(stream.name.at, stream.name.bytes, name.at, name.bytes)) return stream;
  }
  return null;
}

function streamMake(name: Text, writes: bool, isCommand: bool): Stream {
  const stream = changetype<Stream>(blockAlloc(STREAM_BYTES));
  stream.next = first;
  stream.writes = writes ? 1 : 0;
  stream.isCommand = isCommand ? 1 : 0;
  stream.name = textHold(name);
  stream.pid = 0;
  first = stream;
  return stream;
}

/** What print writes to; ends the program when it cannot be opened. */
export function streamWriter(output: i32, name: Text | null): Writer {
  if (name == null) return out;
  if (bytesAre(name.at, name.bytes, "/dev/stderr")) return err;
  if (bytesAre(name.at, name.bytes, "/dev/stdout")) return out;
  if (output != Output.COMMAND && bytesAre(name.at, name.bytes, "-")) return out;
  const isCommand = output == Output.COMMAND;
  const found = streamFind(name, true, isCommand);
  if (found != null) return found.writer;
  let pid = 0;
  let fd = 0;
  if (isCommand) {
    pid = commandStart(name, true);
    fd = load<i32>(fds, 4);
  } else {
    const how = output == Output.APPEND ? OpenFlag.APPEND : OpenFlag.TRUNCATE;
    fd = open(name.at, name.bytes, OpenFlag.WRITE | OpenFlag.CREATE | how);
    if (fd < 0) failed(name, fd);
  }
  const stream = streamMake(name, true, isCommand);
  stream.pid = pid;
  stream.writer = writerMake(fd);
  return stream.writer;
}

function writerMake(fd: i32): Writer {
  const place = blockAlloc(WRITER_BYTES);
  memory.fill(place, 0, WRITER_BYTES);
  const writer = changetype<Writer>(place);
  writer.fd = fd;
  return writer;
}

function failed(name: Text, errno: i32): void {
  wrongBegin();
  err.bytes(name.at, name.bytes).text(": ").text(errnoText(errno)).newline();
  finish(STATUS_WRONG);
}

/** After each print: output that cannot be written ends the program, silently when nobody reads it any more. */
export function written(writer: Writer): void {
  if (writer.failed == 0) return;
  const errno = writer.failed;
  writer.failed = 0;
  if (errno != -Errno.EPIPE) {
    wrongBegin();
    err.text("write: ").text(errnoText(errno)).newline();
  }
  finish(STATUS_WRONG);
}

/** What getline reads from; null when it cannot be opened. */
export function streamInput(source: i32, name: Text): Input | null {
  const isCommand = source == Source.COMMAND;
  const found = streamFind(name, false, isCommand);
  if (found != null) return found.input;
  let pid = 0;
  let fd = 0;
  if (isCommand) {
    pid = commandStart(name, false);
    fd = load<i32>(fds);
  } else {
    const isStandard =
      bytesAre(name.at, name.bytes, "-") || bytesAre(name.at, name.bytes, "/dev/stdin");
    fd = isStandard ? 0 : open(name.at, name.bytes, OpenFlag.READ);
    if (fd < 0) return null;
  }
  const stream = streamMake(name, false, isCommand);
  stream.pid = pid;
  stream.input = inputMake(fd);
  return stream.input;
}

/** Starts a command whose input or output is a pipe: our end of it is in fds. Its pid. */
function commandStart(command: Text, reads: bool): i32 {
  flushAll();
  const r = pipe(fds);
  if (r < 0) failed(command, r);
  for (let i = 0; i < 3; i++) {
    store<i32>(map + i * 8, i);
    store<i32>(map + i * 8, i, 4);
  }
  const theirs = load<i32>(fds + (reads ? 0 : 4));
  store<i32>(map + (reads ? 0 : 8), theirs, 4);
  const pid = shellStart(command, 3);
  close(theirs);
  if (pid < 0) failed(command, pid);
  return pid;
}

/** Starts sh -c COMMAND; its pid or -errno. */
function shellStart(command: Text, descriptors: i32): i32 {
  const argv = blockAlloc(command.bytes + 8);
  let n = putLiteral(argv, "sh\0-c\0");
  memory.copy(argv + n, command.at, command.bytes);
  n += command.bytes;
  store<u8>(argv + n++, 0);
  const pid = spawn(argv, 2, argv, n, map, descriptors);
  blockFree(argv, command.bytes + 8);
  return pid;
}

/** The status of a process that ends, or -1. */
function waited(pid: i32): i32 {
  let r = wait(pid, status);
  while (r == -Errno.EINTR) r = wait(pid, status);
  return r < 0 ? -1 : load<i32>(status);
}

/** system(): the command's status. */
export function commandRun(command: Text): i32 {
  flushAll();
  const pid = shellStart(command, 0);
  if (pid < 0) failed(command, pid);
  return waited(pid);
}

/** Closes all streams of a name: the status of the last command, 0 for files, -1 when there is none. */
export function streamsClose(name: Text): i32 {
  let result = -1;
  let stream = first;
  first = null;
  let kept: Stream | null = null;
  while (stream != null) {
    const next = stream.next;
    if (bytesEqual(stream.name.at, stream.name.bytes, name.at, name.bytes)) {
      result = streamEnd(stream);
    } else {
      stream.next = kept;
      kept = stream;
    }
    stream = next;
  }
  first = kept;
  return result;
}

/** Closes everything, at the end; what cannot be written is said. */
export function streamsEnd(): void {
  while (first != null) {
    const stream = first!;
    first = stream.next;
    if (stream.writes != 0) stream.writer.flush();
    const bad =
      stream.writes != 0 && stream.writer.failed != 0 && stream.writer.failed != -Errno.EPIPE;
    if (bad) wrong("output could not be written");
    streamEnd(stream);
  }
}

/** Closes one, which is in no list any more; the command's status, or 0. */
function streamEnd(stream: Stream): i32 {
  let result = 0;
  if (stream.writes != 0) {
    stream.writer.flush();
    if (stream.writer.failed != 0) result = -1;
    close(stream.writer.fd);
    blockFree(changetype<usize>(stream.writer), WRITER_BYTES);
  } else inputFree(stream.input);
  if (stream.isCommand != 0) result = waited(stream.pid);
  textDrop(stream.name);
  blockFree(changetype<usize>(stream), STREAM_BYTES);
  return result;
}

/** Writes what is in buffers. */
export function flushAll(): void {
  out.flush();
  err.flush();
  for (let stream: Stream | null = first; stream != null; stream = stream!.next) {
    if (stream.writes != 0) stream.writer.flush();
  }
}

/** fflush(NAME): 0, or -1 when nothing of that name is open. */
export function streamsFlush(name: Text): i32 {
  let result = -1;
  for (let stream: Stream | null = first; stream != null; stream = stream!.next) {
    if (stream.writes == 0) continue;
    if (!bytesEqual(stream.name.at, stream.name.bytes, name.at, name.bytes)) continue;
    stream.writer.flush();
    result = 0;
  }
  return result;
}
