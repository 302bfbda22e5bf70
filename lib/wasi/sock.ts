// Sockets: there is no network. Preview 1 has four calls; WasmEdge added more and changed one, and programs built for it (those that
// import sock_open) get `wasmedge_sock_accept` for sock_accept.

import { WasiErrno } from "./preview1";
import { fdRecord } from "./table";

export function sock_accept(fd: i32, flags: i32, accepted: usize): i32 {
  return notSocket(fd);
}

export function sock_recv(
  fd: i32,
  iovs: usize,
  count: u32,
  flags: i32,
  received: usize,
  outFlags: usize,
): i32 {
  return notSocket(fd);
}

export function sock_send(fd: i32, iovs: usize, count: u32, flags: i32, sent: usize): i32 {
  return notSocket(fd);
}

export function sock_shutdown(fd: i32, how: i32): i32 {
  return notSocket(fd);
}

export function wasmedge_sock_accept(fd: i32, accepted: usize): i32 {
  return notSocket(fd);
}

export function sock_open(family: i32, type: i32, fd: usize): i32 {
  return WasiErrno.NOSYS;
}

export function sock_bind(fd: i32, address: usize, port: i32): i32 {
  return notSocket(fd);
}

export function sock_listen(fd: i32, backlog: i32): i32 {
  return notSocket(fd);
}

export function sock_connect(fd: i32, address: usize, port: i32): i32 {
  return notSocket(fd);
}

export function sock_recv_from(
  fd: i32,
  iovs: usize,
  count: u32,
  address: usize,
  flags: i32,
  port: usize,
  received: usize,
  outFlags: usize,
): i32 {
  return notSocket(fd);
}

export function sock_send_to(
  fd: i32,
  iovs: usize,
  count: u32,
  address: usize,
  port: i32,
  flags: i32,
  sent: usize,
): i32 {
  return notSocket(fd);
}

export function sock_getsockopt(fd: i32, level: i32, name: i32, value: usize, bytes: usize): i32 {
  return notSocket(fd);
}

export function sock_setsockopt(fd: i32, level: i32, name: i32, value: usize, bytes: u32): i32 {
  return notSocket(fd);
}

export function sock_getlocaladdr(fd: i32, address: usize, type: usize, port: usize): i32 {
  return notSocket(fd);
}

export function sock_getpeeraddr(fd: i32, address: usize, type: usize, port: usize): i32 {
  return notSocket(fd);
}

export function sock_getaddrinfo(
  node: usize,
  nodeBytes: u32,
  service: usize,
  serviceBytes: u32,
  hints: usize,
  results: usize,
  capacity: u32,
  count: usize,
): i32 {
  return WasiErrno.NOSYS;
}

function notSocket(fd: i32): i32 {
  return fdRecord(fd) == 0 ? WasiErrno.BADF : WasiErrno.NOTSOCK;
}
