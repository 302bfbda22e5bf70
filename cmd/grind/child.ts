// One child of the grind: random calls that follow from its seed alone, on memory that it knows and on memory that it does not.

import { Access } from "../../abi/mmu";
import { MemType } from "../../abi/pte";
import {
  Advice,
  DeviceMapFlag,
  MapFlag,
  OpenFlag,
  ProcessLimit,
  Prot,
  RevokeFlag,
  SgSegment,
  Signal,
} from "../../abi/syscall";
import { openLiteral } from "../../lib/files";
import {
  brk,
  close,
  dup,
  getuid,
  ipcPair,
  isError,
  kill,
  madvise,
  mcache,
  mdirty,
  mincore,
  mmap,
  mmapDevice,
  mmapSg,
  mprotect,
  mrevoke,
  munmap,
  nanosleep,
  pagequery,
  pipe,
  pread,
  read,
  setlimit,
  setuid,
  sfence,
  spawn,
  wait,
  write,
  yieldCpu,
} from "../../lib/sys";
import { putDecimal, putLiteral } from "../../lib/text";

/** Status of a child that found what it had not put there. */
export const WRONG = 77;
/** Places of children that children start: they start none. */
export const GRANDCHILD: u32 = 100;

const CALLS = 300;
const PAGE: u32 = 4096;
const RW = Prot.READ | Prot.WRITE;
const VRAM: u64 = 0xe0000000;
/** VRAM that no picture reaches: the last MiB. */
const SPARE: u64 = VRAM + 0x1f00000;
const LAPIC: u64 = 0xfee00000;

/** What the child has mapped itself and still knows. Page i of a region begins with its tag plus i, if it was ever stored. */
@unmanaged
class Region {
  at: u32;
  pages: u32;
  prot: i32;
  kind: u32;
  /** 0: not stored. */
  tag: u32;
}

const enum Kind {
  NONE = 0,
  PRIVATE = 1,
  SHARED = 2,
  DEVICE = 3,
}

const REGIONS: u32 = 12;
const regions: usize = memory.data(240, 8);
const scratch: usize = memory.data(8192, 16);
const argv: usize = memory.data(128);
const path: usize = memory.data(64);
let state: u32 = 0;
let place: u32 = 0;
let forgiving = false;

/** mulberry32: a number below n. */
function next(n: u32): u32 {
  state += 0x6d2b79f5;
  let t = (state ^ (state >>> 15)) * (1 | state);
  t = (t + (t ^ (t >>> 7)) * (61 | t)) ^ t;
  return (t ^ (t >>> 14)) % n;
}

/** A bad access: nearly always something is mapped there, so that the child goes on. */
export function __fault(address: u32, access: Access, bits: i32): i32 {
  if (!forgiving) return 0;
  const page: u32 = address & ~4095;
  for (let i: u32 = 0; i < REGIONS; i++)
    if (page - regionAt(i).at < regionAt(i).pages * PAGE) regionAt(i).tag = 0;
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED;
  if (!isError(mmap(page, PAGE, RW, flags, -1, 0))) return 1;
  return mprotect(page, PAGE, RW) == 0 ? 1 : 0;
}

/** Starts `grind --child SEED ROUND PLACE`; its pid or -errno. */
export function childSpawn(seed: u32, round: u32, at: u32): i32 {
  let n = putLiteral(argv, "grind");
  store<u8>(argv + n++, 0);
  n += putLiteral(argv + n, "--child");
  store<u8>(argv + n++, 0);
  n = putNumber(putNumber(putNumber(n, seed), round), at);
  return spawn(path, putLiteral(path, "/bin/grind"), argv, n, 0, 0);
}

function putNumber(n: i32, value: u32): i32 {
  n += putDecimal(argv + n, value);
  store<u8>(argv + n++, 0);
  return n;
}

