// The reference for real programs in a page: a WASI in JavaScript, just large enough for the scripts of host/apps.ts. One preopened
// folder "/" that holds the scripts; descriptors 0 to 2 are standard input and output.

import { APPS } from "../host/apps.ts";
import type { AppRun, Reference } from "../host/surroundings.ts";

const enum Wasi {
  OK = 0,
  BADF = 8,
  NOENT = 44,
  NOSYS = 52,
}

const enum WasiType {
  CHARACTER_DEVICE = 2,
  DIRECTORY = 3,
  REGULAR_FILE = 4,
}

const ROOT_FD = 3;

class Exit extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

interface OpenFile {
  readonly bytes: Uint8Array;
  position: number;
}

export const pageWasi: Reference = {
  name: "a small WASI in JavaScript, untranslated",
  async run(program, args, stdin): Promise<AppRun> {
    const unstable = WebAssembly.Module.imports(program).some(
      ({ module }) => module === "wasi_unstable",
    );
    const system = new SmallWasi(args, stdin, unstable);
    const table: Record<string, WebAssembly.ImportValue> = {};
    for (const { name } of WebAssembly.Module.imports(program))
      table[name] = system.calls[name] ?? ((): number => Wasi.NOSYS);
    const start = performance.now();
    const instance = await WebAssembly.instantiate(program, {
      [unstable ? "wasi_unstable" : "wasi_snapshot_preview1"]: table,
    });
    system.memory = instance.exports.memory as WebAssembly.Memory;
    try {
      (instance.exports._start as CallableFunction)();
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      if (error.status !== 0)
        throw new Error(`${args[0]} ended with status ${error.status}: ${system.output}`);
    }
    return { ms: performance.now() - start, output: system.output };
  },
};

class SmallWasi {
  memory: WebAssembly.Memory | undefined;
  output = "";
  readonly #args: Uint8Array[];
  readonly #files = new Map<number, OpenFile>();
  readonly #unstable: boolean;
  #nextFd = ROOT_FD + 1;

  constructor(args: readonly string[], stdin: string, unstable: boolean) {
    this.#args = args.map((arg) => new TextEncoder().encode(`${arg}\0`));
    this.#files.set(0, { bytes: new TextEncoder().encode(stdin), position: 0 });
    this.#unstable = unstable;
  }

