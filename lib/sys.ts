// The system calls: every function that a program can import from the kernel (module "sys").
//
// Results are >= 0, or -errno (abi/errno). A function that returns an address returns it as usize: test it with isError().
// Pointers are addresses in the program's own memory; paths are bytes with a length, not NUL-terminated.
// asc drops the imports that a program does not call.

// Processes

/** Ends this process with a status of 0..255. Never returns. */
@external("sys", "exit")
export declare function exit(status: i32): void;

@external("sys", "getpid")
export declare function getpid(): i32;

@external("sys", "getppid")
export declare function getppid(): i32;

@external("sys", "getuid")
export declare function getuid(): i32;

/** Only uid 0 may change it: EPERM. */
@external("sys", "setuid")
export declare function setuid(uid: i32): i32;

@external("sys", "yield")
export declare function yieldCpu(): i32;

/** Sends a signal (abi Signal); most end the process with status 128 + signal. pid below -1: a group. ESRCH: nobody there. EPERM: another user's. */
@external("sys", "kill")
export declare function kill(pid: i32, signal: i32): i32;

/** Waits for child `pid` (-1: any) to end and stores its status (i32). Returns its pid; ECHILD: no such child. */
@external("sys", "wait")
export declare function wait(pid: i32, status: usize): i32;

/** As wait, but returns 0 at once when no such child has ended. */
@external("sys", "waitpoll")
export declare function waitpoll(pid: i32, status: usize): i32;

/** As wait, with abi WaitFlag; a status of WaitStatus.STOPPED or more is a stop. EINTR: a caught signal has come. */
@external("sys", "waitchange")
export declare function waitchange(pid: i32, status: usize, flags: i32): i32;

/** The signals (1 << abi Signal) that this process asks for itself instead of being ended or stopped by them; returns the old ones. */
@external("sys", "sigcatch")
export declare function sigcatch(mask: u32): i32;

/** The caught signals that have come since the last call. */
@external("sys", "sigtake")
export declare function sigtake(): i32;

/** This process's environment: NAME=VALUE strings, each ended by NUL. Returns its full length; copies at most `len` bytes. */
@external("sys", "environ")
export declare function environ(buffer: usize, len: i32): i32;

/** Replaces the environment; children get it. */
@external("sys", "setenviron")
export declare function setenviron(buffer: usize, len: i32): i32;

@external("sys", "nanosleep")
export declare function nanosleep(ns: i64): i32;

/**
 * Starts a program; returns its pid. A path without "/" is looked up in /bin. `argv`: strings, each ended by NUL.
 * `fdmap`: n pairs {child fd: i32, parent fd: i32}; with n = 0 the child inherits 0, 1 and 2.
 */
@external("sys", "spawn")
export declare function spawn(
  path: usize,
  pathBytes: i32,
  argv: usize,
  argvBytes: i32,
  fdmap: usize,
  n: i32,
): i32;

/** This process's argv block, NUL-separated. Returns its full length; copies at most `len` bytes. */
@external("sys", "args")
export declare function args(buffer: usize, len: i32): i32;

/** Puts process `pid` (0: the caller) into a process group; group 0 is the pid itself. */
@external("sys", "setgroup")
export declare function setgroup(pid: i32, group: i32): i32;

// Time and chance

/** Nanoseconds of an abi Clock. */
@external("sys", "clock")
export declare function clock(id: i32): i64;

@external("sys", "random")
export declare function random(buffer: usize, len: i32): i32;

// Files

/** Opens a file (abi OpenFlag); returns a descriptor. */
@external("sys", "open")
export declare function open(path: usize, pathBytes: i32, flags: i32): i32;

@external("sys", "close")
export declare function close(fd: i32): i32;

/** Returns bytes read; 0 at the end. Blocks until there is at least one byte. */
@external("sys", "read")
export declare function read(fd: i32, buffer: usize, len: i32): i32;

