// The tests, in the order in which they run. Those of swap are the last: pages of every program's file that they pushed out come back when they are
// touched, which the leak gate of a later test would take for a leak. A new one is a name and a call at the end.

import { channelsHaveRoles, serverDeath, serversAnswer, serversGrantMappings } from "./channels";
import {
  deviceMappingsAreCounted,
  deviceMappingsHaveTypes,
  deviceMappingsLeaveNothing,
  deviceMappingsRefuse,
  gpuFiles,
  onlyRootMapsDevices,
} from "./devices";
import { blockFiles, filesAnywhere } from "./files";
import { handlerCanFail, handlerIsAWriteBarrier, handlerRepairs } from "./handler";
import { bothDieAtOnce, clientsDieAtEveryStep, serversDieAtEveryStep } from "./ipcdeaths";
import { longDeviceMappings, longSpawnAndExit } from "./long";
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
import {
  fixedAndHintsAreHonoured,
  freedMemoryIsGivenBack,
  limitsCanBeRaised,
  nullDereferenceEnds,
  protReadIsEnforced,
  sharedMappingsSeeEachOther,
  stackOverflowEnds,
} from "./published";
import {
  damageIsExact,
  drawersLoseTheirPixels,
  framesFlip,
  modesChange,
  staleMappingsAreMemory,
  vblanksWake,
  viewsAreApart,
  viewsHaveALimit,
  vramIsShared,
} from "./screen";
import { filesAreShared, pipesTakeWholeRecords } from "./sharing";
import { loopsAreStopped } from "./shootdown";
import {
  caughtSignals,
  environmentIsInherited,
  stopAndContinue,
  stoppedReaderWaits,
} from "./signals";
import {
  randomFillsMoreThanRam,
  swapHoldsMoreThanRam,
  swapIsRootsAlone,
  swappedBuffersWork,
} from "./swap";
import { deathsWhilePagesAreOut } from "./swapdeaths";
import {
  deviceGone,
  dirtyBits,
  patdevMaps,
  prefaultAndAdvice,
  privateFileMappings,
  sharedMemoryHasTypes,
  typesAreCounted,
} from "./types";

export const TESTS = 80;

export function testName(i: i32): string {
  switch (i) {
    case 0:
      return "spawn-and-wait";
    case 1:
      return "faults-end-the-program";
    case 2:
      return "rights-are-lowered-at-once";
    case 3:
      return "traps-end-the-program";
    case 4:
      return "anonymous-memory";
    case 5:
      return "mmap-refuses";
    case 6:
      return "mmap-honours-hints";
    case 7:
      return "mmap-reuses-addresses";
    case 8:
      return "munmap-splits";
    case 9:
      return "munmap-refuses";
    case 10:
      return "mprotect-rules";
    case 11:
      return "break-is-exact";
    case 12:
      return "memory-grow";
    case 13:
      return "stack-grows";
    case 14:
      return "memory-is-on-demand";
    case 15:
      return "pagequery-tells";
    case 16:
      return "kill-ends-anything";
    case 17:
      return "kill-ends-a-blocked-reader";
    case 18:
      return "descriptors-have-a-limit";
    case 19:
      return "descriptors-can-be-copied";
    case 20:
      return "pipes-carry-bytes";
    case 21:
      return "pipes-block-and-wake";
    case 22:
      return "files-of-the-initrd";
    case 23:
      return "bad-pointers";
    case 24:
      return "half-good-pointers";
    case 25:
      return "channels-have-roles";
    case 26:
      return "servers-answer";
    case 27:
      return "servers-grant-mappings";
    case 28:
      return "server-death";
    case 29:
      return "device-mappings-refuse";
    case 30:
      return "device-mappings-have-types";
    case 31:
      return "device-mappings-are-counted";
    case 32:
      return "device-mappings-leave-nothing";
    case 33:
      return "only-root-maps-devices";
    case 34:
      return "gpu-files";
    case 35:
      return "types-are-counted";
    case 36:
      return "shared-memory-has-types";
    case 37:
      return "patdev-maps";
    case 38:
      return "device-gone";
    case 39:
      return "private-file-mappings";
    case 40:
      return "dirty-bits";
    case 41:
      return "prefault-and-advice";
    case 42:
      return "handler-repairs";
    case 43:
      return "handler-is-a-write-barrier";
    case 44:
      return "handler-can-fail";
    case 45:
      return "gpu-views-are-apart";
    case 46:
      return "gpu-views-have-a-limit";
    case 47:
      return "gpu-modes-change";
    case 48:
      return "gpu-stale-mappings-are-memory";
    case 49:
      return "gpu-vram-is-shared";
    case 50:
      return "gpu-frames-flip";
    case 51:
      return "gpu-vblanks-wake";
    case 52:
      return "gpu-damage-is-exact";
    case 53:
      return "gpu-drawers-lose-their-pixels";
    case 54:
      return "two-shared-mappings-see-each-other";
    case 55:
      return "prot-read-is-enforced";
    case 56:
      return "map-fixed-and-hints-are-honoured";
    case 57:
      return "stack-overflow-ends-the-program";
    case 58:
      return "null-dereference-ends-the-program";
    case 59:
      return "freed-memory-is-given-back";
    case 60:
      return "limits-can-be-raised";
    case 61:
      return "long-spawn-and-exit";
    case 62:
      return "long-device-mappings";
    case 63:
      return "loops-are-stopped";
    case 64:
      return "stop-and-continue";
    case 65:
      return "stopped-reader-waits";
    case 66:
      return "caught-signals";
    case 67:
      return "environment-is-inherited";
    case 68:
      return "files-anywhere";
    case 69:
      return "block-files";
    case 70:
      return "servers-die-at-every-step";
    case 71:
      return "clients-die-at-every-step";
    case 72:
      return "both-die-at-once";
    case 73:
      return "files-are-shared";
    case 74:
      return "pipes-take-whole-records";
    case 75:
      return "swap-is-roots-alone";
    case 76:
      return "swapped-buffers-work";
    case 77:
      return "swap-holds-more-than-ram";
    case 78:
      return "swap-and-random";
    case 79:
      return "swap-and-deaths";
  }
  return "?";
}

