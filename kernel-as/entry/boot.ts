// Boot: CPU 0's way from the boot block to the first process. Everything it finds goes to the kernel log.
import { BootBlock, BootMagic, MapType } from "../../abi/boot";
import { Vt } from "../../abi/console";
import { Frame, PhysAddr, PhysFrame } from "../../abi/layout";
import { MachineWord, PowerState } from "../../abi/machine";
import { MemType, Msr } from "../../abi/pte";
import { OpenFlag } from "../../abi/syscall";
import { busRead } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { msrRead } from "../arch/msr";
import { cpuSlot } from "../arch/percpu";
import { archiveFind, archiveValid, initrdCount } from "../dev/archive";
import { CONSOLE_TABLE_BYTES, consoleInit, consoleSilent } from "../dev/consolevt";
import { Part, partBlocks, partFirst, partitionsRead } from "../dev/partitions";
import { pciAt, pciCount, pciDeclareResources, pciScan } from "../dev/pci";
import { pciPrint } from "../dev/texts";
import { CHANNEL_TABLE_BYTES, channelInit } from "../ipc/channel";
import { namesCreate } from "../ipc/names";
import { PIPE_TABLE_BYTES, pipeInit } from "../ipc/pipe";
import { bytesLength, literalCopy, literalEquals } from "../lib/bytes";
import { klogQuiet, kprint, kprintBytes, kprintDec, kprintHex } from "../lib/klog";
import { Panic, panic } from "../lib/panic";
import { textBegin, textEnd } from "../lib/text";
import { Vars } from "../lib/vars";
import { bootAlloc, mmBoot, mmBootEarly } from "../mm/boot";
import { pmmFreeFrames, pmmReservedFrames, pmmTotalFrames } from "../mm/pmm";
import { swapEnter } from "../mm/swapspace";
import { MmVar, mmVar } from "../mm/vars";
import { machineWord } from "../proc/cpus";
import { INIT_PID } from "../proc/end";
import { FILE_TABLE_BYTES, FileKind, fdSet, fileCreate, fileGet, fileInit } from "../proc/file";
import { PROCESS_TABLE_BYTES, Process, processCreate, processInit } from "../proc/process";
import { argumentsAppend, processFill, processQueue } from "../sys/process";
import { execInit, TEXT_BUFFER_BYTES } from "./exec";

const LINE_BYTES: u32 = 4095;
const LAPIC_ID: u32 = 0x20;
const LAPIC_VERSION: u32 = 0x30;

/** Slot 0, once: brings everything up and leaves init in the start queue. Panics when it cannot. */
export function boot(): void {
  if (load<u32>(PhysAddr.BOOT_BLOCK) != BootMagic.VALUE) panic(Panic.BOOT_BLOCK, BootBlock.MAGIC);
  if (__heap_base > <u32>Vars.KLOG_RING) panic(Panic.STATIC_OVERFLOW, __heap_base);
  kernelLock();
  readWords();
  kprint("Quire 0.1.0, a microkernel for WebAssembly\n");
  printCommandLine();
  printMemoryMap();
  mmBootEarly();
  processInit(bootAlloc(PROCESS_TABLE_BYTES));
  fileInit(bootAlloc(FILE_TABLE_BYTES));
  pipeInit(bootAlloc(PIPE_TABLE_BYTES));
  channelInit(bootAlloc(CHANNEL_TABLE_BYTES));
  consoleInit(bootAlloc(CONSOLE_TABLE_BYTES));
  execInit(bootAlloc(TEXT_BUFFER_BYTES));
  mmBoot();
  printFrames();
  printPaging();
  pciScan();
  pciDeclareResources();
  printDevices();
  if (!archiveValid()) panic(Panic.BOOT_BLOCK, BootBlock.INITRD);
  kprint("initrd: ");
  kprintDec(initrdCount());
  kprint(" files\n");
  partitionsRead();
  if (partBlocks(Part.SWAP) != 0) swapEnter(partFirst(Part.SWAP), partBlocks(Part.SWAP));
  startInit();
  atomic.store<u32>(machineWord(MachineWord.POWER), PowerState.RUNNING);
  atomic.notify(machineWord(MachineWord.POWER), -1);
  kernelUnlock();
}

function line(): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.COMMAND_LINE);
}

function lineBytes(): u32 {
  return <u32>bytesLength(line(), LINE_BYTES);
}

/** End of the word at `at`. */
function wordEnd(at: u32, n: u32): u32 {
  while (at < n && load<u8>(line() + at) != 32) at++;
  return at;
}

function skipSpaces(at: u32, n: u32): u32 {
  while (at < n && load<u8>(line() + at) == 32) at++;
  return at;
}