/** Returns bytes written, which may be fewer than `len`. */
@external("sys", "write")
export declare function write(fd: i32, buffer: usize, len: i32): i32;

@external("sys", "pread")
export declare function pread(fd: i32, buffer: usize, len: i32, offset: i64): i32;

@external("sys", "pwrite")
export declare function pwrite(fd: i32, buffer: usize, len: i32, offset: i64): i32;

/** Moves the file position (abi Whence); returns the new one. */
@external("sys", "seek")
export declare function seek(fd: i32, offset: i64, whence: i32): i64;

/** Fills an abi Stat. */
@external("sys", "stat")
export declare function stat(path: usize, pathBytes: i32, st: usize): i32;

@external("sys", "fstat")
export declare function fstat(fd: i32, st: usize): i32;

/** Fills the buffer with whole abi DirEntry records; returns their bytes, 0 at the end. */
@external("sys", "readdir")
export declare function readdir(fd: i32, buffer: usize, len: i32): i32;

/** Sends a control message; the reply overwrites the buffer. Returns the reply's bytes. */
@external("sys", "ctl")
export declare function ctl(fd: i32, buffer: usize, len: i32): i32;

@external("sys", "dup")
export declare function dup(fd: i32): i32;

@external("sys", "dup2")
export declare function dup2(from: i32, to: i32): i32;

/** Stores two descriptors (i32): the read end and the write end. */
@external("sys", "pipe")
export declare function pipe(fds: usize): i32;

@external("sys", "chdir")
export declare function chdir(path: usize, pathBytes: i32): i32;

/** Copies the current directory; returns its length. ERANGE: the buffer is too small. */
@external("sys", "getcwd")
export declare function getcwd(buffer: usize, len: i32): i32;

/** Sets a file's size. */
@external("sys", "truncate")
export declare function truncate(fd: i32, size: i64): i32;

/** Makes a symbolic link at a path. The target is kept as it is: relative to the link's directory, or from the root. */
@external("sys", "symlink")
export declare function symlink(target: usize, targetBytes: i32, path: usize, pathBytes: i32): i32;

/** Another name for a file, in the same file system (EXDEV). A symbolic link as the last name of `from` is not followed. EPERM: a directory. */
@external("sys", "link")
export declare function link(from: usize, fromBytes: i32, to: usize, toBytes: i32): i32;

/** fstat with more: as much of an abi Stat as `bytes` says (Stat.BYTES or Stat.LONG_BYTES). */
@external("sys", "fstatx")
export declare function fstatx(fd: i32, st: usize, bytes: i32): i32;

/** Sets what can be set of a Stat: MTIME, and with Stat.LONG_BYTES ATIME too. */
@external("sys", "wstatx")
export declare function wstatx(fd: i32, st: usize, bytes: i32): i32;

/** Sets what can be set of a file's abi Stat: the time of its last change. EPERM: not here. */
@external("sys", "wstat")
export declare function wstat(fd: i32, st: usize): i32;

/** Opens a file, which is made if it is not there; with OpenFlag.DIRECTORY a directory. Returns a descriptor. */
@external("sys", "create")
export declare function create(path: usize, pathBytes: i32, flags: i32): i32;

/** Removes a name: a file, or an empty directory. */
@external("sys", "remove")
export declare function remove(path: usize, pathBytes: i32): i32;

/** EXDEV: the two names are in different places. */
@external("sys", "rename")
export declare function rename(from: usize, fromBytes: i32, to: usize, toBytes: i32): i32;

// Names and servers

/** Mounts the client end `fd` of a channel at a path (abi MountFlag). The mount keeps its own reference. */
@external("sys", "mount")
export declare function mount(fd: i32, path: usize, pathBytes: i32, flags: i32): i32;

@external("sys", "unmount")
export declare function unmount(path: usize, pathBytes: i32): i32;

/**
 * Makes `to` show what `from` is now (abi MountFlag). "#/PATH" is the kernel's own tree, "#N/PATH" channel N of the machine,
 * whatever is mounted.
 */
