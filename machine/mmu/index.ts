// The MMU as a compiler: what machine/ uses of this folder.

export { MalformedModule, UnsupportedModule } from "./errors.ts";
export type { Signature } from "./imports.ts";
export { Type as ValueType } from "./opcodes.ts";
export {
  type ExternalKind,
  type RewriteOptions,
  type RewriteStats,
  type RewrittenModule,
  rewrite,
} from "./rewrite.ts";
export { roundTrip } from "./roundtrip.ts";
export type { Segment } from "./segments.ts";
export { PAST_A_LIMIT } from "./validate.ts";
export { UnsafeModule, verify } from "./verify.ts";
