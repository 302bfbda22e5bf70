// Request: the one message a process can have under way as a client. It lives in the process's record, so that sending, cancelling
// and answering need no memory. The payload stays where it is (the program's memory, or a path in the process's frame of kernel
// text) until a server receives it.
//
//   request data = header (headerBytes) + payload (payloadBytes)      reply data = to `answer`, or to the program's memory
import { Limit } from "../../abi/layout";
import { Process, ProcessLayout } from "../proc/process";

export const enum RequestState {
  NONE = 0,
  QUEUED = 1, // in its channel's queue
  SERVING = 2, // received, not yet answered
  DONE = 3, // result is set
}

/** Where a run of bytes lies. */
export const enum Place {
  NONE = 0,
  KERNEL = 1, // a host offset
  USER = 2, // an address of the process
}

/** Result of a request that the server answers with R_AGAIN: no errno, EAGAIN may come from a server too. */
export const SEND_AGAIN: i32 = -0x1000;
/** Result of a request whose path goes through a symbolic link: the answer area has {rest, bytes of the target}, SCRATCH the target. */
export const LINKED: i32 = -0x1001;

export const enum RequestSize {
  HEADER = 24,
  ANSWER = 40,
}

@unmanaged
export class Request {
  state: u32;
  tag: u32;
  next: usize; // Process behind this one in the queue
  channel: usize;
  headerBytes: u32;
  payloadPlace: u32;
  payload: usize;
  payloadBytes: u32;
  answerPlace: u32; // NONE: to the answer area
  answerAt: usize;
  answerRoom: u32;
  result: i32; // data bytes of the reply, or -errno
  file: usize; // T_OPEN, T_CREATE: the File that is being opened
  object: usize; // T_MMAP: the object granted, with a reference
  objectOffset: u64;
  objectRights: u32; // abi Prot
  objectRevocations: u32; // of the object when it was granted
  limit: u32; // most data bytes of the reply
  sent: usize; // T_CTL: the grant (File) that goes with the request, with a reference
  received: usize; // T_CTL: the grant that came with the reply, with a reference
  roused: u32; // 1: the server was asleep in the host
  header0: u64;
  header1: u64;
  header2: u64;
  answer0: u64;
  answer1: u64;
  answer2: u64;
  answer3: u64;
  answer4: u64;
}

if (offsetof<Request>() > <u32>ProcessLayout.REQUEST_BYTES)
  ERROR("Request does not fit in Process");

export function requestOf(process: Process): Request {
  return changetype<Request>(changetype<usize>(process) + ProcessLayout.REQUEST);
}

export function requestHeader(request: Request): usize {
  return changetype<usize>(request) + offsetof<Request>("header0");
}

export function requestAnswer(request: Request): usize {
  return changetype<usize>(request) + offsetof<Request>("answer0");
}

/** Clears everything but the header and sets the tag; the caller fills in what its tag needs and calls channelCall. */
export function requestBegin(process: Process, tag: u32, headerBytes: u32): Request {
  const request = requestOf(process);
  memory.fill(changetype<usize>(request), 0, offsetof<Request>());
  request.tag = tag;
  request.headerBytes = headerBytes;
  request.limit = Limit.MESSAGE_BYTES;
  return request;
}
