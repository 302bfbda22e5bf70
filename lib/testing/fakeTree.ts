// The names in the stand-in for the kernel (fakeSys.ts): files, directories, symbolic links and what is known of them.
//
// Paths are text: ".." takes away the name before it. A directory is there when something is below it, or when it was made.

import { Errno } from "../../abi/errno.ts";
import { FileType } from "../../abi/syscall.ts";

const LINKS_MAX = 40;

/** What the names of one file share. */
export interface Facts {
  number: number;
  modified: bigint;
  accessed: bigint;
  names: Set<string>;
}

/** A path from the root without "." and "..". */
function plain(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}

export class FakeTree {
  readonly files = new Map<string, Uint8Array>();
  /** Symbolic links and their targets. */
  readonly links = new Map<string, string>();
  readonly folders = new Set<string>(["/"]);
  /** The time, in nanoseconds since 1970. */
  now = 0n;
  private readonly known = new Map<string, Facts>();
  private readonly isProgram: (path: string) => boolean;
  private readonly programNames: () => string[];
  private lastNumber = 0;

  constructor(programs: ReadonlyMap<string, unknown>) {
    this.isProgram = (path) => path.startsWith("/bin/") && programs.has(path.slice(5));
    this.programNames = () => [...programs.keys()].map((name) => `/bin/${name}`);
  }

  /** The path that a path leads to, or -ELOOP; `follows`: also if its last name is a link. */
  resolve(path: string, follows: boolean): string | number {
    let text = plain(path);
    for (let i = 0; i < LINKS_MAX; i++) {
      const link = this.linkIn(text, follows);
      if (link === undefined) return text;
      const target = this.links.get(link) ?? "";
      const start = target.startsWith("/") ? target : `${folderOf(link)}/${target}`;
      text = plain(start + text.slice(link.length));
    }
    return this.linkIn(text, follows) === undefined ? text : -Errno.ELOOP;
  }

  private linkIn(path: string, follows: boolean): string | undefined {
    for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1))
      if (this.links.has(path.slice(0, end))) return path.slice(0, end);
    return follows && this.links.has(path) ? path : undefined;
  }

  /** What has this name, which is not followed. */
  typeOf(path: string): FileType | undefined {
    if (this.links.has(path)) return FileType.LINK;
    if (this.folders.has(path) || this.below(path).length > 0) return FileType.DIRECTORY;
    return this.files.has(path) || this.isProgram(path) ? FileType.FILE : undefined;
  }

  /** The names in a directory. */
  below(path: string): string[] {
    const under = path === "/" ? "/" : `${path}/`;
    const all = [
      ...this.files.keys(),
      ...this.links.keys(),
      ...this.folders,
      ...this.programNames(),
    ];
    const names = all
      .filter((name) => name.startsWith(under) && name !== under)
      .map((name) => name.slice(under.length).split("/")[0] ?? "");
    return [...new Set(names)].sort();
  }

  facts(path: string): Facts {
    let facts = this.known.get(path);
    if (!facts) {
      const now = this.now;
      facts = { number: ++this.lastNumber, modified: now, accessed: now, names: new Set([path]) };
      this.known.set(path, facts);
    }
    return facts;
  }

  bytes(path: string): Uint8Array {
    return this.files.get(path) ?? new Uint8Array();
  }

  /** Sets the bytes of a file, under all its names. */
  put(path: string, bytes: Uint8Array): void {
    const facts = this.facts(path);
    facts.modified = this.now;
    for (const name of facts.names) this.files.set(name, bytes);
  }

  makeFolder(path: string): number {
    if (this.typeOf(path) !== undefined) return -Errno.EEXIST;
    this.folders.add(path);
    return 0;
  }

  symlink(target: string, path: string): number {
    if (target === "") return -Errno.ENOENT;
    if (this.typeOf(path) !== undefined) return -Errno.EEXIST;
    if (this.typeOf(folderOf(path)) !== FileType.DIRECTORY) return -Errno.ENOENT;
    this.links.set(path, target);
    return 0;
  }

  link(from: string, to: string): number {
    const type = this.typeOf(from);
    if (type === undefined) return -Errno.ENOENT;
    if (type === FileType.DIRECTORY) return -Errno.EPERM;
    if (this.typeOf(to) !== undefined) return -Errno.EEXIST;
    const facts = this.facts(from);
    facts.names.add(to);
    this.known.set(to, facts);
    const target = this.links.get(from);
    if (target === undefined) this.files.set(to, this.bytes(from));
    else this.links.set(to, target);
    return 0;
  }

  remove(path: string): number {
    const type = this.typeOf(path);
    if (type === undefined) return -Errno.ENOENT;
    if (this.below(path).length > 0) return -Errno.ENOTEMPTY;
    this.folders.add(folderOf(path)); // it stays when it is empty
    this.forget(path);
    return 0;
  }

  private forget(path: string): void {
    this.files.delete(path);
    this.links.delete(path);
    this.folders.delete(path);
    this.known.get(path)?.names.delete(path);
    this.known.delete(path);
  }

  rename(from: string, to: string): number {
    if (this.typeOf(from) === undefined) return -Errno.ENOENT;
    if (from === to) return 0;
    if (this.below(to).length > 0) return -Errno.ENOTEMPTY;
    this.forget(to);
    this.folders.add(folderOf(from));
    const moves = (name: string) => name === from || name.startsWith(`${from}/`);
    const all = [...this.files.keys(), ...this.links.keys(), ...this.folders];
    for (const name of new Set(all)) if (moves(name)) this.move(name, to + name.slice(from.length));
    return 0;
  }

  private move(from: string, to: string): void {
    const bytes = this.files.get(from);
    const target = this.links.get(from);
    const facts = this.facts(from);
    if (bytes !== undefined) this.files.set(to, bytes);
    if (target !== undefined) this.links.set(to, target);
    if (this.folders.has(from)) this.folders.add(to);
    this.forget(from);
    facts.names.add(to);
    this.known.set(to, facts);
  }
}