export function testRun(i: i32): void {
  switch (i) {
    case 0:
      spawnAndWait();
      break;
    case 1:
      faultsEndTheProgram();
      break;
    case 2:
      rightsAreLoweredAtOnce();
      break;
    case 3:
      trapsEndTheProgram();
      break;
    case 4:
      anonymousMemory();
      break;
    case 5:
      mmapRefuses();
      break;
    case 6:
      mmapHonoursHints();
      break;
    case 7:
      mmapReusesAddresses();
      break;
    case 8:
      munmapSplits();
      break;
    case 9:
      munmapRefuses();
      break;
    case 10:
      mprotectRules();
      break;
    case 11:
      breakIsExact();
      break;
    case 12:
      memoryGrow();
      break;
    case 13:
      stackGrows();
      break;
    case 14:
      memoryIsOnDemand();
      break;
    case 15:
      pagequeryTells();
      break;
    case 16:
      killEndsAnything();
      break;
    case 17:
      killEndsABlockedReader();
      break;
    case 18:
      descriptorsHaveALimit();
      break;
    case 19:
      descriptorsCanBeCopied();
      break;
    case 20:
      pipesCarryBytes();
      break;
    case 21:
      pipesBlockAndWake();
      break;
    case 22:
      filesOfTheInitrd();
      break;
    case 23:
      badPointers();
      break;
    case 24:
      halfGoodPointers();
      break;
    case 25:
      channelsHaveRoles();
      break;
    case 26:
      serversAnswer();
      break;
    case 27:
      serversGrantMappings();
      break;
    case 28:
      serverDeath();
      break;
    case 29:
      deviceMappingsRefuse();
      break;
    case 30:
      deviceMappingsHaveTypes();
      break;
    case 31:
      deviceMappingsAreCounted();
      break;
    case 32:
      deviceMappingsLeaveNothing();
      break;
    case 33:
      onlyRootMapsDevices();
      break;
    case 34:
      gpuFiles();
      break;
    case 35:
      typesAreCounted();
      break;
    case 36:
      sharedMemoryHasTypes();
      break;
    case 37:
      patdevMaps();
      break;
    case 38:
      deviceGone();
      break;
    case 39:
      privateFileMappings();
      break;
    case 40:
      dirtyBits();
      break;
    case 41:
      prefaultAndAdvice();
      break;
    case 42:
      handlerRepairs();
      break;
    case 43:
      handlerIsAWriteBarrier();
      break;
    case 44:
      handlerCanFail();
      break;
    case 45:
      viewsAreApart();
      break;
    case 46:
      viewsHaveALimit();
      break;
    case 47:
      modesChange();
      break;
    case 48:
      staleMappingsAreMemory();
      break;
    case 49:
      vramIsShared();
      break;
    case 50:
      framesFlip();
      break;
    case 51:
      vblanksWake();
      break;
    case 52:
      damageIsExact();
      break;
    case 53:
      drawersLoseTheirPixels();
      break;
    case 54:
      sharedMappingsSeeEachOther();
      break;
    case 55:
      protReadIsEnforced();
      break;
    case 56:
      fixedAndHintsAreHonoured();
      break;
    case 57:
      stackOverflowEnds();
      break;
    case 58:
      nullDereferenceEnds();
      break;
    case 59:
      freedMemoryIsGivenBack();
      break;
    case 60:
      limitsCanBeRaised();
      break;
    case 61:
      longSpawnAndExit();
      break;
    case 62:
      longDeviceMappings();
      break;
    case 63:
      loopsAreStopped();
      break;
    case 64:
      stopAndContinue();
      break;
    case 65:
      stoppedReaderWaits();
      break;
    case 66:
      caughtSignals();
      break;
    case 67:
      environmentIsInherited();
      break;
    case 68:
      filesAnywhere();
      break;
    case 69:
      blockFiles();
      break;
    case 70:
      serversDieAtEveryStep();
      break;
    case 71:
      clientsDieAtEveryStep();
      break;
    case 72:
      bothDieAtOnce();
      break;
    case 73:
      filesAreShared();
      break;
    case 74:
      pipesTakeWholeRecords();
      break;
    case 75:
      swapIsRootsAlone();
      break;
    case 76:
      swappedBuffersWork();
      break;
    case 77:
      swapHoldsMoreThanRam();
      break;
    case 78:
      randomFillsMoreThanRam();
      break;
    case 79:
      deathsWhilePagesAreOut();
      break;
  }
}
