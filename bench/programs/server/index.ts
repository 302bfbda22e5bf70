// benchserver: answers every read at once: of "echo" with eight bytes, to measure a round trip; of "large" and "small" with as many as the
// client asks for, in messages of 64 KiB and of 4 KiB.

import { Limit } from "../../../abi/layout";
import "../../../lib/program";
import { Server, serve } from "../../../lib/server";
import { exit } from "../../../lib/sys";
import { bytesAre } from "../../../lib/text";

const ECHO = 1;
const LARGE = 2;
const SMALL = 3;

class Echo extends Server {
  payload: i32 = Limit.PAYLOAD_BYTES;

  payloadOf(handle: i32): i32 {
    return handle == LARGE ? this.payload : Limit.MESSAGE_BYTES;
  }

  open(path: usize, bytes: i32, _flags: i32): i32 {
    if (bytesAre(path, bytes, "large")) return LARGE;
    return bytesAre(path, bytes, "small") ? SMALL : ECHO;
  }

  read(handle: i32, buffer: usize, count: i32, offset: u64): i32 {
    store<u64>(buffer, offset + 1);
    return handle == ECHO ? 8 : count;
  }
}

export function _start(): void {
  serve(new Echo());
  exit(0);
}
