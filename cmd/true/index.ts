// true: does nothing, successfully.

import { finish, help } from "../../lib/program";

export function _start(): void {
  help("true: does nothing and succeeds");
  finish(0);
}
