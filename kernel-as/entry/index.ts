// The kernel module's exports: what the machine's CPU Worker calls, what programs import as "sys" and "mmu", and inspection.
export { boot } from "./boot";
export * from "./calls";
export * from "./consolecalls";
export {
  cpuAttach,
  cpuIdle,
  execCommit,
  execFail,
  execFile,
  execFileBytes,
  execKey,
  execOpen,
  execTable,
  textBuffer,
  userEnter,
  userLeave,
} from "./exec";
export { execRead, execStore } from "./execfile";
export * from "./fault";
export * from "./filecalls";
export * from "./grow";
export { userHandler } from "./handler";
export * from "./inspect";
export { interruptPoll, kernelThread } from "./interrupt";
export * from "./ipccalls";
export * from "./memcalls";