  readonly calls: Record<string, (...args: never[]) => unknown> = {
    args_sizes_get: (count: number, bytes: number) => this.#sizes(this.#args, count, bytes),
    args_get: (pointers: number, bytes: number) => this.#strings(this.#args, pointers, bytes),
    environ_sizes_get: (count: number, bytes: number) => this.#sizes([], count, bytes),
    environ_get: () => Wasi.OK,
    clock_time_get: (_id: number, _precision: bigint, at: number) => {
      this.#view().setBigUint64(
        at,
        BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)),
        true,
      );
      return Wasi.OK;
    },
    clock_res_get: (_id: number, at: number) => {
      this.#view().setBigUint64(at, 1000n, true);
      return Wasi.OK;
    },
    random_get: (at: number, n: number) => {
      const bytes = new Uint8Array(n);
      for (let i = 0; i < n; i += 65536) crypto.getRandomValues(bytes.subarray(i, i + 65536));
      this.#bytes().set(bytes, at);
      return Wasi.OK;
    },
    proc_exit: (status: number) => {
      throw new Exit(status);
    },
    fd_prestat_get: (fd: number, at: number) => {
      if (fd !== ROOT_FD) return Wasi.BADF;
      this.#view().setUint32(at, 0, true);
      this.#view().setUint32(at + 4, 1, true);
      return Wasi.OK;
    },
    fd_prestat_dir_name: (_fd: number, at: number) => {
      this.#bytes()[at] = 0x2f;
      return Wasi.OK;
    },
    fd_fdstat_get: (fd: number, at: number) => {
      const type = this.#typeOf(fd);
      if (type === undefined) return Wasi.BADF;
      this.#bytes().fill(0, at, at + 8);
      this.#bytes()[at] = type;
      this.#view().setBigUint64(at + 8, ~0n & 0x1fffffffn, true);
      this.#view().setBigUint64(at + 16, ~0n & 0x1fffffffn, true);
      return Wasi.OK;
    },
    fd_filestat_get: (fd: number, at: number) => {
      const type = this.#typeOf(fd);
      return type === undefined
        ? Wasi.BADF
        : this.#stat(at, type, this.#files.get(fd)?.bytes.length ?? 0);
    },
    path_filestat_get: (_fd: number, _flags: number, path: number, n: number, at: number) => {
      const script = this.#script(path, n);
      return script === undefined
        ? Wasi.NOENT
        : this.#stat(at, WasiType.REGULAR_FILE, script.length);
    },
    path_open: (
      _fd: number,
      _dirflags: number,
      path: number,
      n: number,
      _o: number,
      _r: bigint,
      _i: bigint,
      _f: number,
      at: number,
    ) => {
      const bytes = this.#script(path, n);
      if (bytes === undefined) return Wasi.NOENT;
      const fd = this.#nextFd++;
      this.#files.set(fd, { bytes, position: 0 });
      this.#view().setUint32(at, fd, true);
      return Wasi.OK;
    },
    fd_close: (fd: number) => (this.#files.delete(fd) ? Wasi.OK : Wasi.BADF),
    fd_read: (fd: number, vectors: number, count: number, read: number) => {
      const file = this.#files.get(fd);
      if (file === undefined) return Wasi.BADF;
      let done = 0;
      for (const part of this.#vectors(vectors, count)) {
        const bytes = file.bytes.subarray(file.position, file.position + part.length);
        part.set(bytes);
        file.position += bytes.length;
        done += bytes.length;
      }
      this.#view().setUint32(read, done, true);
      return Wasi.OK;
    },
    fd_write: (fd: number, vectors: number, count: number, written: number) => {
      if (fd !== 1 && fd !== 2) return Wasi.BADF;
      let done = 0;
      for (const part of this.#vectors(vectors, count)) {
        this.output += new TextDecoder().decode(part.slice());
        done += part.length;
      }
      this.#view().setUint32(written, done, true);
      return Wasi.OK;
    },
    fd_seek: (fd: number, offset: bigint, whence: number, at: number) => {
      const file = this.#files.get(fd);
      if (file === undefined) return Wasi.BADF;
      // unstable numbers them current, end, start
      const from = this.#unstable
        ? [file.position, file.bytes.length, 0]
        : [0, file.position, file.bytes.length];
      file.position = (from[whence] ?? 0) + Number(offset);
      this.#view().setBigUint64(at, BigInt(file.position), true);
      return Wasi.OK;
    },
  };

  #bytes(): Uint8Array {
    return new Uint8Array((this.memory as WebAssembly.Memory).buffer);
  }

  #view(): DataView {
    return new DataView((this.memory as WebAssembly.Memory).buffer);
  }

  #typeOf(fd: number): number | undefined {
    if (fd <= 2) return WasiType.CHARACTER_DEVICE;
    if (fd === ROOT_FD) return WasiType.DIRECTORY;
    return this.#files.has(fd) ? WasiType.REGULAR_FILE : undefined;
  }

  #stat(at: number, type: number, size: number): number {
    this.#bytes().fill(0, at, at + (this.#unstable ? 56 : 64));
    this.#bytes()[at + 16] = type;
    this.#view().setBigUint64(at + (this.#unstable ? 24 : 32), BigInt(size), true);
    return Wasi.OK;
  }

  #script(path: number, n: number): Uint8Array | undefined {
    const name = new TextDecoder().decode(this.#bytes().slice(path, path + n));
    const app = APPS.find(({ scriptPath }) => scriptPath === `/${name.replace(/^\//, "")}`);
    return app && new TextEncoder().encode(app.script);
  }

  #vectors(at: number, count: number): Uint8Array[] {
    const words = new Uint32Array(this.#bytes().slice(at, at + count * 8).buffer);
    return Array.from({ length: count }, (_, i) =>
      this.#bytes().subarray(words[i * 2], (words[i * 2] ?? 0) + (words[i * 2 + 1] ?? 0)),
    );
  }

  #sizes(strings: readonly Uint8Array[], count: number, bytes: number): number {
    this.#view().setUint32(count, strings.length, true);
    this.#view().setUint32(
      bytes,
      strings.reduce((sum, { length }) => sum + length, 0),
      true,
    );
    return Wasi.OK;
  }

  #strings(strings: readonly Uint8Array[], pointers: number, at: number): number {
    let next = at;
    for (const [i, string] of strings.entries()) {
      this.#view().setUint32(pointers + i * 4, next, true);
      this.#bytes().set(string, next);
      next += string.length;
    }
    return Wasi.OK;
  }
}
