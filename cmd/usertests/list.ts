// The tests, in the order in which they run. Those of swap are the last: pages of every program's file that they pushed out come back when they are
// touched, which the leak gate of a later test would take for a leak. A new one is a case at the end.

import { channelsHaveRoles, serverDeath, serversAnswer, serversGrantMappings } from "./channels";
import {
  deviceMappingsAreCounted,
  deviceMappingsHaveTypes,
  deviceMappingsLeaveNothing,
  deviceMappingsRefuse,
  gpuFiles,
  onlyRootMapsDevices,
} from "./devices";
import { blockFiles, filesAnywhere, linksLeadElsewhere } from "./files";
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
import { programsOfServersDie } from "./programdeaths";
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

export const TESTS = 82;

/** The name of test i, 0 <= i < TESTS. The test itself is run first, if it is to be. */
export function test(i: i32, run: bool): string {
  switch (i) {
    case 0:
      if (run) spawnAndWait();
      return "spawn-and-wait";
    case 1:
      if (run) faultsEndTheProgram();
      return "faults-end-the-program";
    case 2:
      if (run) rightsAreLoweredAtOnce();
      return "rights-are-lowered-at-once";
    case 3:
      if (run) trapsEndTheProgram();
      return "traps-end-the-program";
    case 4:
      if (run) anonymousMemory();
      return "anonymous-memory";
    case 5:
      if (run) mmapRefuses();
      return "mmap-refuses";
    case 6:
      if (run) mmapHonoursHints();
      return "mmap-honours-hints";
    case 7:
      if (run) mmapReusesAddresses();
      return "mmap-reuses-addresses";
    case 8:
      if (run) munmapSplits();
      return "munmap-splits";
    case 9:
      if (run) munmapRefuses();
      return "munmap-refuses";
    case 10:
      if (run) mprotectRules();
      return "mprotect-rules";
    case 11:
      if (run) breakIsExact();
      return "break-is-exact";
    case 12:
      if (run) memoryGrow();
      return "memory-grow";
    case 13:
      if (run) stackGrows();
      return "stack-grows";
    case 14:
      if (run) memoryIsOnDemand();
      return "memory-is-on-demand";
    case 15:
      if (run) pagequeryTells();
      return "pagequery-tells";
    case 16:
      if (run) killEndsAnything();
      return "kill-ends-anything";
    case 17:
      if (run) killEndsABlockedReader();
      return "kill-ends-a-blocked-reader";
    case 18:
      if (run) descriptorsHaveALimit();
      return "descriptors-have-a-limit";
    case 19:
      if (run) descriptorsCanBeCopied();
      return "descriptors-can-be-copied";
    case 20:
      if (run) pipesCarryBytes();
      return "pipes-carry-bytes";
    case 21:
      if (run) pipesBlockAndWake();
      return "pipes-block-and-wake";
    case 22:
      if (run) filesOfTheInitrd();
      return "files-of-the-initrd";
    case 23:
      if (run) badPointers();
      return "bad-pointers";
    case 24:
      if (run) halfGoodPointers();
      return "half-good-pointers";
    case 25:
      if (run) channelsHaveRoles();
      return "channels-have-roles";
    case 26:
      if (run) serversAnswer();
      return "servers-answer";
    case 27:
      if (run) serversGrantMappings();
      return "servers-grant-mappings";
    case 28:
      if (run) serverDeath();
      return "server-death";
    case 29:
      if (run) deviceMappingsRefuse();
      return "device-mappings-refuse";
    case 30:
      if (run) deviceMappingsHaveTypes();
      return "device-mappings-have-types";
    case 31:
      if (run) deviceMappingsAreCounted();
      return "device-mappings-are-counted";
    case 32:
      if (run) deviceMappingsLeaveNothing();
      return "device-mappings-leave-nothing";
    case 33:
      if (run) onlyRootMapsDevices();
      return "only-root-maps-devices";
    case 34:
      if (run) gpuFiles();
      return "gpu-files";
    case 35:
      if (run) typesAreCounted();
      return "types-are-counted";
    case 36:
      if (run) sharedMemoryHasTypes();
      return "shared-memory-has-types";
    case 37:
      if (run) patdevMaps();
      return "patdev-maps";
    case 38:
      if (run) deviceGone();
      return "device-gone";
    case 39:
      if (run) privateFileMappings();
      return "private-file-mappings";
    case 40:
      if (run) dirtyBits();
      return "dirty-bits";
    case 41:
      if (run) prefaultAndAdvice();
      return "prefault-and-advice";
    case 42:
      if (run) handlerRepairs();
      return "handler-repairs";
    case 43:
      if (run) handlerIsAWriteBarrier();
      return "handler-is-a-write-barrier";
    case 44:
      if (run) handlerCanFail();
      return "handler-can-fail";
    case 45:
      if (run) viewsAreApart();
      return "gpu-views-are-apart";
    case 46:
      if (run) viewsHaveALimit();
      return "gpu-views-have-a-limit";
    case 47:
      if (run) modesChange();
      return "gpu-modes-change";
    case 48:
      if (run) staleMappingsAreMemory();
      return "gpu-stale-mappings-are-memory";
    case 49:
      if (run) vramIsShared();
      return "gpu-vram-is-shared";
    case 50:
      if (run) framesFlip();
      return "gpu-frames-flip";
    case 51:
      if (run) vblanksWake();
      return "gpu-vblanks-wake";
    case 52:
      if (run) damageIsExact();
      return "gpu-damage-is-exact";
    case 53:
      if (run) drawersLoseTheirPixels();
      return "gpu-drawers-lose-their-pixels";
    case 54:
      if (run) sharedMappingsSeeEachOther();
      return "two-shared-mappings-see-each-other";
    case 55:
      if (run) protReadIsEnforced();
      return "prot-read-is-enforced";
    case 56:
      if (run) fixedAndHintsAreHonoured();
      return "map-fixed-and-hints-are-honoured";
    case 57:
      if (run) stackOverflowEnds();
      return "stack-overflow-ends-the-program";
    case 58:
      if (run) nullDereferenceEnds();
      return "null-dereference-ends-the-program";
    case 59:
      if (run) freedMemoryIsGivenBack();
      return "freed-memory-is-given-back";
    case 60:
      if (run) limitsCanBeRaised();
      return "limits-can-be-raised";
    case 61:
      if (run) longSpawnAndExit();
      return "long-spawn-and-exit";
    case 62:
      if (run) longDeviceMappings();
      return "long-device-mappings";
    case 63:
      if (run) loopsAreStopped();
      return "loops-are-stopped";
    case 64:
      if (run) stopAndContinue();
      return "stop-and-continue";
    case 65:
      if (run) stoppedReaderWaits();
      return "stopped-reader-waits";
    case 66:
      if (run) caughtSignals();
      return "caught-signals";
    case 67:
      if (run) environmentIsInherited();
      return "environment-is-inherited";
    case 68:
      if (run) filesAnywhere();
      return "files-anywhere";
    case 69:
      if (run) blockFiles();
      return "block-files";
    case 70:
      if (run) serversDieAtEveryStep();
      return "servers-die-at-every-step";
    case 71:
      if (run) clientsDieAtEveryStep();
      return "clients-die-at-every-step";
    case 72:
      if (run) bothDieAtOnce();
      return "both-die-at-once";
    case 73:
      if (run) programsOfServersDie();
      return "programs-of-servers-die";
    case 74:
      if (run) filesAreShared();
      return "files-are-shared";
    case 75:
      if (run) pipesTakeWholeRecords();
      return "pipes-take-whole-records";
    case 76:
      if (run) linksLeadElsewhere();
      return "links-lead-elsewhere";
    case 77:
      if (run) swapIsRootsAlone();
      return "swap-is-roots-alone";
    case 78:
      if (run) swappedBuffersWork();
      return "swapped-buffers-work";
    case 79:
      if (run) swapHoldsMoreThanRam();
      return "swap-holds-more-than-ram";
    case 80:
      if (run) randomFillsMoreThanRam();
      return "swap-and-random";
    case 81:
      if (run) deathsWhilePagesAreOut();
      return "swap-and-deaths";
  }
  return "?";
}
