// Texts: the kernel's generated files. Each is printed from its start on every read, into the window that the reader asked for
// (lib/text.ts), so it needs no memory and is never stale.
//
// Locks     kernel lock.

import { BootBlock } from "../../abi/boot";
import { CpuState } from "../../abi/cpu";
import { DiskState, DiskStatus } from "../../abi/disk";
import { Limit, PhysAddr } from "../../abi/layout";
import { TextFile } from "../../abi/proc";
import { MountFlag } from "../../abi/syscall";
import { Counter, counterGet } from "../arch/counters";
import { diskCounter, diskPresent, diskStatus } from "../arch/disk";
import { nowNs } from "../arch/io";
import { Channel, channelCount } from "../ipc/channel";
import { mountPath, mountSource, namesAt, namesCount } from "../ipc/names";
import { pipeCount } from "../ipc/pipe";
import { bytesLength } from "../lib/bytes";
import { text, textByte, textBytes, textDec, textDecPad, textHex } from "../lib/text";
import { mmCheck } from "../mm/check";
import { memtypeCount } from "../mm/memtype";
import { objectCount } from "../mm/object";
import {
  pmmFreeFrames,
  pmmObjectFrames,
  pmmReservedFrames,
  pmmTableFrames,
  pmmTotalFrames,
  pmmWiredFrames,
} from "../mm/pmm";
import { swapsText, vmstatText } from "../mm/swaptexts";
import { spaceTablesText } from "../mm/tabletext";
import { framesStateText, memtypesText, spaceMapsText } from "../mm/texts";
import { workingSetOf } from "../mm/workingset";
import { cpuCount, cpuOnlineCount, cpuState } from "../proc/cpus";
import { fileCount } from "../proc/file";
import {
  currentProcess,
  Process,
  ProcessState,
  processAt,
  processFind,
  processName,
  processNameBytes,
  processOnCpu,
} from "../proc/process";
import { consoleText } from "./consoletext";
import { namesText } from "./nstext";
import { Part, partBlocks, partFirst, partName, reasonText } from "./partitions";
import { PciDevice, pciAt, pciClassName, pciCount } from "./pci";
import { terminalOf } from "./terminal";

/** Names of the files in /proc, by index from 0, in TextFile's order. "" after the last. */
export function textFileName(index: u32): string {
  switch (index + 1) {
    case TextFile.MEMINFO:
      return "meminfo";
    case TextFile.PROCESSES:
      return "processes";
    case TextFile.MEMTYPES:
      return "memtypes";
    case TextFile.MOUNTS:
      return "mounts";
    case TextFile.PCI:
      return "pci";
    case TextFile.UPTIME:
      return "uptime";
    case TextFile.COUNTERS:
      return "counters";
    case TextFile.CPUINFO:
      return "cpuinfo";
    case TextFile.CMDLINE:
      return "cmdline";
    case TextFile.FRAMES:
      return "frames";
    case TextFile.DISK:
      return "disk";
    case TextFile.CONSOLE:
      return "console";
    case TextFile.VMSTAT:
      return "vmstat";
    case TextFile.SWAPS:
      return "swaps";
    case TextFile.MMCHECK:
      return "mmcheck";
    default:
      return "";
  }
}

/** Names of the files in /proc/PID, by index from 0, in TextFile's order from MAPS on. "" after the last. */
export function processTextName(index: u32): string {
  switch (index + TextFile.MAPS) {
    case TextFile.MAPS:
      return "maps";
    case TextFile.STATUS:
      return "status";
    case TextFile.NAMES:
      return "ns";
    case TextFile.TABLES:
      return "pt";
    default:
      return "";
  }
}

/** Prints the file. pid is used by those of a process; one that has ended gives an empty file. */
export function textFilePrint(which: u32, pid: i32): void {
  switch (which) {
    case TextFile.MEMINFO:
      printMeminfo();
      break;
    case TextFile.PROCESSES:
      printProcesses();
      break;
    case TextFile.MEMTYPES:
      memtypesText();
      break;
    case TextFile.MOUNTS:
      printMounts();
      break;
    case TextFile.PCI:
      printPci();
      break;
    case TextFile.UPTIME:
      printUptime();
      break;
    case TextFile.COUNTERS:
      printCounters();
      break;
    case TextFile.CPUINFO:
      printCpuinfo();
      break;
    case TextFile.CMDLINE:
      printCommandLine();
      break;
    case TextFile.FRAMES:
      framesStateText();
      break;
    case TextFile.DISK:
      printDisk();
      break;
    case TextFile.CONSOLE:
      consoleText();
      break;
    case TextFile.VMSTAT:
      vmstatText();
      break;
    case TextFile.SWAPS:
      swapsText();
      break;
    case TextFile.MMCHECK:
      printMmcheck();
      break;
    case TextFile.MAPS:
      printMaps(pid);
      break;
    case TextFile.STATUS:
      printStatus(pid);
      break;
    case TextFile.NAMES:
      printNames(pid);
      break;
    case TextFile.TABLES:
      printTables(pid);
      break;
  }
}

