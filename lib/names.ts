// Names: the options that mount and bind share.

import { MountFlag } from "../abi/syscall";
import { argIs } from "./args";

/** The MountFlag of argument 1: -b before, -a after, else REPLACE; placeArguments is then the number of the next argument. */
export function placeOption(): i32 {
  const before = argIs(1, "-b");
  const after = argIs(1, "-a");
  placeArguments = before || after ? 2 : 1;
  return before ? MountFlag.BEFORE : after ? MountFlag.AFTER : MountFlag.REPLACE;
}

export let placeArguments: i32 = 1;
