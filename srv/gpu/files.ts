// The files of /dev/gpu: info (an abi FbInfo), status (text), fb (the pixels), ctl (control.ts), and the directory itself.
//
// A file of fb or ctl is about a view: the base view, or the one that it took (handles.ts). fb reads and writes the visible frame,
// strideBytes * height bytes; mmap gives the whole view, and its page with FbInfo at FbMap.INFO.

import { FbInfo, FbMap } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { Irq } from "../../abi/machine";
import { DirEntry, FileType, OpenFlag, Prot, Stat } from "../../abi/syscall";
import { readText, Server } from "../../lib/server";
import { sfence } from "../../lib/sys";
import { bytesAre, putLiteral } from "../../lib/text";
import { controlText } from "./control";
import { Handle, slotClose, slotOf, slotOpen } from "./handles";
import { refuse } from "./reason";
import { infoPage, status, statusFill } from "./status";
import { vblankInterrupt } from "./vblank";
import { viewAt, viewFrame, viewFrameBytes, viewMapped, viewPage, viewUsed } from "./views";

const enum Name {
  INFO = 2, // as Handle.INFO
  STATUS = 3,
  FB = 4,
  CTL = 5,
  COUNT = 6,
}

export class GpuServer extends Server {
  open(path: usize, bytes: i32, flags: i32): i32 {
    if (bytes == 0)
      return (flags & OpenFlag.ACCESS) == OpenFlag.READ ? Handle.DIRECTORY : -Errno.EISDIR;
    for (let name: i32 = Name.INFO; name < Name.COUNT; name++) {
      if (!bytesAre(path, bytes, nameOf(name))) continue;
      if (flags & OpenFlag.DIRECTORY) return -Errno.ENOTDIR;
      if (name >= Name.FB) return slotOpen(name);
      return (flags & OpenFlag.ACCESS) == OpenFlag.READ ? name : -Errno.EACCES;
    }
    return -Errno.ENOENT;
  }

  close(handle: i32): void {
    const slot = slotOf(handle);
    if (slot != null) slotClose(slot);
  }

  read(handle: i32, buffer: usize, count: i32, offset: u64): i32 {
    switch (handle) {
      case Handle.DIRECTORY:
        return directoryRead(buffer, count, offset);
      case Handle.INFO:
        return readText(infoPage(), FbInfo.BYTES, buffer, count, offset);
      case Handle.STATUS:
        return readText(status, statusFill(), buffer, count, offset);
    }
    const slot = slotOf(handle);
    if (slot == null || slot.file != Name.FB) return 0;
    const view = viewAt(slot.view);
    return readText(viewFrame(view), viewFrameBytes(view), buffer, count, offset);
  }

  write(handle: i32, bytes: usize, count: i32, offset: u64): i32 {
    const slot = slotOf(handle);
    if (slot == null) return -Errno.EACCES;
    if (slot.file == Name.CTL) {
      const r = controlText(slot, bytes, count);
      return r < 0 ? r : count;
    }
    const view = viewAt(slot.view);
    const size = <u64>viewFrameBytes(view);
    if (offset >= size) return count == 0 ? 0 : -Errno.ENOSPC;
    const left = size - offset;
    const n = <u64>count < left ? count : <i32>left;
    viewUsed(slot.view);
    memory.copy(viewFrame(view) + <usize>offset, bytes, n);
    sfence();
    return n;
  }

  control(handle: i32, text: usize, bytes: i32, _answer: usize): i32 {
    const slot = slotOf(handle);
    return slot == null ? -Errno.ENOTTY : controlText(slot, text, bytes);
  }

  stat(handle: i32, st: usize): i32 {
    const slot = slotOf(handle);
    const name = slot == null ? handle : slot.file;
    const directory = handle == Handle.DIRECTORY;
    store<u32>(st, directory ? FileType.DIRECTORY : FileType.DEVICE, Stat.TYPE);
    store<u32>(st, directory ? 0o755 : name >= Name.FB ? 0o666 : 0o444, Stat.MODE);
    store<u64>(st, sizeOf(name, slot == null ? 0 : slot.view), Stat.SIZE);
    store<u32>(st, name, Stat.INO);
    return 0;
  }

  map(handle: i32, prot: i32, offset: u64, length: u64): i32 {
    const slot = slotOf(handle);
    if (slot == null || slot.file != Name.FB) return -Errno.ENODEV;
    if (offset == FbMap.INFO) {
      if (prot & Prot.WRITE) return refuse(Errno.EACCES, "mmap: the page of a view is to be read");
      if (length > 4096) return -Errno.EINVAL;
      this.mapAddress = viewPage(slot.view);
      this.mapOffset = 0;
      this.mapRights = Prot.READ;
      return 0;
    }
    const view = viewAt(slot.view);
    if ((offset & 4095) != 0 || length == 0) return -Errno.EINVAL;
    if (offset + length < offset || offset + length > <u64>view.bytes)
      return refuse(Errno.EINVAL, "mmap: the range ends outside the view");
    viewMapped(slot.view);
    this.mapAddress = view.at;
    this.mapOffset = offset;
    this.mapRights = Prot.READ | Prot.WRITE;
    return 0;
  }

  interrupt(irq: i32): void {
    if (irq == Irq.DISPLAY) vblankInterrupt();
  }
}

function nameOf(name: i32): string {
  switch (name) {
    case Name.INFO:
      return "info";
    case Name.STATUS:
      return "status";
    case Name.FB:
      return "fb";
    default:
      return "ctl";
  }
}

function sizeOf(name: i32, view: i32): u64 {
  switch (name) {
    case Name.INFO:
      return FbInfo.BYTES;
    case Name.STATUS:
      return statusFill();
    case Name.FB:
      return viewFrameBytes(viewAt(view));
  }
  return 0;
}

/** Whole records from record `index` on. */
function directoryRead(buffer: usize, count: i32, index: u64): i32 {
  let used = 0;
  for (let name: i32 = Name.INFO + <i32>index; name < Name.COUNT; name++) {
    const text = nameOf(name);
    if (used + DirEntry.NAME + text.length > count) break;
    const record = buffer + used;
    store<u32>(record, <u32>sizeOf(name, 0), DirEntry.SIZE);
    store<u32>(record, name, DirEntry.INO);
    store<u8>(record, FileType.DEVICE, DirEntry.TYPE);
    store<u8>(record, text.length, DirEntry.NAME_BYTES);
    used += DirEntry.NAME + putLiteral(record + DirEntry.NAME, text);
  }
  return used;
}