/** "00:02.0 1234:1111 display BAR0 0xe0000000 32 MiB prefetchable ..." */
export function pciPrint(device: PciDevice): void {
  text("00:");
  textHex(device.slot, 2);
  text(".0 ");
  textHex(device.vendor, 4);
  text(":");
  textHex(device.device, 4);
  text(" ");
  text(pciClassName(device.class));
  printBar("BAR0", device.bar0, device.bar0Bytes, (device.flags & 1) != 0);
  printBar("BAR2", device.bar2, device.bar2Bytes, (device.flags & 4) != 0);
  text("\n");
}

function printBar(name: string, base: u32, bytes: u32, prefetchable: bool): void {
  if (bytes == 0) return;
  text(" ");
  text(name);
  text(" 0x");
  textHex(base, 8);
  text(" ");
  const wide = bytes >= 0x100000;
  textDec(wide ? bytes >>> 20 : bytes >>> 10);
  text(wide ? " MiB" : " KiB");
  if (prefetchable) text(" prefetchable");
}

function line(name: string, value: u64): void {
  text(name);
  text(" ");
  textDec(value);
  text("\n");
}

function printMeminfo(): void {
  line("total_kib", <u64>pmmTotalFrames() * 4);
  line("free_kib", <u64>pmmFreeFrames() * 4);
  line("object_kib", <u64>pmmObjectFrames() * 4);
  line("page_table_kib", <u64>pmmTableFrames() * 4);
  line("wired_kib", <u64>pmmWiredFrames() * 4);
  line("reserved_kib", <u64>pmmReservedFrames() * 4);
}

function stateName(process: Process): string {
  if (process.stop != 0) return "stopped";
  switch (process.state) {
    case ProcessState.EMBRYO:
      return "starting";
    case ProcessState.RUNNING:
      return "running";
    case ProcessState.SLEEPING:
      return "sleeping";
    case ProcessState.ZOMBIE:
      return "zombie";
    case ProcessState.STOPPED:
      return "stopped";
    default:
      return "free";
  }
}

function printProcesses(): void {
  text("  PID  PPID GROUP  UID STATE    CPU     KIB    SWAP    WSET NAME\n");
  let pid: i32 = 0;
  while (true) {
    const process = nextByPid(pid);
    if (process === null) return;
    pid = process.pid;
    textDecPad(pid, 5);
    textDecPad(process.parent, 6);
    textDecPad(process.group, 6);
    textDecPad(process.uid, 5);
    text(" ");
    const state = stateName(process);
    text(state);
    for (let i = state.length; i < 8; i++) textByte(32);
    textDecPad(process.cpu, 4);
    printMemory(process);
    text(" ");
    textBytes(processName(process), processNameBytes(process));
    text("\n");
  }
}

/** KiB in memory with page tables, KiB swapped out, KiB of the working set. */
function printMemory(process: Process): void {
  const space = process.space;
  if (space === null) {
    for (let i = 0; i < 3; i++) textDecPad(0, 8);
    return;
  }
  const pages = workingSetOf(space);
  textDecPad(<u64>(pages.resident + space.tablePages) * 4, 8);
  textDecPad(<u64>pages.swapped * 4, 8);
  textDecPad(<u64>pages.used * 4, 8);
}

/** The process with the lowest pid above `pid`, or null. */
function nextByPid(pid: i32): Process | null {
  let next: Process | null = null;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.pid <= pid) continue;
    if (next === null || process.pid < next.pid) next = process;
  }
  return next;
}

function printMounts(): void {
  const names = currentProcess().names;
  for (let i: u32 = 0; i < namesCount(names); i++) {
    const mount = namesAt(names, i);
    textBytes(mountPath(mount), mount.pathBytes);
    text(
      mount.flags == MountFlag.BEFORE
        ? " before "
        : mount.flags == MountFlag.AFTER
          ? " after "
          : " replace ",
    );
    if (mount.channel == 0) {
      text("bind ");
    } else {
      const channel = changetype<Channel>(mount.channel);
      const down = channel.down != 0 || channel.servers == 0;
      text(down ? "down " : "server ");
      if (!down) textDec(channel.server);
      if (!down && mount.sourceBytes != 0) text(" ");
    }
    textBytes(mountSource(mount), mount.sourceBytes);
    text("\n");
  }
}

function printNames(pid: i32): void {
  const process = processFind(pid);
  if (process !== null && process.names != 0) namesText(process.names);
}

function printPci(): void {
  for (let i: u32 = 0; i < pciCount(); i++) pciPrint(pciAt(i));
}

function printUptime(): void {
  const ms = nowNs() / 1_000_000;
  textDec(ms / 1000);
  text(".");
  const rest = ms % 1000;
  if (rest < 100) text("0");
  if (rest < 10) text("0");
  textDec(rest);
  text("\n");
}