export function childRun(seed: u32, round: u32, at: u32): i32 {
  place = at;
  state = seed ^ (round * 0x9e3779b9) ^ (at * 0x85ebca6b);
  if (at & 1) setuid(1000);
  forgiving = next(4) != 0;
  for (let i = 0; i < CALLS; i++) {
    call();
    if ((i & 15) == 15 && !regionsAgree()) return WRONG;
  }
  while (wait(-1, scratch) > 0) {}
  return regionsAgree() ? 0 : WRONG;
}

function call(): void {
  switch (next(32)) {
    case 0:
    case 1:
    case 2:
      mapAnonymous();
      break;
    case 3:
      mapDevice();
      break;
    case 4:
    case 5:
      unmap();
      break;
    case 6:
    case 7:
      protect();
      break;
    case 8:
    case 9:
    case 10:
    case 11:
      touch();
      break;
    case 12:
      advise();
      break;
    case 13:
      moveBreak();
      break;
    case 14:
      mdirty(anyPage(), PAGE * (1 + next(8)), next(2) ? scratch : 0, next(8));
      break;
    case 15:
      mincore(anyPage(), PAGE * (1 + next(64)), scratch);
      break;
    case 16:
      pagequery(next(3) == 0 ? 1 + next(8) : 0, anyPage(), scratch);
      break;
    case 17:
      retypeShared();
      break;
    case 18:
      revoke();
      break;
    case 19:
      sfence();
      break;
    case 20:
      throughAPipe();
      break;
    case 21:
      readSomewhere();
      break;
    case 22:
      grandchild();
      break;
    case 23:
      mapFile();
      break;
    case 24:
      deepStack(next(400));
      break;
    case 25:
      setlimit(1 + next(2), ProcessLimit.ASK);
      if (getuid() == 0) setlimit(ProcessLimit.DEVICE_MAPPINGS, next(20));
      break;
    case 26:
      memory.grow(next(3));
      break;
    case 27:
      mapList();
      break;
    case 28:
      channels();
      break;
    case 29:
      hostile();
      break;
    case 30:
      if (next(2)) yieldCpu();
      else nanosleep(next(100000));
      break;
    default:
      memory.copy(scratch, scratch + next(64), 1 + next(4000));
  }
}

// ---- Regions ----

function regionAt(i: u32): Region {
  return changetype<Region>(regions + i * offsetof<Region>());
}

function freeRegion(): Region | null {
  for (let i: u32 = 0; i < REGIONS; i++) if (regionAt(i).kind == Kind.NONE) return regionAt(i);
  return null;
}

function someRegion(): Region | null {
  const r = regionAt(next(REGIONS));
  return r.kind == Kind.NONE ? null : r;
}

function enter(at: usize, pages: u32, prot: i32, kind: Kind): void {
  if (isError(at)) return;
  const r = freeRegion();
  if (r == null) {
    munmap(at, pages * PAGE);
    return;
  }
  r.at = <u32>at;
  r.pages = pages;
  r.prot = prot;
  r.kind = kind;
  r.tag = 0;
}

/** Every private or shared region shows what was stored there. */
function regionsAgree(): bool {
  for (let i: u32 = 0; i < REGIONS; i++) {
    const r = regionAt(i);
    if (r.kind == Kind.NONE || r.kind == Kind.DEVICE || r.tag == 0 || r.prot == Prot.NONE) continue;
    for (let page: u32 = 0; page < r.pages; page++)
      if (load<u32>(r.at + page * PAGE) != r.tag + page) return false;
  }
  return true;
}

function anyPage(): u32 {
  const r = someRegion();
  if (r != null && next(4) != 0) return r.at + next(r.pages + 1) * PAGE;
  return 0x40000000 + next(0x1000) * PAGE;
}

// ---- Calls ----

