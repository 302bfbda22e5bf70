// List: the services of /etc/services, in the order in which they are started: the shorter mount point first, so that a parent is there
// before what is mounted below it.
//
// Invariants
//   L1  Name, program and mount are strings in the file's text, which stays in memory.
//   L2  A service that runs has pid > 0; one that waits for its restart has due > 0; else both are 0.
//   L3  A service with a mount has one channel as long as init lives: mounts of it, in any name space, go on working when it is restarted.

import { MountFlag } from "../../abi/syscall";
import { line, lineBytes, lineNext, lineStart, readFile } from "../../lib/files";
import { bytesAre, bytesEqual } from "../../lib/text";

export const SERVICES_MAX = 16;
const TEXT_BYTES = 4096;
const SERVICE_BYTES = 96;

export const enum State {
  STOPPED = 0, // not started yet, or by `svc stop`
  RUNNING = 1,
  WAITING = 2, // for its restart
  STOPPING = 3, // told to end, to stay so
  RESTARTING = 4, // told to end, to be started at once
  ENDED = 5, // by itself, with status 0
  ABSENT = 6, // its device is not there
}

@unmanaged
export class Service {
  name: usize;
  nameBytes: i32;
  program: usize;
  programBytes: i32;
  mount: usize;
  mountBytes: i32; // 0: it has no channel
  flags: i32; // MountFlag
  manual: i32;
  screen: i32;
  state: State;
  pid: i32;
  client: i32; // descriptors of its channel's ends, -1 none yet
  end: i32;
  restarts: i32;
  lastStatus: i32; // -1: it has never ended
  started: i64;
  due: i64;
  backoff: i64; // its last wait, 0 none
}

const text: usize = memory.data(4097);
const services: usize = memory.data(1536, 8); // SERVICES_MAX * SERVICE_BYTES
let count = 0;

export function serviceCount(): i32 {
  return count;
}

export function serviceAt(i: i32): Service {
  return changetype<Service>(services + i * SERVICE_BYTES);
}

export function serviceNamed(name: usize, bytes: i32): Service | null {
  for (let i = 0; i < count; i++) {
    if (bytesEqual(serviceAt(i).name, serviceAt(i).nameBytes, name, bytes)) return serviceAt(i);
  }
  return null;
}

/** Reads the file. False: a line of it is not understood, or there are too many; what is before it is in the list. */
export function listRead(): bool {
  const n = readFile("/etc/services", text, TEXT_BYTES);
  lineStart(text, n < 0 ? 0 : n);
  while (lineNext()) {
    wordStart();
    if (!wordNext() || load<u8>(word) == 0x23) continue;
    if (count == SERVICES_MAX || !serviceRead(serviceAt(count))) return false;
    placeLast();
  }
  return n >= 0;
}

/** The words of a line, the first of which is the name. */
function serviceRead(s: Service): bool {
  memory.fill(changetype<usize>(s), 0, SERVICE_BYTES);
  s.client = -1;
  s.end = -1;
  s.lastStatus = -1;
  s.name = word;
  s.nameBytes = wordBytes;
  if (serviceNamed(word, wordBytes) !== null || !wordNext()) return false;
  s.program = word;
  s.programBytes = wordBytes;
  if (!wordNext()) return false;
  s.mount = word;
  s.mountBytes = bytesAre(word, wordBytes, "-") ? 0 : wordBytes;
  while (wordNext()) {
    if (bytesAre(word, wordBytes, "before")) s.flags = MountFlag.BEFORE;
    else if (bytesAre(word, wordBytes, "after")) s.flags = MountFlag.AFTER;
    else if (bytesAre(word, wordBytes, "manual")) s.manual = 1;
    else if (bytesAre(word, wordBytes, "screen")) s.screen = 1;
    else if (!bytesAre(word, wordBytes, "replace")) return false;
  }
  return true;
}

const moved: usize = memory.data(96, 8);

/** Puts the service behind the list to its place: behind all whose mount is not longer. */
function placeLast(): void {
  let at = count;
  while (at > 0 && serviceAt(at - 1).mountBytes > serviceAt(count).mountBytes) at--;
  const place = services + at * SERVICE_BYTES;
  memory.copy(moved, services + count * SERVICE_BYTES, SERVICE_BYTES);
  memory.copy(place + SERVICE_BYTES, place, (count - at) * SERVICE_BYTES);
  memory.copy(place, moved, SERVICE_BYTES);
  count++;
}

let word: usize = 0;
let wordBytes = 0;
let wordEnd: usize = 0;
let cursor: usize = 0;

function wordStart(): void {
  cursor = line;
  wordEnd = line + lineBytes;
}

function wordNext(): bool {
  while (cursor < wordEnd && load<u8>(cursor) <= 0x20) cursor++;
  word = cursor;
  while (cursor < wordEnd && load<u8>(cursor) > 0x20) cursor++;
  wordBytes = <i32>(cursor - word);
  return wordBytes > 0;
}

if (offsetof<Service>() > <usize>SERVICE_BYTES) ERROR("Service does not fit in the list");
