// FakeFiles: a tree of files in memory, with symbolic links, names that share a file, and times, as the kernel and its file system have them.
//
// Paths are absolute and normalised. What fails answers -errno. A symbolic link is replaced by its target in the text of the path.

import { Errno } from "../../../abi/errno.ts";
import { Limit } from "../../../abi/layout.ts";
import { FileType } from "../../../abi/syscall.ts";

export interface FakeNode {
  readonly type: FileType;
  readonly ino: number;
  /** What a file holds, or a link's target. */
  bytes: Uint8Array;
  mtime: bigint;
  atime: bigint;
  /** How many names it has. */
  links: number;
}

const MOST_LINKS = 40;
const GIVEN_NS = 1_600_000_000_000_000_000n;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class FakeFiles {
  private readonly nodes = new Map<string, FakeNode>();
  private nextIno = 100;

  /** Files with their contents; their directories are made. */
  constructor(files: Readonly<Record<string, Uint8Array | string>>) {
    this.add("/", FileType.DIRECTORY, new Uint8Array(0), GIVEN_NS);
    for (const [path, contents] of Object.entries(files)) {
      this.addDirectories(parentOf(path));
      const bytes = typeof contents === "string" ? encoder.encode(contents) : contents;
      this.add(path, FileType.FILE, bytes, GIVEN_NS);
    }
  }

  /** What every file holds, by path. */
  contents(): Map<string, Uint8Array> {
    const files = [...this.nodes].filter(([, node]) => node.type === FileType.FILE);
    return new Map(files.map(([path, node]) => [path, node.bytes]));
  }

  /** The path without symbolic links (the last name may stay one unless `follow`); what it names need not be there, its directory must. */
  resolve(path: string, follow: boolean): string | number {
    let rest = path;
    for (let followed = 0; followed <= MOST_LINKS; followed++) {
      if (rest.includes("\0")) return -Errno.EINVAL;
      if (encoder.encode(rest).length >= Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
      const next = this.step(rest, follow);
      if (typeof next === "number") return next;
      if (next === undefined) return rest;
      rest = next;
    }
    return -Errno.ELOOP;
  }

  get(path: string): FakeNode | undefined {
    return this.nodes.get(path);
  }

  add(path: string, type: FileType, bytes: Uint8Array, now: bigint): FakeNode {
    const node = { type, ino: this.nextIno++, bytes, mtime: now, atime: now, links: 1 };
    this.nodes.set(path, node);
    return node;
  }

  remove(path: string): number {
    const node = this.nodes.get(path);
    if (node === undefined) return -Errno.ENOENT;
    if (node.type === FileType.DIRECTORY && this.names(path).length > 0) return -Errno.ENOTEMPTY;
    this.nodes.delete(path);
    node.links--;
    return 0;
  }

  rename(from: string, to: string): number {
    const node = this.nodes.get(from);
    if (node === undefined) return -Errno.ENOENT;
    const old = this.nodes.get(to);
    if (old === node) return 0;
    const isDirectory = node.type === FileType.DIRECTORY;
    if (isDirectory && to.startsWith(`${from}/`)) return -Errno.EINVAL;
    if (old !== undefined) {
      if (isDirectory && old.type !== FileType.DIRECTORY) return -Errno.ENOTDIR;
      if (!isDirectory && old.type === FileType.DIRECTORY) return -Errno.EISDIR;
      const failed = this.remove(to);
      if (failed < 0) return failed;
    }
    const moved = [...this.nodes].filter(([path]) => path === from || path.startsWith(`${from}/`));
    for (const [path] of moved) this.nodes.delete(path);
    for (const [path, one] of moved) this.nodes.set(to + path.slice(from.length), one);
    return 0;
  }

  link(from: string, to: string): number {
    const node = this.nodes.get(from);
    if (node === undefined) return -Errno.ENOENT;
    if (node.type === FileType.DIRECTORY) return -Errno.EPERM;
    if (this.nodes.has(to)) return -Errno.EEXIST;
    this.nodes.set(to, node);
    node.links++;
    return 0;
  }

  /** The names in a directory, the oldest first. */
  names(path: string): string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    const below = [...this.nodes.keys()].filter((one) => one !== "/" && one.startsWith(prefix));
    return below.map((one) => one.slice(prefix.length)).filter((name) => !name.includes("/"));
  }

  /** The path with its first symbolic link replaced; undefined: it goes through none. */
  private step(path: string, follow: boolean): string | number | undefined {
    for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) {
      const node = this.nodes.get(path.slice(0, at));
      if (node === undefined) return -Errno.ENOENT;
      if (node.type === FileType.LINK) return replaced(path, at, node);
      if (node.type !== FileType.DIRECTORY) return -Errno.ENOTDIR;
    }
    const last = this.nodes.get(path);
    return follow && last?.type === FileType.LINK ? replaced(path, path.length, last) : undefined;
  }

  private addDirectories(path: string): void {
    if (this.nodes.has(path)) return;
    this.addDirectories(parentOf(path));
    this.add(path, FileType.DIRECTORY, new Uint8Array(0), GIVEN_NS);
  }
}

/** The path whose first `end` characters name a link, with the link's target for them. */
function replaced(path: string, end: number, link: FakeNode): string {
  const target = decoder.decode(link.bytes);
  const base = target.startsWith("/") ? "" : parentOf(path.slice(0, end));
  return normalised(`${base}/${target}${path.slice(end)}`);
}

function normalised(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