function mapAnonymous(): void {
  const pages: u32 = 1 + next(next(8) == 0 ? 600 : 12);
  const shared = next(3) == 0;
  let flags = MapFlag.ANONYMOUS | (shared ? MapFlag.SHARED : MapFlag.PRIVATE);
  if (next(4) == 0) flags |= next(2) ? MapFlag.PREFAULT_READ : MapFlag.PREFAULT_WRITE;
  const hint: u32 = next(2) ? 0x60000000 + next(0x4000) * PAGE : 0;
  enter(mmap(hint, pages * PAGE, RW, flags, -1, 0), pages, RW, shared ? Kind.SHARED : Kind.PRIVATE);
}

function mapDevice(): void {
  if (next(4) == 0) {
    enter(mmapDevice(LAPIC, PAGE, DeviceMapFlag.NOCACHE), 1, RW, Kind.DEVICE);
    return;
  }
  const pages: u32 = 1 + next(64);
  const flags = DeviceMapFlag.WRITECOMBINE | (next(2) ? DeviceMapFlag.HUGEPAGE : 0);
  enter(mmapDevice(SPARE + next(128) * PAGE, pages * PAGE, flags), pages, RW, Kind.DEVICE);
}

function mapList(): void {
  const count: u32 = 1 + next(6);
  let pages: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const n: u32 = 1 + next(3);
    store<u64>(scratch + i * SgSegment.BYTES, SPARE + next(200) * PAGE, SgSegment.PA);
    store<u64>(scratch + i * SgSegment.BYTES, n * PAGE, SgSegment.LENGTH);
    pages += n;
  }
  enter(mmapSg(scratch, count, DeviceMapFlag.WRITECOMBINE), pages, RW, Kind.DEVICE);
}

function mapFile(): void {
  const gpu = next(2) == 0;
  const fd = gpu
    ? openLiteral("/dev/gpu/fb", OpenFlag.READWRITE)
    : openLiteral("/etc/motd", OpenFlag.READ);
  if (fd < 0) return;
  const at = mmap(0, PAGE * 2, gpu ? RW : Prot.READ, gpu ? MapFlag.SHARED : MapFlag.PRIVATE, fd, 0);
  close(fd);
  if (isError(at)) return;
  store<u32>(scratch, load<u32>(at + next(2047) * 4));
  munmap(at, PAGE * (1 + next(2)));
  munmap(at, PAGE * 2);
}

function unmap(): void {
  const r = someRegion();
  if (r == null) return;
  if (next(2) || r.pages == 1) {
    if (munmap(r.at, r.pages * PAGE) == 0) r.kind = Kind.NONE;
    return;
  }
  // The upper part goes.
  const keep: u32 = 1 + next(r.pages - 1);
  if (munmap(r.at + keep * PAGE, (r.pages - keep) * PAGE) == 0) r.pages = keep;
}

function protect(): void {
  const r = someRegion();
  if (r == null) return;
  const prot = next(3) == 0 ? Prot.NONE : next(2) ? RW : Prot.READ;
  if (mprotect(r.at, r.pages * PAGE, prot) == 0) r.prot = prot;
  // A part, and back.
  const page: u32 = next(r.pages);
  if (next(2) && mprotect(r.at + page * PAGE, PAGE, Prot.READ) == 0)
    if (mprotect(r.at + page * PAGE, PAGE, r.prot) != 0) r.tag = 0; // out of memory
}

function touch(): void {
  const r = someRegion();
  if (r == null) {
    if (next(8) == 0) store<u32>(nowhere(), state);
    return;
  }
  if (!(r.prot & Prot.WRITE)) return;
  const tag: u32 = next(0x7fffffff) | 1;
  for (let page: u32 = 0; page < r.pages; page++) store<u32>(r.at + page * PAGE, tag + page);
  r.tag = tag;
  if (r.pages > 1) store<u64>(r.at + PAGE - 5, load<u64>(r.at + PAGE - 13) & 0xff);
  if (r.pages > 1) store<u32>(r.at + PAGE, tag + 1);
}

function advise(): void {
  const r = someRegion();
  if (r == null) return;
  if (madvise(r.at, r.pages * PAGE, next(2) ? Advice.DONTNEED : Advice.NORMAL) != 0) return;
  if (r.kind == Kind.PRIVATE) r.tag = 0;
}