@external("sys", "bind")
export declare function bind(
  from: usize,
  fromBytes: i32,
  to: usize,
  toBytes: i32,
  flags: i32,
): i32;

/** This process gets a name space of its own (abi NewNames); its children share that. */
@external("sys", "newns")
export declare function newns(flags: i32): i32;

/** Stores two descriptors (i32): a channel's client end and its server end. */
@external("sys", "ipc_pair")
export declare function ipcPair(fds: usize): i32;

/** Waits for a request (abi Message; Message.BYTES of room, LARGE_BYTES with a payload agreed). EPIPE: no client end is left. */
@external("sys", "ipc_recv")
export declare function ipcRecv(fd: i32, message: usize): i32;

/** Answers the request last received. */
@external("sys", "ipc_reply")
export declare function ipcReply(fd: i32, message: usize): i32;

/** A descriptor of the grant that came with the T_CTL being served. ENOENT: none came. */
@external("sys", "ipc_take")
export declare function ipcTake(fd: i32): i32;

/** The grant goes with the answer to the T_CTL being served. */
@external("sys", "ipc_give")
export declare function ipcGive(fd: i32, grant: i32): i32;

/** Stores who sent the request being served (abi Client). ESRCH: nobody waits for its answer. */
@external("sys", "ipc_client")
export declare function ipcClient(fd: i32, info: usize): i32;

/** Until some process receives, whoever waits or calls gets EPIPE. */
@external("sys", "ipc_down")
export declare function ipcDown(fd: i32): i32;

/** Waits for one of `want` (abi WaitFor), at most ns (-1: for ever). What has come, 0 when the time is over. fd -1: only CHILD. */
@external("sys", "ipc_wait")
export declare function ipcWait(fd: i32, want: i32, ns: i64): i32;

/** A descriptor for shared or device memory of this process, which whoever has it can map with these rights (abi Prot) or less. */
@external("sys", "grant")
export declare function grant(addr: usize, len: usize, rights: i32): i32;

/** ctl that sends the grant *handle (-1: none) and stores there the one that comes with the answer (-1: none). */
@external("sys", "ctl_grant")
export declare function ctlGrant(fd: i32, buffer: usize, len: i32, handle: usize): i32;

// Memory

/** Sets the end of the heap, to the byte; 0 asks for it. Returns the end in force. */
@external("sys", "brk")
export declare function brk(addr: usize): usize;

@external("sys", "mmap")
export declare function mmap(
  addr: usize,
  len: usize,
  prot: i32,
  flags: i32,
  fd: i32,
  offset: i64,
): usize;

@external("sys", "munmap")
export declare function munmap(addr: usize, len: usize): i32;

@external("sys", "mprotect")
export declare function mprotect(addr: usize, len: usize, prot: i32): i32;

/** Maps device memory (abi DeviceMapFlag). uid 0 only. */
@external("sys", "mmap_device")
export declare function mmapDevice(phys: u64, size: u64, flags: u32): usize;

/** Maps `count` device ranges (abi SgSegment) one after the other as one object. uid 0 only. */
@external("sys", "mmap_sg")
export declare function mmapSg(segments: usize, count: u32, flags: u32): usize;

/** Gives device pages, or the whole of a shared object, another memory type (abi MemType), for every process at once. uid 0 only. */
@external("sys", "mcache")
export declare function mcache(addr: usize, len: usize, type: u32): i32;

/** Takes back the object at addr that this process made: it vanishes from every process (abi RevokeFlag). */
@external("sys", "mrevoke")
export declare function mrevoke(addr: usize, flags: u32): i32;

/** Stores an abi DirtyBit byte for each page at vec (0: none), then clears the bits in `clear`. */
@external("sys", "mdirty")
export declare function mdirty(addr: usize, len: usize, vec: usize, clear: u32): i32;

