// The WASI library: wasi_snapshot_preview1 and wasi_unstable over the kernel's system calls.
//
// The machine links a program's import NAME to the export NAME below; a program that imports from wasi_unstable gets unstable_NAME where
// there is one, a WasmEdge program (it imports sock_open) gets wasmedge_NAME where there is one. The library runs in the program's own
// address space, its data at UserPage.LIBRARY, so a pointer from the program is a pointer here.

export {
  clock_res_get,
  clock_time_get,
  proc_exit,
  proc_raise,
  random_get,
  sched_yield,
} from "./clock";
export { fd_prestat_dir_name, fd_prestat_get, fd_readdir } from "./dir";
export { args_get, args_sizes_get, environ_get, environ_sizes_get } from "./env";
export {
  fd_advise,
  fd_allocate,
  fd_close,
  fd_datasync,
  fd_fdstat_get,
  fd_fdstat_set_flags,
  fd_fdstat_set_rights,
  fd_filestat_get,
  fd_filestat_set_size,
  fd_filestat_set_times,
  fd_pread,
  fd_pwrite,
  fd_read,
  fd_renumber,
  fd_seek,
  fd_sync,
  fd_tell,
  fd_write,
  unstable_fd_filestat_get,
  unstable_fd_seek,
} from "./file";
export {
  path_create_directory,
  path_filestat_get,
  path_filestat_set_times,
  path_link,
  path_readlink,
  path_remove_directory,
  path_rename,
  path_symlink,
  path_unlink_file,
  unstable_path_filestat_get,
} from "./name";
export { path_open } from "./open";
export { poll_oneoff, unstable_poll_oneoff } from "./poll";
export * from "./sock";