function printCounters(): void {
  line("faults", counterGet(Counter.FAULTS));
  line("tlb_fills", counterGet(Counter.TLB_FILLS));
  line("tlb_flushes", counterGet(Counter.TLB_FLUSHES));
  line("syscalls", counterGet(Counter.SYSCALLS));
  line("shootdowns", counterGet(Counter.SHOOTDOWNS));
  line("bus_reads", counterGet(Counter.BUS_READS));
  line("bus_writes", counterGet(Counter.BUS_WRITES));
  line("bus_unclaimed", counterGet(Counter.BUS_UNCLAIMED));
  line("bursts", counterGet(Counter.BURSTS));
  line("burst_bytes", counterGet(Counter.BURST_BYTES));
  line("uc_reads", counterGet(Counter.UC_READS));
  line("uc_writes", counterGet(Counter.UC_WRITES));
  line("splits", counterGet(Counter.SPLITS));
  line("merges", counterGet(Counter.MERGES));
  line("quarantined", counterGet(Counter.QUARANTINED));
  line("pte_copies", counterGet(Counter.PTE_COPIES));
  line("table_copies", counterGet(Counter.TABLE_COPIES));
  line("page_copies", counterGet(Counter.PAGE_COPIES));
  line("reference_ops", counterGet(Counter.REFERENCE_OPS));
  line("open_files", fileCount());
  line("pipes", pipeCount());
  line("channels", channelCount());
  line("objects", objectCount());
  line("memtype_ranges", memtypeCount());
}

function printCpuinfo(): void {
  line("online", cpuOnlineCount());
  line("idle", cpuCount(CpuState.IDLE));
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS; slot++) {
    const state = cpuState(slot);
    if (state == CpuState.OFFLINE) continue;
    text("cpu ");
    textDec(slot);
    text(state == CpuState.IDLE ? " idle" : state == CpuState.KERNEL ? " kernel" : " user");
    const process = processOnCpu(slot);
    if (process !== null) {
      text(" pid ");
      textDec(process.pid);
    }
    text("\n");
  }
}

function printCommandLine(): void {
  const p = load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.COMMAND_LINE);
  textBytes(p, bytesLength(p, 4095));
  text("\n");
}

/** What there is, its parts, and what the device has counted. */
function printDisk(): void {
  if (!diskPresent()) {
    text("none: ");
    text(diskStatus() == DiskStatus.GONE ? "it was lost while the machine ran" : reasonText());
    text("\n");
    return;
  }
  for (let part: u32 = 0; part < <u32>Part.COUNT; part++) {
    if (partBlocks(part) == 0) continue;
    text(partName(part));
    text(" first ");
    textDec(partFirst(part));
    text(" blocks ");
    textDec(partBlocks(part));
    text("\n");
  }
  line("reads", diskCounter(DiskState.READS));
  line("read_blocks", diskCounter(DiskState.READ_BLOCKS));
  line("writes", diskCounter(DiskState.WRITES));
  line("write_blocks", diskCounter(DiskState.WRITE_BLOCKS));
  line("flushes", diskCounter(DiskState.FLUSHES));
  line("failures", diskCounter(DiskState.FAILURES));
  line("requests", diskCounter(DiskState.IN_USE));
}

function printMaps(pid: i32): void {
  const process = processFind(pid);
  if (process === null) return;
  const space = process.space;
  if (space !== null) spaceMapsText(space);
}

function printTables(pid: i32): void {
  const process = processFind(pid);
  if (process === null) return;
  const space = process.space;
  if (space !== null) spaceTablesText(space);
}

/** Checks when it is read, and when its size is asked for. */
function printMmcheck(): void {
  const broken = mmCheck();
  if (broken == 0) return text("every invariant holds\n");
  text("invariant ");
  textDec(broken);
  text(" is broken: see /dev/klog\n");
}

function printStatus(pid: i32): void {
  const process = processFind(pid);
  if (process === null) return;
  text("name ");
  textBytes(processName(process), processNameBytes(process));
  text("\nstate ");
  text(stateName(process));
  text("\n");
  line("pid", process.pid);
  line("parent", process.parent);
  line("group", process.group);
  line("uid", process.uid);
  line("terminal", terminalOf(process));
  line("cpu", process.cpu);
  line("open_files", process.openFiles);
  line("syscalls", process.syscalls);
  const space = process.space;
  if (space === null) return;
  const pages = workingSetOf(space);
  line("resident_kib", <u64>pages.resident * 4);
  line("swapped_kib", <u64>pages.swapped * 4);
  line("working_set_kib", <u64>pages.used * 4);
  line("paged_in", space.pagedIn);
  line("waited_us", process.waitedNs / 1000);
  line("thrashing", process.thrashing);
  line("page_table_kib", <u64>space.tablePages * 4);
  line("break", space.brk);
  line("faults", space.faults);
  line("bursts", space.bursts);
  line("burst_bytes", space.burstBytes);
  line("uc_reads", space.ucReads);
  line("uc_writes", space.ucWrites);
}