/** abi Advice; DONTNEED gives the frames of private pages back. */
@external("sys", "madvise")
export declare function madvise(addr: usize, len: usize, advice: u32): i32;

/** One byte at vec for each page of the range: 1 if it is resident. ENOMEM: not all of it is mapped. */
@external("sys", "mincore")
export declare function mincore(addr: usize, len: usize, vec: usize): i32;

/** 0, or the number of the first broken invariant of memory management. uid 0 only. */
@external("sys", "mmcheck")
export declare function mmcheck(): i32;

/** Takes the disk's swap partition into use. uid 0 only. */
@external("sys", "swapon")
export declare function swapon(): i32;

/** Brings everything in that is swapped out and gives the swap space up; -ENOMEM: it does not fit, and stays in use. uid 0 only. */
@external("sys", "swapoff")
export declare function swapoff(): i32;

/** Drains this CPU's write-combining buffers: what was stored is now seen by the device. */
@external("sys", "sfence")
export declare function sfence(): i32;

/**
 * Hands a rectangle of a write-combined mapping of VRAM to the display: `rows` runs of rowBytes, strideBytes apart. Only those bytes are
 * sent; pages stored to stay with this CPU until the next sfence.
 */
@external("sys", "mflush")
export declare function mflush(addr: usize, rowBytes: u32, rows: u32, strideBytes: u32): i32;

/** Fills an abi PageInfo about address `addr` of process `pid` (0: the caller). */
@external("sys", "pagequery")
export declare function pagequery(pid: i32, addr: usize, info: usize): i32;

/** Sets a limit of this process (abi ProcessLimit) and returns what it was; ASK changes nothing. Only root raises one: EPERM. */
@external("sys", "setlimit")
export declare function setlimit(which: i32, value: i32): i32;

// The machine

/** Takes the screen from the kernel; copies the newest text of the kernel console. Returns its bytes. */
@external("sys", "console_take")
export declare function consoleTake(buffer: usize, len: i32): i32;

@external("sys", "console_release")
export declare function consoleRelease(): i32;

/** The owner of the screen shows the text, at most columns by rows cells of it. */
@external("sys", "console_show")
export declare function consoleShow(columns: i32, rows: i32): i32;

/** Fills an abi ConsoleInfo once something has changed since the EVENTS in it, the time is up (ns; -1: never), or for no reason. uid 0 only. */
@external("sys", "console_wait")
export declare function consoleWait(info: usize, timeoutNs: i64): i32;

/** Copies output of a virtual terminal from a position on. Bytes; ERANGE: no longer there. uid 0 only. */
@external("sys", "console_fetch")
export declare function consoleFetch(vt: i32, position: u32, buffer: usize, len: i32): i32;

/** This process drives the display adapter, with this mode generation; called again at each change. EBUSY: another does. uid 0 only. */
@external("sys", "display_claim")
export declare function displayClaim(generation: u32): i32;

/** Waits for an interrupt line (abi Irq). */
@external("sys", "irq_wait")
export declare function irqWait(irq: i32): i32;

/** From now on the server end `fd` receives T_INTERRUPT when the line (abi Irq) is raised. uid 0 only. */
@external("sys", "irq_bind")
export declare function irqBind(fd: i32, irq: i32): i32;

/** Fills an abi SysInfo. */
@external("sys", "sysinfo")
export declare function sysinfo(info: usize): i32;

/** Turns the machine off with an exit code. uid 0 only. */
@external("sys", "shutdown")
export declare function shutdown(code: i32): i32;

/** Stops the machine with a kernel panic, as a broken invariant does. Never returns for uid 0; else EPERM. */
@external("sys", "panic")
export declare function panic(): i32;

/** Appends a line to the kernel log. */
@external("sys", "klog")
export declare function klog(buffer: usize, len: i32): i32;

/** True when an address-valued result is an error: the top 4095 values are -errno. */
export function isError(address: usize): bool {
  return address > <usize>0xfffff000;
}