function moveBreak(): void {
  const end = brk(0);
  if (brk(end + next(0x20000)) != end) store<u8>(end, 1);
  brk(end);
}

function retypeShared(): void {
  const r = someRegion();
  if (r == null || r.kind != Kind.SHARED) return;
  mcache(r.at, r.pages * PAGE, next(8));
  if (next(2)) mcache(r.at, r.pages * PAGE, MemType.WB);
}

function revoke(): void {
  const r = someRegion();
  if (r == null || r.kind == Kind.PRIVATE) return;
  const keep: u32 = next(2) != 0;
  if (mrevoke(r.at, keep ? RevokeFlag.KEEP_OWN : 0) != 0 || keep) return;
  munmap(r.at, r.pages * PAGE);
  r.kind = Kind.NONE;
}

/** Bytes of one region by a pipe into another. */
function throughAPipe(): void {
  if (pipe(scratch) != 0) return;
  const from = load<i32>(scratch);
  const to = load<i32>(scratch, 4);
  write(to, anyPage(), 1 + next(4000));
  write(to, scratch, 8);
  read(from, scratch + 16, 1 + next(4000));
  const twin = dup(from);
  close(from);
  close(to);
  close(twin);
}

function readSomewhere(): void {
  const fd = openLiteral("/proc/self/maps", OpenFlag.READ);
  const file = fd < 0 ? openLiteral("/proc/memtypes", OpenFlag.READ) : fd;
  if (file < 0) return;
  pread(file, scratch, 1 + next(4096), next(200));
  close(file);
}

function grandchild(): void {
  if (place >= GRANDCHILD || next(3) != 0) return;
  const pid = childSpawn(next(0x7fffffff), 0, GRANDCHILD + next(4));
  if (pid <= 0) return;
  const how = next(3);
  if (how == 0) kill(pid, Signal.KILL);
  else if (how == 1) nanosleep(next(500000));
  if (how == 1) kill(pid, Signal.TERM);
  wait(pid, scratch);
}

function channels(): void {
  if (ipcPair(scratch) != 0) return;
  close(load<i32>(scratch));
  close(load<i32>(scratch, 4));
}

/** Where no region is: unmapped, the null page, the kernel's, or the end of everything. */
function nowhere(): u32 {
  switch (next(4)) {
    case 0:
      return 0x70000000 + next(0x30000000);
    case 1:
      return 0xc0000000 + next(0x3fffffff);
    case 2:
      return next(4096);
    default:
      return 0xfffffff0 + next(16);
  }
}

/** Arguments that make no sense. */
function hostile(): void {
  const a: u32 = next(4) == 0 ? nowhere() : anyPage() + next(3);
  const n: u32 = next(4) == 0 ? nowhere() : next(9000);
  switch (next(9)) {
    case 0:
      mmap(a, n, next(16), next(0x4000000) & ~MapFlag.FIXED, <i32>next(70) - 1, next(9000));
      break;
    case 1:
      mmapDevice(nowhere(), n, next(8));
      break;
    case 2:
      pagequery(next(70), a, nowhere());
      break;
    case 3:
      mincore(a, n, nowhere());
      break;
    case 4:
      mmapSg(nowhere(), next(600), next(8));
      break;
    case 5:
      read(-1, a, n);
      break;
    case 6:
      spawn(a, n, nowhere(), next(100000), nowhere(), next(100));
      break;
    case 7:
      pipe(nowhere());
      break;
    default:
      mdirty(a, n, nowhere(), 0);
  }
}

function deepStack(n: i32): i32 {
  if (n == 0) return 0;
  const at = stackBase - n * 256;
  store<u32>(at, n);
  return deepStack(n - 1) + <i32>load<u32>(at);
}

/** Below the pages that the stack has at first. */
const stackBase: usize = 0xc0000000 - (64 << 12);
