// false: does nothing, unsuccessfully.

import { finish, help } from "../../lib/program";

export function _start(): void {
  help("false: does nothing and fails");
  finish(1);
}
