// The screen, for a program that draws: maps /dev/gpu/fb. Draw with lib/surface, then surfacePresent() once per frame.

import { FbInfo } from "../abi/display";
import { Errno } from "../abi/errno";
import { MapFlag, OpenFlag, Prot } from "../abi/syscall";
import { openLiteral } from "./files";
import { Surface } from "./surface";
import { close, isError, mmap, munmap, pread } from "./sys";

const info: usize = memory.data(24);
let mappedBytes: usize = 0;
let mappedGeneration: u32 = 0;

/** Reads the current mode and maps the visible pixels into the surface; 0 or -errno. */
export function framebufferOpen(s: Surface): i32 {
  const r = infoRead();
  if (r < 0) return r;
  s.width = load<i32>(info, FbInfo.WIDTH);
  s.height = load<i32>(info, FbInfo.HEIGHT);
  s.strideBytes = load<i32>(info, FbInfo.STRIDE);
  s.format = load<i32>(info, FbInfo.FORMAT);
  mappedGeneration = load<u32>(info, FbInfo.GENERATION);
  const fd = openLiteral("/dev/gpu/fb", OpenFlag.READWRITE);
  if (fd < 0) return fd;
  mappedBytes = s.strideBytes * s.height;
  s.base = mmap(0, mappedBytes, Prot.READ | Prot.WRITE, MapFlag.SHARED, fd, 0);
  close(fd);
  if (!isError(s.base)) return 0;
  return <i32>s.base;
}

/** True when the mode has changed since framebufferOpen: close and open again. */
export function framebufferStale(): bool {
  return infoRead() < 0 || load<u32>(info, FbInfo.GENERATION) != mappedGeneration;
}

export function framebufferClose(s: Surface): void {
  munmap(s.base, mappedBytes);
}

function infoRead(): i32 {
  const fd = openLiteral("/dev/gpu/info", OpenFlag.READ);
  if (fd < 0) return fd;
  const n = pread(fd, info, FbInfo.BYTES, 0);
  close(fd);
  if (n < 0) return n;
  return n == FbInfo.BYTES ? 0 : -Errno.EIO;
}