/** "quiet": the log is not copied to the console. With a command as well, or "noecho", input is not typed by a person: no echo. */
function readWords(): void {
  const n = lineBytes();
  let quiet = false;
  let silent = false;
  let command = false;
  for (let at = skipSpaces(0, n); at < n && !command; ) {
    const end = wordEnd(at, n);
    if (literalEquals(line() + at, end - at, "quiet")) quiet = true;
    if (literalEquals(line() + at, end - at, "noecho")) silent = true;
    command = literalEquals(line() + at, end - at, "--");
    at = skipSpaces(end, n);
  }
  klogQuiet(quiet);
  consoleSilent(silent || (quiet && command));
}

function printCommandLine(): void {
  if (lineBytes() == 0) return;
  kprint("command line: ");
  kprintBytes(line(), lineBytes());
  kprint("\n");
}

function printMemoryMap(): void {
  const count = min<u32>(load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.MAP_COUNT), 32);
  for (let i: u32 = 0; i < count; i++) {
    const entry = <usize>PhysAddr.BOOT_BLOCK + BootBlock.MAP + i * 24;
    const base = load<u64>(entry);
    kprint("memory: ");
    kprintHex(base, 8);
    kprint("-");
    kprintHex(base + load<u64>(entry, 8), 8);
    kprint(load<u32>(entry, 16) == MapType.RAM ? " ram\n" : " reserved\n");
  }
}

function printFrames(): void {
  kprint("frames: ");
  kprintDec(pmmTotalFrames());
  kprint(" total, ");
  kprintDec(pmmFreeFrames());
  kprint(" free, ");
  kprintDec(pmmReservedFrames());
  kprint(" reserved\n");
}

function printPaging(): void {
  const pat = msrRead(Msr.PAT);
  kprint("PAT:");
  for (let i: u64 = 0; i < 8; i++) {
    kprint(" ");
    kprint(typeName(<u32>(pat >> (i * 8)) & 7));
  }
  kprint("\npaging on, CR3 ");
  kprintHex((<u64>mmVar(MmVar.KERNEL_ROOT)) << Frame.SHIFT, 8);
  kprint("\n");
}

function typeName(type: u32): string {
  switch (type) {
    case MemType.UC:
      return "UC";
    case MemType.WC:
      return "WC";
    case MemType.WT:
      return "WT";
    case MemType.WP:
      return "WP";
    case MemType.WB:
      return "WB";
    default:
      return "UC-";
  }
}

function printDevices(): void {
  const buffer = Vars.ENTRY + 0x100;
  for (let i: u32 = 0; i < pciCount(); i++) {
    textBegin(buffer, 0, 256);
    pciPrint(pciAt(i));
    kprint("pci: ");
    kprintBytes(buffer, textEnd());
  }
  const lapic = (<u32>PhysFrame.LAPIC) << Frame.SHIFT;
  kprint("lapic: id ");
  kprintDec(busRead(lapic + LAPIC_ID, 4) >>> 24);
  kprint(", version ");
  kprintHex(busRead(lapic + LAPIC_VERSION, 4), 1);
  kprint(", cpu ");
  kprintDec(cpuSlot);
  kprint("\n");
}

/** The first process: /bin/init with the command line's words as arguments, all descriptors on the console, no mounts. */
function startInit(): void {
  const path = Vars.ENTRY + 0x200;
  const n = literalCopy(path, "/bin/init");
  if (archiveFind(path + 1, n - 1) == 0) panic(Panic.NO_INIT, 0);
  const init = processCreate();
  if (init === null || init.pid != INIT_PID) panic(Panic.BAD_STATE, 0);
  if (processFill(init!, path, n, path, 1) != 0 || !namesCreate(init!, 0))
    panic(Panic.NO_MEMORY, 0);
  init!.group = INIT_PID;
  initArguments(init!);
  const console = fileCreate(FileKind.CONSOLE, OpenFlag.READWRITE)!;
  console.node = Vt.FIRST;
  for (let fd: u32 = 0; fd < 3; fd++) {
    if (fd > 0) fileGet(console);
    fdSet(init!, fd, console);
  }
  kprint("init: /bin/init, pid 1\n");
  processQueue(init!);
}

/** "init", then each word; what follows "--" is one argument. */
function initArguments(init: Process): void {
  const nul = Vars.ENTRY + 0x300;
  store<u8>(nul, 0);
  argumentsAppend(init, nul - literalCopy(nul - 4, "init"), 4);
  argumentsAppend(init, nul, 1);
  const n = lineBytes();
  let rest = false;
  for (let at = skipSpaces(0, n); at < n; ) {
    const end = rest ? n : wordEnd(at, n);
    argumentsAppend(init, line() + at, end - at);
    argumentsAppend(init, nul, 1);
    rest = literalEquals(line() + at, end - at, "--");
    at = skipSpaces(end, n);
  }
}
