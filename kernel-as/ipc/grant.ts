// Grant: memory as a descriptor. A process makes one of memory that it has mapped shared (anonymous or device), and hands it on with spawn
// or in a T_CTL message; whoever has it can map it.
//
//   File of kind GRANT: a = object, with a reference; node = pages; b = rights (abi Prot); offset = bytes from the start of the object;
//   generation = the object's count of revocations when the grant was made
//
// Invariants
//   G1  A grant's rights are no more than those of the mapping that it was made of, and no mapping made of it ever has more.
//   G2  Once its object has been revoked a grant maps nothing any more; the maker can make another.
//
// Locks     kernel lock.
import { Errno } from "../../abi/errno";
import { MapFlag, OpenFlag, Prot } from "../../abi/syscall";
import { EntryFlag, mapFind } from "../mm/entry";
import { mapObject, objectGetAt, objectGetOffset, objectGrantable } from "../mm/grant";
import { Obj, objectPut } from "../mm/object";
import { Space } from "../mm/space";
import { File, FileKind, fileCreate, fileFree } from "../proc/file";

/**
 * A grant of the len bytes at va with these rights, one reference; or null, and grantError says why. -EINVAL, -EACCES as there; null
 * without an error: no File is left.
 */
export function grantCreate(space: Space, va: u32, len: u32, rights: u32): File | null {
  if (grantError(space, va, len, rights) != 0) return null;
  const object = objectGetAt(space, va);
  const file = fileCreate(FileKind.GRANT, OpenFlag.READWRITE);
  if (file === null) {
    objectPut(object);
    return null;
  }
  file.a = object;
  file.b = rights;
  file.node = (len + 4095) >> 12;
  file.generation = changetype<Obj>(object).revocations;
  file.offset = objectGetOffset();
  return file;
}

/** Drops a reference of a grant. */
export function grantPut(file: File): void {
  file.refs--;
  if (file.refs != 0) return;
  objectPut(file.a);
  fileFree(file);
}

/** Maps len bytes of the grant from offset on. The address or -errno: EACCES (more than its rights, or revoked), ENXIO, else as mapObject. */
export function grantMap(
  space: Space,
  addr: u32,
  len: u32,
  prot: u32,
  flags: u32,
  file: File,
  offset: u64,
): u32 {
  if ((flags & MapFlag.SHARED) == 0) return <u32>-Errno.EINVAL;
  if (file.generation != changetype<Obj>(file.a).revocations) return <u32>-Errno.EACCES;
  const pages = <u64>file.node;
  const first = offset >> 12;
  if (first >= pages || (<u64>len + 4095) >> 12 > pages - first) return <u32>-Errno.ENXIO;
  return mapGranted(space, addr, len, prot, flags, file.a, file.offset + offset, file.b);
}

/** mapObject for one who has only these rights (0: READ and WRITE). -EACCES: prot asks for more. */
export function mapGranted(
  space: Space,
  addr: u32,
  len: u32,
  prot: u32,
  flags: u32,
  object: usize,
  offset: u64,
  rights: u32,
): u32 {
  const readOnly = rights != 0 && (rights & Prot.WRITE) == 0;
  if (readOnly && (prot & Prot.WRITE) != 0) return <u32>-Errno.EACCES;
  return mapObject(space, addr, len, prot, flags, object, offset, readOnly);
}

/** Why the len bytes at va cannot be granted with these rights: 0, -EINVAL (not shared memory, or not one mapping), -EACCES. */
export function grantError(space: Space, va: u32, len: u32, rights: u32): i32 {
  if ((va & 4095) != 0 || len == 0 || va + len < va) return -Errno.EINVAL;
  if (rights == 0 || (rights & ~(<u32>Prot.READ | Prot.WRITE)) != 0) return -Errno.EINVAL;
  const entry = mapFind(space, va >> 12);
  if (entry === null || (va + (len - 1)) >> 12 >= entry.end) return -Errno.EINVAL;
  if ((rights & ~(<u32>entry.prot)) != 0) return -Errno.EACCES;
  if ((rights & Prot.WRITE) != 0 && (entry.flags & EntryFlag.READ_ONLY) != 0) return -Errno.EACCES;
  return objectGrantable(changetype<Obj>(entry.object)) ? 0 : -Errno.EINVAL;
}
