// The tests, in the order in which they run. A new one is a name and a call at the end.

import { channelsHaveRoles, serverDeath, serversAnswer, serversGrantMappings } from "./channels";
import {
  deviceMappingsAreCounted,
  deviceMappingsHaveTypes,
  deviceMappingsLeaveNothing,
  deviceMappingsRefuse,
  gpuFiles,
  onlyRootMapsDevices,
} from "./devices";
import {
  anonymousMemory,
  breakIsExact,
  faultsEndTheProgram,
  memoryGrow,
  memoryIsOnDemand,
  mmapHonoursHints,
  mmapRefuses,
  mmapReusesAddresses,
  mprotectRules,
  munmapRefuses,
  munmapSplits,
  pagequeryTells,
  rightsAreLoweredAtOnce,
  stackGrows,
  trapsEndTheProgram,
} from "./memory";
import { badPointers, halfGoodPointers } from "./pointers";
import {
  descriptorsCanBeCopied,
  descriptorsHaveALimit,
  filesOfTheInitrd,
  killEndsABlockedReader,
  killEndsAnything,
  pipesBlockAndWake,
  pipesCarryBytes,
  spawnAndWait,
} from "./process";

export const TESTS = 35;

export function testName(i: i32): string {
  switch (i) {
    case 0: return "spawn-and-wait";
    case 1: return "faults-end-the-program";
    case 2: return "rights-are-lowered-at-once";
    case 3: return "traps-end-the-program";
    case 4: return "anonymous-memory";
    case 5: return "mmap-refuses";
    case 6: return "mmap-honours-hints";
    case 7: return "mmap-reuses-addresses";
    case 8: return "munmap-splits";
    case 9: return "munmap-refuses";
    case 10: return "mprotect-rules";
    case 11: return "break-is-exact";
    case 12: return "memory-grow";
    case 13: return "stack-grows";
    case 14: return "memory-is-on-demand";
    case 15: return "pagequery-tells";
    case 16: return "kill-ends-anything";
    case 17: return "kill-ends-a-blocked-reader";
    case 18: return "descriptors-have-a-limit";
    case 19: return "descriptors-can-be-copied";
    case 20: return "pipes-carry-bytes";
    case 21: return "pipes-block-and-wake";
    case 22: return "files-of-the-initrd";
    case 23: return "bad-pointers";
    case 24: return "half-good-pointers";
    case 25: return "channels-have-roles";
    case 26: return "servers-answer";
    case 27: return "servers-grant-mappings";
    case 28: return "server-death";
    case 29: return "device-mappings-refuse";
    case 30: return "device-mappings-have-types";
    case 31: return "device-mappings-are-counted";
    case 32: return "device-mappings-leave-nothing";
    case 33: return "only-root-maps-devices";
    case 34: return "gpu-files";
  }
  return "?";
}

export function testRun(i: i32): void {
  switch (i) {
    case 0: return spawnAndWait();
    case 1: return faultsEndTheProgram();
    case 2: return rightsAreLoweredAtOnce();
    case 3: return trapsEndTheProgram();
    case 4: return anonymousMemory();
    case 5: return mmapRefuses();
    case 6: return mmapHonoursHints();
    case 7: return mmapReusesAddresses();
    case 8: return munmapSplits();
    case 9: return munmapRefuses();
    case 10: return mprotectRules();
    case 11: return breakIsExact();
    case 12: return memoryGrow();
    case 13: return stackGrows();
    case 14: return memoryIsOnDemand();
    case 15: return pagequeryTells();
    case 16: return killEndsAnything();
    case 17: return killEndsABlockedReader();
    case 18: return descriptorsHaveALimit();
    case 19: return descriptorsCanBeCopied();
    case 20: return pipesCarryBytes();
    case 21: return pipesBlockAndWake();
    case 22: return filesOfTheInitrd();
    case 23: return badPointers();
    case 24: return halfGoodPointers();
    case 25: return channelsHaveRoles();
    case 26: return serversAnswer();
    case 27: return serversGrantMappings();
    case 28: return serverDeath();
    case 29: return deviceMappingsRefuse();
    case 30: return deviceMappingsHaveTypes();
    case 31: return deviceMappingsAreCounted();
    case 32: return deviceMappingsLeaveNothing();
    case 33: return onlyRootMapsDevices();
    case 34: return gpuFiles();
  }
}
